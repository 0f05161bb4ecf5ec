/* SPDX-License-Identifier: Apache-2.0 */
/* Tally: how often each rule matched, of one worker.
 *
 * A table of fixed size: rules beyond it are counted together, so that neither memory nor the
 * metrics page can grow without bound. One worker writes, anybody reads. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"
#include "proto/uuid.h"

enum { TALLY_RULES_MAX = 8192 };

struct tally;

MUST_USE int tally_new(struct tally **out);
void tally_free(struct tally *tally);
DEFINE_AUTO(struct tally, tally_free)

/* Worker thread only. */
void tally_count(struct tally *tally, const uint8_t rule_id[UUID_BYTES]);

struct tally_row {
    uint8_t rule_id[UUID_BYTES];
    uint64_t count;
};

/* Adds up several workers' tallies: the max rules with the most matches, most first; *others: the
 * sum of all further matches. Returns the number of rows. Any thread; takes memory. */
size_t tally_top(struct tally_row rows[], size_t max, uint64_t *others,
                 struct tally *const tallies[], size_t tally_count);
