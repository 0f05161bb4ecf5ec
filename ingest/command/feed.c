/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/feed.h"

#include "ingest/command/command.h"
#include "ingest/command/input.h"
#include "proto/reason.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
    RECORD_BYTES_MAX = 64 * 1024 * 1024, /* one line of the longest length fits */
    ARENA_BYTES = 16 * 1024 * 1024,
    ARENA_BYTES_MAX = 1024 * 1024 * 1024,
};

struct feed {
    FILE *file;
    const char *name; /* for messages */
    struct console *console;
    struct jsonl_reader *reader;
    struct flat_encoder *encoder;
    size_t batch_events_max;
    uint64_t only;
    bool is_selective;

    struct jsonl_event pending; /* read and not yet encoded */
    bool has_pending;
    bool at_end;

    struct arena *arena;
    size_t arena_bytes;
    struct batch batch;
    size_t index; /* of the next event */
    bool is_new_batch;
    uint64_t lines[FEED_BATCH_EVENTS]; /* of the events of the batch */

    uint64_t bad_count, event_count;
};

/* --- Making --- */

static size_t batch_size_for(FILE *file)
{
    struct stat st;
    bool is_regular = fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode);
    return is_regular ? FEED_BATCH_EVENTS : 1;
}

int feed_new(struct feed **out, const struct feed_options *options, struct console *console)
{
    assert(out != NULL && options != NULL && options->batch_events_max <= FEED_BATCH_EVENTS);
    AUTO(feed_free) struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return STATUS_NO_MEMORY;
    feed->console = console;
    feed->file = input_open(options->path, console);
    if (feed->file == NULL)
        return FEED_NO_INPUT;
    feed->batch_events_max =
        options->batch_events_max == 0 ? batch_size_for(feed->file) : options->batch_events_max;
    struct flat_origin origin = {
        .product = options->product, .category = options->category, .service = options->service};
    feed->name = input_name(options->path);
    TRY(jsonl_reader_new(&feed->reader, feed->file, feed->name));
    TRY(flat_encoder_new(&feed->encoder, &origin));
    feed->arena_bytes = ARENA_BYTES;
    TRY(arena_new_fixed(&feed->arena, feed->arena_bytes));
    *out = TAKE(&feed);
    return 0;
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    jsonl_reader_free(feed->reader);
    flat_encoder_free(feed->encoder);
    arena_free(feed->arena);
    input_close(feed->file);
    free(feed);
}

void feed_only(struct feed *feed, uint64_t line)
{
    feed->is_selective = true;
    feed->only = line;
}

uint64_t feed_bad_count(const struct feed *feed)
{
    return feed->bad_count;
}

uint64_t feed_event_count(const struct feed *feed)
{
    return feed->event_count;
}

/* --- Reading --- */

static int read_whole(struct feed *feed, struct jsonl_event *out)
{
    char *text = malloc((size_t)JSONL_LINE_BYTES_MAX + 1);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    size_t len = fread(text, 1, (size_t)JSONL_LINE_BYTES_MAX + 1, feed->file);
    int result =
        ferror(feed->file) ? STATUS_IO : jsonl_parse(feed->reader, slice_of(text, len), out);
    free(text);
    feed->at_end = true;
    return result;
}

static int read_next(struct feed *feed, struct jsonl_event *out)
{
    if (feed->at_end)
        return JSONL_END;
    if (feed->is_selective && feed->only == FEED_WHOLE_FILE)
        return read_whole(feed, out);
    return jsonl_next(feed->reader, out);
}

/* Reads until there is an event to encode; JSONL_END at the end. */
static int read_pending(struct feed *feed)
{
    while (!feed->has_pending) {
        int result = read_next(feed, &feed->pending);
        if (result < 0 || result == JSONL_END) {
            feed->at_end = true;
            return result;
        }
        if (result == JSONL_BAD_LINE) {
            if (console_complains(feed->console))
                console_finding(feed->console, jsonl_finding(feed->reader));
            feed->bad_count++;
            continue;
        }
        feed->has_pending = !feed->is_selective || feed->only == FEED_WHOLE_FILE ||
                            feed->pending.line == feed->only;
    }
    return 0;
}

