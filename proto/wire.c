/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire.h"

enum { TAG_MIN = 1 << 3 /* of field number 1 */ };

struct wire_number wire_long(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    size_t limit = left < WIRE_VARINT_BYTES_MAX ? left : WIRE_VARINT_BYTES_MAX;
    uint64_t value = 0;
    for (size_t i = 0; i < limit; i++) {
        value |= (uint64_t)(at[i] & 0x7f) << (7 * i);
        if (at[i] < 0x80)
            return (struct wire_number){value, at + i + 1};
    }
    return (struct wire_number){0, NULL};
}

static size_t bytes_left(const struct wire *wire)
{
    return (size_t)(wire->end - wire->at);
}

static enum reason take_varint(struct wire *wire, uint64_t *value)
{
    struct wire_number number = wire_varint(wire->at, wire->end);
    if (number.next == NULL)
        return bytes_left(wire) < WIRE_VARINT_BYTES_MAX ? REASON_TRUNCATED : REASON_VARINT;
    *value = number.value;
    wire->at = number.next;
    return REASON_NONE;
}

static enum reason take_bytes(struct wire *wire, struct slice *bytes)
{
    uint64_t length;
    enum reason reason = take_varint(wire, &length);
    if (reason != REASON_NONE)
        return reason;
    if (length > bytes_left(wire))
        return REASON_TRUNCATED;
    *bytes = slice_of(wire->at, (size_t)length);
    wire->at += length;
    return REASON_NONE;
}

enum reason wire_scalar(struct wire *wire, enum wire_type type, uint64_t *value)
{
    if (type == WIRE_VARINT)
        return take_varint(wire, value);
    struct wire_number number = wire_fixed(wire->at, wire->end, type);
    if (number.next == NULL)
        return REASON_TRUNCATED;
    *value = number.value;
    wire->at = number.next;
    return REASON_NONE;
}

/* Field number times eight plus type. */
static enum reason take_tag(struct wire *wire, struct wire_field *field)
{
    uint64_t tag;
    enum reason reason = take_varint(wire, &tag);
    if (reason != REASON_NONE)
        return reason;
    if (tag < TAG_MIN || tag > UINT32_MAX)
        return REASON_TAG;
    field->number = (uint32_t)tag >> 3;
    field->type = (enum wire_type)(tag & 7);
    if (field->type <= WIRE_BYTES || field->type == WIRE_FIXED32)
        return REASON_NONE;
    return field->type <= 4 ? REASON_GROUP : REASON_TAG;
}

enum reason wire_next(struct wire *wire, struct wire_field *field)
{
    enum reason reason = take_tag(wire, field);
    if (reason != REASON_NONE)
        return reason;
    if (field->type == WIRE_BYTES)
        return take_bytes(wire, &field->bytes);
    return wire_scalar(wire, field->type, &field->scalar);
}
