/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire.h"

struct wire_number wire_varint_long(const uint8_t *at, size_t left)
{
    size_t limit = left < WIRE_VARINT_BYTES_MAX ? left : WIRE_VARINT_BYTES_MAX;
    uint64_t value = 0;
    for (size_t i = 0; i < limit; i++) {
        value |= (uint64_t)(at[i] & 0x7f) << (7 * i);
        if (at[i] < 0x80)
            return (struct wire_number){value, i + 1};
    }
    return (struct wire_number){0, left < WIRE_VARINT_BYTES_MAX ? 0 : WIRE_VARINT_BYTES_MAX + 1};
}
