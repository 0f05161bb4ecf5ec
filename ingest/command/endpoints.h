/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints: one encoder for each computer that events name, since a batch is of one endpoint.
 *
 * An endpoint's id is made from tenant and computer name, so the same file gives the same ids on
 * every machine. */
#pragma once

#include "proto/flat.h"
#include "proto/uuid.h"

enum { ENDPOINTS_OPEN_MAX = 1024 };

struct endpoints_options {
    uint8_t tenant_id[UUID_BYTES];
    bool has_endpoint_id; /* all events are of this one endpoint */
    uint8_t endpoint_id[UUID_BYTES];
    struct slice product, category, service;
    size_t events_per_record;
};

struct endpoints;

/* Takes a finished batch. Negative ends all. */
typedef int endpoints_batch_fn(void *receiver, struct slice batch,
                               const uint8_t endpoint_id[UUID_BYTES]);

MUST_USE int endpoints_new(struct endpoints **out, const struct endpoints_options *options,
                           endpoints_batch_fn *receive, void *receiver);
void endpoints_free(struct endpoints *endpoints);
DEFINE_AUTO(struct endpoints, endpoints_free)

enum { ENDPOINTS_EVENT_TOO_LARGE = 1 };
/* Adds an event of a computer (empty: not known); batches that are full are handed over. */
MUST_USE int endpoints_add(struct endpoints *endpoints, struct slice computer,
                           const struct flat_field fields[], size_t count,
                           const struct flat_origin *logsource);
/* Hands over everything that waits, in the order in which the endpoints came. */
MUST_USE int endpoints_finish(struct endpoints *endpoints);
