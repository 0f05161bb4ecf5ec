/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/arena.h"

#include <criterion/criterion.h>
#include <stdalign.h>

Test(arena, of_fixed_size_gives_its_bytes_and_not_one_more)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 64), 0);
    cr_assert_not_null(arena_take_bytes(arena, 64));
    cr_assert_not(arena_overflowed(arena));
    cr_assert_null(arena_take_bytes(arena, 1));
    cr_assert(arena_overflowed(arena));
}

Test(arena, remembers_an_overflow_until_it_is_reset)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 64), 0);
    cr_assert_null(arena_take(arena, 65));
    cr_assert_not_null(arena_take(arena, 8));
    cr_assert(arena_overflowed(arena));
    arena_reset(arena);
    cr_assert_not(arena_overflowed(arena));
    cr_assert_eq(arena_used_bytes(arena), 0);
    cr_assert_not_null(arena_take(arena, 64));
}

Test(arena, aligns_objects_for_any_type)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 256), 0);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_not_null(arena_take_bytes(arena, 1));
        cr_assert_eq((uintptr_t)arena_take(arena, 8) % alignof(max_align_t), 0);
    }
}

Test(arena, grows_to_its_bound_and_no_further)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 64, 256), 0);
    for (size_t i = 0; i < 4; i++)
        cr_assert_not_null(arena_take(arena, 64));
    cr_assert_null(arena_take(arena, 64));
    cr_assert(arena_overflowed(arena));
}

Test(arena, takes_a_piece_larger_than_a_block)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 16, 0), 0);
    uint8_t *piece = arena_take(arena, 10000);
    cr_assert_not_null(piece);
    memset(piece, 0xAB, 10000);
    cr_assert_eq(arena_used_bytes(arena), 10000);
}

Test(arena, refuses_a_count_that_would_overflow)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 64, 0), 0);
    cr_assert_null(arena_take_zeroed(arena, SIZE_MAX / 2, 3));
    cr_assert(arena_overflowed(arena));
}

Test(arena, copies_text_with_a_nul_behind_it)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 4), 0);
    struct slice copy = arena_copy(arena, SLICE_LITERAL("abc"));
    cr_assert_eq(copy.len, 3);
    cr_assert_eq(copy.data[3], 0);
    cr_assert_null(arena_copy(arena, SLICE_LITERAL("")).data);
}

Test(arena, comes_back_to_a_mark)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 64), 0);
    arena_take(arena, 16);
    size_t mark = arena_mark(arena);
    void *first = arena_take(arena, 16);
    arena_rewind(arena, mark);
    cr_assert_eq(arena_take(arena, 16), first);
}

Test(arena, extends_the_last_piece_in_place)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 64), 0);
    uint8_t *piece = arena_take(arena, 16);
    cr_assert_eq(arena_extend(arena, piece, 16, 64), piece);
    cr_assert_eq(arena_used_bytes(arena), 64);
    cr_assert_null(arena_extend(arena, piece, 64, 65));
    cr_assert(arena_overflowed(arena));
}

Test(arena, copies_a_piece_to_extend_when_another_was_taken_since)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, 96), 0);
    uint8_t *piece = arena_take(arena, 16);
    memset(piece, 0xAB, 16);
    uint8_t *other = arena_take(arena, 16);
    uint8_t *extended = arena_extend(arena, piece, 16, 32);
    cr_assert_eq(extended, other + 16);
    cr_assert_eq(extended[0], 0xAB);
    cr_assert_eq(extended[15], 0xAB);
    cr_assert_null(arena_extend(arena, other, 16, 64));
}

Test(arena, extends_into_a_new_block_when_it_may_grow)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 32, 0), 0);
    uint8_t *piece = arena_take(arena, 32);
    memset(piece, 0xAB, 32);
    uint8_t *extended = arena_extend(arena, piece, 32, 64);
    cr_assert_neq(extended, piece);
    cr_assert_eq(extended[31], 0xAB);
}
