/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lint_names.h"

#include "proto/field.h"
#include "proto/fieldtable.h"
#include "rules/hint.h"

/* Another word may be two letters away from a short one: `dns` is no `ips`. */
enum { CATEGORY_BYTES_MIN = 6 };

/* --- Fields --- */

static void offer_fields(struct hint_search *search, struct slice category)
{
    uint64_t shapes = category_shapes(category);
    for (size_t i = 0; i < field_row_count; i++)
        if ((field_rows[i].shapes & shapes) != 0)
            hint_offer(search, field_rows[i].name);
}

static void check_field(struct draft *draft, const struct rule *rule, const struct item *item,
                        struct slice field)
{
    if (field.len == 0 || field_is_legal(rule->logsource.category, field))
        return;
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(field);
    offer_fields(&search, rule->logsource.category);
    draft_warning(
        draft, item->at, CODE_UNKNOWN_FIELD,
        hint_nearest(&search, buffer, "it is found only where sensors send it beyond the schema"),
        "events of category '%.*s' have no field '%.*s'",
        SLICE_PRINTF(hint_clip(rule->logsource.category)), SLICE_PRINTF(hint_clip(field)));
}

static void check_item(struct draft *draft, const struct rule *rule, const struct item *item)
{
    check_field(draft, rule, item, item->field);
    for (size_t i = 0; i < item->test_count; i++)
        if (item->tests[i].kind == TEST_FIELDREF)
            check_field(draft, rule, item, item->tests[i].other_field);
}

void lint_names(struct draft *draft, const struct rule *rule)
{
    for (size_t i = 0; i < rule->selection_count; i++)
        for (size_t j = 0; j < rule->selections[i].map_count; j++)
            for (size_t k = 0; k < rule->selections[i].maps[j].item_count; k++)
                check_item(draft, rule, &rule->selections[i].maps[j].items[k]);
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
