/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: what one worker counts (counters.def), for the metrics page.
 *
 * One worker writes, anybody reads. The values stand in cache lines of that worker alone. */
#pragma once

#include "proto/alert.h"
#include "proto/reason.h"

#include "ingest/sink.h"

#include <stdalign.h>
#include <stdatomic.h>

enum counter {
#define COUNTER(name, metric, help) COUNTER_##name,
#define GAUGE(name, metric, help)   COUNTER_##name,
#include "ingest/service/counters.def"
#undef COUNTER
#undef GAUGE
    COUNTER_COUNT
};

enum { CACHE_LINE_BYTES = 64, ALERT_LEVEL_COUNT = ALERT_CRITICAL + 1 };

struct counters {
    alignas(CACHE_LINE_BYTES) _Atomic uint64_t values[COUNTER_COUNT];
    _Atomic uint64_t dead_letters[REASON_COUNT];
    _Atomic uint64_t alerts[ALERT_LEVEL_COUNT];
    _Atomic uint64_t acknowledged[OUTPUT_COUNT];
};

/* Relaxed: a counter orders nothing, and readers want its value, not what came before it. There is
 * one writer, so load and store need not be one step. */
static inline void counter_bump(_Atomic uint64_t *value, uint64_t by)
{
    uint64_t before = atomic_load_explicit(value, memory_order_relaxed);
    atomic_store_explicit(value, before + by, memory_order_relaxed);
}

static inline void counter_add(struct counters *counters, enum counter counter, uint64_t by)
{
    counter_bump(&counters->values[counter], by);
}

static inline void counter_set(struct counters *counters, enum counter counter, uint64_t value)
{
    atomic_store_explicit(&counters->values[counter], value, memory_order_relaxed);
}

static inline uint64_t counter_read(const _Atomic uint64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}
