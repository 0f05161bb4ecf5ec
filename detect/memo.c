/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables, of short and of long texts, so that an entry of the one fits two cache lines and the
 * other has room for most command lines. A hash finds a pair of entries; the newer or more lately
 * used one survives. A scan whose texts hardly repeat (long scripts, random names) leaves the memo
 * alone for a while: keeping costs, and evicts what is of use.
 *
 * Rejected: keeping a 128-bit hash instead of the bytes. It would be smaller, wrong once in 2^128,
 * and as often as an attacker likes who learns its secret; comparing costs a few nanoseconds. */
#include "detect/memo.h"

#include <assert.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    SHORT_BYTES = 92,
    SHORT_ENTRIES = 8192,
    LONG_ENTRIES = 2048,
    /* A scan is asked about in rounds; after one with too few finds it rests. */
    ROUND_FINDS = 256,
    ROUND_FOUND_MIN = ROUND_FINDS / 4,
    REST_FINDS = 4096,
};

struct entry {
    uint32_t hash; /* upper half */
    uint32_t scan; /* plus one; 0: empty */
    uint16_t len;
    uint8_t hit_count;
    bool used; /* since its neighbour was replaced */
    uint32_t hits[MEMO_HITS_MAX];
    uint8_t text[]; /* room for the table's longest */
};

enum {
    SHORT_STRIDE = sizeof(struct entry) + SHORT_BYTES,
    LONG_STRIDE = sizeof(struct entry) + MEMO_TEXT_BYTES_MAX,
};
_Static_assert(sizeof(struct entry) == 36, "an entry and its text fill cache lines");

struct habit { /* of one scan's texts */
    uint16_t finds, found;
    uint16_t rest;
};

struct table {
    uint8_t *entries;
    size_t stride;
    size_t pair_mask;
};

struct memo {
    struct table of_short, of_long;
    size_t scan_count;
    struct habit habits[];
};

static int table_new(struct table *out, size_t stride, size_t entries)
{
    *out = (struct table){.stride = stride, .pair_mask = entries / 2 - 1};
    out->entries = aligned_alloc(64, entries * stride);
    if (out->entries == NULL)
        return STATUS_NO_MEMORY;
    memset(out->entries, 0, entries * stride);
    return 0;
}

int memo_new(struct memo **out, size_t scan_count)
{
    struct memo *memo = calloc(1, sizeof *memo + scan_count * sizeof memo->habits[0]);
    if (memo == NULL)
        return STATUS_NO_MEMORY;
    memo->scan_count = scan_count;
    int status = table_new(&memo->of_short, SHORT_STRIDE, SHORT_ENTRIES);
    if (status == 0)
        status = table_new(&memo->of_long, LONG_STRIDE, LONG_ENTRIES);
    if (status != 0) {
        memo_free(memo);
        return status;
    }
    *out = memo;
    return 0;
}

void memo_free(struct memo *memo)
{
    if (memo == NULL)
        return;
    free(memo->of_short.entries);
    free(memo->of_long.entries);
    free(memo);
}

/* --- Pairs --- */

struct place {
    struct entry *pair[2];
    uint32_t hash;
};

static struct place place_of(struct memo *memo, uint32_t scan, struct slice text)
{
    const struct table *table = text.len <= SHORT_BYTES ? &memo->of_short : &memo->of_long;
    uint64_t hash = XXH3_64bits_withSeed(text.data, text.len, scan);
    uint8_t *first = table->entries + (hash & table->pair_mask) * 2 * table->stride;
    return (struct place){
        .pair = {(struct entry *)(void *)first, (struct entry *)(void *)(first + table->stride)},
        .hash = (uint32_t)(hash >> 32),
    };
}

static bool is_it(const struct entry *entry, const struct place *place, uint32_t scan,
                  struct slice text)
{
    return entry->hash == place->hash && entry->scan == scan + 1 && entry->len == text.len &&
           memcmp(entry->text, text.data, text.len) == 0;
}

/* --- Public --- */

static bool is_resting(struct habit *habit)
{
    if (habit->rest == 0)
        return false;
    habit->rest--;
    return true;
}

static void count_find(struct habit *habit, bool found)
{
    habit->found = (uint16_t)(habit->found + found);
    if (++habit->finds < ROUND_FINDS)
        return;
    habit->rest = habit->found < ROUND_FOUND_MIN ? REST_FINDS : 0;
    habit->finds = habit->found = 0;
}

bool memo_find(struct memo_hits *out, struct memo *memo, uint32_t scan, struct slice text)
{
    assert(scan < memo->scan_count);
    struct habit *habit = &memo->habits[scan];
    if (text.len == 0 || text.len > MEMO_TEXT_BYTES_MAX || is_resting(habit))
        return false;
    struct place place = place_of(memo, scan, text);
    for (size_t i = 0; i < 2; i++) {
        struct entry *entry = place.pair[i];
        if (!is_it(entry, &place, scan, text))
            continue;
        entry->used = true;
        *out = (struct memo_hits){entry->hits, entry->hit_count};
        count_find(habit, true);
        return true;
    }
    count_find(habit, false);
    return false;
}

void memo_keep(struct memo *memo, uint32_t scan, struct slice text, struct memo_hits hits)
{
    if (text.len == 0 || text.len > MEMO_TEXT_BYTES_MAX || hits.count > MEMO_HITS_MAX ||
        memo->habits[scan].rest > 0)
        return;
    struct place place = place_of(memo, scan, text);
    bool second = place.pair[0]->used && !place.pair[1]->used;
    struct entry *entry = place.pair[second];
    place.pair[!second]->used = false;
    entry->hash = place.hash;
    entry->scan = scan + 1;
    entry->len = (uint16_t)text.len;
    entry->hit_count = (uint8_t)hits.count;
    entry->used = false;
    for (size_t i = 0; i < hits.count; i++)
        entry->hits[i] = hits.items[i];
    memcpy(entry->text, text.data, text.len);
}
