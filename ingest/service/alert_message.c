/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/alert_message.h"

#include "proto/uuid.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

enum {
    HEADERS_MAX = 8,
    TIME_BYTES_MAX = 40,
    NS_PER_MS = 1000000,
    MS_PER_S = 1000,
    TRACEPARENT_BYTES_MAX = 128, /* 55 in version 00 of W3C's Trace Context */
};

#define TIME_MS_MAX INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct alert_envelope {
    struct slice key;
    struct record_header headers[HEADERS_MAX]; /* the first is content-type, set per message */
    size_t header_count;
};

static struct slice uuid_text(struct arena *arena, const uint8_t uuid[UUID_BYTES])
{
    char text[UUID_TEXT_BYTES + 1];
    uuid_format(text, uuid);
    return arena_copy(arena, slice_text(text));
}

/* "<tenant>/<endpoint>"; an endpoint that did not say its id: "<tenant>/". */
static struct slice key_text(struct arena *arena, const struct alert *alert)
{
    char tenant[UUID_TEXT_BYTES + 1], endpoint[UUID_TEXT_BYTES + 1] = "";
    char key[2 * UUID_TEXT_BYTES + 2];
    assert(alert->tenant_id.len == UUID_BYTES);
    uuid_format(tenant, alert->tenant_id.data);
    if (alert->event->batch->endpoint_id.len == UUID_BYTES)
        uuid_format(endpoint, alert->event->batch->endpoint_id.data);
    snprintf(key, sizeof key, "%s/%s", tenant, endpoint);
    return arena_copy(arena, slice_text(key));
}

/* RFC 3339 with milliseconds; empty when no time is known. Counted in milliseconds: the record's
 * time can be any number that its producer chose, and RFC 3339 ends with the year 9999. */
static struct slice time_text(struct arena *arena, const struct alert *alert)
{
    int64_t ns = alert->event->time_unix_ns;
    int64_t ms = ns > 0 ? ns / NS_PER_MS : alert->evidence.broker_time_ms;
    if (ms <= 0 || ms > TIME_MS_MAX)
        return slice_text("");
    char date[TIME_BYTES_MAX], text[TIME_BYTES_MAX + 8];
    struct tm tm;
    time_t seconds = (time_t)(ms / MS_PER_S);
    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return slice_text("");
    snprintf(text, sizeof text, "%s.%03dZ", date, (int)(ms % MS_PER_S));
    return arena_copy(arena, slice_text(text));
}

static void add(struct alert_envelope *envelope, const char *name, struct slice value)
{
    assert(envelope->header_count < HEADERS_MAX);
    if (value.len > 0)
        envelope->headers[envelope->header_count++] =
            (struct record_header){.name = slice_text(name), .value = value};
}

static struct slice find(const struct record_header headers[], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(headers[i].name, slice_text(name)) && !headers[i].null)
            return headers[i].value;
    }
    return slice_text("");
}

int alert_envelope_make(struct alert_envelope **out, const struct alert *alert,
                        const struct record_header record_headers[], size_t record_header_count,
                        struct arena *arena)
{
    struct alert_envelope *envelope = arena_new(arena, struct alert_envelope);
    if (envelope == NULL)
        return STATUS_LIMIT;
    envelope->key = key_text(arena, alert);
    add(envelope, "content-type", slice_text("application/protobuf"));
    add(envelope, "ce_specversion", slice_text("1.0"));
    add(envelope, "ce_type", slice_text("yagura.alert.v1"));
    add(envelope, "ce_source", slice_text("/yagura"));
    add(envelope, "ce_id", uuid_text(arena, alert->alert_id));
    add(envelope, "ce_time", time_text(arena, alert));
    add(envelope, "x-tenant-id", uuid_text(arena, alert->tenant_id.data));
    struct slice trace = find(record_headers, record_header_count, "traceparent");
    add(envelope, "traceparent",
        trace.len <= TRACEPARENT_BYTES_MAX ? trace : slice_text("")); /* a long one is none */
    *out = envelope;
    return arena_overflowed(arena) ? STATUS_LIMIT : 0;
}

int alert_message_make(struct message *out, enum output output,
                       const struct alert_envelope *envelope, const struct alert *alert,
                       struct arena *arena)
{
    bool json = output == OUTPUT_ALERTS_OCSF;
    struct slice body;
    TRY(json ? alert_encode_ocsf(&body, alert, arena) : alert_encode_protobuf(&body, alert, arena));
    struct record_header *headers =
        arena_array(arena, struct record_header, envelope->header_count);
    if (headers == NULL)
        return STATUS_LIMIT;
    memcpy(headers, envelope->headers, envelope->header_count * sizeof *headers);
    if (json)
        headers[0].value = slice_text("application/json");
    *out = (struct message){.output = output,
                            .key = envelope->key,
                            .has_key = true,
                            .value = body,
                            .has_value = true,
                            .headers = headers,
                            .header_count = envelope->header_count};
    return 0;
}
