/* SPDX-License-Identifier: Apache-2.0 */
/* The hot path: a value is looked for when a rule first asks for it, and kept until the next event.
 *
 * Nothing is cleared between events: a slot's value counts only if its stamp is this event's
 * number. Extras are looked up once, at begin; their values wait as (list, index) until asked for.
 * Rendered text goes into one buffer that begins anew with each event. */
#include "proto/projection.h"

#include "proto/cells.h"
#include "proto/extra.h"

#include <assert.h>
#include <stdlib.h>

static const uint64_t digest_cells =
    UINT64_C(1) << CELL_FileFacts_sha1 | UINT64_C(1) << CELL_FileFacts_md5 |
    UINT64_C(1) << CELL_FileFacts_sha256 | UINT64_C(1) << CELL_FileFacts_imphash;

struct slot_state {
    uint32_t value_stamp;
    uint32_t extra_stamp;
    uint32_t extra_first; /* position of the first extra of that name */
    uint32_t extra_count;
};

struct projected {
    const struct projection *projection;
    const struct event *event;
    struct value *values;
    struct slot_state *states;
    uint32_t stamp;
    uint32_t forms;
    bool overflowed;
    uint64_t duplicate_count;
    uint8_t *text; /* rendered values, and items of lists */
    size_t text_used, text_size;
};

int projected_new(struct projected **out, const struct projection *projection,
                  size_t text_bytes_max)
{
    AUTO(projected_free) struct projected *projected = calloc(1, sizeof(*projected));
    if (projected == NULL)
        return STATUS_NO_MEMORY;
    size_t count = projection->slot_count + 1;
    projected->projection = projection;
    projected->values = calloc(count, sizeof(*projected->values));
    projected->states = calloc(count, sizeof(*projected->states));
    projected->text = malloc(text_bytes_max + 1);
    projected->text_size = text_bytes_max;
    if (projected->values == NULL || projected->states == NULL || projected->text == NULL)
        return STATUS_NO_MEMORY;
    *out = TAKE(&projected);
    return 0;
}

void projected_free(struct projected *projected)
{
    if (projected == NULL)
        return;
    free(projected->values);
    free(projected->states);
    free(projected->text);
    free(projected);
}

/* --- Extras: those of the event and the fields of a GenericLog are one sequence --- */

/* Whether a typed field has what the slot's name says, rendered or not. */
static bool has_typed(const struct projected *projected, unsigned slot)
{
    const struct event *event = projected->event;
    const struct home *home = projection_home(projected->projection, event->shape, slot);
    if (home->root == HOME_NONE)
        return false;
    const struct view *view = event->roots[home->root];
    if (home->rendering == RENDER_HASHES)
        return view != NULL && (view->present & digest_cells) != 0;
    if (view_has(view, home->cell))
        return true;
    for (size_t row = home->more; row != 0 && row < field_row_count &&
                                  slice_equal(field_rows[row].name, field_rows[row - 1].name);
         row++)
        if (field_row_has(&field_rows[row], event->shape) &&
            view_has(event->roots[field_rows[row].root], field_rows[row].cell))
            return true;
    return false;
}

static void note_extra(struct projected *projected, const struct view *extra, uint32_t position)
{
    if (!view_has(extra, CELL_KeyValue_key))
        return;
    unsigned slot = projection_find(projected->projection, extra->cells[CELL_KeyValue_key].bytes);
    projected->duplicate_count += slot != SLOT_NONE && has_typed(projected, slot);
    while (slot != SLOT_NONE) {
        struct slot_state *state = &projected->states[slot];
        if (state->extra_stamp != projected->stamp) {
            state->extra_stamp = projected->stamp;
            state->extra_first = position;
            state->extra_count = 0;
        }
        state->extra_count++;
        slot = projected->projection->slots[slot].twin;
    }
}

/* A new stamp; after 2^32 events the old ones are forgotten first. */
static void next_stamp(struct projected *projected)
{
    if (++projected->stamp != 0)
        return;
    memset(projected->states, 0, projected->projection->slot_count * sizeof(*projected->states));
    projected->stamp = 1;
}

void projected_begin(struct projected *projected, const struct event *event)
{
    assert(event->shape < SHAPE_COUNT);
    next_stamp(projected);
    projected->event = event;
    projected->forms = event_forms(event);
    projected->overflowed = false;
    projected->text_used = 0;
    uint32_t count = (uint32_t)event_extra_count(event);
    for (uint32_t i = 0; i < count; i++)
        note_extra(projected, event_extra(event, i), i);
}

/* --- Room for what has to be made --- */

static void *take_room(struct projected *projected, size_t size)
{
    if (size > projected->text_size - projected->text_used) {
        projected->overflowed = true;
        return NULL;
    }
    void *room = projected->text + projected->text_used;
    projected->text_used += size;
    return room;
}

/* Items of a list are structures, so they are aligned. */
static struct value *take_items(struct projected *projected, size_t count)
{
    size_t misaligned =
        (uintptr_t)(projected->text + projected->text_used) % _Alignof(struct value);
    if (misaligned != 0 && take_room(projected, _Alignof(struct value) - misaligned) == NULL)
        return NULL;
    return take_room(projected, count * sizeof(struct value));
}

