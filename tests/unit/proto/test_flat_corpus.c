/* SPDX-License-Identifier: Apache-2.0 */
/* Every event of the corpus through encode, decode and projection: nothing is lost, nothing is
 * added, and nearly everything finds a typed home. */
#include "events.h"
#include "proto/event.h"
#include "proto/field.h"
#include "proto/flat.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { KEPT_MAX = 64, ARENA_BYTES = 256 * 1024 * 1024 };

struct tally {
    size_t events, typed_events, fields, typed_fields, mismatches, surplus;
    size_t batches, bytes;
};

/* Events of a batch, kept until it is decoded: a growing arena each. */
struct kept {
    struct arena *arena;
    struct flat_field *fields;
    size_t count;
};

static const struct flat_field *find(const struct kept *kept, struct slice name)
{
    for (size_t i = 0; i < kept->count; i++)
        if (slice_equal(kept->fields[i].name, name))
            return &kept->fields[i];
    return NULL;
}

static bool is_typed(const struct event *event)
{
    return event->shape != SHAPE_GENERIC && event->shape != SHAPE_GENERIC_4688 &&
           event->shape != SHAPE_GENERIC_DEFENDER;
}

static void complain(struct tally *tally, const struct event *event, struct slice name,
                     const char *what)
{
    if (tally->mismatches + tally->surplus < 20)
        fprintf(stderr, "%s: %.*s of a %s\n", what, SLICE_PRINTF(name),
                shape_name((enum shape)event->shape));
}

/* The projection of one event's own names against what the flat event says. */
static void check_projection(struct tally *tally, const struct event *event,
                             const struct kept *kept)
{
    struct projection_name names[512];
    cr_assert(kept->count < 512);
    for (size_t i = 0; i < kept->count; i++)
        names[i] = (struct projection_name){kept->fields[i].name, FIELD_VIEW_NATIVE};
    struct projection *projection;
    struct projected *projected;
    cr_assert_eq(projection_new(&projection, names, kept->count), 0);
    cr_assert_eq(projected_new(&projected, projection, 64 * 1024), 0);
    projected_begin(projected, event);
    for (unsigned i = 0; i < kept->count; i++) {
        const struct value *value = projected_get(projected, i);
        if (!value_equal(value, &kept->fields[i].value)) {
            complain(tally, event, names[i].name, "differs");
            tally->mismatches++;
        }
    }
    cr_assert(!projected_overflowed(projected));
    projected_free(projected);
    projection_free(projection);
}

/* Everything that the event shows is in the flat event, alike. */
static void check_iteration(struct tally *tally, const struct event *event, const struct kept *kept,
                            struct arena *arena)
{
    struct field_iterator iterator;
    struct slice name;
    struct value value;
    size_t shown = 0;
    field_iterate(&iterator, event, arena);
    while (field_next(&iterator, &name, &value)) {
        const struct flat_field *field = find(kept, name);
        if (field == NULL || !value_equal(&field->value, &value)) {
            complain(tally, event, name, "not in the flat event");
            tally->surplus++;
        }
        tally->typed_fields += iterator.extra == 0;
        shown++;
    }
    cr_assert_eq(shown, kept->count);
}

static void check_batch(struct tally *tally, struct flat_encoder *encoder, struct kept kept[],
                        struct arena *arena, bool project)
{
    static const struct batch_options options = {0};
    struct batch batch;
    struct slice bytes;
    size_t count = flat_encoder_count(encoder);
    cr_assert_eq(flat_encoder_finish(encoder, &bytes), 0);
    arena_reset(arena);
    cr_assert_eq(batch_decode(&batch, bytes, &options, arena), 0);
    cr_assert_eq(batch.event_count, count);
    tally->batches++;
    tally->bytes += bytes.len;
    for (size_t i = 0; i < count; i++) {
        tally->events++;
        tally->typed_events += is_typed(&batch.events[i]);
        tally->fields += kept[i].count;
        if (project)
            check_projection(tally, &batch.events[i], &kept[i]);
        check_iteration(tally, &batch.events[i], &kept[i], arena);
    }
}

static struct tally round_trip(const char *name)
{
    struct tally tally = {0};
    FILE *stream = events_open(name);
    if (stream == NULL)
        return tally;
    static const struct flat_origin origin = {.tenant_id = {1}, .endpoint_id = {2}};
    struct flat_encoder *encoder;
    struct arena *arena;
    struct kept kept[KEPT_MAX] = {{0}};
    struct events_line line = {0};
    cr_assert_eq(flat_encoder_new(&encoder, &origin), 0);
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    for (size_t i = 0; i < KEPT_MAX; i++)
        cr_assert_eq(arena_new_growing(&kept[i].arena, 16 * 1024, 0), 0);
    for (;;) {
        size_t at = flat_encoder_count(encoder);
        line.arena = kept[at].arena;
        if (!events_next(&line, stream))
            break;
        kept[at].fields = line.fields;
        kept[at].count = line.count;
        int added = flat_encoder_add(encoder, line.fields, line.count, NULL);
        if (added == FLAT_BATCH_FULL) {
            struct kept spare = kept[0];
            check_batch(&tally, encoder, kept, arena, true);
            kept[0] = kept[at];
            kept[at] = spare;
            added = flat_encoder_add(encoder, kept[0].fields, kept[0].count, NULL);
        }
        cr_assert_eq(added, 0);
        if (flat_encoder_count(encoder) == KEPT_MAX)
            check_batch(&tally, encoder, kept, arena, true);
    }
    if (flat_encoder_count(encoder) > 0)
        check_batch(&tally, encoder, kept, arena, true);
    for (size_t i = 0; i < KEPT_MAX; i++)
        arena_free(kept[i].arena);
    free(line.line);
    arena_free(arena);
    flat_encoder_free(encoder);
    events_close(stream);
    fprintf(stderr,
            "%s: %zu events, %zu typed; %zu fields, %zu in typed homes; %zu bytes in %zu batches\n",
            name, tally.events, tally.typed_events, tally.fields, tally.typed_fields, tally.bytes,
            tally.batches);
    return tally;
}

Test(flat_corpus, gives_back_every_attack_event_exactly)
{
    struct tally tally = round_trip("otrf/events.jsonl.xz");
    cr_assert_eq(tally.mismatches, 0);
    cr_assert_eq(tally.surplus, 0);
}

Test(flat_corpus, gives_back_every_regression_event_exactly)
{
    struct tally tally = round_trip("regression/flat.jsonl");
    cr_assert_eq(tally.mismatches, 0);
    cr_assert_eq(tally.surplus, 0);
}
