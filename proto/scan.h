/* SPDX-License-Identifier: Apache-2.0 */
/* Scan: from a value as rules read it to a typed field of event.proto; the inverse of render.h.
 *
 * It accepts more than render_value makes (upper-case digits, braces or none), so whoever needs the
 * exact value back renders it and compares. */
#pragma once

#include "proto/arena.h"
#include "proto/render.h"

/* Sets the cell (for hashes also its neighbours) of a view that has room for it. Bytes are borrowed
 * from value, or made in the arena. False: no such value, or no memory; what is present in the view
 * is unchanged. */
bool scan_value(struct view *view, unsigned cell, enum rendering rendering,
                const struct value *value, struct arena *arena);
/* Time as Sysmon writes it, or ISO 8601 in UTC with up to nine digits and Z, as Unix nanoseconds.
 * False: neither, or before 1970 or after 2554. */
bool scan_time(uint64_t *out, struct slice text);
