/* SPDX-License-Identifier: Apache-2.0 */
/* Worker: one thread that owns a source, a sink, a scratch and an arena, and judges batches.
 *
 * Workers share nothing mutable. A worker lives in sessions: when its source or sink fails it makes
 * both anew and goes on behind the last stored positions. */
#pragma once

#include "ingest/service/counters.h"
#include "ingest/service/log.h"
#include "ingest/service/publication.h"
#include "ingest/service/tally.h"
#include "ingest/service/tenant.h"
#include "ingest/sink.h"

#include <stdatomic.h>

enum { BATCH_RECORDS_MAX = 10000 };

/* Makes a source and a sink for worker number `worker`, in its thread. On 0 both are the worker's.
 * Says in the log what is wrong. */
typedef int transport_fn(void *owner, unsigned worker, struct source **source, struct sink **sink);
/* The worker is about to end; worker thread. */
typedef void ended_fn(void *owner, unsigned worker, int result);

struct worker_options {
    unsigned number;
    struct publication *publication; /* reader `number` */
    const struct tenants *tenants;
    struct log *log;
    transport_fn *transport;
    ended_fn *ended;
    void *owner; /* of both */
    const _Atomic bool *stop;
    size_t arena_bytes, record_bytes_max, batch_records_max, records_in_flight_max;
    unsigned poll_timeout_ms, drain_timeout_ms;
    bool write_ocsf;
    bool pin;
    bool once; /* a failed session ends the worker: a file can't be read again from the middle */
};

struct worker;

enum {
    WORKER_LATE = 1,   /* result: some acknowledgements did not come in time */
    WORKER_FENCED = 2, /* result: another process of this name has taken the worker's place */
};

/* Starts the thread. */
MUST_USE int worker_new(struct worker **out, const struct worker_options *options);
/* Waits for the thread to end (after *stop, or the end of its source) and frees it. Returns its
 * result: 0, WORKER_LATE, WORKER_FENCED, or negative. */
int worker_join(struct worker *worker);
/* Any thread, while the worker lives. */
struct counters *worker_counters(struct worker *worker);
struct tally *worker_tally(struct worker *worker);
