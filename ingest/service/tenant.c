/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/tenant.h"

#include <assert.h>
#include <stdlib.h>

enum tenant_mode { TENANT_HEADER, TENANT_FIXED, TENANT_PAYLOAD };

struct topic_tenant {
    struct slice topic; /* in the config */
    uint8_t id[UUID_BYTES];
};

struct tenants {
    enum tenant_mode mode;
    uint8_t id[UUID_BYTES];
    struct topic_tenant *topics;
    size_t topic_count;
};

static const struct slice header_name = SLICE_INIT("x-tenant-id");

int tenants_new(struct tenants **out, const struct config *config)
{
    assert(out != NULL);
    AUTO(tenants_free) struct tenants *tenants = calloc(1, sizeof *tenants);
    if (tenants == NULL)
        return STATUS_NO_MEMORY;
    tenants->topics = calloc(config->input_tenants.count + 1, sizeof *tenants->topics);
    if (tenants->topics == NULL)
        return STATUS_NO_MEMORY;
    if (strcmp(config->tenant, "header") == 0)
        tenants->mode = TENANT_HEADER;
    else if (strcmp(config->tenant, "payload") == 0)
        tenants->mode = TENANT_PAYLOAD;
    else if (uuid_parse(tenants->id, slice_text(config->tenant)))
        tenants->mode = TENANT_FIXED;
    else
        return STATUS_BAD_INPUT;
    for (size_t i = 0; i < config->input_tenants.count; i++) {
        const struct config_pair *pair = &config->input_tenants.items[i];
        struct topic_tenant *topic = &tenants->topics[tenants->topic_count++];
        topic->topic = slice_text(pair->key);
        if (!uuid_parse(topic->id, slice_text(pair->value)))
            return STATUS_BAD_INPUT;
    }
    *out = TAKE(&tenants);
    return 0;
}

void tenants_free(struct tenants *tenants)
{
    if (tenants == NULL)
        return;
    free(tenants->topics);
    free(tenants);
}

/* The tenant that config gives to the topic, or NULL. */
static const uint8_t *configured(const struct tenants *tenants, struct slice topic)
{
    for (size_t i = 0; i < tenants->topic_count; i++) {
        if (slice_equal(tenants->topics[i].topic, topic))
            return tenants->topics[i].id;
    }
    return tenants->mode == TENANT_FIXED ? tenants->id : NULL;
}

bool tenants_need_headers(const struct tenants *tenants, struct slice topic)
{
    return tenants->mode == TENANT_HEADER || configured(tenants, topic) != NULL;
}

static bool header_parse(uint8_t out[UUID_BYTES], const struct record_header *header)
{
    return !header->null && header->value.len == UUID_TEXT_BYTES && uuid_parse(out, header->value);
}

/* Adds one header's word to the answer, of which `known` says whether it holds an id already. */
static void weigh(struct tenant_answer *out, bool *known, const struct record_header *header)
{
    uint8_t id[UUID_BYTES];
    if (!header_parse(id, header)) {
        out->reason = *known ? REASON_FORGED_TENANT : REASON_NO_TENANT;
        return;
    }
    if (*known && memcmp(id, out->id, UUID_BYTES) != 0)
        out->reason = REASON_FORGED_TENANT;
    memcpy(out->id, id, UUID_BYTES);
    *known = true;
}

void tenant_of(struct tenant_answer *out, const struct tenants *tenants, struct slice topic,
               const struct record_header headers[], size_t header_count)
{
    *out = (struct tenant_answer){.reason = REASON_NONE};
    const uint8_t *id = configured(tenants, topic);
    bool known = id != NULL;
    if (known)
        memcpy(out->id, id, UUID_BYTES);
    if (!known && tenants->mode == TENANT_PAYLOAD) {
        out->from_payload = true;
        return;
    }
    for (size_t i = 0; i < header_count && out->reason == REASON_NONE; i++) {
        if (slice_equal_ascii_caseless(headers[i].name, header_name))
            weigh(out, &known, &headers[i]);
    }
    if (out->reason == REASON_NONE && !known)
        out->reason = REASON_NO_TENANT;
}
