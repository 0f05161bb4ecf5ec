/* SPDX-License-Identifier: Apache-2.0 */
/* A projection is three tables, compiled once from the field table and the names that rules use.
 *
 * `homes` says for (shape, slot) where the value is: root, cell and rendering in four bytes, laid
 * out by shape, so that one event touches one short row. `aliases` says where a category's name
 * stands for a native one; the native name then gets a slot of its own behind the named ones.
 * `names` finds the slots of an extra field by hash. Rejected: a perfect hash over all Sigma names
 * (rules may name anything), and resolving names per event (the table has some 240 rows). */
#include "proto/projection.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_MAX = UINT16_MAX, ARENA_BLOCK_BYTES = 64 * 1024 };

/* The entry of the name, or the free one where it would go. */
static struct name_entry *entry_of(const struct projection *projection, struct slice name,
                                   uint64_t hash)
{
    for (size_t i = hash & projection->name_mask;; i = (i + 1) & projection->name_mask) {
        struct name_entry *entry = &projection->names[i];
        if (entry->slot == SLOT_NONE ||
            (entry->hash == hash && slice_equal(projection->slots[entry->slot].name, name)))
            return entry;
    }
}

unsigned projection_find(const struct projection *projection, struct slice name)
{
    return entry_of(projection, name, slice_hash(name))->slot;
}

/* Whether the alias stands for the slot's name in a category view. */
static bool alias_applies(const struct field_alias *alias, struct slice name, enum field_view view)
{
    return view == FIELD_VIEW_CATEGORY && slice_equal(alias->name, name);
}

static void add_slot(struct projection *projection, struct slice name, enum field_view view)
{
    uint16_t slot = (uint16_t)projection->slot_count++;
    uint64_t hash = slice_hash(name);
    struct name_entry *entry = entry_of(projection, name, hash);
    projection->slots[slot] = (struct slot){name, view, entry->slot};
    *entry = (struct name_entry){hash, slot};
}

/* A native slot of that name, made if there is none. */
static uint16_t native_slot(struct projection *projection, struct slice name)
{
    unsigned slot = projection_find(projection, name);
    while (slot != SLOT_NONE && projection->slots[slot].view != FIELD_VIEW_NATIVE)
        slot = projection->slots[slot].twin;
    if (slot != SLOT_NONE)
        return (uint16_t)slot;
    add_slot(projection, name, FIELD_VIEW_NATIVE);
    return (uint16_t)(projection->slot_count - 1);
}

static size_t slots_needed(const struct projection_name names[], size_t count)
{
    size_t needed = count;
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < field_alias_count; a++)
            needed += alias_applies(&field_aliases[a], names[i].name, names[i].view);
    return needed;
}

static int allocate(struct projection *projection, size_t slot_count)
{
    TRY(arena_new_growing(&projection->arena, ARENA_BLOCK_BYTES, 0));
    size_t names = 16;
    while (names < slot_count * 2)
        names *= 2;
    projection->name_mask = names - 1;
    projection->slots = arena_array(projection->arena, struct slot, slot_count + 1);
    projection->names = arena_array(projection->arena, struct name_entry, names);
    if (projection->slots == NULL || projection->names == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < names; i++)
        projection->names[i].slot = SLOT_NONE;
    return 0;
}

static int add_names(struct projection *projection, const struct projection_name names[],
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice name = arena_copy(projection->arena, names[i].name);
        if (name.data == NULL)
            return STATUS_NO_MEMORY;
        add_slot(projection, name, names[i].view);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < field_alias_count; a++)
            if (alias_applies(&field_aliases[a], names[i].name, names[i].view))
                native_slot(projection, field_aliases[a].native);
    return 0;
}

/* One row's home, in every shape that it holds for: the name's first home there, or one of its
 * further ones, of which only the first is remembered. */
static void add_home(struct projection *projection, unsigned slot, size_t row)
{
    const struct field_row *from = &field_rows[row];
    for (unsigned shape = 0; shape < SHAPE_COUNT; shape++) {
        struct home *home = &projection->homes[shape * projection->slot_count + slot];
        if (!field_row_has(from, shape))
            continue;
        if (home->root == HOME_NONE)
            *home = (struct home){from->root, from->cell, from->rendering, 0};
        else if (home->more == 0)
            home->more = (uint16_t)row;
    }
}

static void add_alias(struct projection *projection, unsigned slot, const struct field_alias *alias)
{
    uint16_t native = native_slot(projection, alias->native);
    for (unsigned shape = 0; shape < SHAPE_COUNT; shape++)
        if ((alias->shapes >> shape & 1) != 0)
            projection->aliases[shape * projection->slot_count + slot] = native;
}

static void compile_slot(struct projection *projection, unsigned slot)
{
    const struct slot *name = &projection->slots[slot];
    for (unsigned shape = 0; shape < SHAPE_COUNT; shape++) {
        size_t index = shape * projection->slot_count + slot;
        projection->homes[index] = (struct home){.root = HOME_NONE};
        projection->aliases[index] = SLOT_NONE;
    }
    for (size_t row = 0; row < field_row_count; row++)
        if (slice_equal(field_rows[row].name, name->name))
            add_home(projection, slot, row);
    for (size_t i = 0; i < field_alias_count; i++)
        if (alias_applies(&field_aliases[i], name->name, name->view))
            add_alias(projection, slot, &field_aliases[i]);
}

int projection_new(struct projection **out, const struct projection_name names[], size_t count)
{
    size_t needed = slots_needed(names, count);
    if (count > UINT16_MAX || needed >= SLOTS_MAX)
        return STATUS_LIMIT;
    AUTO(projection_free) struct projection *projection = calloc(1, sizeof(*projection));
    if (projection == NULL)
        return STATUS_NO_MEMORY;
    TRY(allocate(projection, needed));
    TRY(add_names(projection, names, count));
    assert(projection->slot_count <= needed);
    size_t cells = (size_t)SHAPE_COUNT * projection->slot_count;
    projection->homes = arena_array(projection->arena, struct home, cells + 1);
    projection->aliases = arena_array(projection->arena, uint16_t, cells + 1);
    if (projection->homes == NULL || projection->aliases == NULL)
        return STATUS_NO_MEMORY;
    for (unsigned slot = 0; slot < projection->slot_count; slot++)
        compile_slot(projection, slot);
    *out = TAKE(&projection);
    return 0;
}

void projection_free(struct projection *projection)
{
    if (projection == NULL)
        return;
    arena_free(projection->arena);
    free(projection);
}

bool projection_is_typed(const struct projection *projection, unsigned slot, enum shape shape)
{
    assert(slot < projection->slot_count && (unsigned)shape < SHAPE_COUNT);
    unsigned alias = projection_alias(projection, shape, slot);
    unsigned read = alias == SLOT_NONE ? slot : alias;
    return projection_home(projection, shape, read)->root != HOME_NONE;
}
