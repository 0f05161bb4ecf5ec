/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"
#include "rules/pattern.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* How many backslashes a text with `count` of them before a wildcard holds, and whether the
 * wildcard is one: two are one, and an odd one escapes. */
Test(pattern, halves_backslashes_before_a_wildcard)
{
    for (size_t count = 0; count <= 6; count++)
        for (size_t i = 0; i < 2; i++) {
            char wildcard = "*?"[i], text[32], expected[64];
            char slashes[] = "\\\\\\\\\\\\";
            snprintf(text, sizeof text, "F: 'a%.*s%cb'", (int)count, slashes, wildcard);
            if (count % 2 == 0)
                snprintf(expected, sizeof expected, "F: <a%.*s>%c<b>", (int)count / 2, slashes,
                         wildcard);
            else
                snprintf(expected, sizeof expected, "F: <a%.*s%cb>", (int)count / 2, slashes,
                         wildcard);
            struct reading *reading = read_item(text, NULL);
            cr_expect_str_eq(selection_text(reading), expected, "%zu before %c", count, wildcard);
            reading_free(reading);
        }
}

Test(pattern, halves_backslashes_before_anything_else_but_keeps_a_single_one)
{
    for (size_t count = 0; count <= 6; count++) {
        char text[32], expected[64];
        char slashes[] = "\\\\\\\\\\\\";
        snprintf(text, sizeof text, "F: 'a%.*sb'", (int)count, slashes);
        snprintf(expected, sizeof expected, "F: <a%.*sb>", (int)(count + 1) / 2, slashes);
        struct reading *reading = read_item(text, NULL);
        cr_expect_str_eq(selection_text(reading), expected, "%zu in the middle", count);
        reading_free(reading);

        snprintf(text, sizeof text, "F: 'a%.*s'", (int)count, slashes);
        snprintf(expected, sizeof expected, "F: <a%.*s>", (int)(count + 1) / 2, slashes);
        reading = read_item(text, NULL);
        cr_expect_str_eq(selection_text(reading), expected, "%zu at the end", count);
        reading_free(reading);
    }
}

Test(pattern, puts_wildcards_where_the_operator_says)
{
    static const struct reading_case cases[] = {
        {"F: abc", "F: <abc>"},
        {"F|contains: abc", "F: *<abc>*"},
        {"F|startswith: abc", "F: <abc>*"},
        {"F|endswith: abc", "F: *<abc>"},
        {"F: '*'", "F: *"},
        {"F: '***'", "F: *"},
        {"F: '*a**b*'", "F: *<a>*<b>*"},
        {"F|contains: '*a*'", "F: *<a>*"},
        {"F|startswith: 'a*'", "F: <a>*"},
        {"F|endswith: '*a'", "F: *<a>"},
        {"F|contains: 'a\\*'", "F: *<a*>*"},
        {"F: '?"
         "?'",
         "F: ?"
         "?"},
        {"F: '*?*'", "F: *?*"},
        {"F: 'a?c'", "F: <a>?<c>"},
        {"F: ''", "F: <>"},
        {"F: ' a '", "F: < a >"},
        {"F: \"a\\nb\"", "F: <a\\x0ab>"},
        {"F: \"a\\0b\"", "F: <a\\x00b>"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(pattern, folds_what_is_not_cased)
{
    static const struct reading_case cases[] = {
        {"F: ABC", "F: <abc>"},
        {"F|cased: ABC", "F: c:<ABC>"},
        {"F: 'ARRÊTÉ'", "F: <arrêté>"},
        {"F: 'ПРИВЕТ'", "F: <привет>"},
        {"F: 'ΣΑΣ'", "F: <σασ>"},
        {"F: '\xe2\x84\xaa'", "F: <k>"}, /* U+212A KELVIN SIGN */
        {"F: '\xc5\xbf'", "F: <s>"},     /* U+017F LATIN SMALL LETTER LONG S */
        {"F|cased: '\xe2\x84\xaa'", "F: c:<\xe2\x84\xaa>"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(pattern, compares_parts_and_literals)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"a*b", "a*b", true}, {"a*b", "a**b", true},    {"a*b", "a?b", false}, {"a", "b", false},
        {"a", "a*", false},   {"", "", true},           {"", "*", false},      {"\\*", "*", false},
        {"A", "a", true},     {"a\\b", "a\\\\b", true},
    };
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 4096, 0), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pattern a, b;
        cr_assert_eq(pattern_parse(&a, slice_text(cases[i].a), arena), 0);
        cr_assert_eq(pattern_parse(&b, slice_text(cases[i].b), arena), 0);
        cr_assert_eq(pattern_finish(&a, &a, OPERATOR_EXACT, false, arena, arena), 0);
        cr_assert_eq(pattern_finish(&b, &b, OPERATOR_EXACT, false, arena, arena), 0);
        cr_expect_eq(pattern_equal(&a, &b), cases[i].equal, "case %zu", i);
    }
}

Test(pattern, says_so_when_memory_ends)
{
    AUTO(arena_free) struct arena *arena = NULL;
    struct pattern pattern;
    cr_assert_eq(arena_new_fixed(&arena, 16), 0);
    cr_expect_eq(pattern_parse(&pattern, SLICE_LITERAL("a*b*c"), arena), STATUS_NO_MEMORY);
}
