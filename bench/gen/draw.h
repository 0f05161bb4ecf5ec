/* SPDX-License-Identifier: Apache-2.0 */
/* Draw: numbers that depend on nothing but a key.
 *
 * The generator must be a pure function of (seed, tenant, endpoint, sequence), so nothing in it
 * carries state from one event to the next: whoever needs chance derives a key from what he is, and
 * draws from that. The mixer is SplitMix64's finaliser (Steele, Lea, Flood 2014). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct draw {
    uint64_t state;
};

/* A key from a key and a number: different numbers give unrelated keys. */
uint64_t draw_key(uint64_t key, uint64_t number);
struct draw draw_from(uint64_t key);

uint64_t draw_next(struct draw *draw);
/* 0 .. limit-1; limit >= 1. The bias is below 2^-32. */
uint32_t draw_below(struct draw *draw, uint32_t limit);
/* A rank 0 .. count-1 with weight 1/(rank+1): Zipf with exponent 1. O(count). */
size_t draw_zipf(struct draw *draw, size_t count);
/* Bytes that look random: identifiers and digests. */
void draw_bytes(struct draw *draw, uint8_t *out, size_t count);
