/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/endpoints.h"

#include "proto/digest.h"
#include "proto/fold.h"

#include <assert.h>
#include <stdlib.h>

struct endpoint {
    char *computer;
    size_t computer_len;
    uint8_t id[UUID_BYTES];
    struct flat_encoder *encoder;
};

struct endpoints {
    struct endpoints_options options;
    endpoints_batch_fn *receive;
    void *receiver;
    struct endpoint open[ENDPOINTS_OPEN_MAX];
    size_t open_count;
    size_t last; /* the one used last: events of one computer come in runs */
};

int endpoints_new(struct endpoints **out, const struct endpoints_options *options,
                  endpoints_batch_fn *receive, void *receiver)
{
    assert(out != NULL && options->events_per_record > 0);
    struct endpoints *endpoints = calloc(1, sizeof *endpoints);
    if (endpoints == NULL)
        return STATUS_NO_MEMORY;
    endpoints->options = *options;
    endpoints->receive = receive;
    endpoints->receiver = receiver;
    *out = endpoints;
    return 0;
}

static void close_all(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->open_count; i++) {
        flat_encoder_free(endpoints->open[i].encoder);
        free(endpoints->open[i].computer);
    }
    endpoints->open_count = 0;
    endpoints->last = 0;
}

void endpoints_free(struct endpoints *endpoints)
{
    if (endpoints == NULL)
        return;
    close_all(endpoints);
    free(endpoints);
}

/* --- Opening --- */

static struct slice computer_of(const struct endpoint *endpoint)
{
    return slice_of(endpoint->computer, endpoint->computer_len);
}

/* UUIDv8 (RFC 9562 section 5.8): the first 122 bits of SHA-256 over a name space, the tenant and
 * the computer's name in lower case. */
static int make_id(uint8_t out[UUID_BYTES], const uint8_t tenant_id[UUID_BYTES],
                   struct slice computer)
{
    AUTO(arena_free) struct arena *arena = NULL;
    TRY(arena_new_growing(&arena, FOLD_BYTES_MAX(computer.len) + 1, 0));
    const struct slice pieces[] = {SLICE_LITERAL("yagura endpoint by computer name\0"),
                                   slice_of(tenant_id, UUID_BYTES), fold_copy(arena, computer)};
    uint8_t digest[SHA256_BYTES];
    TRY(digest_sha256(digest, pieces, sizeof pieces / sizeof pieces[0]));
    memcpy(out, digest, UUID_BYTES);
    out[6] = (uint8_t)((out[6] & 0x0f) | 0x80);
    out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
    return 0;
}

static int open_endpoint(struct endpoints *endpoints, struct slice computer)
{
    struct endpoint *endpoint = &endpoints->open[endpoints->open_count];
    const struct endpoints_options *options = &endpoints->options;
    struct flat_origin origin = {.hostname = computer,
                                 .product = options->product,
                                 .category = options->category,
                                 .service = options->service};
    memcpy(origin.tenant_id, options->tenant_id, UUID_BYTES);
    if (options->has_endpoint_id)
        memcpy(endpoint->id, options->endpoint_id, UUID_BYTES);
    else
        TRY(make_id(endpoint->id, options->tenant_id, computer));
    memcpy(origin.endpoint_id, endpoint->id, UUID_BYTES);
    endpoint->computer = malloc(computer.len + 1);
    if (endpoint->computer == NULL)
        return STATUS_NO_MEMORY;
    memcpy(endpoint->computer, computer.len == 0 ? (const void *)"" : computer.data, computer.len);
    endpoint->computer_len = computer.len;
    int result = flat_encoder_new(&endpoint->encoder, &origin);
    if (result != 0) {
        free(endpoint->computer);
        return result;
    }
    endpoints->last = endpoints->open_count++;
    return 0;
}

static int find_or_open(struct endpoints *endpoints, struct slice computer, struct endpoint **out)
{
    for (size_t i = 0; i < endpoints->open_count; i++) {
        size_t index = (endpoints->last + i) % endpoints->open_count;
        if (!slice_equal(computer_of(&endpoints->open[index]), computer))
            continue;
        endpoints->last = index;
        *out = &endpoints->open[index];
        return 0;
    }
    if (endpoints->open_count == ENDPOINTS_OPEN_MAX) {
        TRY(endpoints_finish(endpoints));
        close_all(endpoints);
    }
    TRY(open_endpoint(endpoints, computer));
    *out = &endpoints->open[endpoints->last];
    return 0;
}

/* --- Adding --- */

static int hand_over(struct endpoints *endpoints, struct endpoint *endpoint)
{
    if (flat_encoder_count(endpoint->encoder) == 0)
        return 0;
    struct slice batch;
    TRY(flat_encoder_finish(endpoint->encoder, &batch));
    return endpoints->receive(endpoints->receiver, batch, endpoint->id);
}

int endpoints_add(struct endpoints *endpoints, struct slice computer,
                  const struct flat_field fields[], size_t count,
                  const struct flat_origin *logsource)
{
    struct endpoint *endpoint = NULL;
    TRY(find_or_open(endpoints, computer, &endpoint));
    int result = flat_encoder_add(endpoint->encoder, fields, count, logsource);
    if (result == FLAT_BATCH_FULL && flat_encoder_count(endpoint->encoder) > 0) {
        TRY(hand_over(endpoints, endpoint));
        result = flat_encoder_add(endpoint->encoder, fields, count, logsource);
    }
    if (result == FLAT_BATCH_FULL || result == STATUS_LIMIT)
        return ENDPOINTS_EVENT_TOO_LARGE;
    TRY(result);
    if (flat_encoder_count(endpoint->encoder) < endpoints->options.events_per_record)
        return 0;
    return hand_over(endpoints, endpoint);
}

int endpoints_finish(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->open_count; i++)
        TRY(hand_over(endpoints, &endpoints->open[i]));
    return 0;
}
