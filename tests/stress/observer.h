/* SPDX-License-Identifier: Apache-2.0 */
/* Observer: stands on both sides of a worker, hands it the model's records for as long as it is
 * told to, and sees every message that follows.
 *
 * One observer per worker, used by the worker's thread; read by others when the worker has ended.
 */
#pragma once

#include "model.h"

#include "ingest/memory.h"

#include <stdatomic.h>

/* Shared by all observers and whoever changes the rules. */
struct observer_clock {
    _Atomic bool ending;     /* no more records */
    _Atomic uint64_t answer; /* how many changes of rules were answered */
};

/* What followed from one batch: what one poll returned. */
struct observed_batch {
    uint64_t answer_before, answer_after; /* of the clock: at its poll, and at its end */
    uint8_t ruleset[32];
    unsigned masks[MODEL_KINDS]; /* rules that alerted, the same for every event of the kind */
};

struct observer_totals {
    uint64_t records, good_events, alerts, alerts_ocsf, informational, dead_letters;
    uint64_t dead_letters_wanted;
};

struct observer;

struct observer_options {
    struct observer_clock *clock;
    struct slice tenant_id;
    size_t revoke_after; /* records, of the memory source */
};

struct observer *observer_new(const struct observer_options *options);
void observer_free(struct observer *observer);
/* The worker's transport; both are the worker's. Once per observer. */
int observer_open(struct observer *observer, struct source **source, struct sink **sink);

/* --- When the worker has ended. --- */
const struct observer_totals *observer_totals(const struct observer *observer);
const struct observed_batch *observer_batches(const struct observer *observer, size_t *count);
/* Everything that was handed out is stored as done; the first thing that was wrong, or NULL. */
const char *observer_complaint(const struct observer *observer);
