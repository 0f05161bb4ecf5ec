/* SPDX-License-Identifier: Apache-2.0 */
/* Draft: one event while it is put together from Sigma fields.
 *
 * It is an ordinary struct event whose views are made by hand, so what holds of decoded events
 * (shape, rendering, iteration) can be asked of it before a byte is written. */
#pragma once

#include "proto/field.h"
#include "proto/flat.h"
#include "proto/projection.h"

struct draft {
    struct arena *arena;            /* of everything in it */
    const struct projection *names; /* every name of the field table, FIELD_VIEW_NATIVE */
    struct event event;
    struct view *views[ROOT_COUNT]; /* event.roots, writable; NULL where it has none (yet) */
    uint32_t forms;                 /* SourceForm bits */
    union view_cell *extras;
    size_t extra_count;
};

/* Starts an event of that shape. batch stands for the one it will be in: its origin and platform
 * are read. extras_max: how many extras will be added at most, elements of arrays counted. */
MUST_USE int draft_start(struct draft *draft, const struct batch *batch, enum shape shape,
                         size_t extras_max);
/* The message at a root, made if need be; not for ROOT_ORIGIN. NULL: no memory. */
struct view *draft_root(struct draft *draft, enum root root);
/* Puts the value into its typed home. False: it has none in this shape, or one that would not give
 * back exactly this value, or the home is taken. */
bool draft_place(struct draft *draft, const struct flat_field *field);
/* Adds the value as it is. */
MUST_USE int draft_add_extra(struct draft *draft, const struct flat_field *field);
/* Makes the extras part of the event, and its files part of what they belong to. */
void draft_finish(struct draft *draft);
