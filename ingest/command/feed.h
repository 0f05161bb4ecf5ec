/* SPDX-License-Identifier: Apache-2.0 */
/* Feed: events of JSON lines on the service's own path: encoded to protobuf batches and decoded
 * from them again, so that a command sees exactly what the service would see. */
#pragma once

#include "ingest/command/console.h"
#include "ingest/jsonl.h"
#include "proto/event.h"

enum { FEED_BATCH_EVENTS = 256 };

struct feed_options {
    const char *path;                        /* "-": standard input; must outlive the feed */
    struct slice product, category, service; /* where an event does not say */
    size_t batch_events_max; /* 0: FEED_BATCH_EVENTS for files, 1 for a pipe, so that
                                answers come as events come */
};

struct feed;

enum { FEED_END = 1, FEED_NEW_BATCH = 2, FEED_NO_INPUT = 3 };
#define FEED_WHOLE_FILE UINT64_MAX

/* FEED_NO_INPUT: the file cannot be opened, which the console was told. */
MUST_USE int feed_new(struct feed **out, const struct feed_options *options,
                      struct console *console);
void feed_free(struct feed *feed);
DEFINE_AUTO(struct feed, feed_free)

/* The next event and its 0-based line; valid until the next call. FEED_NEW_BATCH: an event, and the
 * first of its batch: nothing of the batch before may be used any more. Lines that are no event are
 * named on the console, counted and passed over. */
MUST_USE int feed_next(struct feed *feed, const struct event **event, uint64_t *line);
/* Only that line (FEED_WHOLE_FILE: the whole file is one event), then FEED_END. */
void feed_only(struct feed *feed, uint64_t line);
uint64_t feed_bad_count(const struct feed *feed);
uint64_t feed_event_count(const struct feed *feed);
