/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- Source --- */

struct memory_source {
    struct source source;
    struct memory_source_options options;
    struct partition *partitions;
    int64_t *stored;   /* by partition: the lowest offset that is not done; -1: nothing stored */
    int64_t *begin;    /* stored, as it was at the last assignment */
    int64_t span;      /* offsets of a repetition lie that much above those of the one before */
    size_t next;       /* index of the next record, over all repetitions */
    size_t handed_out; /* since the last assignment */
    bool assigned;
    bool revoking;
    bool revoked_once;
};

static struct memory_source *source_of(const struct source *source)
{
    return (struct memory_source *)(uintptr_t)source;
}

static size_t total(const struct memory_source *memory)
{
    return memory->options.record_count * memory->options.repeat;
}

static int64_t offset_of(const struct memory_source *memory, size_t index)
{
    size_t count = memory->options.record_count;
    return memory->options.records[index % count].offset + (int64_t)(index / count) * memory->span;
}

static struct record record_at(const struct memory_source *memory, size_t index)
{
    const struct memory_record *from =
        &memory->options.records[index % memory->options.record_count];
    return (struct record){.topic = slice_text(memory->options.topic),
                           .partition = from->partition,
                           .offset = offset_of(memory, index),
                           .broker_time_ms = from->broker_time_ms,
                           .key = from->key,
                           .value = from->value,
                           .has_key = from->has_key,
                           .has_value = from->has_value,
                           .handle = from};
}

static bool wants_revoke(const struct memory_source *memory)
{
    return memory->options.revoke_after > 0 && !memory->revoked_once &&
           memory->handed_out >= memory->options.revoke_after;
}

static int source_poll(struct source *source, struct record *records, size_t max, size_t *count,
                       int timeout_ms)
{
    (void)timeout_ms;
    struct memory_source *memory = source_of(source);
    *count = 0;
    if (!memory->assigned)
        return SOURCE_CHANGE;
    if (wants_revoke(memory)) {
        memory->revoking = true;
        return SOURCE_CHANGE;
    }
    if (memory->options.fail_after > 0 && memory->handed_out >= memory->options.fail_after)
        return STATUS_KAFKA;
    while (*count < max && memory->next < total(memory) && !wants_revoke(memory)) {
        struct record record = record_at(memory, memory->next++);
        if (record.offset < memory->begin[record.partition])
            continue; /* done before */
        records[(*count)++] = record;
        memory->handed_out++;
    }
    return *count == 0 ? SOURCE_END : 0;
}

static int source_headers(struct source *source, const struct record *record, struct arena *arena,
                          const struct record_header **out, size_t *count)
{
    (void)source;
    (void)arena;
    const struct memory_record *from = record->handle;
    *out = from->headers;
    *count = from->header_count;
    return 0;
}

static void source_release(struct source *source)
{
    (void)source;
}

static void source_change(struct source *source, struct source_change *out)
{
    struct memory_source *memory = source_of(source);
    *out = (struct source_change){.revoked = memory->revoking,
                                  .lost = memory->revoking && memory->options.lose,
                                  .partitions = memory->partitions,
                                  .count = (size_t)memory->options.partition_count};
}

static int source_accept(struct source *source)
{
    struct memory_source *memory = source_of(source);
    if (memory->revoking) {
        memory->revoking = false;
        memory->revoked_once = true;
        memory->assigned = false;
        return 0;
    }
    size_t partitions = (size_t)memory->options.partition_count;
    memcpy(memory->begin, memory->stored, partitions * sizeof *memory->begin);
    memory->next = 0;
    memory->assigned = true;
    memory->handed_out = 0;
    return 0;
}

static int source_store(struct source *source, const struct position *positions, size_t count)
{
    struct memory_source *memory = source_of(source);
    for (size_t i = 0; i < count; i++) {
        int64_t *stored = &memory->stored[positions[i].partition.number];
        assert(positions[i].offset > *stored); /* a low-water mark only rises */
        *stored = positions[i].offset;
    }
    return 0;
}

static uint64_t source_lag(struct source *source)
{
    struct memory_source *memory = source_of(source);
    return total(memory) - memory->next;
}

static bool source_reachable(struct source *source)
{
    (void)source;
    return true;
}

static void memory_source_free(struct source *source)
{
    struct memory_source *memory = source_of(source);
    free(memory->partitions);
    if (memory->options.committed == NULL)
        free(memory->stored);
    free(memory->begin);
    free(memory);
}

