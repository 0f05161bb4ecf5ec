/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench decode: what decoding costs, beside the floor of merely copying the same bytes.
 *
 * Records are read into memory first. Rounds of both loops take turns, so that a machine whose
 * speed drifts slows both alike; the median round counts. */
#include "command.h"
#include "ingest/stream.h"
#include "proto/event.h"
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
    rounds_print("copy", copy_ns, tally.events, records->bytes);
    rounds_print("decode", decode_ns, tally.events, records->bytes);
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
