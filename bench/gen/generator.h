/* SPDX-License-Identifier: Apache-2.0 */
/* Generator: the telemetry of a fleet, and the alerts that it must cause.
 *
 * A pure function of (options, tenant, endpoint, sequence): any stretch of any endpoint's events
 * can be made at any time, on any machine, in any order, and comes out the same, byte for byte. The
 * same holds for the alerts that the starter pack must raise on it. One generator per thread. */
#pragma once

#include "gen/fleet.h"
#include "proto/slice.h"
#include "proto/status.h"

#include <stdint.h>

enum {
    GENERATOR_BATCH_EVENTS_MAX = 4096, /* as in event.proto */
    GENERATOR_RULES_MAX = 2,           /* expected alerts per event */
};

struct generator;

struct generator_options {
    uint64_t seed;
    uint32_t tenant_count;          /* 1..FLEET_TENANTS_MAX */
    uint32_t endpoint_count;        /* per tenant, 1..FLEET_ENDPOINTS_MAX */
    unsigned scenes_per_million;    /* of events, how many begin an attack scene; 0: none */
    uint64_t start_time_unix_nanos; /* of every endpoint's event 0 */
    uint64_t interval_nanos;        /* between two events of an endpoint */
};

/* A stretch of an endpoint's events. */
struct stretch {
    uint32_t tenant, endpoint;
    uint64_t first_sequence;
    size_t count; /* 1..GENERATOR_BATCH_EVENTS_MAX */
};

MUST_USE int generator_new(struct generator **out, const struct generator_options *options);
void generator_free(struct generator *generator);
DEFINE_AUTO(struct generator, generator_free)

/* The encoded EventBatch, in the generator's memory until its next call. STATUS_NO_MEMORY. */
MUST_USE int generator_batch(struct slice *out, struct generator *generator,
                             const struct stretch *stretch);

/* How many events the endpoint's batch of that number holds as sensors send them: 1 to 10 in quiet
 * times (of 100 batches 85), 20 to 59 when somebody works (13), 100 to 399 in bursts (2). */
size_t generator_batch_events(const struct generator *generator, uint32_t tenant, uint32_t endpoint,
                              uint64_t batch_number);

/* Ids (canonical text) of the starter rules that must fire on one event; returns how many. */
size_t generator_expected(const char *rule_ids[GENERATOR_RULES_MAX],
                          const struct generator *generator, uint32_t tenant, uint32_t endpoint,
                          uint64_t sequence);

void generator_endpoint(struct endpoint *out, const struct generator *generator, uint32_t tenant,
                        uint32_t endpoint);
