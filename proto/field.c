/* SPDX-License-Identifier: Apache-2.0 */
/* What is not per rule set: every field of one event, and the legal fields of a category. These
 * walk the table instead of compiling it; they serve alerts, keyword rules, people and the linter.
 */
#include "proto/field.h"

#include "proto/cells.h"
#include "proto/extra.h"
#include "proto/fieldtable.h"

#include <assert.h>

/* --- Iteration --- */

void field_iterate(struct field_iterator *iterator, const struct event *event, struct arena *arena)
{
    assert(event->shape < SHAPE_COUNT);
    *iterator = (struct field_iterator){.event = event, .arena = arena};
}

/* Whether the row's cell is present; a present cell may still have no rendering. */
static bool row_present(const struct field_row *row, const struct event *event)
{
    const struct view *view = event->roots[row->root];
    if (view == NULL || !field_row_has(row, event->shape))
        return false;
    return row->rendering == RENDER_HASHES || view_has(view, row->cell);
}

/* False: not there, or without a rendering. Without memory the value is absent; the arena says. */
static bool row_value(struct value *out, const struct field_row *row, const struct event *event,
                      struct arena *arena)
{
    uint8_t buffer[RENDER_BYTES_MAX];
    if (!row_present(row, event))
        return false;
    if (!render_value(out, event->roots[row->root], row->cell, (enum rendering)row->rendering,
                      event_forms(event), buffer))
        return false;
    if (out->type == VALUE_TEXT && out->text.data == buffer) {
        out->text = arena_copy(arena, out->text);
        if (out->text.data == NULL)
            *out = (struct value){.type = VALUE_ABSENT};
    }
    return true;
}

/* Whether any row gives the event a typed value of that name. */
static bool has_typed(const struct event *event, struct slice name)
{
    struct value ignored;
    uint8_t buffer[RENDER_BYTES_MAX];
    for (size_t i = 0; i < field_row_count; i++) {
        const struct field_row *row = &field_rows[i];
        if (row_present(row, event) && slice_equal(row->name, name) &&
            render_value(&ignored, event->roots[row->root], row->cell,
                         (enum rendering)row->rendering, 0, buffer))
            return true;
    }
    return false;
}

static bool next_typed(struct field_iterator *iterator, struct slice *name, struct value *value)
{
    while (iterator->row < field_row_count) {
        const struct field_row *row = &field_rows[iterator->row++];
        if (!row_value(value, row, iterator->event, iterator->arena))
            continue;
        *name = row->name;
        /* Further homes of the name stand behind this one, and don't count. */
        while (iterator->row < field_row_count &&
               slice_equal(field_rows[iterator->row].name, row->name))
            iterator->row++;
        return true;
    }
    return false;
}

/* Which extras have the same name. False: no memory. */
static bool find_twins(struct field_iterator *iterator)
{
    uint32_t total = (uint32_t)event_extra_count(iterator->event);
    struct slice *names = arena_array(iterator->arena, struct slice, total);
    if (names == NULL)
        return false;
    for (uint32_t i = 0; i < total; i++)
        names[i] = extra_key(event_extra(iterator->event, i));
    return twins_find(&iterator->twins, names, total, iterator->arena) == 0;
}

/* The extra at a position, with all later ones of the same name if it is an array. */
static void read_extras(struct value *out, const struct field_iterator *iterator, uint32_t first)
{
    const struct event *event = iterator->event;
    const uint32_t *next = iterator->twins.next;
    size_t same = 1;
    for (uint32_t i = next[first]; i != 0; i = next[i])
        same++;
    if (extra_value(out, event_extra(event, first)) != EXTRA_MARK && same == 1)
        return;
    struct value *items = arena_array(iterator->arena, struct value, same);
    *out = (struct value){.type = items == NULL ? VALUE_ABSENT : VALUE_LIST};
    if (items == NULL)
        return;
    size_t count = extra_value(&items[0], event_extra(event, first)) != EXTRA_MARK;
    for (uint32_t i = next[first]; i != 0; i = next[i])
        count += extra_value(&items[count], event_extra(event, i)) != EXTRA_MARK;
    out->list.items = items;
    out->list.count = count;
}

static bool next_extra(struct field_iterator *iterator, struct slice *name, struct value *value)
{
    const struct event *event = iterator->event;
    uint32_t total = (uint32_t)event_extra_count(event);
    if (iterator->extra == 0 && total > 0 && !find_twins(iterator))
        return false;
    while (iterator->extra < total) {
        uint32_t position = iterator->extra++;
        *name = extra_key(event_extra(event, position));
        if (iterator->twins.is_later[position] ||
            !view_has(event_extra(event, position), CELL_KeyValue_key) || has_typed(event, *name))
            continue;
        read_extras(value, iterator, position);
        return true;
    }
    return false;
}

bool field_next(struct field_iterator *iterator, struct slice *name, struct value *value)
{
    return next_typed(iterator, name, value) || next_extra(iterator, name, value);
}

struct slice event_raw(const struct event *event)
{
    if (!view_has(event->roots[ROOT_EVENT], CELL_Event_generic))
        return (struct slice){NULL, 0};
    return view_bytes(event->roots[ROOT_KIND], CELL_GenericLog_raw);
}

/* --- Linter --- */

bool field_is_legal(struct slice category, struct slice name)
{
    uint64_t shapes = category_shapes(category);
    /* Windows Defender's own fields are as legal under antivirus as any product's. */
    if (shapes == 0 || (shapes >> SHAPE_GENERIC_DEFENDER & 1) != 0)
        return true;
    for (size_t i = 0; i < field_row_count; i++)
        if ((field_rows[i].shapes & shapes) != 0 && slice_equal(field_rows[i].name, name))
            return true;
    for (size_t i = 0; i < field_alias_count; i++)
        if ((field_aliases[i].shapes & shapes) != 0 && slice_equal(field_aliases[i].name, name))
            return true;
    return false;
}
