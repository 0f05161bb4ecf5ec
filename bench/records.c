/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include "ingest/stream.h"
#include "proto/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void records_deinit(struct records *records)
{
    for (size_t i = 0; i < records->count; i++)
        free((void *)(uintptr_t)records->items[i].data);
    free(records->items);
}

int records_add(struct records *records, struct slice record)
{
    TRY(array_room(&records->items, &records->capacity, records->count, sizeof *records->items));
    uint8_t *copy = malloc(record.len + 1);
    if (copy == NULL)
        return STATUS_NO_MEMORY;
    memcpy(copy, record.data, record.len);
    records->items[records->count++] = slice_of(copy, record.len);
    records->bytes += record.len;
    return 0;
}

static int records_read_file(struct records *records, FILE *file)
{
    AUTO(stream_reader_free) struct stream_reader *reader = NULL;
    TRY(stream_reader_new(&reader, file));
    struct slice record;
    int result;
    while ((result = stream_next(reader, &record)) == 0)
        TRY(records_add(records, record));
    return result == STREAM_END ? 0 : result;
}

int records_read(struct records *records, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return STATUS_IO;
    int result = records_read_file(records, file);
    fclose(file);
    return result;
}

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

uint64_t rounds_median(uint64_t times[ROUNDS])
{
    qsort(times, ROUNDS, sizeof times[0], by_number);
    return times[ROUNDS / 2];
}

void rounds_print(const char *name, uint64_t times[ROUNDS], uint64_t event_count, size_t bytes)
{
    double events = (double)event_count;
    double median = (double)rounds_median(times);
    printf("%-8s %8.1f ns/event  (%.1f to %.1f)  %8.0f k events/s  %6.2f GB/s\n", name,
           median / events, (double)times[0] / events, (double)times[ROUNDS - 1] / events,
           events * 1e6 / median, (double)bytes / median);
}
