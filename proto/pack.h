/* SPDX-License-Identifier: Apache-2.0 */
/* Pack: views back to bytes; the inverse of walker.h.
 *
 * protobuf-c packs from its own structures; what is at hand here are views, decoded or made by
 * hand, whose cells say by their descriptor how they are written. */
#pragma once

#include "proto/status.h"
#include "proto/view.h"

/* Bytes that grow; kept and filled anew. */
struct pack {
    uint8_t *data;
    size_t len, size;
};

void pack_deinit(struct pack *pack);
MUST_USE int pack_append(struct pack *pack, struct slice bytes);
/* Bytes of the encoded message. Its fields are written in the order of their numbers. */
size_t pack_size(const struct view *view);
/* The message as a field of another: tag and length before it. */
MUST_USE int pack_submessage(struct pack *pack, uint32_t number, const struct view *view);
MUST_USE int pack_uint64(struct pack *pack, uint32_t number, uint64_t value);
