/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench decode: what decoding costs, beside the floor of merely copying the same bytes.
 *
 * Records are read into memory first. Rounds of both loops take turns, so that a machine whose
 * speed drifts slows both alike; the median round counts. */
#include "command.h"
#include "ingest/stream.h"
#include "proto/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, ARENA_BYTES = 64 * 1024 * 1024 };

struct records {
    struct slice *items;
    size_t count, capacity;
    size_t bytes;
};

struct tally {
    uint64_t events, bad_events, arena_bytes_max;
    uint64_t shapes[SHAPE_COUNT];
};

static void records_deinit(struct records *records)
{
    for (size_t i = 0; i < records->count; i++)
        free((void *)(uintptr_t)records->items[i].data);
    free(records->items);
}

static int records_add(struct records *records, struct slice record)
{
    if (records->count == records->capacity) {
        size_t capacity = records->capacity == 0 ? 1024 : 2 * records->capacity;
        struct slice *items = realloc(records->items, capacity * sizeof *items);
        if (items == NULL)
            return STATUS_NO_MEMORY;
        records->items = items;
        records->capacity = capacity;
    }
    uint8_t *copy = malloc(record.len + 1);
    if (copy == NULL)
        return STATUS_NO_MEMORY;
    memcpy(copy, record.data, record.len);
    records->items[records->count++] = slice_of(copy, record.len);
    records->bytes += record.len;
    return 0;
}

static int records_read(struct records *records, FILE *file)
{
    AUTO(stream_reader_free) struct stream_reader *reader = NULL;
    TRY(stream_reader_new(&reader, file));
    struct slice record;
    int result;
    while ((result = stream_next(reader, &record)) == 0)
        TRY(records_add(records, record));
    return result == STREAM_END ? 0 : result;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int decode_round(const struct records *records, struct arena *arena, struct tally *tally)
{
    memset(tally, 0, sizeof *tally);
    for (size_t i = 0; i < records->count; i++) {
        struct batch batch;
        arena_reset(arena);
        TRY(batch_decode(&batch, records->items[i], &(struct batch_options){0}, arena));
        tally->events += batch.event_count;
        tally->bad_events += batch.bad_event_count;
        for (size_t j = 0; j < batch.event_count; j++)
            tally->shapes[batch.events[j].shape]++;
        if (arena_used_bytes(arena) > tally->arena_bytes_max)
            tally->arena_bytes_max = arena_used_bytes(arena);
    }
    return 0;
}

static void copy_round(const struct records *records, uint8_t *room)
{
    for (size_t i = 0; i < records->count; i++) {
        memcpy(room, records->items[i].data, records->items[i].len);
        __asm__ __volatile__("" : : "r"(room) : "memory"); /* the copy is wanted for its time */
    }
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void print_line(const char *name, uint64_t times[ROUNDS], const struct tally *tally,
                       size_t bytes)
{
    qsort(times, ROUNDS, sizeof times[0], by_number);
    double events = (double)tally->events;
    double median = (double)times[ROUNDS / 2];
    printf("%-8s %8.1f ns/event  (%.1f to %.1f)  %8.0f k events/s  %6.2f GB/s\n", name,
           median / events, (double)times[0] / events, (double)times[ROUNDS - 1] / events,
           events * 1e6 / median, (double)bytes / median);
}

static int measure(const struct records *records)
{
    AUTO(arena_free) struct arena *arena = NULL;
    struct tally tally;
    uint64_t copy_ns[ROUNDS], decode_ns[ROUNDS];
    TRY(arena_new_fixed(&arena, ARENA_BYTES));
    uint8_t *room = malloc(STREAM_RECORD_BYTES_MAX);
    if (room == NULL)
        return STATUS_NO_MEMORY;
    int result = decode_round(records, arena, &tally); /* warm */
    for (size_t i = 0; result == 0 && i < ROUNDS; i++) {
        uint64_t start = now_ns();
        copy_round(records, room);
        uint64_t middle = now_ns();
        result = decode_round(records, arena, &tally);
        copy_ns[i] = middle - start;
        decode_ns[i] = now_ns() - middle;
    }
    free(room);
    if (result < 0 || tally.events == 0)
        return result < 0 ? result : STATUS_BAD_INPUT;
    printf("%zu records, %" PRIu64 " events (%" PRIu64
           " bad), %zu bytes, %.0f bytes/event, arena at most %" PRIu64 " bytes\n",
           records->count, tally.events, tally.bad_events, records->bytes,
           (double)records->bytes / (double)tally.events, tally.arena_bytes_max);
    print_line("copy", copy_ns, &tally, records->bytes);
    print_line("decode", decode_ns, &tally, records->bytes);
    for (unsigned shape = 0; shape < SHAPE_COUNT; shape++)
        if (tally.shapes[shape] > 0)
            printf("  %-28s %10" PRIu64 "\n", shape_name(shape), tally.shapes[shape]);
    return 0;
}

static void usage(FILE *out)
{
    fputs("usage: yagura-bench decode FILE\n\n"
          "Decodes a file of length-delimited batches (yagura-bench gen --out FILE) over and over "
          "on one core and\n"
          "prints the median of nine rounds with their range, beside copying the same bytes.\n",
          out);
}

int bench_decode(int argc, char *argv[])
{
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc != 2 || help) {
        usage(help ? stdout : stderr);
        return help ? 0 : EXIT_USAGE;
    }
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) {
        fprintf(stderr, "yagura-bench: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    struct records records = {0};
    int result = records_read(&records, file);
    fclose(file);
    if (result == 0)
        result = measure(&records);
    records_deinit(&records);
    if (result < 0)
        fprintf(stderr, "yagura-bench: %s: %s\n", argv[1], status_text(result));
    return result < 0;
}
