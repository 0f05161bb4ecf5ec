/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/parser.h"

#include "proto/digest.h"
#include "rules/detection.h"
#include "rules/draft.h"
#include "rules/hint.h"
#include "rules/lint_names.h"
#include "rules/metadata.h"
#include "rules/yaml.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    RULE_BLOCK_BYTES = 4096,
    DIGEST_COUNT_BYTES = 32, /* "name=count\n" digits */
};

static const struct yaml_limits limits = {
    .bytes_max = RULE_FILE_BYTES_MAX,
    .depth_max = RULE_YAML_DEPTH_MAX,
    .nodes_max = RULE_YAML_NODES_MAX,
    .aliases_max = RULE_ALIASES_MAX,
    .documents_max = RULE_DOCUMENTS_MAX,
};

/* --- What kind of document is it? --- */

static const struct {
    struct slice key;
    enum parser_code code;
    const char *message;
    const char *hint;
} other_documents[] = {
    {SLICE_INIT("correlation"), CODE_CORRELATION_UNSUPPORTED,
     "correlation documents are not supported yet", "the rules that it refers to work without it"},
    {SLICE_INIT("filter"), CODE_FILTER_UNSUPPORTED, "filter documents are not supported yet",
     "write the filter into the rules' own conditions"},
    {SLICE_INIT("action"), CODE_COLLECTION_UNSUPPORTED,
     "rule collections with 'action' are not supported", "write each rule out"},
};

/* False: it is something else than a rule, and a finding says what. */
static bool check_document(struct draft *draft, const struct yaml_node *root)
{
    if (root->kind != YAML_MAPPING) {
        draft_error(draft, draft_at(draft, root), CODE_NOT_A_RULE,
                    "a rule is a map with title, id, logsource and detection",
                    "a %s where a rule belongs", yaml_kind_text(root->kind));
        return false;
    }
    for (size_t i = 0; i < root->count; i++)
        for (size_t j = 0; j < sizeof other_documents / sizeof *other_documents; j++)
            if (slice_equal(root->pairs[i].key->text, other_documents[j].key)) {
                draft_error(draft, draft_at(draft, root->pairs[i].key), other_documents[j].code,
                            other_documents[j].hint, "%s", other_documents[j].message);
                return false;
            }
    return true;
}

/* "---" and nothing behind it. */
static bool is_empty(const struct yaml_node *root)
{
    return root->kind == YAML_SCALAR && !root->quoted && root->text.len == 0;
}

/* --- The rule's hash --- */

/* Each list with its name and count before its values, each value with its length, so that no two
 * different sets of lists give the same bytes. */
struct digest_pieces {
    struct slice *items;
    size_t count;
    struct arena *arena;
};

static int add_number(struct digest_pieces *pieces, size_t number)
{
    uint8_t *text = arena_take_bytes(pieces->arena, DIGEST_COUNT_BYTES);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    int len = snprintf((char *)text, DIGEST_COUNT_BYTES, "\n%zu\n", number);
    pieces->items[pieces->count++] = slice_of(text, (size_t)len);
    return 0;
}

static int add_list(struct digest_pieces *pieces, struct slice name, const struct slice *values,
                    size_t count)
{
    pieces->items[pieces->count++] = name;
    TRY(add_number(pieces, count));
    for (size_t i = 0; i < count; i++) {
        TRY(add_number(pieces, values[i].len));
        pieces->items[pieces->count++] = values[i];
    }
    return 0;
}

static int rule_digest(struct rule *rule, struct draft *draft)
{
    size_t count = 1, values;
    for (size_t i = 0; i < draft->placeholder_count; i++) {
        (void)list_set_find(draft->lists, draft->placeholders[i], &values);
        count += 2 + 2 * values;
    }
    arena_reset(draft->scratch);
    struct digest_pieces pieces = {arena_array(draft->scratch, struct slice, count), 0,
                                   draft->scratch};
    if (pieces.items == NULL)
        return STATUS_NO_MEMORY;
    pieces.items[pieces.count++] = rule->text;
    for (size_t i = 0; i < draft->placeholder_count; i++) {
        const struct slice *list = list_set_find(draft->lists, draft->placeholders[i], &values);
        TRY(add_list(&pieces, draft->placeholders[i], list, values));
    }
    assert(pieces.count == count);
    return digest_sha256(rule->sha256, pieces.items, pieces.count);
}

/* --- Reading --- */

static int rule_new(struct rule **out)
{
    struct arena *arena;
    TRY(arena_new_growing(&arena, RULE_BLOCK_BYTES, 0));
    struct rule *rule = arena_new(arena, struct rule);
    if (rule == NULL) {
        arena_free(arena);
        return STATUS_NO_MEMORY;
    }
    rule->arena = arena;
    rule->references_held = 1;
    *out = rule;
    return 0;
}

static int read_rule(struct rule_list *out, struct draft *draft,
                     const struct yaml_document *document, const char *path)
{
    AUTO(rule_unref) struct rule *rule = NULL;
    TRY(rule_new(&rule));
    draft_begin(draft, rule->arena);
    TRY(draft_copy(draft, &rule->path, slice_text(path)));
    draft->path = (const char *)rule->path.data;
    if (check_document(draft, document->root)) {
        lint_keys(draft, document->root);
        TRY(metadata_read(rule, draft, document->root));
        TRY(detection_read(rule, draft, document->root));
    }
    draft->path = path;
    if (draft->error_count > 0 || !document->sound) {
        out->refused_count++;
        return 0;
    }
    TRY(draft_copy(draft, &rule->text, document->text));
    TRY(rule_digest(rule, draft));
    return rule_list_add(out, rule);
}

static int read_documents(struct rule_list *out, struct draft *draft, const struct yaml_file *file,
                          const char *path)
{
    size_t document_count = 0;
    for (size_t i = 0; i < file->count; i++) {
        if (is_empty(file->documents[i].root) && file->documents[i].sound)
            continue;
        document_count++;
        TRY(read_rule(out, draft, &file->documents[i], path));
    }
    if (!file->complete)
        out->refused_count++;
    else if (document_count == 0)
        diag_add(draft->findings, DIAG_WARNING, (struct diag_position){.file = path},
                 parser_code_name(CODE_NO_DOCUMENT), "remove the file, or write a rule into it",
                 "the file holds no rule");
    return 0;
}

int parser_read(struct rule_list *out, struct slice text, const char *path,
                const struct parser_options *options, struct diag_list *findings)
{
    assert(out != NULL && path != NULL && findings != NULL);
    AUTO(yaml_file_free) struct yaml_file *file = NULL;
    TRY(yaml_read(&file, text, path, &limits, findings));
    struct draft draft = {
        .findings = findings, .lists = options == NULL ? NULL : options->lists, .path = path};
    TRY(arena_new_growing(&draft.scratch, RULE_BLOCK_BYTES, 0));
    int result = read_documents(out, &draft, file, path);
    draft_deinit(&draft);
    return result;
}
