/* SPDX-License-Identifier: Apache-2.0 */
/* Batch fixture: an EventBatch written by hand, part by part, and what batch_decode makes of it. */
#pragma once

#include "proto/cells.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"

#include "encode.h"

#include <criterion/criterion.h>

#define ENCODING __attribute__((cleanup(encoding_free_auto_))) struct encoding *

/* Field number of a cell: EVENT(dns) and so on. */
#define NUMBER(type, message, field)                                                               \
    (yagura__v1__##type##__descriptor.fields[CELL_##message##_##field].id)
#define BATCH(field)     NUMBER(event_batch, EventBatch, field)
#define ORIGIN(field)    NUMBER(origin, Origin, field)
#define EVENT(field)     NUMBER(event, Event, field)
#define PROCESS(field)   NUMBER(process_info, ProcessInfo, field)
#define KEY_VALUE(field) NUMBER(key_value, KeyValue, field)

enum { FIXTURE_ARENA_BYTES = 64 << 20 };

static const uint8_t some_id[ID_BYTES + 1] = "0123456789abcdef";

struct fixture {
    struct arena *arena;
    struct encoding *record;
    struct batch_options options;
    struct batch batch;
};

/* Starts with an origin that has its ids, and nothing else. */
static inline void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.record = encoding_new()};
    cr_assert_eq(arena_new_fixed(&f->arena, FIXTURE_ARENA_BYTES), 0);
    ENCODING origin = encoding_new();
    encode_bytes(origin, ORIGIN(tenant_id), slice_of(some_id, ID_BYTES));
    encode_bytes(origin, ORIGIN(endpoint_id), slice_of(some_id, ID_BYTES));
    encode_message(f->record, BATCH(origin), origin);
}

static inline void fixture_deinit(struct fixture *f)
{
    arena_free(f->arena);
    encoding_free(f->record);
}

#define FIXTURE                                                                                    \
    __attribute__((cleanup(fixture_deinit))) struct fixture f;                                     \
    fixture_init(&f)

/* Decodes a copy of exactly that size, so that the sanitizer sees a byte too many. */
static inline int decode_bytes(struct fixture *f, struct slice bytes)
{
    arena_reset(f->arena);
    uint8_t *exact = arena_take_bytes(f->arena, bytes.len);
    if (bytes.len > 0)
        memcpy(exact, bytes.data, bytes.len);
    return batch_decode(&f->batch, slice_of(exact, bytes.len), &f->options, f->arena);
}

static inline int decode(struct fixture *f)
{
    return decode_bytes(f, encoded(f->record));
}

/* An event with a kind that has nothing in it. */
static inline void add_event(struct fixture *f, uint32_t kind)
{
    ENCODING event = encoding_new();
    encode_bytes(event, kind, SLICE_LITERAL(""));
    encode_message(f->record, BATCH(events), event);
}

static inline void add_process(struct fixture *f, const char *image)
{
    ENCODING process = encoding_new();
    encode_bytes(process, PROCESS(image), slice_text(image));
    encode_message(f->record, BATCH(processes), process);
}

/* The one event of a record is refused for that reason, or accepted (REASON_NONE). */
static inline void assert_verdict(struct fixture *f, enum reason reason, const char *what)
{
    int status = decode(f);
    cr_assert_eq(f->batch.event_count, 1, "%s", what);
    cr_assert_eq(f->batch.events[0].reason, reason, "%s: %s", what,
                 reason_label(f->batch.events[0].reason));
    cr_assert_eq(f->batch.reason, reason, "%s: %s", what, reason_label(f->batch.reason));
    cr_assert_eq(status, reason == REASON_NONE ? 0 : BATCH_BAD, "%s", what);
    cr_assert_eq(f->batch.bad_event_count, reason != REASON_NONE, "%s", what);
}

static inline void assert_image(const struct view *process, const char *image)
{
    cr_assert(view_has(process, CELL_ProcessInfo_image), "%s", image);
    cr_assert(slice_equal(process->cells[CELL_ProcessInfo_image].bytes, slice_text(image)));
}
