/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/alert.h"

#include "sample.h"

#include <criterion/criterion.h>

static struct arena *arena;

static void setup(void)
{
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(ocsf, .init = setup, .fini = teardown);

/* An alert about the first event of a sample. */
static void make(struct alert *alert, struct batch *batch, const struct sample_options *options)
{
    struct slice payload = sample_batch(options, arena);
    int decoded = batch_decode(batch, payload, &(struct batch_options){0}, arena);
    cr_assert_eq(decoded, 0, "seed %lu: %s", options->seed, reason_label(batch->reason));
    sample_alert(alert, &batch->events[0], SLICE_LITERAL("a.exe -enc AAAA"), arena);
}

Test(ocsf, is_the_same_bytes_for_the_same_alert)
{
    for (uint64_t seed = 1; seed < 200; seed++) {
        struct alert alert;
        struct batch batch;
        struct slice first, second;
        make(&alert, &batch, &(struct sample_options){.seed = seed, .hostile = seed % 2 == 0});
        cr_assert_eq(alert_encode_ocsf(&first, &alert, arena), 0);
        cr_assert_eq(alert_encode_ocsf(&second, &alert, arena), 0);
        cr_expect(slice_equal(first, second), "seed %lu", seed);
        arena_reset(arena);
    }
}
