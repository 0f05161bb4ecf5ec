/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/dead_letter.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum { NUMBER_BYTES_MAX = 24 };

const char *dead_letter_stage_text(enum dead_letter_stage stage)
{
    static const char *const texts[] = {
        [DEAD_LETTER_TENANT] = "tenant",   [DEAD_LETTER_DECODE] = "decode",
        [DEAD_LETTER_MATCH] = "match",     [DEAD_LETTER_ALERT] = "alert",
        [DEAD_LETTER_DELIVER] = "deliver",
    };
    return texts[stage];
}

struct header_writer {
    struct record_header *headers;
    size_t count;
    struct arena *arena;
};

static void add(struct header_writer *writer, const char *name, struct slice value)
{
    writer->headers[writer->count++] =
        (struct record_header){.name = slice_text(name), .value = value};
}

static void add_number(struct header_writer *writer, const char *name, int64_t number)
{
    char text[NUMBER_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRId64, number);
    add(writer, name, arena_copy(writer->arena, slice_text(text)));
}

static void add_omitted(struct header_writer *writer, size_t value_bytes)
{
    add_number(writer, "x-dlq-value-omitted-bytes", (int64_t)value_bytes);
}

int dead_letter_shorten(struct message *out, const struct receipt *receipt, struct arena *arena)
{
    assert(receipt->output == OUTPUT_DEAD_LETTERS && receipt->has_value);
    struct header_writer writer = {
        .headers = arena_array(arena, struct record_header, receipt->header_count + 1),
        .arena = arena};
    if (writer.headers == NULL)
        return STATUS_LIMIT;
    for (size_t i = 0; i < receipt->header_count; i++)
        writer.headers[writer.count++] = receipt->headers[i];
    add_omitted(&writer, receipt->value.len);
    if (arena_overflowed(arena))
        return STATUS_LIMIT;
    *out = (struct message){.output = OUTPUT_DEAD_LETTERS,
                            .key = receipt->key,
                            .has_key = receipt->has_key,
                            .headers = writer.headers,
                            .header_count = writer.count};
    return 0;
}

int dead_letter_make(struct message *out, const struct dead_letter *letter, struct arena *arena)
{
    const struct record *record = letter->record;
    assert(letter->reason != REASON_NONE);
    struct header_writer writer = {
        .headers =
            arena_array(arena, struct record_header, letter->header_count + DEAD_LETTER_HEADERS),
        .arena = arena};
    if (writer.headers == NULL)
        return STATUS_LIMIT;
    for (size_t i = 0; i < letter->header_count; i++)
        writer.headers[writer.count++] = letter->headers[i];
    add(&writer, "x-dlq-reason", slice_text(reason_label(letter->reason)));
    add(&writer, "x-dlq-stage", slice_text(dead_letter_stage_text(letter->stage)));
    add(&writer, "x-dlq-topic", arena_copy(arena, record->topic));
    add_number(&writer, "x-dlq-partition", record->partition);
    add_number(&writer, "x-dlq-offset", record->offset);
    if (letter->event_index != SIZE_MAX)
        add_number(&writer, "x-dlq-event-index", (int64_t)letter->event_index);
    if (letter->omit_value)
        add_omitted(&writer, record->value.len);
    if (arena_overflowed(arena))
        return STATUS_LIMIT;
    *out = (struct message){.output = OUTPUT_DEAD_LETTERS,
                            .key = record->key,
                            .has_key = record->has_key,
                            .value = record->value,
                            .has_value = record->has_value && !letter->omit_value,
                            .headers = writer.headers,
                            .header_count = writer.count};
    return 0;
}
