/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/episode.h"
#include "gen/generator.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const struct generator_options plain = {
    .seed = 7,
    .tenant_count = 3,
    .endpoint_count = 40,
    .scenes_per_million = 2000,
    .start_time_unix_nanos = 1700000000000000000,
    .interval_nanos = 2500000000,
};

static Yagura__V1__EventBatch *unpacked(struct generator *generator, const struct stretch *stretch)
{
    struct slice bytes;
    cr_assert_eq(generator_batch(&bytes, generator, stretch), 0);
    Yagura__V1__EventBatch *batch = yagura__v1__event_batch__unpack(NULL, bytes.len, bytes.data);
    cr_assert_not_null(batch);
    return batch;
}

static uint64_t checksum(struct generator *generator, const struct stretch *stretch)
{
    struct slice bytes;
    uint64_t sum = 1469598103934665603U;
    cr_assert_eq(generator_batch(&bytes, generator, stretch), 0);
    for (size_t i = 0; i < bytes.len; i++)
        sum = (sum ^ bytes.data[i]) * 1099511628211U;
    return sum;
}

Test(generator, makes_the_same_bytes_again_in_any_order)
{
    AUTO(generator_free) struct generator *first = NULL;
    AUTO(generator_free) struct generator *second = NULL;
    cr_assert_eq(generator_new(&first, &plain), 0);
    cr_assert_eq(generator_new(&second, &plain), 0);
    uint64_t forward[10];
    for (uint32_t i = 0; i < 10; i++)
        forward[i] = checksum(first, &(struct stretch){i % 3, i, i * 100, 100});
    for (uint32_t i = 10; i-- > 0;)
        cr_assert_eq(checksum(second, &(struct stretch){i % 3, i, i * 100, 100}), forward[i]);
}

Test(generator, makes_other_bytes_from_another_seed)
{
    struct generator_options other = plain;
    other.seed = 8;
    AUTO(generator_free) struct generator *a = NULL;
    AUTO(generator_free) struct generator *b = NULL;
    cr_assert_eq(generator_new(&a, &plain), 0);
    cr_assert_eq(generator_new(&b, &other), 0);
    struct stretch stretch = {0, 0, 0, 100};
    cr_assert_neq(checksum(a, &stretch), checksum(b, &stretch));
}

static bool same(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return slice_equal(slice_of(a.data, a.len), slice_of(b.data, b.len));
}

Test(generator, makes_an_event_alike_alone_and_among_others)
{
    AUTO(generator_free) struct generator *generator = NULL;
    cr_assert_eq(generator_new(&generator, &plain), 0);
    Yagura__V1__EventBatch *whole = unpacked(generator, &(struct stretch){1, 2, 30, 200});
    for (size_t i = 0; i < 200; i++) {
        Yagura__V1__EventBatch *alone = unpacked(generator, &(struct stretch){1, 2, 30 + i, 1});
        const Yagura__V1__Event *a = whole->events[i];
        const Yagura__V1__Event *b = alone->events[0];
        cr_assert_eq(a->kind_case, b->kind_case, "event %zu", i);
        cr_assert_eq(a->time_unix_nanos, b->time_unix_nanos);
        cr_assert_eq(a->has_actor, b->has_actor);
        if (a->has_actor) {
            const Yagura__V1__ProcessInfo *p = whole->processes[a->actor - 1];
            const Yagura__V1__ProcessInfo *q = alone->processes[b->actor - 1];
            cr_assert(same(p->guid, q->guid) && same(p->command_line, q->command_line));
        }
        yagura__v1__event_batch__free_unpacked(alone, NULL);
    }
    yagura__v1__event_batch__free_unpacked(whole, NULL);
}

Test(generator, holds_the_mix_of_kinds_that_it_states)
{
    static const struct {
        Yagura__V1__Event__KindCase kind;
        double percent;
    } stated[] = {
        {YAGURA__V1__EVENT__KIND_MODULE_LOAD, 25},  {YAGURA__V1__EVENT__KIND_REGISTRY, 22},
        {YAGURA__V1__EVENT__KIND_FILE, 20},         {YAGURA__V1__EVENT__KIND_NETWORK, 12},
        {YAGURA__V1__EVENT__KIND_PROCESS_START, 7}, {YAGURA__V1__EVENT__KIND_PROCESS_STOP, 7},
        {YAGURA__V1__EVENT__KIND_DNS, 4},           {YAGURA__V1__EVENT__KIND_SCRIPT, 0.5},
    };
    struct generator_options options = plain;
    options.scenes_per_million = 0;
    AUTO(generator_free) struct generator *generator = NULL;
    cr_assert_eq(generator_new(&generator, &options), 0);
    size_t counts[64] = {0};
    size_t total = 0;
    for (uint32_t at = 0; at < 40; at++) {
        struct endpoint endpoint;
        generator_endpoint(&endpoint, generator, 0, at);
        if (endpoint.platform != YAGURA__V1__PLATFORM__PLATFORM_WINDOWS)
            continue;
        Yagura__V1__EventBatch *batch = unpacked(generator, &(struct stretch){0, at, 0, 57 * 40});
        for (size_t i = 0; i < batch->n_events; i++)
            counts[batch->events[i]->kind_case]++;
        total += batch->n_events;
        yagura__v1__event_batch__free_unpacked(batch, NULL);
    }
    for (size_t i = 0; i < sizeof stated / sizeof stated[0]; i++) {
        double percent = 100.0 * (double)counts[stated[i].kind] / (double)total;
        cr_assert_float_eq(percent, stated[i].percent, 0.6, "kind %d: %.2f %%", (int)stated[i].kind,
                           percent);
    }
}

