/* SPDX-License-Identifier: Apache-2.0 */
/* Twins: which names of a sequence occur more than once. An endpoint chooses how many names there
 * are and how alike they look, so nothing here is quadratic and nothing is hashed. */
#pragma once

#include "proto/arena.h"

struct twins {
    const uint32_t *next; /* by position: of the next name that is the same; 0: there is none */
    const bool *is_later; /* by position: the same name stands before it */
};

/* Memory from arena, 13 bytes a name. STATUS_LIMIT: it is full. Cost O(count log count). */
MUST_USE int twins_find(struct twins *out, const struct slice names[], uint32_t count,
                        struct arena *arena);
