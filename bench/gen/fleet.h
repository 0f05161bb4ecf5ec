/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet: who the tenants and endpoints are. Every property follows from (seed, tenant, endpoint).
 */
#pragma once

#include "proto/event.pb-c.h"
#include "proto/slice.h"

enum { FLEET_NAME_BYTES = 24, FLEET_TENANTS_MAX = 100000, FLEET_ENDPOINTS_MAX = 1000000 };

struct endpoint {
    uint64_t key; /* everything about this endpoint is drawn from it */
    uint8_t tenant_id[16];
    uint8_t endpoint_id[16];
    uint8_t boot_id[16];
    Yagura__V1__Platform platform; /* 4 of 5 Windows, the rest macOS and Linux */
    char hostname[FLEET_NAME_BYTES];
    char domain[FLEET_NAME_BYTES]; /* the tenant's, in capitals */
    const char *user;              /* who works at it, UTF-8 */
    uint8_t address[4];            /* in 10.0.0.0/8 */
};

void fleet_endpoint(struct endpoint *out, uint64_t seed, uint32_t tenant, uint32_t endpoint);
