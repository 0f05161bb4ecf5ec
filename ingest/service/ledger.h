/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: which records are done, partition by partition.
 *
 * A record is done when everything that was written because of it is acknowledged. Kafka remembers
 * one number per partition, so that number may only move up to the first record that is not done:
 * the low-water mark. Worker thread only. */
#pragma once

#include "ingest/source.h"

enum {
    LEDGER_PARTITIONS_MAX = 4096,
    LEDGER_RECORDS_MAX = 1 << 20, /* per partition, whose outputs are not acknowledged */
};

struct ledger;

MUST_USE int ledger_new(struct ledger **out, size_t records_in_flight_max);
void ledger_free(struct ledger *ledger);
DEFINE_AUTO(struct ledger, ledger_free)

/* A partition is this worker's from now on. STATUS_LIMIT: too many. */
MUST_USE int ledger_open(struct ledger *ledger, struct partition partition);
/* No longer: its tickets mean nothing any more. Unknown partitions are fine. */
void ledger_close(struct ledger *ledger, struct partition partition);

enum {
    LEDGER_STALE = 1, /* the record was begun before, or its partition is not ours */
    LEDGER_FULL = 2,  /* too many records of this partition wait for acknowledgements */
};
/* Begins a record; the ticket names it until it is done. A record holds itself open until finish.
 * STATUS_NO_MEMORY. */
MUST_USE int ledger_begin(struct ledger *ledger, const struct record *record, uint64_t *ticket);
/* One more message was written because of this record. */
void ledger_expect(struct ledger *ledger, uint64_t ticket);
/* One of them is acknowledged. Tickets of closed partitions are passed over. */
void ledger_acknowledge(struct ledger *ledger, uint64_t ticket);
/* The record wrote everything it has to write. */
void ledger_finish(struct ledger *ledger, uint64_t ticket);

/* Messages that are not acknowledged, and records that are not done. */
size_t ledger_outstanding(const struct ledger *ledger);
/* The record that a ticket names; false if its partition is closed. The topic lives as long as the
 * partition is open. */
bool ledger_record(const struct ledger *ledger, uint64_t ticket, struct partition *partition,
                   int64_t *offset);
/* A partition whose low-water mark moved since it was last taken; false: none. */
bool ledger_take_moved(struct ledger *ledger, struct position *out);
