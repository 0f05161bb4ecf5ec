/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/draw.h"

#include <assert.h>

enum { ZIPF_UNIT = 1 << 20 };

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

uint64_t draw_key(uint64_t key, uint64_t number)
{
    return mix(mix(key + 0x9e3779b97f4a7c15U) + number * 0xd1342543de82ef95U);
}

struct draw draw_from(uint64_t key)
{
    return (struct draw){.state = key};
}

uint64_t draw_next(struct draw *draw)
{
    draw->state += 0x9e3779b97f4a7c15U;
    return mix(draw->state);
}

uint32_t draw_below(struct draw *draw, uint32_t limit)
{
    assert(limit >= 1);
    return (uint32_t)(((draw_next(draw) >> 32) * limit) >> 32);
}

size_t draw_zipf(struct draw *draw, size_t count)
{
    assert(count >= 1);
    uint32_t total = 0;
    for (size_t rank = 0; rank < count; rank++)
        total += ZIPF_UNIT / (uint32_t)(rank + 1);
    uint32_t left = draw_below(draw, total);
    for (size_t rank = 0; rank < count; rank++) {
        uint32_t weight = ZIPF_UNIT / (uint32_t)(rank + 1);
        if (left < weight)
            return rank;
        left -= weight;
    }
    return count - 1;
}

void draw_bytes(struct draw *draw, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(draw_next(draw) >> 56);
}
