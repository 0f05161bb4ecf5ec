/* SPDX-License-Identifier: Apache-2.0 */
/* Names are sorted, so that equal ones stand side by side, in the order of their positions: merged
 * from runs of one upwards, because that is stable and its worst case is its only case. */
#include "proto/twins.h"

/* Not in the order of a dictionary, but one that mostly needs no byte of the names. */
static int compare(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

/* Two sorted runs of positions, [from, middle) and [middle, to), into one. */
static void merge(uint32_t *out, const uint32_t *in, size_t from, size_t middle, size_t to,
                  const struct slice names[])
{
    size_t left = from;
    size_t right = middle;
    for (size_t i = from; i < to; i++) {
        bool take_left =
            right >= to || (left < middle && compare(names[in[left]], names[in[right]]) <= 0);
        out[i] = take_left ? in[left++] : in[right++];
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Positions in the order of their names. Both arrays have room for all; one of them is returned. */
static const uint32_t *sort(uint32_t *order, uint32_t *other, const struct slice names[],
                            size_t count)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t from = 0; from < count; from += 2 * run)
            merge(other, order, from, least(from + run, count), least(from + 2 * run, count),
                  names);
        uint32_t *swap = order;
        order = other;
        other = swap;
    }
    return order;
}

int twins_find(struct twins *out, const struct slice names[], uint32_t count, struct arena *arena)
{
    uint32_t *next = arena_array(arena, uint32_t, count);
    bool *is_later = arena_array(arena, bool, count);
    uint32_t *order = arena_take(arena, count * sizeof *order);
    uint32_t *other = arena_take(arena, count * sizeof *other);
    if (next == NULL || is_later == NULL || order == NULL || other == NULL)
        return STATUS_LIMIT;
    const uint32_t *sorted = sort(order, other, names, count);
    for (uint32_t i = 1; i < count; i++) {
        if (compare(names[sorted[i - 1]], names[sorted[i]]) != 0)
            continue;
        next[sorted[i - 1]] = sorted[i];
        is_later[sorted[i]] = true;
    }
    *out = (struct twins){next, is_later};
    return 0;
}
