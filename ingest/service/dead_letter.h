/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letter: a record that could not be judged whole, as it came, and why.
 *
 * Key, value and headers are the record's own, byte for byte; headers x-dlq-* follow them. A null
 * key or value stays null. */
#pragma once

#include "ingest/sink.h"
#include "proto/reason.h"

/* Where it failed: the header x-dlq-stage. */
enum dead_letter_stage {
    DEAD_LETTER_TENANT,
    DEAD_LETTER_DECODE,
    DEAD_LETTER_MATCH,
    DEAD_LETTER_ALERT,
    DEAD_LETTER_DELIVER,
};

struct dead_letter {
    const struct record *record;
    const struct record_header *headers; /* the record's own */
    size_t header_count;
    enum reason reason;
    enum dead_letter_stage stage;
    size_t event_index; /* SIZE_MAX: the record itself */
    bool omit_value;    /* no sink takes it: only its size and where it lies are told */
};

enum { DEAD_LETTER_HEADERS = 8 }; /* what is added at most */

/* A dead letter that its topic refused for its size, without its value. Slices of *out point into
 * the receipt and the arena. */
MUST_USE int dead_letter_shorten(struct message *out, const struct receipt *receipt,
                                 struct arena *arena);

/* Slices of *out point into the record and the arena. STATUS_LIMIT: arena full. */
MUST_USE int dead_letter_make(struct message *out, const struct dead_letter *letter,
                              struct arena *arena);
const char *dead_letter_stage_text(enum dead_letter_stage stage);