int memory_source_new(struct source **out, const struct memory_source_options *options)
{
    static const struct source_ops ops = {source_poll,   source_headers,   source_release,
                                          source_change, source_accept,    source_store,
                                          source_lag,    source_reachable, memory_source_free};
    assert(out != NULL && options->partition_count >= 1);
    size_t partitions = (size_t)options->partition_count;
    struct memory_source *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return STATUS_NO_MEMORY;
    memory->source.ops = &ops;
    memory->options = *options;
    memory->options.repeat = options->repeat == 0 ? 1 : options->repeat;
    memory->partitions = calloc(partitions, sizeof *memory->partitions);
    memory->begin = calloc(partitions, sizeof *memory->begin);
    memory->stored = options->committed != NULL ? options->committed
                                                : calloc(partitions, sizeof *memory->stored);
    if (memory->partitions == NULL || memory->stored == NULL || memory->begin == NULL) {
        memory_source_free(&memory->source);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < options->record_count; i++) {
        if (options->records[i].offset >= memory->span)
            memory->span = options->records[i].offset + 1;
    }
    for (size_t i = 0; i < partitions; i++) {
        memory->partitions[i] = (struct partition){slice_text(options->topic), (int32_t)i};
        if (options->committed == NULL)
            memory->stored[i] = -1;
    }
    *out = &memory->source;
    return 0;
}

int64_t memory_source_stored(const struct source *source, int32_t partition)
{
    return source_of(source)->stored[partition];
}

/* --- Sink --- */

enum { MESSAGE_BLOCK_BYTES = 1024, KEPT_BLOCK_BYTES = 64 * 1024 };

struct waiting {
    struct memory_message message;
    struct arena *arena; /* holds it */
    uint64_t ticket;
};

struct memory_sink {
    struct sink sink;
    struct memory_sink_options options;
    struct memory_message *kept;
    size_t kept_count;
    struct waiting *waiting; /* a queue: from first on */
    size_t waiting_first, waiting_count, waiting_capacity;
    size_t receipts;
    bool forgotten; /* a receipt: there is no end to waiting */
    struct arena *arena;
};

static struct memory_sink *sink_of(const struct sink *sink)
{
    return (struct memory_sink *)(uintptr_t)sink;
}

static int copy(struct memory_message *own, const struct message *message, struct arena *arena)
{
    *own = (struct memory_message){
        .output = message->output,
        .key = arena_copy(arena, message->key),
        .value = arena_copy(arena, message->value),
        .has_key = message->has_key,
        .has_value = message->has_value,
        .headers = arena_array(arena, struct record_header, message->header_count),
        .header_count = message->header_count};
    for (size_t i = 0; own->headers != NULL && i < message->header_count; i++)
        own->headers[i] =
            (struct record_header){.name = arena_copy(arena, message->headers[i].name),
                                   .value = arena_copy(arena, message->headers[i].value),
                                   .null = message->headers[i].null};
    return arena_overflowed(arena) ? STATUS_NO_MEMORY : 0;
}

static int keep(struct memory_sink *memory, const struct message *message)
{
    struct memory_message *kept =
        realloc(memory->kept, (memory->kept_count + 1) * sizeof *memory->kept);
    if (kept == NULL)
        return STATUS_NO_MEMORY;
    memory->kept = kept;
    return copy(&kept[memory->kept_count++], message, memory->arena);
}

/* Room for one more behind those that wait. */
static int reserve(struct memory_sink *memory)
{
    if (memory->waiting_first + memory->waiting_count < memory->waiting_capacity)
        return 0;
    if (memory->waiting_first > memory->waiting_count) {
        memcpy(memory->waiting, memory->waiting + memory->waiting_first,
               memory->waiting_count * sizeof *memory->waiting);
        memory->waiting_first = 0;
        return 0;
    }
    size_t capacity = memory->waiting_capacity * 2 + 64;
    struct waiting *waiting = realloc(memory->waiting, capacity * sizeof *waiting);
    if (waiting == NULL)
        return STATUS_NO_MEMORY;
    memory->waiting = waiting;
    memory->waiting_capacity = capacity;
    return 0;
}

static int enqueue(struct memory_sink *memory, const struct message *message)
{
    struct waiting waiting = {.ticket = message->ticket};
    TRY(reserve(memory));
    TRY(arena_new_growing(&waiting.arena, MESSAGE_BLOCK_BYTES, 0));
    int result = copy(&waiting.message, message, waiting.arena);
    if (result < 0) {
        arena_free(waiting.arena);
        return result;
    }
    memory->waiting[memory->waiting_first + memory->waiting_count++] = waiting;
    return 0;
}

