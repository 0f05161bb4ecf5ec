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

/* How much of the record a letter carries. Less only where no sink takes more: that a record was
 * bad must always be told, or it would come again for ever. */
enum dead_letter_form {
    DEAD_LETTER_WHOLE,
    DEAD_LETTER_WITHOUT_VALUE, /* x-dlq-value-omitted-bytes says how long it was */
    DEAD_LETTER_BARE,          /* neither key nor headers either */
};

struct dead_letter {
    const struct record *record;
    const struct record_header *headers; /* the record's own */
    size_t header_count;
    enum reason reason;
    enum dead_letter_stage stage;
    size_t event_index; /* SIZE_MAX: the record itself */
    enum dead_letter_form form;
};

/* Slices of *out point into the record and the arena. STATUS_LIMIT: arena full. */
MUST_USE int dead_letter_make(struct message *out, const struct dead_letter *letter,
                              struct arena *arena);
/* A dead letter that its topic refused for its size, in the next smaller form. Slices of *out point
 * into the receipt and the arena. DEAD_LETTER_LEAST: it was bare. STATUS_LIMIT: arena full. */
enum { DEAD_LETTER_LEAST = 1 };
MUST_USE int dead_letter_shorten(struct message *out, const struct receipt *receipt,
                                 struct arena *arena);
const char *dead_letter_stage_text(enum dead_letter_stage stage);
