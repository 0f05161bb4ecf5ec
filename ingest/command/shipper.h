/* SPDX-License-Identifier: Apache-2.0 */
/* Shipper: sends batches to a Kafka topic and knows of each whether it arrived.
 *
 * Idempotent, so nothing is sent twice; and nothing is lost unseen: a record that Kafka does not
 * acknowledge is counted; whoever sends polls until none waits. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"
#include "proto/uuid.h"

struct shipper;

struct shipper_options {
    const char *brokers, *topic;
    const char *const *settings; /* "name=value", passed to librdkafka */
    size_t setting_count;
    uint8_t tenant_id[UUID_BYTES];
};

enum { SHIPPER_MESSAGE_BYTES = 512, SHIPPER_REFUSED = 1 };

/* SHIPPER_REFUSED: message (SHIPPER_MESSAGE_BYTES) says which setting is wrong. */
MUST_USE int shipper_new(struct shipper **out, const struct shipper_options *options,
                         char *message);
void shipper_free(struct shipper *shipper);
DEFINE_AUTO(struct shipper, shipper_free)

/* Waits until a broker has answered and knows the topic, so that a wrong address or name is said at
 * once and not when the first record gives up. SHIPPER_REFUSED: message says what is wrong. */
MUST_USE int shipper_connect(struct shipper *shipper, int timeout_ms, char *message);
/* Sends one encoded batch, keyed by its endpoint; waits while the queue is full. Failures show in
 * shipper_failed. STATUS_KAFKA: nothing more can be sent. */
MUST_USE int shipper_send(struct shipper *shipper, struct slice batch,
                          const uint8_t endpoint_id[UUID_BYTES]);
/* Handles acknowledgements for at most timeout_ms; how many records wait for theirs. */
size_t shipper_poll(struct shipper *shipper, int timeout_ms);
uint64_t shipper_failed(const struct shipper *shipper);
/* Why the last failed, "" if none did. */
const char *shipper_error(const struct shipper *shipper);
