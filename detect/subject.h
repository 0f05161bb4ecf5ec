/* SPDX-License-Identifier: Apache-2.0 */
/* Subject: the event under judgement, as tests see it: by slot, a value and its texts, raw and
 * folded, each made on first use and kept until the next event.
 *
 * A slot is a field name under a view, as in the projection. One slot more, the last, holds every
 * value of the event and its raw message: keywords are tested on that. One per worker and
 * projection; no allocation per event. */
#pragma once

#include "proto/field.h"

enum { SUBJECT_TEXT_BYTES_MAX = 8 * 1024 * 1024 }; /* folded and made texts of one event */

struct subject_text {
    struct slice raw;    /* of numbers and booleans: as number.h writes them */
    struct slice folded; /* fold.h */
    bool is_folded;      /* else subject_fold has not been asked yet */
};

/* Of a list: those of its elements. Null, absent and empty lists have none. */
struct subject_texts {
    const struct subject_text *items;
    size_t count;
};

struct subject;

/* slot_count: of the projection, without the keywords' slot. */
MUST_USE int subject_new(struct subject **out, const struct projection *projection,
                         size_t slot_count);
void subject_free(struct subject *subject);
DEFINE_AUTO(struct subject, subject_free)

/* Everything obtained before becomes invalid. */
void subject_begin(struct subject *subject, const struct event *event);
/* Not for the keywords' slot. */
const struct value *subject_value(struct subject *subject, unsigned slot);
struct subject_texts subject_texts(struct subject *subject, unsigned slot);
/* The same without folding them: *out is for subject_fold; returns how many. */
size_t subject_raw_texts(struct subject_text **out, struct subject *subject, unsigned slot);
struct slice subject_fold(struct subject *subject, struct subject_text *text);
/* Something did not fit: the answers for this event are not to be trusted. */
bool subject_overflowed(const struct subject *subject);
/* projected_duplicate_count, over all events so far. */
uint64_t subject_duplicate_count(const struct subject *subject);
