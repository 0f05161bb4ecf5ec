/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery: from "this record was judged" to "Kafka may forget it".
 *
 * At least once: a record's offset is stored only when every alert and dead letter written because
 * of it is acknowledged, and every record before it is done. It owns no thread: receipts come in
 * when the worker lets them (delivery_settle, or while it waits for room).
 *
 * Exactly once will be a second way through the same calls - begin opens the transaction, settle
 * commits it with the positions that the ledger holds, change commits or aborts it first - which is
 * why nothing outside this file knows when an offset is stored. Worker thread only. */
#pragma once

#include "ingest/service/counters.h"
#include "ingest/service/log.h"
#include "ingest/sink.h"
#include "ingest/source.h"

#include <stdatomic.h>

struct delivery;

struct delivery_options {
    struct source *source;
    struct sink *sink;
    struct counters *counters;
    struct log *log;
    const _Atomic bool *stop; /* set: waiting for room ends with STATUS_CANCELLED after a drain */
    size_t records_in_flight_max;
    unsigned drain_timeout_ms;
};

MUST_USE int delivery_new(struct delivery **out, const struct delivery_options *options);
void delivery_free(struct delivery *delivery);
DEFINE_AUTO(struct delivery, delivery_free)

enum { DELIVERY_STALE = 1 };
/* Begins a record. DELIVERY_STALE: pass it over. STATUS_CANCELLED: told to stop while waiting.
 * STATUS_KAFKA: the sink has failed, as in all calls below. */
MUST_USE int delivery_begin(struct delivery *delivery, const struct record *record,
                            uint64_t *ticket);
enum { DELIVERY_REFUSED = 1 };
/* Writes one message because of the record; its ticket is filled in. Waits while the sink is full.
 * DELIVERY_REFUSED: this message can never be delivered. */
MUST_USE int delivery_send(struct delivery *delivery, uint64_t ticket, struct message *message);
/* The record has written all it has to write. */
void delivery_finish(struct delivery *delivery, uint64_t ticket);

/* Takes receipts and stores the positions that they settle. Never waits. */
MUST_USE int delivery_settle(struct delivery *delivery);
enum { DELIVERY_LATE = 1 };
/* Waits for everything outstanding, at most the drain timeout, and stores what is settled.
 * DELIVERY_LATE: the rest stays uncommitted and will come again. */
MUST_USE int delivery_drain(struct delivery *delivery);
/* Handles SOURCE_CHANGE: drains what is to be revoked, accepts, opens what was assigned. */
MUST_USE int delivery_change(struct delivery *delivery);
