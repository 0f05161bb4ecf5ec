/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"
#include "rules/condition_token.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* Selections that the cases below may name; the condition is line 13, its text from column 14. */
static struct reading *read_condition(const char *condition)
{
    size_t size = strlen(condition) + 512;
    char *detection = malloc(size);
    cr_assert_not_null(detection);
    snprintf(detection, size,
             "  a: {A: 1}\n  b: {B: 1}\n  c: {C: 1}\n  sel_x: {X: 1}\n  sel_y: {Y: 1}\n"
             "  sel_x_z: {Z: 1}\n  _hid: {H: 1}\n  condition: %s\n",
             condition);
    struct reading *reading = read_detection(detection, NULL);
    free(detection);
    return reading;
}

static void check_conditions(const struct reading_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = read_condition(cases[i].item);
        const char *found = condition_text(reading);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: %s\n  found    %s", i, cases[i].item,
                         found);
        reading_free(reading);
    }
}

Test(condition, binds_not_before_and_before_or)
{
    static const struct reading_case cases[] = {
        {"a", "a"},
        {"a and b", "and(a b)"},
        {"a or b", "or(a b)"},
        {"not a and b", "and(not(a) b)"},
        {"a and b or c", "or(and(a b) c)"},
        {"a or b and c", "or(a and(b c))"},
        {"a and (b or c)", "and(a or(b c))"},
        {"not (a or b)", "not(or(a b))"},
        {"not not a", "a"},
        {"not not not a", "not(a)"},
        {"a and not b and not c", "and(a not(b) not(c))"},
        {"a or b or c", "or(a b c)"},
        {"((a))", "a"},
        {"(a)and(b)", "and(a b)"},
        {"not(a)", "not(a)"},
        {"a AND NOT b Or c", "or(and(a not(b)) c)"},
        {"  a   and\tb ", "and(a b)"},
        {"a and not 1 of sel_*", "and(a not(or(sel_x sel_y sel_x_z)))"},
        {"1 of sel_* and a", "and(or(sel_x sel_y sel_x_z) a)"},
        {"a and a", "and(a a)"},
        {"_hid", "_hid"},
        {"'a or b'", "or(a b)"},
        {"\"a or b\"", "or(a b)"},
        {"|\n    a\n    or b", "or(a b)"},
        {">-\n    a\n    or b", "or(a b)"},
        {"a\n    or b", "or(a b)"},
    };
    check_conditions(cases, COUNT_OF(cases));
}

Test(condition, counts_what_a_pattern_matches)
{
    static const struct reading_case cases[] = {
        {"1 of sel_*", "or(sel_x sel_y sel_x_z)"},
        {"any of sel_*", "or(sel_x sel_y sel_x_z)"},
        {"all of sel_*", "and(sel_x sel_y sel_x_z)"},
        {"2 of sel_*", "2-of(sel_x sel_y sel_x_z)"},
        {"3 of sel_*", "and(sel_x sel_y sel_x_z)"},
        {"ANY OF sel_*", "or(sel_x sel_y sel_x_z)"},
        {"All of sel_*", "and(sel_x sel_y sel_x_z)"},
        {"1 of sel_x", "sel_x"},
        {"all of sel_x", "sel_x"},
        {"1 of *_x", "sel_x"},
        {"1 of *_x*", "or(sel_x sel_x_z)"},
        {"1 of s*_*z", "sel_x_z"},
        {"1 of sel_x*", "or(sel_x sel_x_z)"},
        {"1 of them", "or(a b c sel_x sel_y sel_x_z)"},
        {"all of them", "and(a b c sel_x sel_y sel_x_z)"},
        {"all of THEM", "and(a b c sel_x sel_y sel_x_z)"},
        {"1 of *", "or(a b c sel_x sel_y sel_x_z)"},
        {"1 of _*", "_hid"},
        {"1 of _hid", "_hid"},
        {"1 of *hid or a", "a"},
        {"not 1 of sel_*", "not(or(sel_x sel_y sel_x_z))"},
        {"not all of sel_*", "not(and(sel_x sel_y sel_x_z))"},
        {"01 of sel_x", "sel_x"},
    };
    check_conditions(cases, COUNT_OF(cases));
}

Test(condition, drops_terms_that_match_no_selection)
{
    static const struct reading_case cases[] = {
        {"a and not 1 of filter_*", "a"},
        {"a or all of filter_*", "a"},
        {"a and (1 of f* or not 1 of g*)", "a"},
        {"a and not (1 of f* or b)", "and(a not(b))"},
        {"a and 7 of filter_*", "a"},
    };
    check_conditions(cases, COUNT_OF(cases));
    struct reading *reading =
        read_condition("sel_x or sel_y or sel_x_z or a or b or c or 1 of f_*");
    cr_expect_str_eq(findings_text(reading), "13:63 pattern-without-match");
    reading_free(reading);
}

