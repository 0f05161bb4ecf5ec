/* SPDX-License-Identifier: Apache-2.0 */
/* What detection and alerts depend on (id, title, level, log source) must be right; the rest is for
 * people, so a wrong type there is a warning and the rule still detects. Keys that nobody knows are
 * fine: the specification allows custom ones. */
#include "rules/metadata.h"

#include "proto/uuid.h"
#include "rules/hint.h"
#include "rules/lint_names.h"

#include <stddef.h>

enum { TITLE_CHARACTERS_MAX = 256 };

/* --- Texts and lists --- */

/* A scalar that is not null; else NULL, with a finding of that severity if it is no scalar. */
static const struct yaml_node *scalar_under(struct draft *draft, const struct yaml_node *root,
                                            struct slice key, bool is_error)
{
    const struct yaml_node *node = yaml_find(root, key);
    if (node == NULL || (node->kind == YAML_SCALAR && slice_trim(node->text).len > 0))
        return node;
    if (node->kind == YAML_SCALAR)
        return NULL;
    if (is_error)
        draft_error(draft, draft_at(draft, node), CODE_WRONG_TYPE, "write one text",
                    "'%.*s' is a %s instead of a text", SLICE_PRINTF(key),
                    yaml_kind_text(node->kind));
    else
        draft_warning(draft, draft_at(draft, node), CODE_WRONG_TYPE, "write one text",
                      "'%.*s' is a %s instead of a text; it is ignored", SLICE_PRINTF(key),
                      yaml_kind_text(node->kind));
    return NULL;
}

static const struct {
    struct slice key;
    size_t offset; /* of a slice in struct rule */
} texts[] = {
    {SLICE_INIT("name"), offsetof(struct rule, name)},
    {SLICE_INIT("description"), offsetof(struct rule, description)},
    {SLICE_INIT("author"), offsetof(struct rule, author)},
    {SLICE_INIT("status"), offsetof(struct rule, status)},
    {SLICE_INIT("date"), offsetof(struct rule, date)},
    {SLICE_INIT("modified"), offsetof(struct rule, modified)},
    {SLICE_INIT("license"), offsetof(struct rule, license)},
};

static int read_texts(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct slice *out = (struct slice *)((char *)rule + texts[i].offset);
        const struct yaml_node *node = scalar_under(draft, root, texts[i].key, false);
        if (node != NULL)
            TRY(draft_copy(draft, out, node->text));
    }
    return 0;
}

static const struct {
    struct slice key;
    size_t items_offset, count_offset;
} lists[] = {
    {SLICE_INIT("references"), offsetof(struct rule, references),
     offsetof(struct rule, reference_count)},
    {SLICE_INIT("falsepositives"), offsetof(struct rule, false_positives),
     offsetof(struct rule, false_positive_count)},
    {SLICE_INIT("tags"), offsetof(struct rule, tags), offsetof(struct rule, tag_count)},
    {SLICE_INIT("fields"), offsetof(struct rule, fields), offsetof(struct rule, field_count)},
};

static int read_list(struct draft *draft, const struct slice **items, size_t *count,
                     const struct yaml_node *node, struct slice key)
{
    bool is_list = node->kind == YAML_SEQUENCE;
    size_t value_count = is_list ? node->count : 1;
    const struct yaml_node *const *values = is_list ? node->items : &node;
    struct slice *copies = arena_array(draft->arena, struct slice, value_count);
    if (copies == NULL)
        return STATUS_NO_MEMORY;
    *items = copies;
    for (size_t i = 0; i < value_count; i++) {
        if (values[i]->kind == YAML_SCALAR) {
            TRY(draft_copy(draft, &copies[(*count)++], values[i]->text));
            continue;
        }
        draft_warning(draft, draft_at(draft, values[i]), CODE_WRONG_TYPE, "write a list of texts",
                      "'%.*s' holds a %s instead of a text; it is ignored", SLICE_PRINTF(key),
                      yaml_kind_text(values[i]->kind));
    }
    return 0;
}

static int read_lists(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct yaml_node *node = yaml_find(root, lists[i].key);
        if (node == NULL || (node->kind == YAML_SCALAR && node->text.len == 0))
            continue;
        if (node->kind != YAML_SEQUENCE)
            draft_warning(draft, draft_at(draft, node), CODE_WRONG_TYPE,
                          "write each value in a line of its own, with a dash before it",
                          "'%.*s' is a %s instead of a list", SLICE_PRINTF(lists[i].key),
                          yaml_kind_text(node->kind));
        TRY(read_list(draft, (const struct slice **)((char *)rule + lists[i].items_offset),
                      (size_t *)((char *)rule + lists[i].count_offset), node, lists[i].key));
    }
    return 0;
}

/* --- What must be right --- */

