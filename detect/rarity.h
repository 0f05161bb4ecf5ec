/* SPDX-License-Identifier: Apache-2.0 */
/* Rarity: how often a trigger will fire, guessed before any event is seen.
 *
 * Only speed hangs on it: which of the atoms that would do a rule is waited for by. The guess is a
 * profile of what endpoint events hold, in two tables: pairs.def, how often one character follows
 * another, and common.def, texts that most machines show. */
#pragma once

#include "detect/trigger.h"

/* Characters as the profile knows them: printable ASCII without capitals, three sorts of other
 * bytes, and the edge of a text. */
enum {
    RARITY_EDGE,
    RARITY_CONTROL,
    RARITY_CONTINUATION, /* 0x80 to 0xBF */
    RARITY_LEAD,         /* 0xC0 to 0xFF */
    RARITY_PRINTABLE,    /* the space; all others follow in the order of ASCII */
    RARITY_SYMBOLS = RARITY_PRINTABLE + 69,
};
unsigned rarity_symbol(uint8_t folded);

/* The profile's scale: a letter says how rarely, in bits: 'a' always, 'b' every other time, 'z'
 * once in 2^25 or less. */
enum { RARITY_SCALE_FIRST = 'a', RARITY_SCALE_LAST = 'z' };

/* Expected hits of the set on one value of the field (empty: keywords, any value); above 1 for what
 * every value holds. */
double rarity_of(const struct trigger_set *set, struct slice field);