/* --- Values --- */

/* Renders at the end of the buffer; only what was used of it stays taken. Where less than
 * RENDER_BYTES_MAX is left, the value is made aside and must still fit. */
static bool render_here(struct projected *projected, struct value *out, const struct view *view,
                        unsigned cell, enum rendering rendering)
{
    uint8_t aside[RENDER_BYTES_MAX];
    bool roomy = projected->text_size - projected->text_used >= RENDER_BYTES_MAX;
    uint8_t *buffer = roomy ? projected->text + projected->text_used : aside;
    if (!render_value(out, view, cell, rendering, projected->forms, buffer))
        return false;
    if (out->type != VALUE_TEXT || out->text.data != buffer)
        return true;
    uint8_t *room = take_room(projected, out->text.len);
    if (room == NULL) {
        *out = (struct value){.type = VALUE_ABSENT};
        return true;
    }
    if (!roomy)
        memcpy(room, aside, out->text.len);
    out->text.data = room;
    return true;
}

static bool read_home(struct projected *projected, struct value *out, unsigned root, unsigned cell,
                      unsigned rendering)
{
    const struct view *view = projected->event->roots[root];
    if (rendering != RENDER_TEXT)
        return view != NULL && render_here(projected, out, view, cell, (enum rendering)rendering);
    if (!view_has(view, cell))
        return false;
    *out = value_of_text(view->cells[cell].bytes);
    return true;
}

/* The further homes of a name, row by row as they stand together. */
static bool read_further(struct projected *projected, struct value *out, size_t row)
{
    struct slice name = field_rows[row].name;
    for (; row < field_row_count && slice_equal(field_rows[row].name, name); row++)
        if (field_row_has(&field_rows[row], projected->event->shape) &&
            read_home(projected, out, field_rows[row].root, field_rows[row].cell,
                      field_rows[row].rendering))
            return true;
    return false;
}

static bool read_typed(struct projected *projected, struct value *out, unsigned slot)
{
    const struct home *home = projection_home(projected->projection, projected->event->shape, slot);
    if (home->root == HOME_NONE)
        return false;
    if (read_home(projected, out, home->root, home->cell, home->rendering))
        return true;
    return home->more != 0 && read_further(projected, out, home->more);
}

/* All extras of the slot's name as one list; marks of arrays are no elements. */
static void read_list(struct projected *projected, struct value *out, unsigned slot)
{
    const struct slot_state *state = &projected->states[slot];
    struct value *items = take_items(projected, state->extra_count);
    if (items == NULL) {
        *out = (struct value){.type = VALUE_ABSENT};
        return;
    }
    struct slice name = projected->projection->slots[slot].name;
    size_t count = 0;
    uint32_t seen = 0;
    for (uint32_t i = state->extra_first; seen < state->extra_count; i++) {
        const struct view *extra = event_extra(projected->event, i);
        if (!slice_equal(extra_key(extra), name))
            continue;
        seen++;
        count += extra_value(&items[count], extra) != EXTRA_MARK;
    }
    *out = (struct value){.type = VALUE_LIST, .list = {items, count}};
}

static void read_extra(struct projected *projected, struct value *out, unsigned slot)
{
    const struct slot_state *state = &projected->states[slot];
    const struct view *extra = event_extra(projected->event, state->extra_first);
    if (state->extra_count > 1 || extra_value(out, extra) == EXTRA_MARK)
        read_list(projected, out, slot);
}

static void read_value(struct projected *projected, struct value *out, unsigned slot)
{
    if (read_typed(projected, out, slot))
        return;
    if (projected->states[slot].extra_stamp == projected->stamp)
        read_extra(projected, out, slot);
    else
        *out = (struct value){.type = VALUE_ABSENT};
}

/* The slot that is read for this one in the event's shape. */
static unsigned native_of(const struct projected *projected, unsigned slot)
{
    unsigned alias = projection_alias(projected->projection, projected->event->shape, slot);
    return alias == SLOT_NONE ? slot : alias;
}

const struct value *projected_get(struct projected *projected, unsigned slot)
{
    assert(slot < projected->projection->slot_count && projected->event != NULL);
    slot = native_of(projected, slot);
    struct slot_state *state = &projected->states[slot];
    if (state->value_stamp != projected->stamp) {
        state->value_stamp = projected->stamp;
        read_value(projected, &projected->values[slot], slot);
    }
    return &projected->values[slot];
}

uint32_t projected_process(const struct projected *projected, unsigned slot)
{
    slot = native_of(projected, slot);
    const struct event *event = projected->event;
    const struct home *home = projection_home(projected->projection, event->shape, slot);
    bool hashes = home->rendering == RENDER_HASHES;
    if (home->root == HOME_NONE || (!hashes && !view_has(event->roots[home->root], home->cell)))
        return 0;
    return event_process_index(event, (enum root)home->root);
}

uint64_t projected_duplicate_count(const struct projected *projected)
{
    return projected->duplicate_count;
}

bool projected_overflowed(const struct projected *projected)
{
    return projected->overflowed;
}
