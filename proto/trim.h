/* SPDX-License-Identifier: Apache-2.0 */
/* Trim: what an alert gives up to stay within ALERT_BYTES_MAX, in steps.
 *
 * First the evidence goes (it can be read again from its topic), then the longest values are cut,
 * to half of what was left of them at each step, then lists become shorter. Step 0 gives up
 * nothing; the last step fits whatever comes. */
#pragma once

#include "proto/slice.h"

struct trim {
    bool evidence;         /* the event's bytes go along */
    size_t text_bytes_max; /* of each text */
    size_t items_max;      /* of each list, and of the event's fields */
};

enum { TRIM_STEPS = 14 };

struct trim trim_step(unsigned step);
/* The text, cut before the character that would exceed the limit. */
struct slice trim_text(const struct trim *trim, struct slice text);
/* The same of a text in which text[from..to) matters most: that stays, or as much of its beginning
 * as the limit holds. */
struct slice trim_around(const struct trim *trim, struct slice text, size_t from, size_t to);
size_t trim_count(const struct trim *trim, size_t count);
