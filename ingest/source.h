/* SPDX-License-Identifier: Apache-2.0 */
/* Source: where records come from: Kafka, a file of batches, or memory in tests.
 *
 * A source hands over records of partitions. Partitions come and go only at the worker's own pace:
 * poll says SOURCE_CHANGE, the worker looks at what changes, finishes what it owes (drains, stores
 * offsets) and then accepts. So nothing runs behind the worker's back. One worker thread owns a
 * source. */
#pragma once

#include "proto/arena.h"
#include "proto/slice.h"
#include "proto/status.h"

struct record_header {
    struct slice name;
    struct slice value;
    bool null; /* the header has no value */
};

struct record {
    struct slice topic; /* "file:" and the base name for files */
    int32_t partition;
    int64_t offset;
    int64_t broker_time_ms; /* 0: none */
    struct slice key, value;
    bool has_key, has_value; /* Kafka tells null from empty */
    const void *handle;      /* the source's own */
};

struct partition {
    struct slice topic;
    int32_t number;
};

struct source_change {
    bool revoked; /* else assigned */
    bool lost;    /* revoked, and somebody else may own them already: nothing can be stored */
    const struct partition *partitions;
    size_t count;
};

/* Everything below `offset` is done. */
struct position {
    struct partition partition;
    int64_t offset;
};

enum { SOURCE_END = 1, SOURCE_CHANGE = 2, SOURCE_FENCED = 3 };

struct source;

struct source_ops {
    /* One batch: up to max records, valid until release. 0 with *count 0: nothing came in time.
     * SOURCE_CHANGE: look at change, then accept; no records. SOURCE_END: no more records, ever.
     * SOURCE_FENCED: another member has taken this one's place; nothing can be stored any more.
     * Negative: the source is broken, make another. */
    int (*poll)(struct source *source, struct record *records, size_t max, size_t *count,
                int timeout_ms);
    /* Headers of a record of the current batch, in arena. STATUS_LIMIT: arena full. */
    int (*headers)(struct source *source, const struct record *record, struct arena *arena,
                   const struct record_header **out, size_t *count);
    /* Gives the batch's records back. */
    void (*release)(struct source *source);
    /* What poll announced; valid until accept. */
    void (*change)(struct source *source, struct source_change *out);
    int (*accept)(struct source *source);
    /* Remembers positions, to be committed soon, at the latest on accept and free. */
    int (*store)(struct source *source, const struct position *positions, size_t count);
    /* Records that wait behind what was polled, as far as is known without asking anybody. */
    uint64_t (*lag)(struct source *source);
    /* Whether whoever holds the records can be reached; may ask, and take a moment if not. */
    bool (*reachable)(struct source *source);
    void (*free)(struct source *source);
};

struct source {
    const struct source_ops *ops;
};

static inline void source_free(struct source *source)
{
    if (source != NULL)
        source->ops->free(source);
}
DEFINE_AUTO(struct source, source_free)
