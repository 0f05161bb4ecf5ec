/* SPDX-License-Identifier: Apache-2.0 */
/* View: one decoded protobuf message, as pointers into its bytes.
 *
 * Made by the walker (walker.h). A cell's index is the position of
 * the field in its descriptor (`descriptor->fields`, which protoc-c sorts by number); present says
 * which cells mean anything. cells.h has the indexes of event.proto's fields as constants. */
#pragma once

#include "proto/slice.h"

#include <protobuf-c/protobuf-c.h>

enum { VIEW_CELLS_MAX = 64 }; /* fields of one message: as many as present has bits */

struct view;

struct view_list {
    union view_cell *items; /* written by the walker alone */
    size_t count;
};

union view_cell {
    uint64_t u64;       /* uint32, uint64, fixed32, fixed64, enum (sign-extended), bool (0 or 1) */
    int64_t i64;        /* int32, int64, sint32, sint64, sfixed32, sfixed64 */
    double real;        /* double, float */
    struct slice bytes; /* bytes, string */
    const struct view *message; /* a singular message, already decoded */
    struct view_list list;      /* a repeated field, in order; may be present and empty */
};

struct view {
    const ProtobufCMessageDescriptor *descriptor;
    struct slice bytes; /* the encoded message */
    uint64_t present;   /* bit i: cells[i] is set */
    union view_cell cells[];
};

static inline bool view_has(const struct view *view, unsigned cell)
{
    return view != NULL && (view->present >> cell & 1) != 0;
}

/* Empty where the cell is absent. */
static inline struct slice view_bytes(const struct view *view, unsigned cell)
{
    return view_has(view, cell) ? view->cells[cell].bytes : (struct slice){NULL, 0};
}

/* 0 where the cell is absent. */
static inline uint64_t view_number(const struct view *view, unsigned cell)
{
    return view_has(view, cell) ? view->cells[cell].u64 : 0;
}

static inline struct view_list view_list(const struct view *view, unsigned cell)
{
    return view_has(view, cell) ? view->cells[cell].list : (struct view_list){NULL, 0};
}
