/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/yaml_key.h"

#include "rules/codes.h"
#include "rules/hint.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    const struct yaml_node *a = *(const struct yaml_node *const *)left;
    const struct yaml_node *b = *(const struct yaml_node *const *)right;
    int order = slice_compare(a->text, b->text);
    if (order != 0)
        return order;
    order = (a->line > b->line) - (a->line < b->line);
    return order != 0 ? order : (a->column > b->column) - (a->column < b->column);
}

/* Keeps the keys that are texts; says what is wrong with the others. */
static size_t collect(const struct yaml_node **keys, const struct yaml_node *const *nodes,
                      size_t pair_count, const char *path, struct diag_list *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < pair_count; i++) {
        const struct yaml_node *key = nodes[2 * i];
        if (key->kind != YAML_SCALAR)
            diag_add(findings, DIAG_ERROR, yaml_position(path, key),
                     parser_code_name(CODE_YAML_KEY), "write the key as a text",
                     "a collection cannot be a key");
        else if (!key->quoted && slice_equal(key->text, SLICE_LITERAL("<<")))
            diag_add(findings, DIAG_ERROR, yaml_position(path, key),
                     parser_code_name(CODE_YAML_KEY), "write the merged keys out",
                     "merge keys are not part of Sigma");
        else
            keys[count++] = key;
    }
    return count;
}

/* Sorted copies find duplicates in n log n: a hostile mapping may have as many keys as nodes. */
int yaml_key_check(const struct yaml_node *const *nodes, size_t pair_count, const char *path,
                   struct diag_list *findings)
{
    const struct yaml_node **keys = malloc((pair_count + 1) * sizeof *keys);
    if (keys == NULL)
        return STATUS_NO_MEMORY;
    size_t count = collect(keys, nodes, pair_count, path, findings);
    bool faulty = count != pair_count;
    qsort(keys, count, sizeof *keys, compare);
    for (size_t i = 1; i < count; i++) {
        if (!slice_equal(keys[i - 1]->text, keys[i]->text))
            continue;
        faulty = true;
        diag_add(findings, DIAG_ERROR, yaml_position(path, keys[i]),
                 parser_code_name(CODE_YAML_DUPLICATE_KEY),
                 "rename one of them, or merge their values into one list",
                 "the key '%.*s' stands here a second time (first in line %u)",
                 SLICE_PRINTF(hint_clip(keys[i]->text)), keys[i - 1]->line);
    }
    free(keys);
    return faulty ? YAML_KEY_FAULTY : 0;
}