Test(generator, expects_no_alert_without_scenes)
{
    struct generator_options options = plain;
    options.scenes_per_million = 0;
    AUTO(generator_free) struct generator *generator = NULL;
    cr_assert_eq(generator_new(&generator, &options), 0);
    const char *rules[GENERATOR_RULES_MAX];
    for (uint64_t sequence = 0; sequence < 20000; sequence++)
        cr_assert_eq(generator_expected(rules, generator, 0, 0, sequence), 0);
}

Test(generator, plants_scenes_at_the_stated_rate)
{
    AUTO(generator_free) struct generator *generator = NULL;
    cr_assert_eq(generator_new(&generator, &plain), 0);
    struct endpoint endpoint;
    struct moment moment;
    size_t scenes = 0;
    const uint64_t episodes = 20000;
    generator_endpoint(&endpoint, generator, 0, 0);
    for (uint64_t episode = 0; episode < episodes; episode++) {
        episode_moment(&moment, &endpoint, plain.scenes_per_million, episode * EPISODE_EVENTS + 8);
        scenes += moment.kind == MOMENT_STEP;
    }
    double per_million = (double)scenes * 1e6 / (double)(episodes * EPISODE_EVENTS);
    cr_assert_float_eq(per_million, 2000, 150, "%.0f", per_million);
}

Test(generator, fits_the_largest_batch_into_the_process_limit)
{
    struct generator_options options = plain;
    options.scenes_per_million = 17543; /* one in every episode */
    AUTO(generator_free) struct generator *generator = NULL;
    cr_assert_eq(generator_new(&generator, &options), 0);
    for (uint32_t at = 0; at < 40; at++) {
        Yagura__V1__EventBatch *batch =
            unpacked(generator, &(struct stretch){0, at, 1, GENERATOR_BATCH_EVENTS_MAX});
        cr_assert_leq(batch->n_processes, 1024);
        cr_assert_eq(batch->n_events, GENERATOR_BATCH_EVENTS_MAX);
        for (size_t i = 0; i < batch->n_events; i++)
            cr_assert_leq(batch->events[i]->actor, batch->n_processes);
        yagura__v1__event_batch__free_unpacked(batch, NULL);
    }
}

Test(generator, makes_nothing_that_the_decoder_refuses)
{
    AUTO(generator_free) struct generator *generator = NULL;
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(generator_new(&generator, &plain), 0);
    cr_assert_eq(arena_new_fixed(&arena, 64 << 20), 0);
    for (uint32_t at = 0; at < 40; at++) {
        struct slice bytes;
        struct batch batch;
        struct stretch stretch = {2, at, 1000, 500};
        cr_assert_eq(generator_batch(&bytes, generator, &stretch), 0);
        arena_reset(arena);
        int decoded = batch_decode(&batch, bytes, &(struct batch_options){0}, arena);
        cr_assert_eq(decoded, 0, "endpoint %u: %s", at, reason_label(batch.reason));
        cr_assert_eq(batch.event_count, 500);
        cr_assert_eq(batch.unknown_field_count + batch.unknown_kind_count, 0);
        for (size_t i = 0; i < batch.event_count; i++)
            cr_assert_neq(batch.events[i].shape, SHAPE_NONE, "event %zu", i);
    }
}

Test(generator, knows_the_ids_that_the_rule_files_hold)
{
    const char *source = getenv("YAGURA_SOURCE");
    cr_assert_not_null(source);
    for (int rule = STARTER_NONE + 1; rule < STARTER_COUNT; rule++) {
        char path[512];
        char line[256];
        char wanted[128];
        bool found = false;
        snprintf(path, sizeof path, "%s/rules/packs/starter/%s.yml", source,
                 starter_rule_file((enum starter_rule)rule));
        snprintf(wanted, sizeof wanted, "id: %s\n", starter_rule_id((enum starter_rule)rule));
        FILE *file = fopen(path, "r");
        cr_assert_not_null(file, "%s", path);
        while (fgets(line, sizeof line, file) != NULL)
            found = found || strcmp(line, wanted) == 0;
        fclose(file);
        cr_assert(found, "%s does not hold %s", path, wanted);
    }
}
