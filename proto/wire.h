/* SPDX-License-Identifier: Apache-2.0 */
/* Wire: the smallest pieces of protobuf's encoding, read with bounds.
 *
 * Source: protobuf.dev, "Encoding". A reader is two pointers; each step moves `at` forward or says
 * why it cannot. Everything is inline because the walker lives in these loops. */
#pragma once

#include "proto/reason.h"
#include "proto/slice.h"

#include <endian.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

enum { WIRE_VARINT_BYTES_MAX = 10, WIRE_FIELD_NUMBER_MAX = (1 << 29) - 1 };

struct wire {
    const uint8_t *at;
    const uint8_t *end;
};

/* One field as it stands on the wire, before anyone knows what it means. */
struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t scalar;    /* varint, fixed32, fixed64 */
    struct slice bytes; /* WIRE_BYTES */
};

static inline struct wire wire_of(struct slice bytes)
{
    return (struct wire){bytes.data, bytes.len == 0 ? bytes.data : bytes.data + bytes.len};
}

static inline size_t wire_left(const struct wire *wire)
{
    return (size_t)(wire->end - wire->at);
}

/* Bits beyond the 64th are dropped, as everywhere in protobuf. */
static inline enum reason wire_varint(struct wire *wire, uint64_t *value)
{
    size_t left = wire_left(wire);
    const uint8_t *at = wire->at;
    if (left > 0 && at[0] < 0x80) {
        *value = at[0];
        wire->at = at + 1;
        return REASON_NONE;
    }
    size_t limit = left < WIRE_VARINT_BYTES_MAX ? left : WIRE_VARINT_BYTES_MAX;
    uint64_t sum = 0;
    for (size_t i = 0; i < limit; i++) {
        sum |= (uint64_t)(at[i] & 0x7f) << (7 * i);
        if (at[i] < 0x80) {
            *value = sum;
            wire->at = at + i + 1;
            return REASON_NONE;
        }
    }
    return limit == WIRE_VARINT_BYTES_MAX ? REASON_VARINT : REASON_TRUNCATED;
}

static inline enum reason wire_fixed32(struct wire *wire, uint64_t *value)
{
    uint32_t bits;
    if (wire_left(wire) < sizeof bits)
        return REASON_TRUNCATED;
    memcpy(&bits, wire->at, sizeof bits);
    *value = le32toh(bits);
    wire->at += sizeof bits;
    return REASON_NONE;
}

static inline enum reason wire_fixed64(struct wire *wire, uint64_t *value)
{
    uint64_t bits;
    if (wire_left(wire) < sizeof bits)
        return REASON_TRUNCATED;
    memcpy(&bits, wire->at, sizeof bits);
    *value = le64toh(bits);
    wire->at += sizeof bits;
    return REASON_NONE;
}

static inline enum reason wire_bytes(struct wire *wire, struct slice *bytes)
{
    uint64_t length;
    enum reason reason = wire_varint(wire, &length);
    if (reason != REASON_NONE)
        return reason;
    if (length > wire_left(wire))
        return REASON_TRUNCATED;
    *bytes = slice_of(wire->at, (size_t)length);
    wire->at += length;
    return REASON_NONE;
}

/* The next field, whatever it is. Groups (wire types 3 and 4) are refused: no schema of ours has
 * any, and skipping them takes recursion. */
static inline enum reason wire_next(struct wire *wire, struct wire_field *field)
{
    uint64_t tag;
    enum reason reason = wire_varint(wire, &tag);
    if (reason != REASON_NONE)
        return reason;
    if (tag >> 3 == 0 || tag >> 3 > WIRE_FIELD_NUMBER_MAX)
        return REASON_TAG;
    field->number = (uint32_t)(tag >> 3);
    field->type = (enum wire_type)(tag & 7);
    switch (tag & 7) {
    case WIRE_BYTES:
        return wire_bytes(wire, &field->bytes);
    case WIRE_VARINT:
        return wire_varint(wire, &field->scalar);
    case WIRE_FIXED64:
        return wire_fixed64(wire, &field->scalar);
    case WIRE_FIXED32:
        return wire_fixed32(wire, &field->scalar);
    case 3:
    case 4:
        return REASON_GROUP;
    default:
        return REASON_TAG;
    }
}
