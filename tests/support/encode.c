/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include <stdlib.h>
#include <string.h>

struct encoding {
    uint8_t *data;
    size_t len, capacity;
};

struct encoding *encoding_new(void)
{
    struct encoding *encoding = calloc(1, sizeof *encoding);
    if (encoding == NULL)
        abort();
    return encoding;
}

void encoding_free(struct encoding *encoding)
{
    if (encoding == NULL)
        return;
    free(encoding->data);
    free(encoding);
}

void encode_raw(struct encoding *encoding, struct slice bytes)
{
    if (bytes.len > encoding->capacity - encoding->len) {
        encoding->capacity = 2 * (encoding->capacity + bytes.len);
        encoding->data = realloc(encoding->data, encoding->capacity);
        if (encoding->data == NULL)
            abort();
    }
    if (bytes.len > 0)
        memcpy(encoding->data + encoding->len, bytes.data, bytes.len);
    encoding->len += bytes.len;
}

void encode_varint_raw(struct encoding *encoding, uint64_t value)
{
    uint8_t bytes[10];
    size_t len = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[len++] = (uint8_t)(value | 0x80);
    bytes[len++] = (uint8_t)value;
    encode_raw(encoding, slice_of(bytes, len));
}

void encode_tag(struct encoding *encoding, uint32_t number, unsigned wire_type)
{
    encode_varint_raw(encoding, (uint64_t)number << 3 | wire_type);
}

void encode_varint(struct encoding *encoding, uint32_t number, uint64_t value)
{
    encode_tag(encoding, number, 0);
    encode_varint_raw(encoding, value);
}

static void encode_little_endian(struct encoding *encoding, uint64_t value, size_t len)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    encode_raw(encoding, slice_of(bytes, len));
}

void encode_fixed32(struct encoding *encoding, uint32_t number, uint32_t value)
{
    encode_tag(encoding, number, 5);
    encode_little_endian(encoding, value, 4);
}

void encode_fixed64(struct encoding *encoding, uint32_t number, uint64_t value)
{
    encode_tag(encoding, number, 1);
    encode_little_endian(encoding, value, 8);
}

void encode_bytes(struct encoding *encoding, uint32_t number, struct slice bytes)
{
    encode_tag(encoding, number, 2);
    encode_varint_raw(encoding, bytes.len);
    encode_raw(encoding, bytes);
}

void encode_message(struct encoding *encoding, uint32_t number, const struct encoding *message)
{
    encode_bytes(encoding, number, encoded(message));
}

struct slice encoded(const struct encoding *encoding)
{
    return slice_of(encoding->data, encoding->len);
}
