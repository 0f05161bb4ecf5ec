/* SPDX-License-Identifier: Apache-2.0 */
/* Phrase: text from a template, the way real values vary.
 *
 * A template is plain text with codes: {u} user, {d} domain, {h} host, {p} project (Zipf), {w} a
 * word (Zipf), {s} a site's name (Zipf), {n} a number below 100,000, {x} eight hexadecimal digits,
 * {g} a GUID without braces, {v} a version. Anything else in braces stands for itself. Cardinality
 * per code: u 1 per endpoint, p 16 per tenant, w 24, s 24, v 36, n 10^5, x 2^32, g 2^122. */
#pragma once

#include "gen/draw.h"
#include "gen/fleet.h"
#include "proto/arena.h"

/* Text in the arena, NUL-terminated behind its end; empty with data NULL when the arena is full. */
struct slice phrase(struct arena *arena, const char *template, const struct endpoint *endpoint,
                    struct draw *draw);
