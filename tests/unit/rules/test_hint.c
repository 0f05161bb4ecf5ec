/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/hint.h"

#include <criterion/criterion.h>

static const char *nearest(const char *wanted)
{
    static char buffer[HINT_BYTES_MAX];
    static const struct slice names[] = {SLICE_INIT("contains"), SLICE_INIT("cased"),
                                         SLICE_INIT("startswith"), SLICE_INIT("re"),
                                         SLICE_INIT("endswith")};
    struct hint_search search = hint_search(slice_text(wanted));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        hint_offer(&search, names[i]);
    return hint_nearest(&search, buffer, "nothing");
}

Test(hint, finds_the_name_with_the_fewest_mistakes)
{
    static const struct {
        const char *wanted, *hint;
    } cases[] = {
        {"contain", "did you mean 'contains'?"},
        {"CONTAINS", "did you mean 'contains'?"},
        {"startwith", "did you mean 'startswith'?"},
        {"endsWith", "did you mean 'endswith'?"},
        {"case", "did you mean 'cased'?"},
        {"rex", "did you mean 're'?"},
        {"csaed", "did you mean 'cased'?"},
        {"caesd", "did you mean 'cased'?"},
        {"er", "did you mean 're'?"},
        {"sdaec", "nothing"},
        {"xyz", "nothing"},
        {"", "nothing"},
        {"beginswithabcdefghijklmnop", "nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(nearest(cases[i].wanted), cases[i].hint, "case %zu: %s", i,
                         cases[i].wanted);
}

Test(hint, offers_nothing_for_very_long_names)
{
    char name[HINT_NAME_BYTES_MAX + 1];
    char buffer[HINT_BYTES_MAX];
    memset(name, 'a', sizeof name);
    struct hint_search longest = hint_search(slice_of(name, HINT_NAME_BYTES_MAX));
    hint_offer(&longest, slice_of(name, HINT_NAME_BYTES_MAX));
    cr_expect_str_neq(hint_nearest(&longest, buffer, "nothing"), "nothing");
    struct hint_search longer = hint_search(slice_of(name, HINT_NAME_BYTES_MAX + 1));
    hint_offer(&longer, slice_of(name, HINT_NAME_BYTES_MAX + 1));
    cr_expect_str_eq(hint_nearest(&longer, buffer, "nothing"), "nothing");
}

Test(hint, clips_quotes_between_characters)
{
    char text[200];
    memset(text, 'a', sizeof text);
    cr_expect_eq(hint_clip(slice_of(text, HINT_QUOTE_BYTES_MAX)).len, HINT_QUOTE_BYTES_MAX);
    cr_expect_eq(hint_clip(slice_of(text, HINT_QUOTE_BYTES_MAX + 1)).len, HINT_QUOTE_BYTES_MAX);
    memcpy(text + HINT_QUOTE_BYTES_MAX - 1, "\xe3\x81\x82", 3);
    cr_expect_eq(hint_clip(slice_of(text, sizeof text)).len, HINT_QUOTE_BYTES_MAX - 1);
    memcpy(text + HINT_QUOTE_BYTES_MAX - 3,
           "\xe3\x81\x82"
           "aa",
           5);
    cr_expect_eq(hint_clip(slice_of(text, sizeof text)).len, HINT_QUOTE_BYTES_MAX);
}