/* A list is one OR; the places are those of each text. */
Test(condition, takes_a_list_as_or)
{
    static const struct reading_case cases[] = {
        {"[a, b]", "or(a b)"},
        {"[a and b, c]", "or(and(a b) c)"},
        {"[a]", "a"},
        {"\n    - a\n    - not b", "or(a not(b))"},
        {"[a, nobody]", "refused"},
        {"[]", "refused"},
        {"[[a]]", "refused"},
    };
    check_conditions(cases, COUNT_OF(cases));
}

static void check_errors(const struct reading_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = read_condition(cases[i].item);
        cr_expect_eq(reading->rules.count, 0, "case %zu: %s", i, cases[i].item);
        const char *found = findings_text(reading);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: %s\n  found    %s", i, cases[i].item,
                         found);
        reading_free(reading);
    }
}

Test(condition, refuses_what_it_cannot_read_at_its_place)
{
    static const struct reading_case cases[] = {
        {"a and", "13:19 condition-syntax"},
        {"and a", "13:14 condition-syntax"},
        {"a b", "13:16 condition-syntax"},
        {"a or or b", "13:19 condition-syntax"},
        {"(a", "13:16 condition-syntax"},
        {"a)", "13:15 condition-syntax"},
        {"()", "13:15 condition-syntax"},
        {"not", "13:17 condition-syntax"},
        {"a not b", "13:16 condition-syntax"},
        {"1 of", "13:18 condition-syntax"},
        {"1 of (a)", "13:19 condition-syntax"},
        {"1 of and", "13:19 condition-syntax"},
        {"of them", "13:14 condition-syntax"},
        {"some of them", "13:14 condition-syntax"},
        {"-1 of them", "13:14 condition-syntax"},
        {"99999 of them", "13:14 condition-syntax"},
        {"sel_*", "13:14 condition-syntax"},
        {"a and sel_*", "13:20 condition-syntax"},
        {"'a and'", "13:20 condition-syntax"},
        {"0 of them", "13:19 condition-count"},
        {"0 of nothing_*", "13:19 condition-count"},
        {"4 of sel_*", "13:19 condition-count"},
        {"2 of sel_x", "13:19 condition-count"},
        {"nobody", "13:14 unknown-selection"},
        {"A", "13:14 unknown-selection"},
        {"a and them", "13:20 unknown-selection"},
        {"1 of nothing_*", "13:19 pattern-without-match; 13:14 condition-empty"},
        {"not 1 of nothing_*", "13:23 pattern-without-match; 13:14 condition-empty"},
        {"''", "13:14 missing-condition"},
        {"", "13:13 missing-condition"},
        {"{a: b}", "13:14 missing-condition"},
        {"a | count() > 5", "13:16 legacy-aggregation"},
        {"a|count() > 5", "13:14 legacy-aggregation"},
        {"1 of sel_* | count() by X > 5", "13:25 legacy-aggregation"},
        {"a and b | near c", "13:22 legacy-aggregation"},
        {"(a) | count() > 5", "13:18 legacy-aggregation"},
        {"1 of them|count() > 5", "13:19 legacy-aggregation"},
    };
    check_errors(cases, COUNT_OF(cases));
}

Test(condition, names_the_correlation_document_that_replaces_a_pipe)
{
    struct reading *reading = read_condition("a | count() > 5");
    cr_assert_eq(diag_count(reading->findings), 1);
    cr_expect_not_null(strstr(diag_at(reading->findings, 0)->message, "correlation document"));
    reading_free(reading);
}

Test(condition, suggests_the_selection_meant)
{
    struct reading *reading = read_condition("sel_z_x or sel_xx");
    cr_expect_str_eq(diag_at(reading->findings, 0)->message, "there is no selection 'sel_z_x'");
    cr_expect_not_null(strstr(diag_at(reading->findings, 0)->hint, "did you mean 'sel_"));
    reading_free(reading);
}

Test(condition, takes_odd_names_of_selections)
{
    struct reading *reading =
        read_detection("  filter_main_mdadm.conf: {A: 1}\n  'tree|endswith': {B: 1}\n  1: {C: 1}\n"
                       "  all: {D: 1}\n  any-x: {E: 1}\n"
                       "  condition: 1 and all and (any-x or tree|endswith) and not 1 of filter_*"
                       " and 1 of tree*\n", /* so any-x decides nothing */
                       NULL);
    cr_expect_str_eq(
        condition_text(reading),
        "and(1 all or(any-x tree|endswith) not(filter_main_mdadm.conf) tree|endswith)");
    cr_expect_str_eq(findings_text(reading), "10:3 selection-without-effect");
    reading_free(reading);
}

