/* SPDX-License-Identifier: Apache-2.0 */
/* Tenant: whose record it is, by what the record's sender can't choose. */
#pragma once

#include "ingest/service/config.h"
#include "ingest/source.h"
#include "proto/reason.h"
#include "proto/uuid.h"

struct tenants;

MUST_USE int tenants_new(struct tenants **out, const struct config *config);
void tenants_free(struct tenants *tenants);
DEFINE_AUTO(struct tenants, tenants_free)

struct tenant_answer {
    enum reason reason; /* REASON_NONE, or why the record can't be judged */
    bool from_payload;  /* the batch itself says it: id is not set */
    uint8_t id[UUID_BYTES];
};

/* Whether headers need to be read for records of this topic. */
bool tenants_need_headers(const struct tenants *tenants, struct slice topic);
/* The topic's own tenant, else the configured one, else the header x-tenant-id (canonical UUID
 * text). A header that contradicts the topic's tenant, or another such header, is a forgery. */
void tenant_of(struct tenant_answer *out, const struct tenants *tenants, struct slice topic,
               const struct record_header headers[], size_t header_count);
