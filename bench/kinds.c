/* SPDX-License-Identifier: Apache-2.0 */
#include "kinds.h"

#include "ingest/stream.h"
#include "proto/arena.h"
#include "proto/event.h"

#include <stdlib.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

/* Numbers of EventBatch's fields; all of them stand as bytes. */
enum { ORIGIN = 1, PROCESSES = 2, SOURCES = 3, EVENTS = 4, WIRE_TYPE_BYTES = 2 };

/* A record while it is written. It is no longer than the one it is made from. */
struct writer {
    uint8_t *data;
    size_t len;
};

static void put_varint(struct writer *writer, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        writer->data[writer->len++] = (uint8_t)(value | 0x80);
    writer->data[writer->len++] = (uint8_t)value;
}

static void put_bytes(struct writer *writer, unsigned number, struct slice bytes)
{
    put_varint(writer, number << 3 | WIRE_TYPE_BYTES);
    put_varint(writer, bytes.len);
    if (bytes.len > 0)
        memcpy(writer->data + writer->len, bytes.data, bytes.len);
    writer->len += bytes.len;
}

static bool points_to(const struct batch *batch, enum shape shape, const struct view *entry)
{
    for (size_t i = 0; i < batch->event_count; i++) {
        const struct event *event = &batch->events[i];
        for (unsigned root = 0; event->shape == shape && root < ROOT_COUNT; root++)
            if (event->roots[root] == entry)
                return true;
    }
    return false;
}

static void put_table(struct writer *writer, unsigned number, const struct batch *batch,
                      enum shape shape)
{
    const struct view *const *entries = number == SOURCES ? batch->sources : batch->processes;
    size_t count = number == SOURCES ? batch->source_count : batch->process_count;
    for (size_t i = 0; i < count; i++) {
        bool wanted = entries[i] != NULL && points_to(batch, shape, entries[i]);
        put_bytes(writer, number, wanted ? entries[i]->bytes : slice_of(NULL, 0));
    }
}

static int add_record(struct records *out, struct writer *writer, const struct batch *batch,
                      enum shape shape)
{
    size_t wanted = 0;
    for (size_t i = 0; i < batch->event_count; i++)
        wanted += batch->events[i].shape == shape;
    if (wanted == 0)
        return 0;
    writer->len = 0;
    put_bytes(writer, ORIGIN, batch->origin->bytes);
    put_table(writer, PROCESSES, batch, shape);
    put_table(writer, SOURCES, batch, shape);
    for (size_t i = 0; i < batch->event_count; i++)
        if (batch->events[i].shape == shape)
            put_bytes(writer, EVENTS, batch->events[i].bytes);
    return records_add(out, slice_of(writer->data, writer->len));
}

static int add_records(struct records *out, const struct records *all, enum shape shape,
                       struct arena *arena, struct writer *writer)
{
    const struct batch_options options = {.record_bytes_max = STREAM_RECORD_BYTES_MAX};
    for (size_t i = 0; i < all->count; i++) {
        struct batch batch;
        arena_reset(arena);
        int result = batch_decode(&batch, all->items[i], &options, arena);
        if (result < 0)
            return result;
        if (result != 0)
            return STATUS_BAD_INPUT;
        TRY(add_record(out, writer, &batch, shape));
    }
    return 0;
}

int records_of_shape(struct records *out, const struct records *all, enum shape shape)
{
    AUTO(arena_free) struct arena *arena = NULL;
    TRY(arena_new_fixed(&arena, ARENA_BYTES));
    struct writer writer = {.data = malloc(STREAM_RECORD_BYTES_MAX)};
    if (writer.data == NULL)
        return STATUS_NO_MEMORY;
    int result = add_records(out, all, shape, arena, &writer);
    free(writer.data);
    return result;
}
