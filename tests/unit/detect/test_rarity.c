/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/rarity.h"

#include <criterion/criterion.h>

static double rate_of(const char *text, enum trigger_anchor anchor, const char *field)
{
    struct trigger_set set = {.count = 1};
    set.items[0] = (struct trigger){slice_of(text, strlen(text)), anchor, false};
    return rarity_of(&set, slice_of(field, strlen(field)));
}

Test(rarity, gives_every_printable_character_a_symbol_of_its_own)
{
    bool seen[RARITY_SYMBOLS] = {false};
    for (unsigned c = ' '; c <= '~'; c++) {
        unsigned symbol = rarity_symbol((uint8_t)c);
        cr_assert_lt(symbol, RARITY_SYMBOLS);
        if (c < 'A' || c > 'Z') {
            cr_expect_not(seen[symbol], "character %u", c);
            seen[symbol] = true;
        }
    }
    cr_expect_eq(rarity_symbol('A'), rarity_symbol('a'));
    cr_expect_eq(rarity_symbol('~'), RARITY_SYMBOLS - 1);
}

Test(rarity, keeps_other_bytes_apart_from_printable_ones)
{
    cr_expect_eq(rarity_symbol(0x00), RARITY_CONTROL);
    cr_expect_eq(rarity_symbol(0x7F), RARITY_CONTROL);
    cr_expect_eq(rarity_symbol(0x80), RARITY_CONTINUATION);
    cr_expect_eq(rarity_symbol(0xBF), RARITY_CONTINUATION);
    cr_expect_eq(rarity_symbol(0xC0), RARITY_LEAD);
    cr_expect_eq(rarity_symbol(0xFF), RARITY_LEAD);
}

Test(rarity, holds_a_thousand_emoji_to_be_rarer_than_one_short_word)
{
    double emoji = 1000 * rate_of("\xf0\x9f\x98\x80", ANCHOR_NONE, "CommandLine");
    cr_expect_lt(emoji, rate_of("ex", ANCHOR_NONE, "CommandLine"));
    cr_expect_lt(emoji, 0.1);
}

Test(rarity, knows_which_field_a_text_is_common_in)
{
    cr_expect_gt(rate_of(".exe", ANCHOR_END, "Image"), 0.5);
    cr_expect_lt(rate_of(".exe", ANCHOR_END, "TargetFilename"), 0.2);
    cr_expect_gt(rate_of("true", ANCHOR_BOTH, "Signed"), 0.5);
    cr_expect_lt(rate_of("true", ANCHOR_BOTH, "CommandLine"), 0.01);
}

Test(rarity, judges_a_field_that_it_does_not_know_by_all_it_knows)
{
    cr_expect_gt(rate_of("\\windows\\system32\\", ANCHOR_NONE, "SomethingElse"), 0.5);
}

Test(rarity, calls_no_longer_literal_more_frequent)
{
    static const char text[] = "schtasks /create /tn x";
    double before = rate_of("s", ANCHOR_START, "CommandLine");
    for (size_t len = 2; text[len] != '\0'; len++) {
        struct trigger_set set = {.count = 1};
        set.items[0] = (struct trigger){slice_of(text, len), ANCHOR_START, false};
        double rate = rarity_of(&set, SLICE_LITERAL("CommandLine"));
        cr_expect_leq(rate, before, "of %zu bytes", len);
        before = rate;
    }
}

Test(rarity, adds_up_the_triggers_of_a_set)
{
    struct trigger_set set = {.count = 2};
    set.items[0] = (struct trigger){SLICE_LITERAL("mimikatz"), ANCHOR_NONE, true};
    set.items[1] = (struct trigger){SLICE_LITERAL("443"), ANCHOR_BOTH, true};
    cr_expect_float_eq(rarity_of(&set, SLICE_LITERAL("X")),
                       rate_of("mimikatz", ANCHOR_NONE, "X") + rate_of("443", ANCHOR_BOTH, "X"),
                       1e-12);
}

Test(rarity, takes_the_empty_text_for_a_possible_value)
{
    double rate = rate_of("", ANCHOR_BOTH, "Description");
    cr_expect(rate > 0 && rate < 0.5);
}
