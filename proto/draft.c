/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/draft.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"
#include "proto/scan.h"

#include <assert.h>

static struct view *view_new(struct arena *arena, const ProtobufCMessageDescriptor *descriptor)
{
    size_t cells = descriptor->n_fields * sizeof(union view_cell);
    struct view *view = arena_take_zeroed(arena, 1, sizeof(*view) + cells);
    if (view != NULL)
        view->descriptor = descriptor;
    return view;
}

static void set_cell(struct view *view, unsigned cell, union view_cell value)
{
    view->cells[cell] = value;
    view->present |= UINT64_C(1) << cell;
}

static const ProtobufCMessageDescriptor *kind_descriptor(enum shape shape)
{
    return yagura__v1__event__descriptor.fields[shape_kind(shape)].descriptor;
}

static const ProtobufCMessageDescriptor *root_descriptor(const struct draft *draft, enum root root)
{
    switch ((unsigned)root) {
    case ROOT_EVENT:
        return &yagura__v1__event__descriptor;
    case ROOT_KIND:
        return kind_descriptor((enum shape)draft->event.shape);
    case ROOT_FILE:
        return &yagura__v1__file_facts__descriptor;
    case ROOT_SOURCE:
        return &yagura__v1__log_source__descriptor;
    default:
        return &yagura__v1__process_info__descriptor;
    }
}

struct view *draft_root(struct draft *draft, enum root root)
{
    assert(root != ROOT_ORIGIN);
    if (draft->views[root] == NULL) {
        draft->views[root] = view_new(draft->arena, root_descriptor(draft, root));
        draft->event.roots[root] = draft->views[root];
    }
    return draft->views[root];
}

int draft_start(struct draft *draft, const struct batch *batch, enum shape shape, size_t extras_max)
{
    struct arena *arena = draft->arena;
    *draft = (struct draft){.arena = arena, .names = draft->names};
    draft->event.batch = batch;
    draft->event.shape = shape;
    draft->event.roots[ROOT_ORIGIN] = batch->origin;
    struct view *event = draft_root(draft, ROOT_EVENT);
    struct view *kind = draft_root(draft, ROOT_KIND);
    draft->extras = arena_array(arena, union view_cell, extras_max + 1);
    if (event == NULL || kind == NULL || draft->extras == NULL)
        return STATUS_NO_MEMORY;
    set_cell(event, shape_kind(shape), (union view_cell){.message = kind});
    return 0;
}

/* --- Typed homes --- */

/* A registry event's action may only be stated by a word that means what the log's number means. */
static bool keeps_shape(const struct draft *draft, enum rendering rendering)
{
    return rendering != RENDER_REGISTRY_ACTION ||
           event_shape_find(&draft->event) == draft->event.shape;
}

static bool reads_back(const struct draft *draft, const struct view *view,
                       const struct field_row *row, const struct value *value)
{
    struct value back;
    uint8_t buffer[RENDER_BYTES_MAX];
    enum rendering rendering = (enum rendering)row->rendering;
    return render_value(&back, view, row->cell, rendering, draft->forms, buffer) &&
           value_equal(&back, value) && keeps_shape(draft, rendering);
}

/* Whether something is in the home already: hashes have neighbours that no other row has. */
static bool is_taken(const struct view *view, const struct field_row *row)
{
    struct value ignored;
    uint8_t buffer[RENDER_BYTES_MAX];
    if (row->rendering == RENDER_HASHES)
        return render_value(&ignored, view, row->cell, RENDER_HASHES, 0, buffer);
    return view_has(view, row->cell);
}

static bool place_at(struct draft *draft, const struct field_row *row, const struct value *value)
{
    if (row->root == ROOT_ORIGIN)
        return reads_back(draft, draft->event.roots[ROOT_ORIGIN], row, value);
    struct view *view = draft_root(draft, (enum root)row->root);
    if (view == NULL || is_taken(view, row))
        return false;
    uint64_t before = view->present;
    if (!scan_value(view, row->cell, (enum rendering)row->rendering, value, draft->arena))
        return false;
    if (reads_back(draft, view, row, value))
        return true;
    view->present = before;
    return false;
}

