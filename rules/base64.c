/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of a text, alone and inside a longer text.
 *
 * Inside, the text starts at a byte whose number modulo 3 is unknown, so there are three encodings.
 * A Base64 character carries 6 bits. At the start, characters that also carry bits of what stands
 * before are left out: with 1 byte before, the first 2 characters; with 2 bytes, the first 3. At
 * the end, the last character is left out if it also carries bits of what follows: one full
 * character remains of 1 byte over, two of 2 bytes over. Every text that contains ours contains one
 * of the three. (Tools that keep a character more at either end lose matches.) */
#include "rules/base64.h"

enum { OFFSET_COUNT = 3 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Byte `i` of the text shifted by `offset` zero bytes; zero behind its end. */
static unsigned shifted_byte(struct slice text, size_t offset, size_t i)
{
    return i < offset || i - offset >= text.len ? 0 : text.data[i - offset];
}

/* The characters that depend on nothing but the text and its surroundings as zero bytes. */
static size_t encode_shifted(uint8_t *out, struct slice text, size_t offset)
{
    size_t len = text.len + offset, used = 0;
    for (size_t i = 0; i < len; i += 3) {
        unsigned bits = shifted_byte(text, offset, i) << 16 |
                        shifted_byte(text, offset, i + 1) << 8 | shifted_byte(text, offset, i + 2);
        size_t characters = len - i >= 3 ? 4 : len - i + 1;
        for (size_t j = 0; j < characters; j++)
            out[used++] = (uint8_t)alphabet[bits >> (18 - 6 * j) & 63];
    }
    return used;
}

static uint8_t *room_for(struct draft *draft, struct slice text)
{
    return arena_take_bytes(draft->scratch, (text.len + OFFSET_COUNT + 2) / 3 * 4 + 4);
}

int base64_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                struct slice text)
{
    uint8_t *encoded = room_for(draft, text);
    if (encoded == NULL)
        return STATUS_NO_MEMORY;
    size_t used = encode_shifted(encoded, text, 0);
    while (used % 4 != 0)
        encoded[used++] = '=';
    return expansion_add_text(out, draft, node, slice_of(encoded, used));
}

int base64_offset_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                       struct slice text)
{
    static const size_t depends_on_before[OFFSET_COUNT] = {0, 2, 3};
    for (size_t offset = 0; offset < OFFSET_COUNT; offset++) {
        uint8_t *encoded = room_for(draft, text);
        if (encoded == NULL)
            return STATUS_NO_MEMORY;
        size_t used = encode_shifted(encoded, text, offset);
        used -= (text.len + offset) % 3 != 0; /* carries bits of what follows */
        size_t start = depends_on_before[offset];
        if (used <= start) {
            draft_error(draft, draft_at(draft, node), CODE_SHORT_BASE64, "use a longer text",
                        "the value is too short for 'base64offset': nothing certain is left of it");
            return 0;
        }
        TRY(expansion_add_text(out, draft, node, slice_of(encoded + start, used - start)));
    }
    return 0;
}
