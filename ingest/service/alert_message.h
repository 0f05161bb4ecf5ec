/* SPDX-License-Identifier: Apache-2.0 */
/* Alert message: an alert as it travels: key, CloudEvents headers, body in one of its formats. */
#pragma once

#include "ingest/sink.h"
#include "proto/alert.h"

struct alert_envelope; /* what the messages of one alert share */

/* Key and headers of an alert: key "<tenant>/<endpoint>", headers ce_* (CloudEvents 1.0.2, Kafka
 * protocol binding, binary mode), x-tenant-id, and the record's own traceparent if it has one.
 * Everything lives in arena. STATUS_LIMIT: arena full. */
MUST_USE int alert_envelope_make(struct alert_envelope **out, const struct alert *alert,
                                 const struct record_header record_headers[],
                                 size_t record_header_count, struct arena *arena);
/* The message for one output. STATUS_LIMIT: arena full. */
MUST_USE int alert_message_make(struct message *out, enum output output,
                                const struct alert_envelope *envelope, const struct alert *alert,
                                struct arena *arena);
