/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench decode: what decoding costs, for all events together and for each kind by itself,
 * beside two floors: copying the same bytes, and hopping over the fields of batch and event without
 * looking at them.
 *
 * Records are read into memory first. Rounds of the loops take turns, so that a machine whose speed
 * drifts slows all alike; the median round counts. */
#include "command.h"
#include "ingest/stream.h"
#include "kinds.h"
#include "proto/event.h"
#include "proto/wire.h"
#include "records.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

struct tally {
    uint64_t events, bad_events, arena_bytes_max;
    uint64_t shapes[SHAPE_COUNT];
};

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

/* Fields of the message whose bytes are fields too, one level down at most. */
static uint64_t hop(struct slice message, unsigned levels)
{
    struct wire wire = wire_of(message);
    struct wire_field field = {0};
    uint64_t count = 0;
    while (wire.at < wire.end && wire_next(&wire, &field) == REASON_NONE) {
        count++;
        if (levels > 0 && field.type == WIRE_BYTES)
            count += hop(field.bytes, levels - 1);
    }
    return count;
}

static void hop_round(const struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        uint64_t fields = hop(records->items[i], 1);
        __asm__ __volatile__("" : : "r"(fields)); /* they are counted for the time it takes */
    }
}

struct times {
    uint64_t copy_ns[ROUNDS], hop_ns[ROUNDS], decode_ns[ROUNDS];
};

static int time_rounds(struct times *times, struct tally *tally, const struct records *records,
                       struct arena *arena, uint8_t *room)
{
    TRY(decode_round(records, arena, tally)); /* warm */
    for (size_t i = 0; i < ROUNDS; i++) {
        uint64_t start = now_ns();
        copy_round(records, room);
        uint64_t copied = now_ns();
        hop_round(records);
        uint64_t hopped = now_ns();
        TRY(decode_round(records, arena, tally));
        times->copy_ns[i] = copied - start;
        times->hop_ns[i] = hopped - copied;
        times->decode_ns[i] = now_ns() - hopped;
    }
    return tally->events == 0 ? STATUS_BAD_INPUT : 0;
}

static double each(uint64_t times[ROUNDS], uint64_t events)
{
    return (double)rounds_median(times) / (double)events;
}

static int measure_shape(enum shape shape, const struct records *all, struct arena *arena,
                         uint8_t *room)
{
    struct times times;
    struct tally tally;
    struct records records = {0};
    int result = records_of_shape(&records, all, shape);
    if (result == 0)
        result = time_rounds(&times, &tally, &records, arena, room);
    if (result == 0)
        printf("  %-26s %8" PRIu64 " %7.0f %8.1f %8.1f %8.1f\n", shape_name(shape), tally.events,
               (double)records.bytes / (double)tally.events, each(times.copy_ns, tally.events),
               each(times.hop_ns, tally.events), each(times.decode_ns, tally.events));
    records_deinit(&records);
    return result;
}

static int measure_all(const struct records *records, struct arena *arena, uint8_t *room)
{
    struct times times;
    struct tally tally;
    TRY(time_rounds(&times, &tally, records, arena, room));
    printf("%zu records, %" PRIu64 " events (%" PRIu64
           " bad), %zu bytes, %.0f bytes/event, arena at most %" PRIu64 " bytes\n",
           records->count, tally.events, tally.bad_events, records->bytes,
           (double)records->bytes / (double)tally.events, tally.arena_bytes_max);
    rounds_print("copy", times.copy_ns, tally.events, records->bytes);
    rounds_print("hop", times.hop_ns, tally.events, records->bytes);
    rounds_print("decode", times.decode_ns, tally.events, records->bytes);
    printf("  %-26s %8s %7s %8s %8s %8s\n", "kind by itself", "events", "bytes", "copy ns",
           "hop ns", "decode ns");
    for (unsigned shape = SHAPE_NONE + 1; shape < SHAPE_COUNT; shape++)
        if (tally.shapes[shape] > 0)
            TRY(measure_shape((enum shape)shape, records, arena, room));
    return 0;
}

static int measure(const struct records *records)
{
    AUTO(arena_free) struct arena *arena = NULL;
    TRY(arena_new_fixed(&arena, ARENA_BYTES));
    uint8_t *room = malloc(STREAM_RECORD_BYTES_MAX);
    if (room == NULL)
        return STATUS_NO_MEMORY;
    int result = measure_all(records, arena, room);
    free(room);
    return result;
}

static void usage(FILE *out)
{
    fputs("usage: yagura-bench decode FILE\n\n"
          "Decodes a file of length-delimited batches (yagura-bench gen --out FILE) over and over "
          "on one core and\n"
          "prints the median of nine rounds with their range, beside copying the same bytes and "
          "hopping over\n"
          "their fields; then the same for each kind of event by itself, with its share of origin "
          "and tables.\n",
          out);
}

int bench_decode(int argc, char *argv[])
{
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc != 2 || help) {
        usage(help ? stdout : stderr);
        return help ? 0 : EXIT_USAGE;
    }
    struct records records = {0};
    int result = records_read(&records, argv[1]);
    if (result == 0)
        result = measure(&records);
    records_deinit(&records);
    if (result < 0)
        fprintf(stderr, "yagura-bench: %s: %s\n", argv[1],
                result == STATUS_IO ? strerror(errno) : status_text(result));
    return result < 0;
}
