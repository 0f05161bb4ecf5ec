/* SPDX-License-Identifier: Apache-2.0 */
/* Flat: from flat events (Sigma field names and values) to encoded EventBatches; the inverse of the
 * projection.
 *
 * A value goes to its typed home if the home renders back to exactly the same value; otherwise it
 * stays in `extra` as it came. So encoding loses nothing: what a rule reads behind encode and
 * decode is what the flat event said. GenericLog.raw stays unset: a flat event has no message
 * beside its fields, and what a field holds is searched under its own name. */
#pragma once

#include "proto/arena.h"
#include "proto/value.h"

struct flat_field {
    struct slice name;
    struct value value;
};

struct flat_origin {
    uint8_t tenant_id[16];
    uint8_t endpoint_id[16];
    uint8_t boot_id[16];
    struct slice hostname;
    /* Log source for events that do not show it themselves (by Channel and EventID); empty: not
     * said. A product "windows", "linux", "macos" ... also sets the platform. */
    struct slice product, category, service;
};

struct flat_encoder;
/* One encoder makes batches one after the other; memory is reused. */
MUST_USE int flat_encoder_new(struct flat_encoder **out, const struct flat_origin *origin);
void flat_encoder_free(struct flat_encoder *encoder);
DEFINE_AUTO(struct flat_encoder, flat_encoder_free)

enum { FLAT_BATCH_FULL = 1 };
/* Adds an event; slices are copied. Log source per event overrides the origin's where not empty. A
 * name that occurs more than once is an array of its values. Only the hostname of the origin may
 * add a field: Computer, if the event has none. FLAT_BATCH_FULL: finish this batch first (a table
 * or 896 KiB are full), then add again. STATUS_LIMIT: more than EVENT_FIELDS_MAX fields. */
MUST_USE int flat_encoder_add(struct flat_encoder *encoder, const struct flat_field fields[],
                              size_t count,
                              const struct flat_origin *logsource_override /* NULL: none */);
size_t flat_encoder_count(const struct flat_encoder *encoder);
/* The encoded batch, owned by the encoder until the next call on it; the encoder is empty again. */
MUST_USE int flat_encoder_finish(struct flat_encoder *encoder, struct slice *out);