static int read_id(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    size_t errors_before = draft->error_count;
    const struct yaml_node *node = scalar_under(draft, root, SLICE_LITERAL("id"), true);
    if (draft->error_count != errors_before)
        return 0;
    if (node == NULL) {
        draft_error(draft, draft_at(draft, root), CODE_MISSING_ID,
                    "add 'id:' with a new random UUID (the command uuidgen prints one)",
                    "the rule has no id");
        return 0;
    }
    if (!uuid_parse(rule->uuid, slice_trim(node->text))) {
        draft_error(draft, draft_at(draft, node), CODE_BAD_ID,
                    "write a UUID like 5b7b1d4e-0f2a-4c2f-9a51-3d6f1c0e8a77",
                    "the id '%.*s' is no UUID", SLICE_PRINTF(hint_clip(node->text)));
        return 0;
    }
    char text[UUID_TEXT_BYTES + 1];
    uuid_format(text, rule->uuid);
    rule->at = draft_at(draft, node);
    return draft_copy(draft, &rule->id, slice_text(text));
}

static size_t count_characters(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

static int read_title(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    size_t errors_before = draft->error_count;
    const struct yaml_node *node = scalar_under(draft, root, SLICE_LITERAL("title"), true);
    if (draft->error_count != errors_before)
        return 0;
    if (node == NULL) {
        draft_error(draft, draft_at(draft, root), CODE_MISSING_TITLE,
                    "add 'title:' with a few words on what the rule finds",
                    "the rule has no title");
        return 0;
    }
    if (count_characters(node->text) > TITLE_CHARACTERS_MAX)
        draft_warning(draft, draft_at(draft, node), CODE_LONG_TITLE,
                      "move details into the description",
                      "the title has %zu characters; the specification allows %d",
                      count_characters(node->text), TITLE_CHARACTERS_MAX);
    return draft_copy(draft, &rule->title, node->text);
}

static void read_level(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    const struct yaml_node *node = scalar_under(draft, root, SLICE_LITERAL("level"), true);
    rule->level = LEVEL_MEDIUM;
    if (node == NULL)
        return;
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(node->text);
    for (int level = LEVEL_INFORMATIONAL; level <= LEVEL_CRITICAL; level++) {
        struct slice text = slice_text(rule_level_text((enum rule_level)level));
        hint_offer(&search, text);
        if (slice_equal_ascii_caseless(node->text, text)) {
            rule->level = (enum rule_level)level;
            return;
        }
    }
    draft_error(draft, draft_at(draft, node), CODE_BAD_LEVEL,
                hint_nearest(&search, buffer, "use informational, low, medium, high or critical"),
                "there is no level '%.*s'", SLICE_PRINTF(hint_clip(node->text)));
}

/* --- What people read --- */

static void check_status(struct draft *draft, const struct yaml_node *root)
{
    static const struct slice statuses[] = {SLICE_INIT("stable"), SLICE_INIT("test"),
                                            SLICE_INIT("experimental"), SLICE_INIT("deprecated"),
                                            SLICE_INIT("unsupported")};
    const struct yaml_node *node = yaml_find(root, SLICE_LITERAL("status"));
    if (node == NULL || node->kind != YAML_SCALAR || node->text.len == 0)
        return;
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(node->text);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (slice_equal(node->text, statuses[i]))
            return;
        hint_offer(&search, statuses[i]);
    }
    draft_warning(
        draft, draft_at(draft, node), CODE_BAD_STATUS,
        hint_nearest(&search, buffer, "use stable, test, experimental, deprecated or unsupported"),
        "there is no status '%.*s'", SLICE_PRINTF(hint_clip(node->text)));
}

/* YYYY-MM-DD; older rules write slashes. */
static bool is_date(struct slice text)
{
    static const char shape[] = "9999-99-99";
    if (text.len != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (shape[i] == '9' ? !digit : text.data[i] != text.data[4])
            return false;
    }
    unsigned month = (unsigned)(text.data[5] - '0') * 10 + text.data[6] - '0';
    unsigned day = (unsigned)(text.data[8] - '0') * 10 + text.data[9] - '0';
    return (text.data[4] == '-' || text.data[4] == '/') && month >= 1 && month <= 12 && day >= 1 &&
           day <= 31;
}

static void check_date(struct draft *draft, const struct yaml_node *root, struct slice key)
{
    const struct yaml_node *node = yaml_find(root, key);
    if (node == NULL || node->kind != YAML_SCALAR || node->text.len == 0 || is_date(node->text))
        return;
    draft_warning(draft, draft_at(draft, node), CODE_BAD_DATE, "write it like 2026-11-25",
                  "'%.*s' is no date", SLICE_PRINTF(hint_clip(node->text)));
}

