/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/uuid.h"

/* Offsets of the dashes in the canonical text. */
static bool is_dash_place(size_t offset)
{
    return offset == 8 || offset == 13 || offset == 18 || offset == 23;
}

bool uuid_parse(uint8_t out[UUID_BYTES], struct slice text)
{
    if (text.len == UUID_TEXT_BYTES + 2 && text.data[0] == '{' && text.data[text.len - 1] == '}')
        text = slice_of(text.data + 1, UUID_TEXT_BYTES);
    if (text.len != UUID_TEXT_BYTES)
        return false;
    size_t byte = 0;
    for (size_t at = 0; at < UUID_TEXT_BYTES;) {
        if (is_dash_place(at)) {
            if (text.data[at++] != '-')
                return false;
            continue;
        }
        unsigned high = hex_digit(text.data[at]);
        unsigned low = hex_digit(text.data[at + 1]);
        if (high == HEX_NONE || low == HEX_NONE)
            return false;
        out[byte++] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return true;
}

void uuid_format(char out[UUID_TEXT_BYTES + 1], const uint8_t uuid[UUID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t byte = 0; byte < UUID_BYTES; byte++) {
        if (is_dash_place(at))
            out[at++] = '-';
        out[at++] = digits[uuid[byte] >> 4];
        out[at++] = digits[uuid[byte] & 15];
    }
    out[at] = '\0';
}
