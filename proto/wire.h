/* SPDX-License-Identifier: Apache-2.0 */
/* Wire: the smallest pieces of protobuf's encoding, read with bounds.
 *
 * Source: protobuf.dev, "Encoding". Two ways: by value for the walker's loop, which must keep its
 * state in registers; and with reasons, for everything else. */
#pragma once

#include "proto/reason.h"
#include "proto/slice.h"
#include "proto/status.h"

#include <endian.h>

#define WIRE_INLINE static inline __attribute__((always_inline))

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

enum { WIRE_VARINT_BYTES_MAX = 10 };

/* A reader: what is left. */
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

/* The next field, whatever it is, or why it cannot be read; then the reader stands somewhere in it.
 * Groups (types 3 and 4) are refused: no schema of ours has any, and skipping them takes recursion.
 */
MUST_USE enum reason wire_next(struct wire *wire, struct wire_field *field);
/* A number of the type, which is not WIRE_BYTES. */
MUST_USE enum reason wire_scalar(struct wire *wire, enum wire_type type, uint64_t *value);

/* A number and what stands behind it; next NULL: it is cut off or too long. */
struct wire_number {
    uint64_t value;
    const uint8_t *next;
};

/* A varint of one byte or two, as nearly all are. Any other gives WIRE_NOT_SHORT, which is no tag
 * and no length, and next is the end. */
#define WIRE_NOT_SHORT UINT64_MAX
WIRE_INLINE struct wire_number wire_short(const uint8_t *at, const uint8_t *end)
{
    if (at < end && at[0] < 0x80)
        return (struct wire_number){at[0], at + 1};
    if (end - at > 1 && at[1] < 0x80)
        return (struct wire_number){(at[0] & 0x7fu) | (uint64_t)at[1] << 7, at + 2};
    return (struct wire_number){WIRE_NOT_SHORT, end};
}

/* Of up to WIRE_VARINT_BYTES_MAX; bits beyond the 64th are dropped, as everywhere in protobuf. */
struct wire_number wire_long(const uint8_t *at, const uint8_t *end);
WIRE_INLINE struct wire_number wire_varint(const uint8_t *at, const uint8_t *end)
{
    struct wire_number number = wire_short(at, end);
    return number.value != WIRE_NOT_SHORT ? number : wire_long(at, end);
}

/* Little-endian, of WIRE_FIXED64 or WIRE_FIXED32. */
WIRE_INLINE struct wire_number wire_fixed(const uint8_t *at, const uint8_t *end,
                                          enum wire_type type)
{
    uint32_t narrow = 0;
    uint64_t wide = 0;
    size_t left = (size_t)(end - at);
    if (left < (type == WIRE_FIXED64 ? sizeof wide : sizeof narrow))
        return (struct wire_number){0, NULL};
    if (type == WIRE_FIXED64) {
        memcpy(&wide, at, sizeof wide);
        return (struct wire_number){le64toh(wide), at + sizeof wide};
    }
    memcpy(&narrow, at, sizeof narrow);
    return (struct wire_number){le32toh(narrow), at + sizeof narrow};
}
