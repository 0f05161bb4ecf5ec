/* SPDX-License-Identifier: Apache-2.0 */
/* Sink: where generated batches go: a file of length-delimited batches (varint length before each,
 * as protobuf's own delimited form), or a Kafka topic (key: endpoint id; header x-tenant-id; both
 * as canonical UUID text). */
#pragma once

#include "gen/fleet.h"
#include "proto/slice.h"
#include "proto/status.h"

struct sink;

struct sink_options {
    const char *path;    /* "-" is standard output; NULL: Kafka */
    const char *brokers; /* of Kafka */
    const char *topic;
    const char *codec; /* none, lz4, zstd, gzip, snappy */
};

/* On failure it has said why on standard error. */
MUST_USE int sink_open(struct sink **out, const struct sink_options *options);
/* Copies the batch. May wait for room in the producer's queue. */
MUST_USE int sink_put(struct sink *sink, const struct endpoint *endpoint, struct slice batch);
/* Everything on disk or acknowledged, and closed. STATUS_KAFKA: some records were not. */
MUST_USE int sink_close(struct sink *sink);
