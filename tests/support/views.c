/* SPDX-License-Identifier: Apache-2.0 */
#include "views.h"

#include <assert.h>

struct arena *views_arena(void)
{
    struct arena *arena;
    int status = arena_new_growing(&arena, 16 * 1024, 0);
    assert(status == 0);
    return arena;
}

struct view *views_message(struct arena *arena, const ProtobufCMessageDescriptor *descriptor)
{
    struct view *view =
        arena_take_zeroed(arena, 1, sizeof *view + descriptor->n_fields * sizeof(union view_cell));
    assert(view != NULL);
    view->descriptor = descriptor;
    return view;
}

union view_cell *views_set(struct view *view, unsigned cell)
{
    assert(cell < view->descriptor->n_fields);
    view->present |= UINT64_C(1) << cell;
    return &view->cells[cell];
}
