/* SPDX-License-Identifier: Apache-2.0 */
/* Memo: which triggers fired in a text that was seen before.
 *
 * Endpoints repeat themselves: nine values in ten were seen a moment ago, in the same field. For
 * those the search is a look-up here. Bounded, one per worker, worker thread only. An answer is
 * given for the very same bytes only: they are kept and compared, so no collision of hashes, by
 * chance or forged, can hide an event. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum {
    MEMO_HITS_MAX = 6,         /* a text in which more fire is searched each time */
    MEMO_TEXT_BYTES_MAX = 476, /* so is a longer one */
};

struct memo;

struct memo_hits { /* indices of the lane's triggers */
    const uint32_t *items;
    size_t count;
};

/* scan_count: searches are numbered below it. STATUS_NO_MEMORY. */
MUST_USE int memo_new(struct memo **out, size_t scan_count);
void memo_free(struct memo *memo); /* NULL is fine */

/* True: *out says what fired, until the next memo_keep. False: search, then tell memo_keep. */
bool memo_find(struct memo_hits *out, struct memo *memo, uint32_t scan, struct slice text);
/* After memo_find has said false of the same scan and text. May decide not to keep. */
void memo_keep(struct memo *memo, uint32_t scan, struct slice text, struct memo_hits hits);
