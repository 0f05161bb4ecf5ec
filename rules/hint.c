/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/hint.h"

#include <stdio.h>

struct slice hint_clip(struct slice text)
{
    if (text.len <= HINT_QUOTE_BYTES_MAX)
        return text;
    size_t len = HINT_QUOTE_BYTES_MAX;
    while (len > 0 && (text.data[len] & 0xc0) == 0x80)
        len--;
    return slice_of(text.data, len);
}

static unsigned lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20U : byte;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

static bool are_swapped(struct slice a, struct slice b, size_t i, size_t j)
{
    return i > 1 && j > 1 && lower(a.data[i - 1]) == lower(b.data[j - 2]) &&
           lower(a.data[i - 2]) == lower(b.data[j - 1]);
}

/* How many letters must be added, left out or replaced, or neighbours swapped (Damerau and
 * Levenshtein's distance, each pair swapped once); letters of either case are alike. */
static unsigned distance(struct slice a, struct slice b)
{
    unsigned rows[3][HINT_NAME_BYTES_MAX + 1]; /* of the table: this one and the two before */
    for (unsigned j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned replaced = before[j - 1] + (lower(a.data[i - 1]) != lower(b.data[j - 1]));
            row[j] = least(before[j] + 1, row[j - 1] + 1, replaced);
            if (are_swapped(a, b, i, j))
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1, row[j]);
        }
    }
    return rows[a.len % 3][b.len];
}

struct hint_search hint_search(struct slice wanted)
{
    /* A third of the letters wrong is a typing error; more is another word. */
    return (struct hint_search){
        .wanted = wanted, .best_distance = (unsigned)(wanted.len < 3 ? 1 : wanted.len / 3) + 1};
}

void hint_offer(struct hint_search *search, struct slice candidate)
{
    if (search->wanted.len > HINT_NAME_BYTES_MAX || candidate.len > HINT_NAME_BYTES_MAX)
        return;
    size_t longer = search->wanted.len > candidate.len ? search->wanted.len : candidate.len;
    size_t shorter = search->wanted.len + candidate.len - longer;
    if (longer - shorter >= search->best_distance)
        return; /* so many letters are missing at least */
    unsigned found = distance(search->wanted, candidate);
    if (found >= search->best_distance)
        return;
    search->best_distance = found;
    search->best = candidate;
}

const char *hint_nearest(const struct hint_search *search, char *buffer, const char *otherwise)
{
    if (search->best.data == NULL)
        return otherwise;
    snprintf(buffer, HINT_BYTES_MAX, "did you mean '%.*s'?", SLICE_PRINTF(hint_clip(search->best)));
    return buffer;
}
