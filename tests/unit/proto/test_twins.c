/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/twins.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { ARENA_BYTES = 1024 * 1024, NAMES_MAX = 5000 };

static struct twins find(const struct slice names[], uint32_t count, struct arena *arena)
{
    struct twins twins;
    cr_assert_eq(twins_find(&twins, names, count, arena), 0);
    return twins;
}

Test(twins, are_none_among_names_that_differ)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    static const struct slice names[] = {SLICE_INIT("b"), SLICE_INIT("a"), SLICE_INIT("ab"),
                                         SLICE_INIT("A"), SLICE_INIT(""),  SLICE_INIT("a\0")};
    struct twins twins = find(names, 6, arena);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(twins.next[i], 0, "name %zu", i);
        cr_expect_not(twins.is_later[i], "name %zu", i);
    }
}

Test(twins, are_chained_in_the_order_of_their_positions)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    static const struct slice names[] = {SLICE_INIT("x"), SLICE_INIT("y"), SLICE_INIT("x"),
                                         SLICE_INIT(""),  SLICE_INIT("x"), SLICE_INIT("")};
    static const uint32_t next[] = {2, 0, 4, 5, 0, 0};
    static const bool is_later[] = {false, false, true, false, true, true};
    struct twins twins = find(names, 6, arena);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(twins.next[i], next[i], "name %zu", i);
        cr_expect_eq(twins.is_later[i], is_later[i], "name %zu", i);
    }
}

Test(twins, are_found_among_as_many_names_as_a_log_may_have)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    static char texts[NAMES_MAX][8];
    static struct slice names[NAMES_MAX];
    for (size_t count = 0; count < NAMES_MAX; count = count * 2 + 1) {
        for (size_t i = 0; i < count; i++) {
            snprintf(texts[i], sizeof texts[i], "%zu", i * 7919 % (count / 2 + 1));
            names[i] = slice_text(texts[i]);
        }
        arena_reset(arena);
        struct twins twins = find(names, (uint32_t)count, arena);
        size_t first_count = 0;
        for (size_t i = 0; i < count; i++) {
            first_count += !twins.is_later[i];
            cr_assert(twins.next[i] == 0 || (twins.next[i] > i && twins.is_later[twins.next[i]]));
            cr_assert(twins.next[i] == 0 || slice_equal(names[i], names[twins.next[i]]));
        }
        cr_expect_eq(first_count, count == 0 ? 0 : count / 2 + 1, "%zu names", count);
    }
}

Test(twins, say_when_the_arena_is_full)
{
    AUTO(arena_free) struct arena *arena = NULL;
    static const struct slice names[64];
    struct twins twins;
    cr_assert_eq(arena_new_fixed(&arena, 256), 0);
    cr_assert_eq(twins_find(&twins, names, 64, arena), STATUS_LIMIT);
    cr_assert(arena_overflowed(arena));
}
