/* SPDX-License-Identifier: Apache-2.0 */
/* Shrink: a case that differs, made as small as it can be made while it differs. */
#pragma once

#include "case.h"

/* True while what is looked for is still there. */
typedef bool oracle_differs_fn(void *context, const struct oracle_case *of);

/* Takes lines, parts of conditions, characters, events, fields, list elements and bytes out of the
 * case, which must differ, as long as one of them can go. Changes the events in place; texts come
 * from the arena (growing). */
void oracle_shrink(struct oracle_case *of, oracle_differs_fn *differs, void *context,
                   struct arena *arena);
