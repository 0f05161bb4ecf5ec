/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/health.h"

#include <criterion/criterion.h>

static struct counters workers[2];
static struct counters *const both[] = {&workers[0], &workers[1]};

static struct health_view view(size_t count)
{
    return (struct health_view){both, count, 1000};
}

static void set(size_t worker, uint64_t progress_ms, uint64_t ready)
{
    counter_set(&workers[worker], COUNTER_PROGRESS_MS, progress_ms);
    counter_set(&workers[worker], COUNTER_READY, ready);
}

Test(health, is_live_until_a_worker_stands_still_too_long)
{
    const struct health_view two = view(2);
    set(0, 5000, 0);
    set(1, 4000, 0);
    cr_expect(health_is_live(&two, 5000));
    cr_expect_not(health_is_live(&two, 5001));
    cr_expect(health_is_live(&two, 3000), "a worker's clock may be ahead of ours");
}

Test(health, is_ready_when_every_worker_is)
{
    const struct health_view two = view(2), one = view(1), none = view(0);
    set(0, 0, 1);
    set(1, 0, 0);
    cr_expect_not(health_is_ready(&two));
    cr_expect(health_is_ready(&one));
    cr_expect_not(health_is_ready(&none));
    set(1, 0, 1);
    cr_expect(health_is_ready(&two));
}
