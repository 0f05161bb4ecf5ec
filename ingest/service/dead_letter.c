/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/dead_letter.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum { NUMBER_BYTES_MAX = 24, KEPT_HEADERS_MAX = 1024 /* of a letter that is shortened */ };

const char *dead_letter_stage_text(enum dead_letter_stage stage)
{
    static const char *const texts[] = {
        [DEAD_LETTER_TENANT] = "tenant",   [DEAD_LETTER_DECODE] = "decode",
        [DEAD_LETTER_MATCH] = "match",     [DEAD_LETTER_ALERT] = "alert",
        [DEAD_LETTER_DELIVER] = "deliver",
    };
    return texts[stage];
}

/* What is added to the record's own headers, the last always last. */
enum {
    ADDED_REASON,
    ADDED_STAGE,
    ADDED_TOPIC,
    ADDED_PARTITION,
    ADDED_OFFSET,
    ADDED_EVENT_INDEX,
    ADDED_VALUE_OMITTED,
    ADDED_COUNT
};
static const char *const added[ADDED_COUNT] = {
    [ADDED_REASON] = "x-dlq-reason",
    [ADDED_STAGE] = "x-dlq-stage",
    [ADDED_TOPIC] = "x-dlq-topic",
    [ADDED_PARTITION] = "x-dlq-partition",
    [ADDED_OFFSET] = "x-dlq-offset",
    [ADDED_EVENT_INDEX] = "x-dlq-event-index",
    [ADDED_VALUE_OMITTED] = "x-dlq-value-omitted-bytes",
};

struct header_writer {
    struct record_header *headers;
    size_t count;
    struct arena *arena;
};

static int start_headers(struct header_writer *writer, size_t count, struct arena *arena)
{
    *writer = (struct header_writer){.headers = arena_array(arena, struct record_header, count),
                                     .arena = arena};
    return writer->headers == NULL ? STATUS_LIMIT : 0;
}

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

int dead_letter_make(struct message *out, const struct dead_letter *letter, struct arena *arena)
{
    const struct record *record = letter->record;
    bool bare = letter->form == DEAD_LETTER_BARE;
    size_t own_count = bare ? 0 : letter->header_count;
    struct header_writer writer;
    assert(letter->reason != REASON_NONE);
    TRY(start_headers(&writer, own_count + ADDED_COUNT, arena));
    for (size_t i = 0; i < own_count; i++)
        writer.headers[writer.count++] = letter->headers[i];
    add(&writer, added[ADDED_REASON], slice_text(reason_label(letter->reason)));
    add(&writer, added[ADDED_STAGE], slice_text(dead_letter_stage_text(letter->stage)));
    add(&writer, added[ADDED_TOPIC], arena_copy(arena, record->topic));
    add_number(&writer, added[ADDED_PARTITION], record->partition);
    add_number(&writer, added[ADDED_OFFSET], record->offset);
    if (letter->event_index != SIZE_MAX)
        add_number(&writer, added[ADDED_EVENT_INDEX], (int64_t)letter->event_index);
    if (letter->form != DEAD_LETTER_WHOLE)
        add_number(&writer, added[ADDED_VALUE_OMITTED], (int64_t)record->value.len);
    if (arena_overflowed(arena))
        return STATUS_LIMIT;
    *out = (struct message){.output = OUTPUT_DEAD_LETTERS,
                            .key = record->key,
                            .has_key = record->has_key && !bare,
                            .value = record->value,
                            .has_value = record->has_value && letter->form == DEAD_LETTER_WHOLE,
                            .headers = writer.headers,
                            .header_count = writer.count};
    return 0;
}

/* --- Letters that were refused --- */

/* A record may bring headers of these names, but ours come last. */
static const struct record_header *find_added(const struct receipt *receipt, const char *name)
{
    for (size_t i = receipt->header_count; i > 0; i--) {
        if (slice_equal(receipt->headers[i - 1].name, slice_text(name)))
            return &receipt->headers[i - 1];
    }
    return NULL;
}

static int without_value(struct header_writer *writer, const struct receipt *receipt,
                         struct arena *arena)
{
    TRY(start_headers(writer, receipt->header_count + 1, arena));
    for (size_t i = 0; i < receipt->header_count; i++)
        writer->headers[writer->count++] = receipt->headers[i];
    add_number(writer, added[ADDED_VALUE_OMITTED], (int64_t)receipt->value.len);
    return arena_overflowed(arena) ? STATUS_LIMIT : 0;
}

static int bare(struct header_writer *writer, const struct receipt *receipt, struct arena *arena)
{
    TRY(start_headers(writer, ADDED_COUNT, arena));
    for (size_t i = 0; i < ADDED_COUNT; i++) {
        const struct record_header *header = find_added(receipt, added[i]);
        if (header != NULL)
            writer->headers[writer->count++] = *header;
    }
    if (receipt->has_value) {
        writer->count -= find_added(receipt, added[ADDED_VALUE_OMITTED]) != NULL; /* not ours */
        add_number(writer, added[ADDED_VALUE_OMITTED], (int64_t)receipt->value.len);
    }
    return arena_overflowed(arena) ? STATUS_LIMIT : 0;
}

static bool is_bare(const struct receipt *receipt)
{
    return !receipt->has_value && !receipt->has_key && receipt->header_count <= ADDED_COUNT;
}

int dead_letter_shorten(struct message *out, const struct receipt *receipt, struct arena *arena)
{
    assert(receipt->output == OUTPUT_DEAD_LETTERS);
    struct header_writer writer;
    if (is_bare(receipt))
        return DEAD_LETTER_LEAST;
    bool keeps_rest = receipt->has_value && receipt->header_count <= KEPT_HEADERS_MAX;
    TRY(keeps_rest ? without_value(&writer, receipt, arena) : bare(&writer, receipt, arena));
    *out = (struct message){.output = OUTPUT_DEAD_LETTERS,
                            .key = receipt->key,
                            .has_key = receipt->has_key && keeps_rest,
                            .headers = writer.headers,
                            .header_count = writer.count};
    return 0;
}
