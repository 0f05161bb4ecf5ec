/* SPDX-License-Identifier: Apache-2.0 */
/* Wire: the smallest pieces of protobuf's encoding, read with bounds.
 *
 * Source: protobuf.dev, "Encoding". A reader is two pointers; each step moves `at` forward or says
 * why it cannot. Everything is inline because the walker lives in these loops. */
#pragma once

#include "proto/reason.h"
#include "proto/slice.h"

#include <endian.h>

#define WIRE_INLINE static inline __attribute__((always_inline))

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

enum { WIRE_VARINT_BYTES_MAX = 10, WIRE_TAG_MIN = 1 << 3 /* of field number 1 */ };

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

/* A varint of more than two bytes, apart and by value, so that the loops around wire_varint keep
 * their reader in registers. length 0: truncated; more than WIRE_VARINT_BYTES_MAX: too long. */
struct wire_number {
    uint64_t value;
    size_t length;
};
struct wire_number wire_varint_long(const uint8_t *at, size_t left);

/* Bits beyond the 64th are dropped, as everywhere in protobuf. */
WIRE_INLINE enum reason wire_varint(struct wire *wire, uint64_t *value)
{
    size_t left = wire_left(wire);
    const uint8_t *at = wire->at;
    if (left > 0 && at[0] < 0x80) {
        *value = at[0];
        wire->at = at + 1;
        return REASON_NONE;
    }
    if (left > 1 && at[1] < 0x80) {
        *value = (at[0] & 0x7fu) | (uint64_t)at[1] << 7;
        wire->at = at + 2;
        return REASON_NONE;
    }
    struct wire_number number = wire_varint_long(at, left);
    if (number.length == 0)
        return REASON_TRUNCATED;
    if (number.length > WIRE_VARINT_BYTES_MAX)
        return REASON_VARINT;
    *value = number.value;
    wire->at = at + number.length;
    return REASON_NONE;
}

/* Little-endian, of size 4 or 8. */
WIRE_INLINE enum reason wire_fixed(struct wire *wire, size_t size, uint64_t *value)
{
    uint64_t bits = 0;
    if (wire_left(wire) < size)
        return REASON_TRUNCATED;
    memcpy(&bits, wire->at, size);
    *value = le64toh(bits);
    wire->at += size;
    return REASON_NONE;
}

WIRE_INLINE enum reason wire_bytes(struct wire *wire, struct slice *bytes)
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

/* A number of the type, which is not WIRE_BYTES. */
WIRE_INLINE enum reason wire_scalar(struct wire *wire, enum wire_type type, uint64_t *value)
{
    if (type == WIRE_VARINT)
        return wire_varint(wire, value);
    return wire_fixed(wire, type == WIRE_FIXED64 ? 8 : 4, value);
}

/* Field number times eight plus type. Groups (types 3 and 4) are refused: no schema of ours has
 * any, and skipping them takes recursion. */
WIRE_INLINE enum reason wire_tag(struct wire *wire, uint32_t *number, enum wire_type *type)
{
    uint64_t tag;
    enum reason reason = wire_varint(wire, &tag);
    if (reason != REASON_NONE)
        return reason;
    if (tag < WIRE_TAG_MIN || tag > UINT32_MAX)
        return REASON_TAG;
    *number = (uint32_t)tag >> 3;
    *type = (enum wire_type)(tag & 7);
    if (*type <= WIRE_BYTES || *type == WIRE_FIXED32)
        return REASON_NONE;
    return *type <= 4 ? REASON_GROUP : REASON_TAG;
}

/* The next field, whatever it is. */
WIRE_INLINE enum reason wire_next(struct wire *wire, struct wire_field *field)
{
    enum reason reason = wire_tag(wire, &field->number, &field->type);
    if (reason != REASON_NONE)
        return reason;
    if (field->type == WIRE_BYTES)
        return wire_bytes(wire, &field->bytes);
    return wire_scalar(wire, field->type, &field->scalar);
}
