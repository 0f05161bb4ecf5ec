/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/tally.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { TABLE_SIZE = 2 * TALLY_RULES_MAX };
_Static_assert((TABLE_SIZE & (TABLE_SIZE - 1)) == 0, "indices are masked");

struct cell {
    uint8_t rule_id[UUID_BYTES];
    _Atomic uint64_t count; /* 0: the cell is free */
};

struct tally {
    struct cell cells[TABLE_SIZE];
    size_t used;
    _Atomic uint64_t others;
};

int tally_new(struct tally **out)
{
    assert(out != NULL);
    struct tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL)
        return STATUS_NO_MEMORY;
    *out = tally;
    return 0;
}

void tally_free(struct tally *tally)
{
    free(tally);
}

static size_t place_of(const uint8_t rule_id[UUID_BYTES])
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a */
    for (size_t i = 0; i < UUID_BYTES; i++)
        hash = (hash ^ rule_id[i]) * 1099511628211U;
    return (size_t)(hash ^ hash >> 32) & (TABLE_SIZE - 1);
}

void tally_count(struct tally *tally, const uint8_t rule_id[UUID_BYTES])
{
    size_t at = place_of(rule_id);
    for (;; at = (at + 1) & (TABLE_SIZE - 1)) {
        struct cell *cell = &tally->cells[at];
        uint64_t count = atomic_load_explicit(&cell->count, memory_order_relaxed);
        if (count > 0 && memcmp(cell->rule_id, rule_id, UUID_BYTES) != 0)
            continue;
        if (count == 0 && tally->used == TALLY_RULES_MAX) {
            uint64_t others = atomic_load_explicit(&tally->others, memory_order_relaxed);
            atomic_store_explicit(&tally->others, others + 1, memory_order_relaxed);
            return;
        }
        if (count == 0) {
            memcpy(cell->rule_id, rule_id, UUID_BYTES);
            tally->used++;
        }
        /* Release: a reader that sees a count sees the id written before it (paired with the
         * acquire in collect). The id never changes again. */
        atomic_store_explicit(&cell->count, count + 1, memory_order_release);
        return;
    }
}

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct tally_row *)a)->rule_id, ((const struct tally_row *)b)->rule_id,
                  UUID_BYTES);
}

static int by_count(const void *a, const void *b)
{
    const struct tally_row *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return by_id(a, b);
}

static size_t collect(struct tally_row *rows, uint64_t *others, struct tally *const tallies[],
                      size_t tally_count)
{
    size_t count = 0;
    for (size_t t = 0; t < tally_count; t++) {
        *others += atomic_load_explicit(&tallies[t]->others, memory_order_relaxed);
        for (size_t i = 0; i < TABLE_SIZE; i++) {
            const struct cell *cell = &tallies[t]->cells[i];
            /* Acquire: paired with the release in tally_count. */
            uint64_t n = atomic_load_explicit(&cell->count, memory_order_acquire);
            if (n == 0)
                continue;
            rows[count].count = n;
            memcpy(rows[count++].rule_id, cell->rule_id, UUID_BYTES);
        }
    }
    return count;
}

/* Rows of one rule become one; rows are sorted by id. */
static size_t merge(struct tally_row *rows, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && by_id(&rows[kept - 1], &rows[i]) == 0)
            rows[kept - 1].count += rows[i].count;
        else
            rows[kept++] = rows[i];
    }
    return kept;
}

size_t tally_top(struct tally_row rows[], size_t max, uint64_t *others,
                 struct tally *const tallies[], size_t tally_count)
{
    *others = 0;
    struct tally_row *all = calloc(tally_count * TALLY_RULES_MAX + 1, sizeof *all);
    if (all == NULL)
        return 0;
    size_t count = collect(all, others, tallies, tally_count);
    qsort(all, count, sizeof *all, by_id);
    count = merge(all, count);
    qsort(all, count, sizeof *all, by_count);
    size_t shown = count < max ? count : max;
    if (shown > 0)
        memcpy(rows, all, shown * sizeof *rows);
    for (size_t i = shown; i < count; i++)
        *others += all[i].count;
    free(all);
    return shown;
}
