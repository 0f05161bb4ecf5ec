/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/selection.h"

#include "rules/hint.h"
#include "rules/item.h"

#include <assert.h>

/* Names that a condition could never mean as a selection. */
static void check_name(struct draft *draft, const struct yaml_node *key)
{
    static const struct slice reserved[] = {SLICE_INIT("and"), SLICE_INIT("or"), SLICE_INIT("not"),
                                            SLICE_INIT("them"), SLICE_INIT("of")};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (slice_equal_ascii_caseless(key->text, reserved[i]))
            draft_error(draft, draft_at(draft, key), CODE_RESERVED_NAME, "give it another name",
                        "a selection cannot be called '%.*s'", SLICE_PRINTF(key->text));
    for (size_t i = 0; i < key->text.len; i++)
        if (key->text.data[i] <= ' ' || strchr("()*", key->text.data[i]) != NULL) {
            draft_error(draft, draft_at(draft, key), CODE_RESERVED_NAME,
                        "use letters, digits and _ in the name",
                        "the condition cannot name the selection '%.*s'",
                        SLICE_PRINTF(hint_clip(key->text)));
            return;
        }
    if (key->text.len == 0)
        draft_error(draft, draft_at(draft, key), CODE_RESERVED_NAME, "give it a name",
                    "a selection without a name");
}

static int read_map(struct item_map *out, struct draft *draft, const struct yaml_node *node)
{
    assert(node->kind == YAML_MAPPING);
    if (node->count == 0) {
        draft_error(draft, draft_at(draft, node), CODE_EMPTY_SELECTION,
                    "write a test, or remove it", "an empty map tests nothing");
        return 0;
    }
    struct item *items = arena_array(draft->arena, struct item, node->count);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < node->count; i++)
        TRY(item_read(&items[i], draft, &node->pairs[i]));
    *out = (struct item_map){.items = items, .item_count = node->count};
    return 0;
}

static int read_keywords(struct item_map *out, struct draft *draft,
                         const struct yaml_node *const *values, size_t count)
{
    struct item *item = arena_new(draft->arena, struct item);
    if (item == NULL)
        return STATUS_NO_MEMORY;
    TRY(item_read_keywords(item, draft, values, count));
    *out = (struct item_map){.items = item, .item_count = 1};
    return 0;
}

/* Scalars that follow each other are one item of keywords. */
static size_t count_scalars(const struct yaml_node *const *values, size_t count)
{
    size_t scalars = 0;
    while (scalars < count && values[scalars]->kind == YAML_SCALAR)
        scalars++;
    return scalars;
}

static int read_maps(struct selection *selection, struct draft *draft,
                     const struct yaml_node *const *values, size_t count)
{
    struct item_map *maps = arena_array(draft->arena, struct item_map, count);
    if (maps == NULL)
        return STATUS_NO_MEMORY;
    selection->maps = maps;
    for (size_t i = 0; i < count;) {
        size_t scalars = count_scalars(values + i, count - i);
        struct item_map *map = &maps[selection->map_count++];
        if (scalars > 0)
            TRY(read_keywords(map, draft, values + i, scalars));
        else if (values[i]->kind == YAML_MAPPING)
            TRY(read_map(map, draft, values[i]));
        else
            draft_error(draft, draft_at(draft, values[i]), CODE_NESTED_VALUE,
                        "write maps or keywords as one flat list", "a list within a list");
        i += scalars > 0 ? scalars : 1;
    }
    return 0;
}

int selection_read(struct selection *out, struct draft *draft, const struct yaml_pair *pair)
{
    const struct yaml_node *value = pair->value;
    check_name(draft, pair->key);
    *out = (struct selection){
        .at = {.file = draft->path, .line = pair->key->line, .column = pair->key->column}};
    TRY(draft_copy(draft, &out->name, pair->key->text));
    if (value->kind != YAML_SEQUENCE)
        return read_maps(out, draft, &value, 1);
    if (value->count == 0) {
        draft_error(draft, draft_at(draft, value), CODE_EMPTY_SELECTION,
                    "write a test, or remove it", "an empty list tests nothing");
        return 0;
    }
    return read_maps(out, draft, value->items, value->count);
}
