/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/frame.h"

enum { SCHEMA_ID_END = 5, VARINT_BYTES_MAX = 5 };

/* False: no varint of at most 32 bits here. */
static bool take_varint(struct slice *rest, uint32_t *out)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX && i < rest->len; i++) {
        value |= (uint64_t)(rest->data[i] & 0x7F) << (7 * i);
        if (rest->data[i] >= 0x80)
            continue;
        *out = (uint32_t)value;
        *rest = slice_from(*rest, i + 1);
        return value <= UINT32_MAX;
    }
    return false;
}

/* Zig-zag and plain writers differ in the count (2n against n). Messages of ours are at the top
 * level, so the list has one index: zig-zag count 1 is 2, plain is 1. Longer lists are read as
 * zig-zag, as Confluent says. */
static bool skip_indexes(struct slice *rest)
{
    uint32_t count, index;
    if (!take_varint(rest, &count))
        return false;
    count = count == 1 ? 1 : count / 2;
    if (count > FRAME_INDEXES_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!take_varint(rest, &index))
            return false;
    return true;
}

enum reason frame_read(struct frame *out, struct slice record)
{
    *out = (struct frame){.framed = false, .payload = record};
    if (record.len == 0 || record.data[0] != 0)
        return REASON_NONE;
    if (record.len <= SCHEMA_ID_END)
        return REASON_FRAMING;
    const uint8_t *id = record.data + 1;
    struct slice rest = slice_from(record, SCHEMA_ID_END);
    if (!skip_indexes(&rest))
        return REASON_FRAMING;
    out->framed = true;
    out->schema_id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    out->payload = rest;
    return REASON_NONE;
}