/* CONDITION_DEPTH_MAX counts the condition itself: one less parentheses fit. */
Test(condition, limits_its_depth)
{
    for (size_t over = 0; over <= 1; over++) {
        char text[3 * CONDITION_DEPTH_MAX];
        size_t depth = CONDITION_DEPTH_MAX - 1 + over;
        memset(text, '(', depth);
        text[depth] = 'a';
        memset(text + depth + 1, ')', depth);
        text[2 * depth + 1] = '\0';
        struct reading *reading = read_condition(text);
        cr_expect_eq(reading->rules.count, 1 - over, "depth over by %zu", over);
        reading_free(reading);
    }
}

Test(condition, limits_its_length)
{
    for (size_t over = 0; over <= 1; over++) {
        char *text = malloc(CONDITION_BYTES_MAX + 4);
        cr_assert_not_null(text);
        size_t len = CONDITION_BYTES_MAX + over;
        memset(text, ' ', len + 3);
        memcpy(text, "'a", 2);
        memcpy(text + len - 3, "or b'", 6);
        struct reading *reading = read_condition(text);
        cr_expect_str_eq(condition_text(reading), over ? "refused" : "or(a b)", "%s",
                         findings_text(reading));
        reading_free(reading);
        free(text);
    }
}

/* 16 KiB of "1 of *" over a thousand selections would be a million terms. */
Test(condition, limits_the_number_of_its_terms)
{
    size_t size = RULE_SELECTIONS_MAX * 24 + CONDITION_BYTES_MAX + 64;
    char *detection = malloc(size);
    cr_assert_not_null(detection);
    size_t used = 0;
    for (int i = 0; i < 1000; i++)
        used += (size_t)snprintf(detection + used, size - used, "  s%d: {F: 1}\n", i);
    used += (size_t)snprintf(detection + used, size - used, "  condition: 1 of *");
    for (int i = 0; i < 70; i++)
        used += (size_t)snprintf(detection + used, size - used, " or 1 of *");
    snprintf(detection + used, size - used, "\n");
    struct reading *reading = read_detection(detection, NULL);
    cr_expect_eq(reading->rules.count, 0);
    cr_expect_str_eq(diag_at(reading->findings, 0)->code, "condition-too-large");
    reading_free(reading);
    free(detection);
}

Test(token, matches_stars_anywhere)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"*", "", true},         {"*", "abc", true},      {"a*", "abc", true},
        {"a*", "ba", false},     {"*c", "abc", true},     {"*c", "abcd", false},
        {"a*c", "abc", true},    {"a*c", "ac", true},     {"a*c", "abcd", false},
        {"a**c", "abc", true},   {"*b*", "abc", true},    {"*x*", "abc", false},
        {"", "", true},          {"", "a", false},        {"a", "", false},
        {"abc", "abc", true},    {"abc", "ABC", false},   {"*ab*ab", "abab", true},
        {"*a*b*a", "aba", true}, {"*a*b*a", "ab", false}, {"a?c", "abc", false},
        {"*aab", "aaab", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq(token_matches(slice_text(cases[i].pattern), slice_text(cases[i].name)),
                     cases[i].matches, "case %zu: %s on %s", i, cases[i].pattern, cases[i].name);
}

/* 63 times 1,023 selections and their OR, 1,023 names, the whole OR: CONDITION_NODES_MAX. */
Test(condition, takes_as_many_terms_as_the_limit_says)
{
    for (size_t over = 0; over <= 1; over++) {
        size_t size = RULE_SELECTIONS_MAX * 24 + CONDITION_BYTES_MAX + 64;
        char *detection = malloc(size);
        cr_assert_not_null(detection);
        size_t used = 0;
        for (int i = 0; i < 1023; i++)
            used += (size_t)snprintf(detection + used, size - used, "  s%d: {F: 1}\n", i);
        used += (size_t)snprintf(detection + used, size - used, "  condition: 1 of *");
        for (int i = 0; i < 62; i++)
            used += (size_t)snprintf(detection + used, size - used, " or 1 of *");
        for (size_t i = 0; i < 1023 + over; i++)
            used += (size_t)snprintf(detection + used, size - used, " or s1");
        snprintf(detection + used, size - used, "\n");
        struct reading *reading = read_detection(detection, NULL);
        cr_expect_eq(reading->rules.count, 1 - over, "%s", findings_text(reading));
        reading_free(reading);
        free(detection);
    }
}

Test(condition, limits_the_length_of_a_list)
{
    for (size_t over = 0; over <= 1; over++) {
        char text[4 * RULE_CONDITIONS_MAX + 8];
        size_t used = 0;
        text[used++] = '[';
        for (size_t i = 0; i < RULE_CONDITIONS_MAX + over; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, i > 0 ? ", a" : "a");
        snprintf(text + used, sizeof text - used, "]");
        struct reading *reading = read_condition(text);
        cr_expect_eq(reading->rules.count, 1 - over);
        reading_free(reading);
    }
}
