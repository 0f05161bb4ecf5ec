/* SPDX-License-Identifier: Apache-2.0 */
/* Nearly all text is ASCII, so eight bytes at a time are folded with arithmetic on a word, and only
 * a byte above 0x7F takes the way through UTF-8 and the table. Rejected: folding into a fixed
 * buffer of code points (four times the memory traffic). */
#include "proto/fold.h"

#include <assert.h>

static const struct fold_row {
    uint32_t first, last;
    uint32_t step;
    int32_t delta;
} fold_rows[] = {
#define FOLD(first, last, step, delta) {first, last, step, delta},
#include "proto/fold.def"
#undef FOLD
};

enum { FOLD_ROWS = sizeof fold_rows / sizeof fold_rows[0] };

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

uint32_t fold_code_point(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
    size_t low = 0;
    size_t high = FOLD_ROWS;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (fold_rows[middle].last < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == FOLD_ROWS || code_point < fold_rows[low].first)
        return code_point;
    const struct fold_row *row = &fold_rows[low];
    if ((code_point - row->first) % row->step != 0)
        return code_point;
    return (uint32_t)((int32_t)code_point + row->delta);
}

/* Unicode 15, table 3-7: the first byte says the length and the range of the second. */
static unsigned sequence_length(uint8_t first, uint8_t *second_min, uint8_t *second_max)
{
    *second_min = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *second_max = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 1;
}

uint32_t utf8_decode(struct slice text, size_t at, unsigned *length)
{
    assert(at < text.len);
    uint8_t first = text.data[at];
    uint8_t second_min, second_max;
    unsigned wanted = sequence_length(first, &second_min, &second_max);
    *length = 1;
    if (first < 0x80)
        return first;
    if (wanted == 1 || text.len - at < wanted)
        return UTF8_INVALID;
    if (text.data[at + 1] < second_min || text.data[at + 1] > second_max)
        return UTF8_INVALID;
    uint32_t code_point = first & (0x7Fu >> wanted);
    for (unsigned i = 1; i < wanted; i++) {
        if ((text.data[at + i] & 0xC0) != 0x80)
            return UTF8_INVALID;
        code_point = code_point << 6 | (text.data[at + i] & 0x3Fu);
    }
    *length = wanted;
    return code_point;
}

unsigned utf8_encode(uint8_t out[4], uint32_t code_point)
{
    assert(code_point <= 0x10FFFF);
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
        return 1;
    }
    unsigned length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (unsigned i = length - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (uint8_t)(marks[length] | code_point);
    return length;
}

size_t utf8_valid_prefix(struct slice text)
{
    size_t at = 0;
    while (at < text.len) {
        unsigned length;
        if (utf8_decode(text, at, &length) == UTF8_INVALID)
            break;
        at += length;
    }
    return at;
}

/* Lower-cases the ASCII capitals of a word without bytes above 0x7F: bit 7 of (byte + 0x80 - 'A')
 * and not of (byte + 0x80 - 'Z' - 1) marks a capital, and marks become 0x20. */
static uint64_t fold_word(uint64_t word)
{
    uint64_t at_least_a = word + EACH_BYTE(0x80 - 'A');
    uint64_t beyond_z = word + EACH_BYTE(0x80 - 'Z' - 1);
    return word | (at_least_a & ~beyond_z & EACH_BYTE(0x80)) >> 2;
}

/* One character from text[at] to out; *at and the result move on. */
static size_t fold_one(uint8_t *out, struct slice text, size_t *at)
{
    unsigned length;
    uint32_t code_point = utf8_decode(text, *at, &length);
    uint8_t byte = text.data[*at];
    *at += length;
    if (code_point == UTF8_INVALID) {
        *out = byte;
        return 1;
    }
    return utf8_encode(out, fold_code_point(code_point));
}

size_t fold_into(uint8_t *out, struct slice text)
{
    size_t used = 0;
    for (size_t at = 0; at < text.len;) {
        uint64_t word;
        if (text.len - at >= sizeof word) {
            memcpy(&word, text.data + at, sizeof word);
            if ((word & EACH_BYTE(0x80)) == 0) {
                word = fold_word(word);
                memcpy(out + used, &word, sizeof word);
                used += sizeof word;
                at += sizeof word;
                continue;
            }
        }
        uint8_t byte = text.data[at];
        if (byte < 0x80) {
            out[used++] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
            at++;
        } else {
            used += fold_one(out + used, text, &at);
        }
    }
    return used;
}

struct slice fold_copy(struct arena *arena, struct slice text)
{
    uint8_t *copy = arena_take_bytes(arena, FOLD_BYTES_MAX(text.len));
    if (copy == NULL)
        return (struct slice){NULL, 0};
    return slice_of(copy, fold_into(copy, text));
}

bool fold_equal(struct slice a, struct slice b)
{
    size_t at_a = 0;
    size_t at_b = 0;
    while (at_a < a.len && at_b < b.len) {
        uint8_t folded_a[4], folded_b[4];
        size_t length_a = fold_one(folded_a, a, &at_a);
        size_t length_b = fold_one(folded_b, b, &at_b);
        if (length_a != length_b || memcmp(folded_a, folded_b, length_a) != 0)
            return false;
    }
    return at_a == a.len && at_b == b.len;
}
