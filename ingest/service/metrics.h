/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: the page for Prometheus (text exposition format 0.0.4). */
#pragma once

#include "ingest/service/health.h"
#include "ingest/service/publication.h"
#include "ingest/service/reloader.h"
#include "ingest/service/tally.h"

struct metrics_view {
    struct health_view health;
    struct tally *const *tallies; /* of the workers */
    const struct reload_state *reload;
    struct publication *publication;
    unsigned reader; /* of the publication: the metrics thread's own */
    size_t rules_max;
    int64_t started_unix_s;
};

/* The page, malloc'ed; the caller frees data. One thread at a time (it holds an edition).
 * STATUS_NO_MEMORY. */
MUST_USE int metrics_page(struct slice *out, const struct metrics_view *view, uint64_t now_ms);
