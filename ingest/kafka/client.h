/* SPDX-License-Identifier: Apache-2.0 */
/* Client: what a consumer and a producer have in common: log lines, errors, whether brokers answer.
 */
#pragma once

#include "ingest/service/log.h"

#include <librdkafka/rdkafka.h>

/* What a client's opaque pointer points to, first member of a source or sink. librdkafka's threads
 * log through it. */
struct kafka_client {
    struct log *log;
    const char *role;  /* "consumer", "producer" */
    _Atomic bool down; /* every broker was lost, and none has answered since */
};

/* Sets opaque, log and error callbacks. */
void kafka_client_configure(struct kafka_client *client, rd_kafka_conf_t *conf);
/* Asks for metadata, at most timeout_ms, if the brokers were down. Owner's thread. */
bool kafka_client_reachable(struct kafka_client *client, rd_kafka_t *rk, int timeout_ms);