static bool is_tag(struct slice tag)
{
    const uint8_t *dot = tag.len == 0 ? NULL : memchr(tag.data, '.', tag.len);
    if (dot == NULL || dot == tag.data || dot == tag.data + tag.len - 1)
        return false;
    for (size_t i = 0; i < tag.len; i++) {
        uint8_t byte = tag.data[i];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' ||
              byte == '-' || byte == '_'))
            return false;
    }
    return true;
}

static void check_tags(struct draft *draft, const struct yaml_node *root)
{
    const struct yaml_node *node = yaml_find(root, SLICE_LITERAL("tags"));
    if (node == NULL || node->kind != YAML_SEQUENCE)
        return;
    for (size_t i = 0; i < node->count; i++)
        if (node->items[i]->kind == YAML_SCALAR && !is_tag(node->items[i]->text))
            draft_warning(draft, draft_at(draft, node->items[i]), CODE_BAD_TAG,
                          "write it like attack.t1059.001 or cve.2026-12345", "'%.*s' is no tag",
                          SLICE_PRINTF(hint_clip(node->items[i]->text)));
}

static void check_taxonomy(struct draft *draft, const struct yaml_node *root)
{
    const struct yaml_node *node = yaml_find(root, SLICE_LITERAL("taxonomy"));
    if (node != NULL && node->kind == YAML_SCALAR && node->text.len > 0 &&
        !slice_equal(node->text, SLICE_LITERAL("sigma")))
        draft_warning(draft, draft_at(draft, node), CODE_TAXONOMY,
                      "check that its fields are those of the events",
                      "the taxonomy '%.*s' is read as Sigma's own",
                      SLICE_PRINTF(hint_clip(node->text)));
}

/* --- Log source --- */

/* Log sources are compared caselessly: kept in lower case (their names are ASCII). */
static int copy_lower(struct draft *draft, struct slice *out, struct slice text)
{
    uint8_t *lower = arena_take_bytes(draft->arena, text.len);
    if (lower == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < text.len; i++)
        lower[i] = text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] | 0x20 : text.data[i];
    *out = slice_of(lower, text.len);
    return 0;
}

static int read_logsource_pair(struct logsource *out, struct draft *draft,
                               const struct yaml_pair *pair)
{
    struct slice key = pair->key->text;
    struct slice *target = slice_equal(key, SLICE_LITERAL("product"))    ? &out->product
                           : slice_equal(key, SLICE_LITERAL("category")) ? &out->category
                           : slice_equal(key, SLICE_LITERAL("service"))  ? &out->service
                                                                         : NULL;
    if (target == NULL) {
        if (!slice_equal(key, SLICE_LITERAL("definition")))
            draft_warning(draft, draft_at(draft, pair->key), CODE_LOGSOURCE_KEY,
                          "use product, category and service",
                          "'%.*s' is ignored: it does not choose events",
                          SLICE_PRINTF(hint_clip(key)));
        return 0;
    }
    if (pair->value->kind != YAML_SCALAR) {
        draft_error(draft, draft_at(draft, pair->value), CODE_WRONG_TYPE,
                    "write one rule for each log source", "'%.*s' is a %s instead of a text",
                    SLICE_PRINTF(key), yaml_kind_text(pair->value->kind));
        return 0;
    }
    TRY(copy_lower(draft, target, slice_trim(pair->value->text)));
    if (target == &out->category)
        lint_category(draft, draft_at(draft, pair->value), *target);
    return 0;
}

static int read_logsource(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    const struct yaml_node *node = yaml_find(root, SLICE_LITERAL("logsource"));
    size_t errors_before = draft->error_count;
    if (node == NULL || node->kind != YAML_MAPPING) {
        draft_error(draft, draft_at(draft, node == NULL ? root : node), CODE_MISSING_LOGSOURCE,
                    "add 'logsource:' with product, category or service below it",
                    "the rule has no log source");
        return 0;
    }
    struct logsource *out = &rule->logsource;
    for (size_t i = 0; i < node->count; i++)
        TRY(read_logsource_pair(out, draft, &node->pairs[i]));
    if (draft->error_count == errors_before &&
        out->product.len + out->category.len + out->service.len == 0)
        draft_error(draft, draft_at(draft, node), CODE_MISSING_LOGSOURCE,
                    "name at least one of product, category and service",
                    "the log source names nothing, so the rule would apply to every event");
    return 0;
}

int metadata_read(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    TRY(read_title(rule, draft, root));
    TRY(read_id(rule, draft, root));
    read_level(rule, draft, root);
    TRY(read_texts(rule, draft, root));
    TRY(read_lists(rule, draft, root));
    check_status(draft, root);
    check_date(draft, root, SLICE_LITERAL("date"));
    check_date(draft, root, SLICE_LITERAL("modified"));
    check_tags(draft, root);
    check_taxonomy(draft, root);
    return read_logsource(rule, draft, root);
}
