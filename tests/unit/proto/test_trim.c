/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/trim.h"

#include <criterion/criterion.h>

static size_t trimmed(size_t limit, const char *text)
{
    const struct trim trim = {.text_bytes_max = limit};
    return trim_text(&trim, slice_text(text)).len;
}

Test(trim, gives_up_nothing_first_then_evidence_alone)
{
    struct trim trim = trim_step(0);
    cr_expect(trim.evidence && trim.text_bytes_max == SIZE_MAX && trim.items_max == SIZE_MAX);
    trim = trim_step(1);
    cr_expect(!trim.evidence && trim.text_bytes_max == SIZE_MAX && trim.items_max == SIZE_MAX);
}

Test(trim, gives_up_more_with_every_step)
{
    for (unsigned step = 2; step < TRIM_STEPS; step++) {
        struct trim before = trim_step(step - 1);
        struct trim trim = trim_step(step);
        cr_expect_lt(trim.text_bytes_max, before.text_bytes_max, "step %u", step);
        cr_expect_leq(trim.items_max, before.items_max, "step %u", step);
    }
}

Test(trim, leaves_a_text_of_its_limit_and_cuts_one_byte_more)
{
    cr_expect_eq(trimmed(4, "abcd"), 4);
    cr_expect_eq(trimmed(4, "abcde"), 4);
    cr_expect_eq(trimmed(0, "a"), 0);
    cr_expect_eq(trimmed(4, ""), 0);
}

Test(trim, does_not_cut_through_a_character)
{
    cr_expect_eq(trimmed(4, "ab\xE3\x81\x82"), 2);
    cr_expect_eq(trimmed(5, "ab\xE3\x81\x82x"), 5);
    cr_expect_eq(trimmed(3, "\xF0\x9F\x8F\xAF"), 0);
}

Test(trim, cuts_bytes_that_are_no_characters_where_it_must)
{
    cr_expect_eq(trimmed(6, "\x80\x80\x80\x80\x80\x80\x80\x80"), 3, "it looks back three bytes");
    cr_expect_eq(trimmed(4, "\xFF\xFF\xFF\xFF\xFF"), 4);
}

static struct slice around(size_t limit, const char *text, size_t from, size_t to)
{
    const struct trim trim = {.text_bytes_max = limit};
    return trim_around(&trim, slice_text(text), from, to);
}

Test(trim, keeps_the_part_that_matters)
{
    static const struct {
        size_t limit, from, to;
        const char *kept;
    } cases[] = {
        {10, 3, 5, "0123456789"}, /* nothing to cut */
        {6, 3, 6, "012345"},      /* within what is kept anyway */
        {6, 4, 7, "345678"},      /* half of the room before it */
        {6, 8, 10, "456789"},     /* no more behind it than there is */
        {3, 4, 7, "456"},         /* the room it needs, and no more */
        {2, 4, 7, "45"},          /* its beginning */
        {4, 10, 10, "6789"},      /* an empty part at the end */
        {0, 4, 7, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice kept = around(cases[i].limit, "0123456789", cases[i].from, cases[i].to);
        cr_expect(slice_equal(kept, slice_text(cases[i].kept)), "case %zu: %.*s", i,
                  SLICE_PRINTF(kept));
    }
}

Test(trim, begins_no_window_within_a_character)
{
    struct slice kept = around(5, "ab\xE3\x81\x82xyz", 5, 6);
    cr_expect(slice_equal(kept, SLICE_LITERAL("xyz")), "%.*s", SLICE_PRINTF(kept));
}

Test(trim, keeps_the_first_items_of_a_list)
{
    const struct trim trim = {.items_max = 3};
    cr_expect_eq(trim_count(&trim, 3), 3);
    cr_expect_eq(trim_count(&trim, 4), 3);
    cr_expect_eq(trim_count(&trim, 0), 0);
}
