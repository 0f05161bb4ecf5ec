/* SPDX-License-Identifier: Apache-2.0 */
/* Dice: random choices that a seed repeats (splitmix64). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
}

static inline size_t dice_below(struct dice *dice, size_t bound)
{
    return (size_t)(dice_roll(dice) % bound);
}

static inline bool dice_percent(struct dice *dice, unsigned percent)
{
    return dice_below(dice, 100) < percent;
}

/* One of a static array's elements. */
#define DICE_PICK(dice, array) ((array)[dice_below((dice), sizeof(array) / sizeof(array)[0])])
