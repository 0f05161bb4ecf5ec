/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: one event taken out of its record so that it can be read and judged again.
 *
 * It is an EventBatch of its own: the origin, the processes and log sources that the event points
 * to, and the event, each byte for byte as it came. The tables keep their positions, so that the
 * indices inside the event's untouched bytes stay true: an entry before the last one needed that
 * nothing points to is an empty message (2 bytes). */
#pragma once

#include "proto/arena.h"
#include "proto/event.h"

/* Memory from arena. STATUS_LIMIT: arena full. */
MUST_USE int evidence_make(struct slice *out, const struct event *event, struct arena *arena);

enum { ANCESTRY_MAX = 8 };

/* A process of the chain that led to an event; what is not known is empty. */
struct ancestor {
    struct slice guid, image, command_line, user;
    uint32_t pid;
    bool has_pid;
};

/* The process that the event is about (started, stopped) or that acted, then its parent, and so
 * on: followed through the record's process table by guid, at the end by what the last entry itself
 * says of its parents. Returns how many. O(ANCESTRY_MAX x processes of the batch). */
size_t ancestry_collect(struct ancestor out[ANCESTRY_MAX], const struct event *event);
