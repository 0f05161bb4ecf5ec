/* SPDX-License-Identifier: Apache-2.0 */
/* Health: whether the service lives and whether it is ready, read from the workers' counters.
 *
 * Losing the brokers makes it unready, not dead: a restart would not bring them back. */
#pragma once

#include "ingest/service/counters.h"

struct health_view {
    struct counters *const *workers;
    size_t worker_count;
    uint64_t stuck_after_ms;
};

/* Every worker has made a turn in time. now_ms: monotonic. Any thread. */
bool health_is_live(const struct health_view *view, uint64_t now_ms);
/* Every worker has a source and a sink that answer. */
bool health_is_ready(const struct health_view *view);
