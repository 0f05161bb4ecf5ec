/* SPDX-License-Identifier: Apache-2.0 */
/* Encode: protobuf written field by field, so that a test can also write what no library would. */
#pragma once

#include "proto/slice.h"

struct encoding;

/* Aborts when memory runs out, as everything here. */
struct encoding *encoding_new(void);
void encoding_free(struct encoding *encoding);
static inline void encoding_free_auto_(struct encoding **owner)
{
    encoding_free(*owner);
}

/* Any bytes, as they are. */
void encode_raw(struct encoding *encoding, struct slice bytes);
void encode_varint_raw(struct encoding *encoding, uint64_t value);
void encode_tag(struct encoding *encoding, uint32_t number, unsigned wire_type);
void encode_varint(struct encoding *encoding, uint32_t number, uint64_t value);
void encode_fixed32(struct encoding *encoding, uint32_t number, uint32_t value);
void encode_fixed64(struct encoding *encoding, uint32_t number, uint64_t value);
void encode_bytes(struct encoding *encoding, uint32_t number, struct slice bytes);
/* A sub-message: what the other encoding holds. */
void encode_message(struct encoding *encoding, uint32_t number, const struct encoding *message);
/* Valid until the next write. */
struct slice encoded(const struct encoding *encoding);
