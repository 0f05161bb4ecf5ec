/* SPDX-License-Identifier: Apache-2.0 */
/* Moment: a value read as a date, and its parts in UTC, for the modifiers minute to year.
 *
 * Forms: RFC 3339 ("2026-11-25T06:43:20.5+02:00", also with a space), Sysmon's
 * ("2026-11-25 06:43:20.500", UTC), a date alone, and Unix seconds (a number or its text). */
#pragma once

#include "proto/value.h"
#include "rules/rule.h"

/* The part of the value's date; week is the week of ISO 8601 (1 to 53). False: no date. */
bool moment_part(int64_t *out, const struct value *value, enum time_part part);
