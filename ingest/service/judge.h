/* SPDX-License-Identifier: Apache-2.0 */
/* Judge: from one record to its alerts and, if something is wrong with it, its dead letter.
 *
 * Bad input is no failure: what can be judged is judged, the record goes to the dead letters whole,
 * and the next one comes. Worker thread only. */
#pragma once

#include "ingest/service/delivery.h"
#include "ingest/service/edition.h"
#include "ingest/service/tally.h"
#include "ingest/service/tenant.h"

struct judge;

struct judge_options {
    const struct tenants *tenants;
    struct counters *counters;
    struct tally *tally;
    size_t arena_bytes;
    size_t record_bytes_max;
    bool write_ocsf;
};

MUST_USE int judge_new(struct judge **out, const struct judge_options *options);
void judge_free(struct judge *judge);
DEFINE_AUTO(struct judge, judge_free)

/* From now on by this edition, until the next call: makes a scratch if its rule set is another one.
 * Times of alerts say now_unix_ns. STATUS_NO_MEMORY. */
MUST_USE int judge_by(struct judge *judge, const struct edition *edition, int64_t now_unix_ns);
/* Judges one record, sends what follows from it, and finishes it. Negative: delivery has failed or
 * was cancelled; the record stays open. */
MUST_USE int judge_record(struct judge *judge, struct source *source, const struct record *record,
                          struct delivery *delivery);
