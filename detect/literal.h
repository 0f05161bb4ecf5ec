/* SPDX-License-Identifier: Apache-2.0 */
/* Literal: texts of which at least one occurs in whatever a regular expression matches.
 *
 * That is what lets a scan for literals decide which expressions need be tried at all. */
#pragma once

#include "proto/arena.h"

enum { LITERAL_ALTERNATIVES_MAX = 16, LITERAL_BYTES_MAX = 64, LITERAL_DEPTH_MAX = 32 };

struct literal_set {
    struct slice items[LITERAL_ALTERNATIVES_MAX]; /* lower-case ASCII: to be found in folded text */
    size_t count;                                 /* 0: nothing is known */
};

/* Conservative: a construct it does not know ends the search, never shortens what is known to be
 * necessary. Texts come from the arena. */
void literal_set_of(struct literal_set *out, struct slice expression, struct arena *arena);
