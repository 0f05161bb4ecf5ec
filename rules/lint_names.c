/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lint_names.h"

#include "proto/field.h"
#include "proto/fieldtable.h"
#include "rules/hint.h"

/* Another word may be two letters away from a short one: `dns` is no `ips`. */
enum { CATEGORY_BYTES_MIN = 6, SHORT_KEY_BYTES = 6 };

/* A search for the name that was meant costs a few thousand steps: not for every line of a file
 * that means ill. */
enum { UNKNOWN_FIELDS_MAX = 50, KEYS_MAX = 100 };

/* --- Fields --- */

static void offer_fields(struct hint_search *search, struct slice category)
{
    uint64_t shapes = category_shapes(category);
    for (size_t i = 0; i < field_row_count; i++)
        if ((field_rows[i].shapes & shapes) != 0)
            hint_offer(search, field_rows[i].name);
}

static size_t check_field(struct draft *draft, const struct rule *rule, const struct item *item,
                          struct slice field)
{
    if (field.len == 0 || field_is_legal(rule->logsource.category, field))
        return 0;
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(field);
    offer_fields(&search, rule->logsource.category);
    draft_warning(
        draft, item->at, CODE_UNKNOWN_FIELD,
        hint_nearest(&search, buffer, "it is found only where sensors send it beyond the schema"),
        "events of category '%.*s' have no field '%.*s'",
        SLICE_PRINTF(hint_clip(rule->logsource.category)), SLICE_PRINTF(hint_clip(field)));
    return 1;
}

/* How many fields nobody has. */
static size_t check_item(struct draft *draft, const struct rule *rule, const struct item *item)
{
    size_t unknown = check_field(draft, rule, item, item->field);
    for (size_t i = 0; i < item->test_count && unknown < UNKNOWN_FIELDS_MAX; i++)
        if (item->tests[i].kind == TEST_FIELDREF)
            unknown += check_field(draft, rule, item, item->tests[i].other_field);
    return unknown;
}

static size_t check_map(struct draft *draft, const struct rule *rule, const struct item_map *map)
{
    size_t unknown = 0;
    for (size_t i = 0; i < map->item_count && unknown < UNKNOWN_FIELDS_MAX; i++)
        unknown += check_item(draft, rule, &map->items[i]);
    return unknown;
}

void lint_names(struct draft *draft, const struct rule *rule)
{
    size_t unknown = 0;
    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct selection *selection = &rule->selections[i];
        for (size_t j = 0; j < selection->map_count && unknown < UNKNOWN_FIELDS_MAX; j++)
            unknown += check_map(draft, rule, &selection->maps[j]);
    }
}

/* --- Categories --- */

void lint_category(struct draft *draft, struct diag_position at, struct slice category)
{
    if (category.len < CATEGORY_BYTES_MIN || category_shapes(category) != 0)
        return;
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(category);
    search.best_distance = 3; /* two slips */
    for (unsigned shape = 1; shape < SHAPE_COUNT; shape++)
        hint_offer(&search, shape_category((enum shape)shape));
    if (search.best.data != NULL)
        draft_warning(draft, at, CODE_UNKNOWN_CATEGORY, hint_nearest(&search, buffer, NULL),
                      "no event has the category '%.*s'", SLICE_PRINTF(hint_clip(category)));
}

/* --- Keys --- */

static const struct slice keys[] = {
    SLICE_INIT("title"),       SLICE_INIT("id"),        SLICE_INIT("name"),
    SLICE_INIT("related"),     SLICE_INIT("taxonomy"),  SLICE_INIT("status"),
    SLICE_INIT("description"), SLICE_INIT("license"),   SLICE_INIT("author"),
    SLICE_INIT("references"),  SLICE_INIT("date"),      SLICE_INIT("modified"),
    SLICE_INIT("logsource"),   SLICE_INIT("detection"), SLICE_INIT("fields"),
    SLICE_INIT("level"),       SLICE_INIT("tags"),      SLICE_INIT("falsepositives"),
    SLICE_INIT("scope"),
};

static void check_key(struct draft *draft, const struct yaml_node *key)
{
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(key->text);
    search.best_distance = key->text.len < SHORT_KEY_BYTES ? 2 : 3;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (slice_equal(key->text, keys[i]))
            return;
        if (keys[i].len > 2)
            hint_offer(&search, keys[i]);
    }
    if (search.best.data != NULL)
        draft_warning(draft, draft_at(draft, key), CODE_UNKNOWN_KEY,
                      hint_nearest(&search, buffer, NULL), "'%.*s' is no key of a rule",
                      SLICE_PRINTF(hint_clip(key->text)));
}

void lint_keys(struct draft *draft, const struct yaml_node *root)
{
    for (size_t i = 0; i < root->count && i < KEYS_MAX; i++)
        check_key(draft, root->pairs[i].key);
}
