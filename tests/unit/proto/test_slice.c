/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/slice.h"

#include <criterion/criterion.h>

Test(slice, orders_by_bytes_and_then_by_length)
{
    cr_assert_lt(slice_compare(SLICE_LITERAL("a"), SLICE_LITERAL("b")), 0);
    cr_assert_lt(slice_compare(SLICE_LITERAL("a"), SLICE_LITERAL("ab")), 0);
    cr_assert_gt(slice_compare(SLICE_LITERAL("\xFF"), SLICE_LITERAL("a")), 0);
    cr_assert_eq(slice_compare((struct slice){NULL, 0}, SLICE_LITERAL("")), 0);
}

Test(slice, compares_ascii_caseless_only)
{
    cr_assert(slice_equal_ascii_caseless(SLICE_LITERAL("Security"), SLICE_LITERAL("sECURITY")));
    cr_assert_not(slice_equal_ascii_caseless(SLICE_LITERAL("a["), SLICE_LITERAL("A{")));
    cr_assert_not(slice_equal_ascii_caseless(SLICE_LITERAL("\xC3\x89"), SLICE_LITERAL("\xC3\xA9")));
    cr_assert_not(slice_equal_ascii_caseless(SLICE_LITERAL("a"), SLICE_LITERAL("aa")));
}

Test(slice, knows_its_ends)
{
    cr_assert(slice_starts_with(SLICE_LITERAL("abc"), SLICE_LITERAL("ab")));
    cr_assert(slice_ends_with(SLICE_LITERAL("abc"), SLICE_LITERAL("")));
    cr_assert(slice_ends_with(SLICE_LITERAL("abc"), SLICE_LITERAL("abc")));
    cr_assert_not(slice_starts_with(SLICE_LITERAL("ab"), SLICE_LITERAL("abc")));
    cr_assert_not(slice_ends_with(SLICE_LITERAL("abc"), SLICE_LITERAL("ab")));
}

Test(slice, finds_text_with_nul_in_it)
{
    cr_assert_eq(slice_find(slice_of("a\0bc", 4), slice_of("\0b", 2)), 1);
    cr_assert_eq(slice_find(SLICE_LITERAL("abc"), SLICE_LITERAL("")), 0);
    cr_assert_eq(slice_find(SLICE_LITERAL("abc"), SLICE_LITERAL("abcd")), SIZE_MAX);
    cr_assert_eq(slice_find(SLICE_LITERAL("abc"), SLICE_LITERAL("x")), SIZE_MAX);
}

Test(slice, trims_white_space_at_both_ends_only)
{
    cr_assert(slice_equal(slice_trim(SLICE_LITERAL(" \t a b\r\n")), SLICE_LITERAL("a b")));
    cr_assert_eq(slice_trim(SLICE_LITERAL(" \n")).len, 0);
}

Test(slice, from_beyond_its_end_is_empty)
{
    cr_assert_eq(slice_from(SLICE_LITERAL("abc"), 3).len, 0);
    cr_assert_eq(slice_from(SLICE_LITERAL("abc"), 99).len, 0);
    cr_assert_eq(slice_from(SLICE_LITERAL("abc"), 1).len, 2);
}

Test(slice, knows_hexadecimal_digits_and_nothing_else)
{
    static const char digits[] = "0123456789abcdef";
    static const char upper[] = "0123456789ABCDEF";
    unsigned known = 0;
    for (unsigned byte = 0; byte <= UINT8_MAX; byte++)
        known += hex_digit((uint8_t)byte) != HEX_NONE;
    cr_expect_eq(known, 22);
    for (unsigned i = 0; i < 16; i++) {
        cr_expect_eq(hex_digit((uint8_t)digits[i]), i);
        cr_expect_eq(hex_digit((uint8_t)upper[i]), i);
    }
}

Test(slice, hashes_all_bytes_and_the_length)
{
    static const struct slice different[] = {SLICE_INIT(""),           SLICE_INIT("\0"),
                                             SLICE_INIT("\0\0"),       SLICE_INIT("Image"),
                                             SLICE_INIT("image"),      SLICE_INIT("CommandLine"),
                                             SLICE_INIT("CommandLin"), SLICE_INIT("CommandLind")};
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++) {
        cr_expect_eq(slice_hash(different[i]), slice_hash(different[i]));
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(slice_hash(different[i]), slice_hash(different[j]), "%zu, %zu", i, j);
    }
}
