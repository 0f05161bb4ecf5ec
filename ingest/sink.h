/* SPDX-License-Identifier: Apache-2.0 */
/* Sink: where alerts and dead letters go: Kafka, files, or memory in tests.
 *
 * A message is taken at once and acknowledged later: the sink calls the listener with the message's
 * ticket, only from inside poll, send or flush, so on the worker's thread. One worker thread owns a
 * sink. */
#pragma once

#include "ingest/source.h"

enum output {
#define OUTPUT(name, label, option) OUTPUT_##name,
#include "ingest/outputs.def"
#undef OUTPUT
    OUTPUT_COUNT
};

struct message {
    enum output output;
    struct slice key, value;
    bool has_key, has_value;
    const struct record_header *headers;
    size_t header_count;
    uint64_t ticket; /* comes back in the receipt */
};

enum receipt_kind {
    RECEIPT_DELIVERED,
    RECEIPT_REFUSED, /* this message can never be delivered (too large, invalid) */
    RECEIPT_FAILED,  /* nothing can be delivered: the sink is of no use any more */
    RECEIPT_UNKNOWN, /* the sink was closed first */
};

struct receipt {
    enum receipt_kind kind;
    enum output output;
    uint64_t ticket;
    const char *error; /* NULL when delivered */
    /* Of a refused message, during the call. */
    struct slice key, value;
    bool has_key, has_value;
    const struct record_header *headers;
    size_t header_count;
};

typedef void receipt_fn(void *listener, const struct receipt *receipt);

enum { SINK_FULL = 1, SINK_REFUSED = 2, SINK_WAITING = 3 };

struct sink;

struct sink_ops {
    /* Copies the message. SINK_FULL: poll, then send again. SINK_REFUSED: this message can never be
     * delivered; no receipt follows. */
    int (*send)(struct sink *sink, const struct message *message);
    /* Handles receipts, waiting at most timeout_ms for the first. */
    int (*poll)(struct sink *sink, int timeout_ms);
    /* Until nothing is outstanding; SINK_WAITING: time ran out first. */
    int (*flush)(struct sink *sink, int timeout_ms);
    void (*free)(struct sink *sink); /* what is outstanding gets RECEIPT_UNKNOWN or nothing */
};

struct sink {
    const struct sink_ops *ops;
    receipt_fn *listener_fn;
    void *listener;
};

static inline void sink_listen(struct sink *sink, receipt_fn *listener_fn, void *listener)
{
    sink->listener_fn = listener_fn;
    sink->listener = listener;
}

static inline void sink_free(struct sink *sink)
{
    if (sink != NULL)
        sink->ops->free(sink);
}
DEFINE_AUTO(struct sink, sink_free)
