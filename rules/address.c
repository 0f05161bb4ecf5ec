/* SPDX-License-Identifier: Apache-2.0 */
/* Written out instead of inet_pton: that one wants NUL-terminated text, and events are slices. */
#include "rules/address.h"

#include "proto/status.h"

enum { V4_BYTES = 4, V6_GROUPS = 8, GROUP_DIGITS_MAX = 4 };

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* A decimal number of at most 3 digits without leading zeros, at most `max`. */
static bool read_decimal(unsigned *out, struct slice *text, unsigned max)
{
    size_t len = 0;
    *out = 0;
    while (len < text->len && len < 3 && is_digit(text->data[len]))
        *out = *out * 10 + (unsigned)(text->data[len++] - '0');
    if (len == 0 || *out > max || (len > 1 && text->data[0] == '0'))
        return false;
    *text = slice_from(*text, len);
    return true;
}

static bool take(struct slice *text, uint8_t byte)
{
    if (text->len == 0 || text->data[0] != byte)
        return false;
    *text = slice_from(*text, 1);
    return true;
}

static bool parse_v4(uint8_t out[V4_BYTES], struct slice text)
{
    for (unsigned i = 0; i < V4_BYTES; i++) {
        unsigned value;
        if ((i > 0 && !take(&text, '.')) || !read_decimal(&value, &text, UINT8_MAX))
            return false;
        out[i] = (uint8_t)value;
    }
    return text.len == 0;
}

static int hex_value(uint8_t byte)
{
    if (is_digit(byte))
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool read_group(unsigned *out, struct slice *text)
{
    size_t len = 0;
    *out = 0;
    while (len < text->len && len < GROUP_DIGITS_MAX && hex_value(text->data[len]) >= 0)
        *out = *out << 4 | (unsigned)hex_value(text->data[len++]);
    *text = slice_from(*text, len);
    return len > 0;
}

struct v6_reader {
    uint8_t bytes[ADDRESS_BYTES];
    unsigned used; /* bytes */
    int gap;       /* bytes before the "::", or -1 */
};

/* An IPv4 address may be the last 4 bytes: ::ffff:192.0.2.1. */
static bool read_v4_tail(struct v6_reader *reader, struct slice *text)
{
    if (reader->used > ADDRESS_BYTES - V4_BYTES || !parse_v4(reader->bytes + reader->used, *text))
        return false;
    reader->used += V4_BYTES;
    *text = slice_from(*text, text->len);
    return true;
}

static bool read_groups(struct v6_reader *reader, struct slice text)
{
    if (slice_starts_with(text, SLICE_LITERAL("::"))) {
        reader->gap = 0;
        text = slice_from(text, 2);
        if (text.len == 0)
            return true;
    }
    for (;;) {
        unsigned group;
        if (read_v4_tail(reader, &text))
            return true;
        if (reader->used == ADDRESS_BYTES || !read_group(&group, &text))
            return false;
        reader->bytes[reader->used++] = (uint8_t)(group >> 8);
        reader->bytes[reader->used++] = (uint8_t)group;
        if (text.len == 0)
            return true;
        if (!take(&text, ':'))
            return false;
        if (!take(&text, ':'))
            continue;
        if (reader->gap >= 0)
            return false;
        reader->gap = (int)reader->used;
        if (text.len == 0)
            return true;
    }
}

static bool parse_v6(uint8_t out[ADDRESS_BYTES], struct slice text)
{
    struct v6_reader reader = {.gap = -1};
    if (!read_groups(&reader, text))
        return false;
    if (reader.gap < 0 ? reader.used != ADDRESS_BYTES : reader.used > ADDRESS_BYTES - 2)
        return false;
    size_t head = reader.gap < 0 ? reader.used : (size_t)reader.gap;
    size_t tail = reader.used - head;
    memcpy(out, reader.bytes, head);
    memcpy(out + ADDRESS_BYTES - tail, reader.bytes + head, tail);
    return true;
}

bool address_parse(struct address *out, struct slice text)
{
    *out = (struct address){0};
    if (parse_v4(out->bytes, text))
        return true;
    *out = (struct address){.v6 = true};
    return parse_v6(out->bytes, text);
}

static uint8_t prefix_mask(unsigned bits, unsigned byte)
{
    if (bits >= (byte + 1) * 8)
        return 0xff;
    if (bits <= byte * 8)
        return 0;
    return (uint8_t)(0xff00U >> (bits - byte * 8));
}

int network_parse(struct network *out, struct slice text)
{
    const uint8_t *slash = text.len == 0 ? NULL : memchr(text.data, '/', text.len);
    size_t len = slash == NULL ? text.len : (size_t)(slash - text.data);
    *out = (struct network){0};
    if (!address_parse(&out->address, slice_of(text.data, len)))
        return STATUS_BAD_INPUT;
    unsigned bits = out->address.v6 ? ADDRESS_V6_BITS : ADDRESS_V4_BITS;
    if (slash != NULL) {
        struct slice prefix = slice_from(text, len + 1);
        if (!read_decimal(&bits, &prefix, bits) || prefix.len > 0)
            return STATUS_BAD_INPUT;
    }
    out->bits = (uint8_t)bits;
    bool host_bits = false;
    for (unsigned i = 0; i < ADDRESS_BYTES; i++) {
        uint8_t kept = out->address.bytes[i] & prefix_mask(bits, i);
        host_bits |= kept != out->address.bytes[i];
        out->address.bytes[i] = kept;
    }
    return host_bits ? NETWORK_HOST_BITS : 0;
}

bool network_contains(const struct network *network, const struct address *address)
{
    if (network->address.v6 != address->v6)
        return false;
    for (unsigned i = 0; i * 8 < network->bits; i++)
        if ((address->bytes[i] & prefix_mask(network->bits, i)) != network->address.bytes[i])
            return false;
    return true;
}
