/* SPDX-License-Identifier: Apache-2.0 */
/* The pairs make a chain: a literal is as rare as its first character times each step to the next.
 * That knows what no list of texts can: "~2.hta" is rare, and so is any character of another
 * script. It overrates nothing but long texts that stand as one piece in every other event
 * ("\windows\system32\"); those are what common.def lists. Rejected: guessing by length, which held
 * a thousand emoji to be as common as a thousand words of four letters. */
#include "detect/rarity.h"

#include <math.h>

/* --- Characters --- */

unsigned rarity_symbol(uint8_t folded)
{
    if (folded >= 0xC0)
        return RARITY_LEAD;
    if (folded >= 0x80)
        return RARITY_CONTINUATION;
    if (folded < ' ' || folded > '~')
        return RARITY_CONTROL;
    if (folded < 'A')
        return RARITY_PRINTABLE + (unsigned)(folded - ' ');
    unsigned lower = folded <= 'Z' ? folded | 0x20U : folded;
    return RARITY_PRINTABLE + (unsigned)('A' - ' ') + (lower - '[');
}

_Static_assert(RARITY_SYMBOLS - RARITY_PRINTABLE == ('A' - ' ') + ('~' - 'Z'), "one per character");

static const double TEXT_BYTES_MEAN =
#define TEXT_BYTES(mean) mean;
#define SHARES(row)
#define PAIRS(row)
#include "detect/pairs.def"
#undef TEXT_BYTES
#undef SHARES

#define TEXT_BYTES(mean)
#define SHARES(row) static const char shares[RARITY_SYMBOLS + 1] = row;
#include "detect/pairs.def"
#undef SHARES
#undef PAIRS

#define SHARES(row)
#define PAIRS(row) row,
    static const char pairs[][RARITY_SYMBOLS + 1] = {
#include "detect/pairs.def"
};
#undef TEXT_BYTES
#undef SHARES
#undef PAIRS

_Static_assert(sizeof pairs / sizeof pairs[0] == RARITY_SYMBOLS, "a row per symbol");

static double bits_of(char letter)
{
    return letter - RARITY_SCALE_FIRST;
}

/* How much rarer one byte is than its symbol. */
static double bits_within(unsigned symbol)
{
    static const double bits[RARITY_PRINTABLE] = {
        [RARITY_CONTROL] = 1, [RARITY_CONTINUATION] = 5, [RARITY_LEAD] = 2};
    return symbol < RARITY_PRINTABLE ? bits[symbol] : 0;
}

static double rate_by_pairs(const struct trigger *trigger)
{
    struct slice text = trigger->bytes;
    bool at_start = trigger->anchor == ANCHOR_START || trigger->anchor == ANCHOR_BOTH;
    bool at_end = trigger->anchor == ANCHOR_END || trigger->anchor == ANCHOR_BOTH;
    if (text.len == 0)
        return exp2(-bits_of(pairs[RARITY_EDGE][RARITY_EDGE]));
    unsigned before = rarity_symbol(text.data[0]);
    double bits = bits_of(at_start ? pairs[RARITY_EDGE][before] : shares[before]);
    bits += bits_within(before);
    for (size_t i = 1; i < text.len; i++) {
        unsigned symbol = rarity_symbol(text.data[i]);
        bits += bits_of(pairs[before][symbol]) + bits_within(symbol);
        before = symbol;
    }
    if (at_end)
        bits += bits_of(pairs[before][RARITY_EDGE]);
    double rate = exp2(-bits);
    return at_start ? rate : rate * TEXT_BYTES_MEAN;
}

/* --- Texts --- */

struct common {
    struct slice field; /* ending of its name */
    struct slice text;
    double percent;
};

static const struct common common_texts[] = {
#define COMMON(field, text, percent) {SLICE_INIT(field), SLICE_INIT(text), percent},
#include "detect/common.def"
#undef COMMON
};

enum { COMMON_COUNT = sizeof common_texts / sizeof common_texts[0] };

static bool is_known(struct slice field)
{
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        if (slice_ends_with(field, common_texts[i].field))
            return true;
    }
    return false;
}

static bool occurs(const struct trigger *trigger, struct slice text)
{
    switch (trigger->anchor) {
    case ANCHOR_START:
        return slice_starts_with(text, trigger->bytes);
    case ANCHOR_END:
        return slice_ends_with(text, trigger->bytes);
    case ANCHOR_BOTH:
        return slice_equal(text, trigger->bytes);
    case ANCHOR_NONE:
    default:
        return slice_find(text, trigger->bytes) != SIZE_MAX;
    }
}

static double rate_by_texts(const struct trigger *trigger, struct slice field, bool known)
{
    double rate = 0;
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        const struct common *common = &common_texts[i];
        if ((!known || slice_ends_with(field, common->field)) &&
            trigger->bytes.len <= common->text.len && occurs(trigger, common->text))
            rate += common->percent / 100;
    }
    return rate;
}

double rarity_of(const struct trigger_set *set, struct slice field)
{
    double rate = 0;
    bool known = is_known(field);
    for (size_t i = 0; i < set->count; i++)
        rate += rate_by_pairs(&set->items[i]) + rate_by_texts(&set->items[i], field, known);
    return rate;
}
