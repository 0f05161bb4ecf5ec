/* SPDX-License-Identifier: Apache-2.0 */
/* Event: views of one EventBatch, decoded without copying.
 *
 * A record's payload is one EventBatch (event.proto): an origin, a table of processes, a table of
 * log sources and the events that point into both. Decoding writes views ({pointer, length} into
 * the payload) into the caller's arena; nothing else is allocated. A bad event does not spoil its
 * neighbours: it carries a reason, the batch remembers the first one, and the others can be judged.
 */
#pragma once

#include "proto/arena.h"
#include "proto/logsource.h"
#include "proto/reason.h"
#include "proto/view.h"

enum {
    BATCH_EVENTS_MAX = 4096,
    BATCH_PROCESSES_MAX = 1024,
    BATCH_SOURCES_MAX = 1024,
    BATCH_RECORD_BYTES = 1024 * 1024, /* default of record_bytes_max */
    EVENT_EXTRAS_MAX = 128,
    EVENT_FIELDS_MAX = 4096, /* fields of a GenericLog */
    MESSAGE_DEPTH_MAX = 16,
    TEXT_BYTES_MAX =
        256 * 1024, /* longer text is judged by its first and last half of this, and flagged */
    ID_BYTES = 16,
};

struct batch_options {
    size_t record_bytes_max; /* 0: 1 MiB */
    int64_t
        broker_time_ms; /* record's broker time, for the check of event times; 0: none, no check */
};

/* What is known of a batch. Where pointers are NULL or slices empty the message did not say. */
struct batch {
    struct slice payload; /* behind the framing */
    bool framed;          /* Confluent framing was there */
    uint32_t schema_id;   /* of the framing */

    struct slice tenant_id;   /* ID_BYTES or empty */
    struct slice endpoint_id; /* ID_BYTES or empty */
    struct slice boot_id;
    struct slice hostname;
    uint32_t platform;          /* enum Platform of event.proto */
    const struct view *message; /* EventBatch, read shallow (walker.h) */
    const struct view *origin;  /* Origin, or NULL */

    const struct event *events;
    size_t event_count;
    /* ProcessInfo; events refer to them by 1-based index. NULL: an entry that cannot be read. */
    const struct view *const *processes;
    size_t process_count;
    const struct view *const *sources; /* LogSource table (channel, provider); in the same way */
    size_t source_count;

    enum reason reason;  /* the first thing that was wrong; REASON_NONE: nothing */
    size_t reason_event; /* index of the bad event, SIZE_MAX: the batch itself */
    size_t bad_event_count;
    uint64_t unknown_field_count;
    uint64_t unknown_kind_count; /* events whose kind this build does not know: judged by their
                                    extras alone */
};

struct event {
    const struct batch *batch;
    size_t index;       /* in its record, as it came */
    struct slice bytes; /* the encoded Event */
    enum reason reason; /* REASON_NONE, or why it is not to be judged */
    uint32_t flags;     /* EVENT_NOTE_* */
    unsigned shape; /* enum shape of logsource.h: kind and action in one, SHAPE_NONE if unknown */
    int64_t time_unix_ns;                 /* 0: not said */
    const struct view *roots[ROOT_COUNT]; /* where fields.def's paths start; NULL where the event
                                             has no such message */
};

enum event_note {
    EVENT_NOTE_TIME_SKEW = 1,      /* time outside -30 days .. +10 minutes of the broker's */
    EVENT_NOTE_TEXT_TRUNCATED = 2, /* a text longer than TEXT_BYTES_MAX */
    EVENT_NOTE_UNKNOWN_KIND = 4,
};

enum { BATCH_BAD = 1, BATCH_UNREADABLE = 2 };

/* Decodes one record's value. payload must outlive the views, and *out its events.
 * 0: everything is good. BATCH_BAD: something is not (batch->reason says the first: an event, an
 * entry of a table, the origin, the end of a truncated record); the record belongs in the
 * dead-letter topic, and every event whose reason is REASON_NONE is still judged.
 * BATCH_UNREADABLE: there is no event to look at (batch->reason). STATUS_LIMIT: the arena is too
 * small (the record is no fault). Any thread, one arena per thread. */
MUST_USE int batch_decode(struct batch *out, struct slice payload,
                          const struct batch_options *options, struct arena *arena);
