/* SPDX-License-Identifier: Apache-2.0 */
/* Plain: a text as it is compared, and whether a pattern matches it, by the plainest means.
 *
 * For explain.c, whose answers are what the engine's are held against: nothing here is shared with
 * the engine. */
#pragma once

#include "proto/arena.h"
#include "rules/rule.h"

/* Folded unless cased; with where each byte came from and which character it belongs to. */
struct plain {
    struct slice bytes;
    size_t *raw_offset; /* per byte, and one behind the last: start of its character in the raw */
    size_t *character_end; /* per byte: behind its character */
};

/* Memory from arena. STATUS_NO_MEMORY. */
MUST_USE int plain_of(struct plain *out, struct slice raw, bool cased, struct arena *arena);
bool plain_stands_at(struct slice text, size_t at, struct slice literal);
/* STATUS_NO_MEMORY. */
MUST_USE int plain_matches(bool *out, const struct plain *text, const struct pattern *pattern,
                           struct arena *arena);
/* Where in the raw text a pattern that matches has its literal, if only `*` stands around it; else
 * the whole text. */
void plain_span(size_t span[2], const struct plain *text, const struct pattern *pattern);
