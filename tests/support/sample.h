/* SPDX-License-Identifier: Apache-2.0 */
/* Sample: random but repeatable batches of every kind, and alerts about their events.
 *
 * Made by walking protobuf-c's descriptors, so that a field which is added to the schema is in the
 * samples from then on. Written on the wire by hand: what the decoder reads is not what the same
 * code wrote. */
#pragma once

#include "proto/alert.h"

struct sample_options {
    uint64_t seed;
    size_t text_bytes_max; /* of each text; 0: 24 */
    bool hostile;          /* texts of any bytes, NUL and invalid UTF-8 among them */
    uint32_t kind;         /* field number of Event's kind; 0: chosen by the seed */
};

/* An encoded EventBatch of one to three events; memory from arena. */
struct slice sample_batch(const struct sample_options *options, struct arena *arena);

/* An alert about an event, with a rule, reasons, an asset: fixed words, one reason whose value is
 * `value`. Everything it points to lives in the arena or is constant. */
void sample_alert(struct alert *out, const struct event *event, struct slice value,
                  struct arena *arena);

/* xorshift64*, so that a sample is the same everywhere. */
uint64_t sample_random(uint64_t *state);
