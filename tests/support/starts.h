/* SPDX-License-Identifier: Apache-2.0 */
/* Starts: batches of process starts with chosen command lines, for tests of what stands around the
 * engine. */
#pragma once

#include "proto/arena.h"
#include "proto/slice.h"

enum { STARTS_EVENTS_MAX = 64 };

struct starts_options {
    const char *const *command_lines; /* one event each */
    size_t count;                     /* at most STARTS_EVENTS_MAX */
    struct slice tenant_id;           /* empty: the batch does not say */
    size_t bad_event;       /* 1-based: this one's process does not exist; 0: none is bad */
    struct slice extra_key; /* of every event, with the value "extra"; empty: none */
    bool timeless;          /* no event says when it happened */
};

/* An encoded EventBatch of a Windows endpoint; memory from arena. */
struct slice starts_batch(const struct starts_options *options, struct arena *arena);