static int sink_send(struct sink *sink, const struct message *message)
{
    struct memory_sink *memory = sink_of(sink);
    const struct memory_sink_options *options = &memory->options;
    if (options->value_bytes_max > 0 && message->value.len > options->value_bytes_max &&
        message->has_value)
        return SINK_REFUSED;
    if (options->outstanding_max > 0 && memory->waiting_count >= options->outstanding_max)
        return SINK_FULL;
    if (options->seen != NULL)
        options->seen(options->owner, message);
    if (options->keep)
        TRY(keep(memory, message));
    return enqueue(memory, message);
}

/* As Kafka counts it: key, value and headers. */
static size_t size_of(const struct memory_message *message)
{
    size_t size = message->key.len + (message->has_value ? message->value.len : 0);
    for (size_t i = 0; i < message->header_count; i++)
        size += message->headers[i].name.len + message->headers[i].value.len;
    return size;
}

static enum receipt_kind next_kind(struct memory_sink *memory, const struct memory_message *message)
{
    const struct memory_sink_options *options = &memory->options;
    memory->receipts++;
    if (memory->receipts == options->fail_at)
        return RECEIPT_FAILED;
    if (memory->receipts == options->unknown_at)
        return RECEIPT_UNKNOWN;
    bool large = options->letter_bytes_max > 0 && message->output == OUTPUT_DEAD_LETTERS &&
                 size_of(message) > options->letter_bytes_max;
    return large || memory->receipts == options->refuse_at ? RECEIPT_REFUSED : RECEIPT_DELIVERED;
}

static void give_receipt(struct memory_sink *memory)
{
    struct waiting waiting = memory->waiting[memory->waiting_first++];
    const struct memory_message *message = &waiting.message;
    if (--memory->waiting_count == 0)
        memory->waiting_first = 0;
    enum receipt_kind kind = next_kind(memory, message);
    if (memory->receipts == memory->options.forget_at) {
        memory->forgotten = true;
        arena_free(waiting.arena);
        return;
    }
    const struct receipt receipt = {.kind = kind,
                                    .output = message->output,
                                    .ticket = waiting.ticket,
                                    .error = kind == RECEIPT_DELIVERED ? NULL : "as the test asked",
                                    .key = message->key,
                                    .value = message->value,
                                    .has_key = message->has_key,
                                    .has_value = message->has_value,
                                    .headers = message->headers,
                                    .header_count = message->header_count};
    memory->sink.listener_fn(memory->sink.listener, &receipt);
    arena_free(waiting.arena);
}

static bool is_silent(const struct memory_sink *memory)
{
    size_t from = memory->options.silent_from;
    return from > 0 && memory->receipts + 1 >= from;
}

static int sink_poll(struct sink *sink, int timeout_ms)
{
    (void)timeout_ms;
    struct memory_sink *memory = sink_of(sink);
    size_t most = memory->options.receipts_per_poll;
    for (size_t i = 0; memory->waiting_count > 0 && (most == 0 || i < most); i++) {
        if (is_silent(memory))
            return 0;
        give_receipt(memory);
    }
    return 0;
}

static int sink_flush(struct sink *sink, int timeout_ms)
{
    (void)timeout_ms;
    struct memory_sink *memory = sink_of(sink);
    while (memory->waiting_count > 0 && !is_silent(memory))
        give_receipt(memory);
    return memory->waiting_count > 0 || memory->forgotten ? SINK_WAITING : 0;
}

static void memory_sink_free(struct sink *sink)
{
    struct memory_sink *memory = sink_of(sink);
    for (size_t i = 0; i < memory->waiting_count; i++)
        arena_free(memory->waiting[memory->waiting_first + i].arena);
    free(memory->waiting);
    free(memory->kept);
    arena_free(memory->arena);
    free(memory);
}

int memory_sink_new(struct sink **out, const struct memory_sink_options *options)
{
    static const struct sink_ops ops = {sink_send, sink_poll, sink_flush, memory_sink_free};
    assert(out != NULL);
    struct memory_sink *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return STATUS_NO_MEMORY;
    memory->sink.ops = &ops;
    memory->options = *options;
    int result = arena_new_growing(&memory->arena, KEPT_BLOCK_BYTES, 0);
    if (result < 0) {
        free(memory);
        return result;
    }
    *out = &memory->sink;
    return 0;
}

size_t memory_sink_count(const struct sink *sink)
{
    return sink_of(sink)->kept_count;
}

const struct memory_message *memory_sink_message(const struct sink *sink, size_t index)
{
    assert(index < sink_of(sink)->kept_count);
    return &sink_of(sink)->kept[index];
}
