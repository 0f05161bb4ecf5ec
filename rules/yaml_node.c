/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/yaml.h"

#include <assert.h>

struct diag_position yaml_position(const char *path, const struct yaml_node *node)
{
    return (struct diag_position){path, node->line, node->column};
}

struct diag_position yaml_position_within(const char *path, const struct yaml_node *node,
                                          size_t offset)
{
    struct diag_position at = yaml_position(path, node);
    if (!node->in_one_line || offset > node->text.len)
        return at;
    at.column += node->text_column;
    for (size_t i = 0; i < offset; i++)
        at.column += (node->text.data[i] & 0xc0) != 0x80;
    return at;
}

const struct yaml_node *yaml_find(const struct yaml_node *mapping, struct slice key)
{
    assert(mapping->kind == YAML_MAPPING);
    for (size_t i = 0; i < mapping->count; i++)
        if (slice_equal(mapping->pairs[i].key->text, key))
            return mapping->pairs[i].value;
    return NULL;
}

const char *yaml_kind_text(enum yaml_kind kind)
{
    static const char *const texts[] = {
        [YAML_SCALAR] = "text", [YAML_SEQUENCE] = "list", [YAML_MAPPING] = "map"};
    return texts[kind];
}