/* --- Encoding --- */

static void refuse_line(struct feed *feed, uint64_t line, const char *why)
{
    if (console_complains(feed->console))
        console_error(feed->console, "%s:%" PRIu64 ": %s", feed->name, line + 1, why);
    feed->bad_count++;
}

/* FLAT_BATCH_FULL: it stays pending. */
static int encode_pending(struct feed *feed)
{
    const struct jsonl_event *event = &feed->pending;
    struct flat_origin logsource = {
        .product = event->product, .category = event->category, .service = event->service};
    size_t index = flat_encoder_count(feed->encoder);
    int result = flat_encoder_add(feed->encoder, event->fields, event->field_count, &logsource);
    if (result == STATUS_LIMIT || (result == FLAT_BATCH_FULL && index == 0)) {
        refuse_line(feed, event->line, EVENT_TOO_LARGE_TEXT);
        feed->has_pending = false;
        return 0;
    }
    if (result != 0)
        return result;
    feed->lines[index] = event->line;
    feed->has_pending = false;
    return 0;
}

static int encode_batch(struct feed *feed)
{
    while (flat_encoder_count(feed->encoder) < feed->batch_events_max) {
        int result = read_pending(feed);
        if (result == JSONL_END)
            return 0;
        TRY(result);
        result = encode_pending(feed);
        if (result != 0)
            return result == FLAT_BATCH_FULL ? 0 : result;
    }
    return 0;
}

/* --- Decoding --- */

static int decode_batch(struct feed *feed, struct slice payload)
{
    const struct batch_options options = {.record_bytes_max = RECORD_BYTES_MAX};
    for (;;) {
        arena_reset(feed->arena);
        int result = batch_decode(&feed->batch, payload, &options, feed->arena);
        if (result != STATUS_LIMIT || feed->arena_bytes >= ARENA_BYTES_MAX)
            return result;
        arena_free(TAKE(&feed->arena));
        feed->arena_bytes *= 4;
        TRY(arena_new_fixed(&feed->arena, feed->arena_bytes));
    }
}

/* A batch that is not readable at all: none of its events can be judged. */
static void refuse_batch(struct feed *feed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refuse_line(feed, feed->lines[i], reason_text(feed->batch.reason));
    feed->batch = (struct batch){0};
}

/* FEED_END: nothing is left. */
static int fill(struct feed *feed)
{
    feed->batch = (struct batch){0};
    feed->index = 0;
    feed->is_new_batch = true;
    TRY(encode_batch(feed));
    size_t count = flat_encoder_count(feed->encoder);
    if (count == 0)
        return feed->at_end && !feed->has_pending ? FEED_END : 0;
    struct slice payload;
    TRY(flat_encoder_finish(feed->encoder, &payload));
    int result = decode_batch(feed, payload);
    if (result == BATCH_UNREADABLE)
        refuse_batch(feed, count);
    return result < 0 ? result : 0;
}

/* The next event of the batch at hand that can be judged; NULL: none. */
static const struct event *next_of_batch(struct feed *feed)
{
    while (feed->index < feed->batch.event_count) {
        const struct event *event = &feed->batch.events[feed->index++];
        if (event->reason == REASON_NONE)
            return event;
        refuse_line(feed, feed->lines[event->index], reason_text(event->reason));
    }
    return NULL;
}

int feed_next(struct feed *feed, const struct event **event, uint64_t *line)
{
    assert(feed != NULL && event != NULL && line != NULL);
    for (;;) {
        *event = next_of_batch(feed);
        if (*event != NULL)
            break;
        int result = fill(feed);
        if (result != 0)
            return result;
    }
    *line = feed->lines[(*event)->index];
    feed->event_count++;
    bool is_first = feed->is_new_batch;
    feed->is_new_batch = false;
    return is_first ? FEED_NEW_BATCH : 0;
}
