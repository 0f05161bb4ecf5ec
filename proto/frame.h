/* SPDX-License-Identifier: Apache-2.0 */
/* Frame: what may stand before a record's protobuf.
 *
 * Confluent's wire format: a zero byte, a 4-byte big-endian schema id, a list of message indexes
 * (one zero byte for the first message, else a count and that many indexes, as zig-zag varints;
 * some writers use plain ones). A plain protobuf never starts with a zero byte, so the framing is
 * recognised by it. Source: Confluent, "Wire format" of Schema Registry. */
#pragma once

#include "proto/reason.h"
#include "proto/slice.h"

enum { FRAME_INDEXES_MAX = 16 };

struct frame {
    bool framed;
    uint32_t schema_id;
    struct slice payload; /* the protobuf */
};

/* REASON_NONE, or REASON_FRAMING: it starts like a frame and is none. An empty record is an empty,
 * unframed payload. */
enum reason frame_read(struct frame *out, struct slice record);
