/* SPDX-License-Identifier: Apache-2.0 */
/* Walker: from encoded protobuf to views (view.h) in one pass, without copying.
 *
 * It is driven by protobuf-c's descriptors, so it knows any message that protoc-c knows. Cells
 * point into the bytes; memory comes from the caller's arena. Every length, depth and count is
 * bounded. */
#pragma once

#include "proto/arena.h"
#include "proto/layout.h"
#include "proto/reason.h"
#include "proto/view.h"

/* State over the messages of one record. Initialise with the limits; the walker adds the rest. */
struct walker {
    struct arena *arena;
    unsigned depth_max;    /* messages inside each other; 1: no sub-message at all */
    size_t elements_max;   /* of one repeated field */
    size_t text_bytes_max; /* a longer bytes or string field sets long_text */

    uint64_t unknown_field_count;          /* skipped so far */
    bool long_text;                        /* sticky: a field was longer than text_bytes_max */
    const ProtobufCFieldDescriptor *fault; /* the field that the last reason is about, or NULL */
};

/* Decodes a message with all its sub-messages. *out is set on REASON_NONE only.
 * - Singular scalars: the last one wins; a message that appears twice is REASON_DUPLICATE_MESSAGE.
 * - Two members of a oneof: the last one wins; two messages are REASON_TWO_KINDS.
 * - Repeated scalars are taken packed and not packed, whatever the schema says.
 * - `required` means nothing.
 * REASON_MEMORY: the arena is full. Cost O(bytes). */
MUST_USE enum reason walker_read(const struct view **out, struct walker *walker,
                                 const struct layout *layout, struct slice bytes);

/* Decodes one level: a sub-message's cell holds its bytes instead (cell.bytes; the elements of a
 * repeated one too). Forgiving, so that one fault hides as little as possible: a field that cannot
 * be used is left out (of a message that appears twice the first stays, of too many elements the
 * first elements_max), and a broken encoding ends the message where it breaks. Returns the first
 * reason; *out is always set, but for REASON_MEMORY. */
MUST_USE enum reason walker_read_shallow(const struct view **out, struct walker *walker,
                                         const struct layout *layout, struct slice bytes);