bool draft_place(struct draft *draft, const struct flat_field *field)
{
    unsigned slot = projection_find(draft->names, field->name);
    if (slot == SLOT_NONE)
        return false;
    const struct home *home = projection_home(draft->names, draft->event.shape, slot);
    if (home->root == HOME_NONE)
        return false;
    /* Further homes stand behind the first, row by row; the last that fits is the best. */
    for (size_t row = home->more;
         row != 0 && row < field_row_count && slice_equal(field_rows[row].name, field->name); row++)
        if (field_row_has(&field_rows[row], draft->event.shape) &&
            place_at(draft, &field_rows[row], &field->value))
            return true;
    struct field_row first = {
        .root = home->root, .cell = home->cell, .rendering = home->rendering, .name = field->name};
    return place_at(draft, &first, &field->value);
}

/* --- Extras --- */

static int add_scalar(struct draft *draft, struct slice key, const struct value *value)
{
    struct view *extra = view_new(draft->arena, &yagura__v1__key_value__descriptor);
    if (extra == NULL)
        return STATUS_NO_MEMORY;
    set_cell(extra, CELL_KeyValue_key, (union view_cell){.bytes = key});
    switch (value->type) {
    case VALUE_TEXT:
        set_cell(extra, CELL_KeyValue_text, (union view_cell){.bytes = value->text});
        break;
    case VALUE_INTEGER:
        set_cell(extra, CELL_KeyValue_integer, (union view_cell){.i64 = value->integer});
        break;
    case VALUE_REAL:
        set_cell(extra, CELL_KeyValue_real, (union view_cell){.real = value->real});
        break;
    case VALUE_BOOLEAN:
        set_cell(extra, CELL_KeyValue_boolean, (union view_cell){.u64 = value->boolean});
        break;
    case VALUE_LIST: /* the mark; its elements are extras of their own */
        set_cell(extra, CELL_KeyValue_mark, (union view_cell){.u64 = YAGURA__V1__MARK__MARK_ARRAY});
        break;
    case VALUE_NULL: /* a key without a value */
    case VALUE_ABSENT:
        break;
    }
    draft->extras[draft->extra_count++].message = extra;
    return 0;
}

int draft_add_extra(struct draft *draft, const struct flat_field *field)
{
    const struct value *value = &field->value;
    if (value->type != VALUE_LIST)
        return add_scalar(draft, field->name, value);
    /* Two keys alike are an array by themselves. */
    if (value->list.count < 2)
        TRY(add_scalar(draft, field->name, value));
    for (size_t i = 0; i < value->list.count; i++)
        TRY(add_scalar(draft, field->name, &value->list.items[i]));
    return 0;
}

/* Cell of the kind's message that holds FileFacts, or its field count: none. */
static unsigned file_cell(const struct view *kind)
{
    unsigned cell = 0;
    while (cell < kind->descriptor->n_fields &&
           kind->descriptor->fields[cell].descriptor != &yagura__v1__file_facts__descriptor)
        cell++;
    return cell;
}

static void attach_file(struct draft *draft)
{
    struct view *file = draft->views[ROOT_FILE];
    if (file == NULL || file->present == 0)
        return;
    struct view *kind = draft->views[ROOT_KIND];
    unsigned cell = file_cell(kind);
    if (cell < kind->descriptor->n_fields) {
        set_cell(kind, cell, (union view_cell){.message = file});
        return;
    }
    struct view *process = draft_root(draft, ROOT_PROCESS);
    if (process != NULL)
        set_cell(process, CELL_ProcessInfo_file, (union view_cell){.message = file});
}

void draft_finish(struct draft *draft)
{
    bool generic = shape_kind((enum shape)draft->event.shape) == CELL_Event_generic;
    union view_cell list = {.list = {draft->extras, draft->extra_count}};
    if (draft->extra_count > 0 && generic)
        set_cell(draft->views[ROOT_KIND], CELL_GenericLog_fields, list);
    else if (draft->extra_count > 0)
        set_cell(draft->views[ROOT_EVENT], CELL_Event_extra, list);
    attach_file(draft);
}
