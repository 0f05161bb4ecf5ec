/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/generator.h"

#include "gen/draw.h"
#include "gen/episode.h"
#include "gen/moments.h"

#include <assert.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 1 << 20, KEY_BATCH = 31 };

struct generator {
    struct generator_options options;
    struct arena *arena;
    uint8_t *packed;
    size_t packed_capacity;
};

int generator_new(struct generator **out, const struct generator_options *options)
{
    assert(options->tenant_count >= 1 && options->tenant_count <= FLEET_TENANTS_MAX);
    assert(options->endpoint_count >= 1 && options->endpoint_count <= FLEET_ENDPOINTS_MAX);
    AUTO(generator_free) struct generator *generator = calloc(1, sizeof *generator);
    if (generator == NULL)
        return STATUS_NO_MEMORY;
    generator->options = *options;
    TRY(arena_new_growing(&generator->arena, ARENA_BLOCK_BYTES, 0));
    *out = TAKE(&generator);
    return 0;
}

void generator_free(struct generator *generator)
{
    if (generator == NULL)
        return;
    arena_free(generator->arena);
    free(generator->packed);
    free(generator);
}

void generator_endpoint(struct endpoint *out, const struct generator *generator, uint32_t tenant,
                        uint32_t endpoint)
{
    assert(tenant < generator->options.tenant_count);
    assert(endpoint < generator->options.endpoint_count);
    fleet_endpoint(out, generator->options.seed, tenant, endpoint);
}

static uint64_t time_of(const struct generator *generator, uint64_t sequence)
{
    return generator->options.start_time_unix_nanos + sequence * generator->options.interval_nanos;
}

static int build_event(Yagura__V1__Event **out, const struct generator *generator,
                       struct builder *builder, uint64_t sequence)
{
    Yagura__V1__Event *event = NEW(generator->arena, Yagura__V1__Event, yagura__v1__event);
    if (event == NULL)
        return STATUS_NO_MEMORY;
    struct moment moment;
    episode_moment(&moment, builder->endpoint, generator->options.scenes_per_million, sequence);
    SET(event, time_unix_nanos, time_of(generator, sequence));
    TRY(moment_build(event, builder, &moment, sequence / EPISODE_EVENTS));
    *out = event;
    return 0;
}

static void fill_origin(Yagura__V1__Origin *origin, const struct endpoint *endpoint)
{
    SET_BYTES(origin, tenant_id, slice_of(endpoint->tenant_id, 16));
    SET_BYTES(origin, endpoint_id, slice_of(endpoint->endpoint_id, 16));
    SET_BYTES(origin, boot_id, slice_of(endpoint->boot_id, 16));
    SET_BYTES(origin, hostname, slice_text(endpoint->hostname));
    SET(origin, platform, endpoint->platform);
    SET_BYTES(origin, sensor_name, slice_text("yagura-bench gen"));
    SET_BYTES(origin, sensor_version, slice_text("1"));
}

static int pack(struct slice *out, struct generator *generator, const Yagura__V1__EventBatch *batch)
{
    size_t size = yagura__v1__event_batch__get_packed_size(batch);
    if (size > generator->packed_capacity) {
        uint8_t *larger = realloc(generator->packed, size);
        if (larger == NULL)
            return STATUS_NO_MEMORY;
        generator->packed = larger;
        generator->packed_capacity = size;
    }
    yagura__v1__event_batch__pack(batch, generator->packed);
    *out = slice_of(generator->packed, size);
    return 0;
}

static int build_batch(struct slice *out, struct generator *generator, struct builder *builder,
                       const struct stretch *stretch)
{
    Yagura__V1__Origin origin = YAGURA__V1__ORIGIN__INIT;
    Yagura__V1__EventBatch batch = YAGURA__V1__EVENT_BATCH__INIT;
    Yagura__V1__Event **events = arena_array(generator->arena, Yagura__V1__Event *, stretch->count);
    if (events == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < stretch->count; i++)
        TRY(build_event(&events[i], generator, builder, stretch->first_sequence + i));
    if (arena_overflowed(generator->arena))
        return STATUS_NO_MEMORY;
    fill_origin(&origin, builder->endpoint);
    batch.origin = &origin;
    batch.n_processes = builder->processes.count;
    batch.processes = builder->processes.items;
    batch.n_sources = builder->source_count;
    batch.sources = builder->sources;
    batch.n_events = stretch->count;
    batch.events = events;
    SET(&batch, first_sequence, stretch->first_sequence);
    SET(&batch, sent_time_unix_nanos, time_of(generator, stretch->first_sequence + stretch->count));
    SET(&batch, lost_events_total, 0);
    return pack(out, generator, &batch);
}

int generator_batch(struct slice *out, struct generator *generator, const struct stretch *stretch)
{
    assert(stretch->count >= 1 && stretch->count <= GENERATOR_BATCH_EVENTS_MAX);
    struct endpoint endpoint;
    generator_endpoint(&endpoint, generator, stretch->tenant, stretch->endpoint);
    arena_reset(generator->arena);
    struct builder builder = {.arena = generator->arena, .endpoint = &endpoint};
    uint64_t first = stretch->first_sequence / EPISODE_EVENTS;
    uint64_t last = (stretch->first_sequence + stretch->count - 1) / EPISODE_EVENTS;
    TRY(processes_init(&builder.processes, generator->arena, first, (size_t)(last - first + 1)));
    builder.processes.endpoint = &endpoint;
    builder.processes.scenes_per_million = generator->options.scenes_per_million;
    return build_batch(out, generator, &builder, stretch);
}

size_t generator_batch_events(const struct generator *generator, uint32_t tenant, uint32_t endpoint,
                              uint64_t batch_number)
{
    struct endpoint who;
    generator_endpoint(&who, generator, tenant, endpoint);
    struct draw draw = draw_from(draw_key(draw_key(who.key, KEY_BATCH), batch_number));
    uint32_t percent = draw_below(&draw, 100);
    if (percent < 85)
        return 1 + draw_below(&draw, 10);
    return percent < 98 ? 20 + draw_below(&draw, 40) : 100 + draw_below(&draw, 300);
}

size_t generator_expected(const char *rule_ids[GENERATOR_RULES_MAX],
                          const struct generator *generator, uint32_t tenant, uint32_t endpoint,
                          uint64_t sequence)
{
    struct endpoint who;
    struct moment moment;
    generator_endpoint(&who, generator, tenant, endpoint);
    episode_moment(&moment, &who, generator->options.scenes_per_million, sequence);
    if (moment.kind != MOMENT_STEP)
        return 0;
    size_t count = 0;
    for (size_t i = 0; i < SCENE_RULES_MAX; i++)
        if (moment.step->rules[i] != STARTER_NONE)
            rule_ids[count++] = starter_rule_id(moment.step->rules[i]);
    return count;
}
