/* SPDX-License-Identifier: Apache-2.0 */
/* Oracle message: random messages of any type through protobuf-c, and whether a view says the same
 * as protobuf-c's own unpack. */
#pragma once

#include "proto/view.h"

/* A small deterministic generator (splitmix64): any seed will do. */
struct dice {
    uint64_t state;
};
uint64_t dice_roll(struct dice *dice);
/* 0 <= result < limit. */
uint64_t dice_below(struct dice *dice, uint64_t limit);

/* A random message: each field is present or not, with values that lean to the edges. Free it with
 * protobuf_c_message_free_unpacked. depth: sub-messages below this one. */
ProtobufCMessage *random_message(const ProtobufCMessageDescriptor *type, struct dice *dice,
                                 unsigned depth);
/* A random message, packed; *bytes is malloc'ed. */
struct slice random_packed(uint8_t **bytes, const ProtobufCMessageDescriptor *type,
                           struct dice *dice);

/* Same values and same presence in every field, all the way down; else prints the first field that
 * differs. */
bool view_equals_message(const struct view *view, const ProtobufCMessage *message);
/* Unknown fields of the message and all its sub-messages. */
size_t message_unknown_count(const ProtobufCMessage *message);
