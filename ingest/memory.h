/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: a source that hands over records from an array and a sink that keeps what it gets, for
 * tests of everything between them. Both can be told to misbehave as Kafka does. */
#pragma once

#include "ingest/sink.h"
#include "ingest/source.h"

struct memory_record {
    struct slice key, value;
    bool has_key, has_value;
    int32_t partition;
    int64_t offset;
    int64_t broker_time_ms; /* 0: not known */
    const struct record_header *headers;
    size_t header_count;
};

struct memory_source_options {
    const char *topic;
    const struct memory_record *records; /* borrowed; those of a partition in order of offset */
    size_t record_count;
    int32_t partition_count;
    size_t revoke_after; /* records after which every partition is revoked and assigned again, from
                            the stored positions; 0: never */
    bool lose;           /* they are lost, not revoked */
    size_t fail_after;   /* records after which polls fail with STATUS_KAFKA; 0: never */
    int64_t *committed;  /* what is stored, by partition, where it outlives the source as Kafka's
                            offsets do; -1: nothing. NULL: the source's own, nothing at first */
    size_t repeat;       /* how often the records come, at growing offsets; 0 as 1 */
};

MUST_USE int memory_source_new(struct source **out, const struct memory_source_options *options);
/* What was stored for a partition; -1: nothing. */
int64_t memory_source_stored(const struct source *source, int32_t partition);

struct memory_message {
    enum output output;
    struct slice key, value;
    bool has_key, has_value;
    struct record_header *headers;
    size_t header_count;
};

/* Sees each message when it is sent, before the receipt. */
typedef void memory_seen_fn(void *owner, const struct message *message);

struct memory_sink_options {
    bool keep;                /* messages, for memory_sink_message */
    size_t outstanding_max;   /* SINK_FULL beyond; 0: no limit */
    size_t receipts_per_poll; /* 0: all */
    size_t value_bytes_max;   /* larger ones are refused with SINK_REFUSED; 0: no limit */
    size_t fail_at;           /* the n-th receipt says that the sink has failed; 0: never */
    size_t refuse_at;         /* the n-th receipt says that the message was refused; 0: never */
    size_t unknown_at;        /* the n-th receipt says that nobody knows; 0: never */
    size_t forget_at;         /* the n-th receipt never comes; 0: all come */
    size_t silent_from;       /* from the n-th receipt on none comes; 0: all come */
    size_t letter_bytes_max;  /* receipts refuse dead letters of more bytes; 0: no limit */
    memory_seen_fn *seen;     /* may be NULL */
    void *owner;
};

MUST_USE int memory_sink_new(struct sink **out, const struct memory_sink_options *options);
size_t memory_sink_count(const struct sink *sink);
const struct memory_message *memory_sink_message(const struct sink *sink, size_t index);
