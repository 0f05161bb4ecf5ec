/* SPDX-License-Identifier: Apache-2.0 */
/* Records: a file of length-delimited batches in memory, and the times of rounds over it. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum { ROUNDS = 9 };

struct records {
    struct slice *items;
    size_t count, capacity;
    size_t bytes;
};

/* Reads a whole file. STATUS_IO (errno), STATUS_BAD_INPUT, STATUS_NO_MEMORY. */
MUST_USE int records_read(struct records *records, const char *path);
/* Adds a copy. */
MUST_USE int records_add(struct records *records, struct slice record);
void records_deinit(struct records *records);

uint64_t now_ns(void);
/* The median of a loop's rounds; sorts the times. */
uint64_t rounds_median(uint64_t times[ROUNDS]);
/* One line: median, range and rates of a loop's rounds; sorts the times. */
void rounds_print(const char *name, uint64_t times[ROUNDS], uint64_t events, size_t bytes);
