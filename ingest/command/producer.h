/* SPDX-License-Identifier: Apache-2.0 */
/* Producer: sends batches to a Kafka topic and knows of each whether it arrived.
 *
 * Idempotent, so nothing is sent twice; and nothing is lost unseen: a record that Kafka does not
 * acknowledge is counted; whoever sends polls until none waits. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"
#include "proto/uuid.h"

struct producer;

struct producer_options {
    const char *brokers, *topic;
    const char *const *settings; /* "name=value", passed to librdkafka */
    size_t setting_count;
    uint8_t tenant_id[UUID_BYTES];
};

enum { PRODUCER_MESSAGE_BYTES = 512, PRODUCER_REFUSED = 1 };

/* PRODUCER_REFUSED: message (PRODUCER_MESSAGE_BYTES) says which setting is wrong. */
MUST_USE int producer_new(struct producer **out, const struct producer_options *options,
                          char *message);
void producer_free(struct producer *producer);
DEFINE_AUTO(struct producer, producer_free)

/* Sends one encoded batch, keyed by its endpoint; waits while the queue is full. Failures show in
 * producer_failed. STATUS_KAFKA: nothing more can be sent. */
MUST_USE int producer_send(struct producer *producer, struct slice batch,
                           const uint8_t endpoint_id[UUID_BYTES]);
/* Handles acknowledgements for at most timeout_ms; how many records wait for theirs. */
size_t producer_poll(struct producer *producer, int timeout_ms);
uint64_t producer_acknowledged(const struct producer *producer);
uint64_t producer_failed(const struct producer *producer);
/* Why the last failed, "" if none did. */
const char *producer_error(const struct producer *producer);
