/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lists.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* The code of the only finding, or "" if there is none. */
static const char *add(struct list_set *set, const char *name, struct slice text)
{
    static char code[64];
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(list_set_add(set, slice_text(name), text, "l.txt", findings), 0);
    cr_assert_leq(diag_count(findings), 1);
    snprintf(code, sizeof code, "%s", diag_count(findings) == 0 ? "" : diag_at(findings, 0)->code);
    if (diag_count(findings) == 1 && diag_at(findings, 0)->line > 0)
        snprintf(code + strlen(code), 16, ":%u", diag_at(findings, 0)->line);
    return code;
}

static const char *values_of(const struct list_set *set, const char *name)
{
    static char text[256];
    size_t count, used = 0;
    const struct slice *values = list_set_find(set, slice_text(name), &count);
    text[0] = '\0';
    if (values == NULL)
        return "none";
    for (size_t i = 0; i < count; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "[%.*s]", SLICE_PRINTF(values[i]));
    return text;
}

Test(lists, hold_one_value_a_line)
{
    static const struct {
        const char *text, *values;
    } cases[] = {
        {"a", "[a]"},
        {"a\n", "[a]"},
        {"a\nb\n", "[a][b]"},
        {"  a b \r\n\tc\t\r\n", "[a b][c]"},
        {"# comment\n\na\n  # comment\n\n", "[a]"},
        {"a # no comment\n", "[a # no comment]"},
        {"\xef\xbb\xbf"
         "a\n",
         "[a]"},
        {"a*\n*?\n", "[a*][*?]"},
        {"a\na\n", "[a][a]"},
        {"日本\n", "[日本]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(list_set_free) struct list_set *set = NULL;
        cr_assert_eq(list_set_new(&set), 0);
        cr_expect_str_eq(add(set, "l", slice_text(cases[i].text)), "", "case %zu", i);
        cr_expect_str_eq(values_of(set, "l"), cases[i].values, "case %zu", i);
    }
}

Test(lists, without_a_value_or_in_bad_utf8_are_refused)
{
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"", "list-empty"},
        {"\n\n", "list-empty"},
        {"# a\n", "list-empty"},
        {"a\n\xff\n", "not-utf8:2"},
        {"\xc3\n", "not-utf8:1"},
        {" \t\r\n", "list-empty"},
        {"\xed\xa0\x80\n", "not-utf8:1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(list_set_free) struct list_set *set = NULL;
        cr_assert_eq(list_set_new(&set), 0);
        cr_expect_str_eq(add(set, "l", slice_text(cases[i].text)), cases[i].code, "case %zu", i);
        cr_expect_str_eq(values_of(set, "l"), "none", "case %zu", i);
    }
}

Test(lists, have_names_that_a_placeholder_can_have)
{
    static const struct {
        const char *name, *code;
    } cases[] = {
        {"Domain-Controllers_1.x", ""}, {"日本", ""},        {"", "list-name"},
        {"a b", "list-name"},           {"a%", "list-name"}, {"../a", "list-name"},
        {"a\\b", "list-name"},          {"a*", "list-name"}, {"a\n", "list-name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(list_set_free) struct list_set *set = NULL;
        cr_assert_eq(list_set_new(&set), 0);
        cr_expect_str_eq(add(set, cases[i].name, SLICE_LITERAL("x")), cases[i].code, "case %zu", i);
    }
    for (int over = 0; over <= 1; over++) {
        AUTO(list_set_free) struct list_set *set = NULL;
        char name[LIST_NAME_BYTES_MAX + 2] = "";
        cr_assert_eq(list_set_new(&set), 0);
        memset(name, 'n', (size_t)LIST_NAME_BYTES_MAX + (size_t)over);
        cr_expect_str_eq(add(set, name, SLICE_LITERAL("x")), over ? "list-name" : "");
    }
}

Test(lists, are_told_apart_by_exact_name)
{
    AUTO(list_set_free) struct list_set *set = NULL;
    cr_assert_eq(list_set_new(&set), 0);
    cr_expect_str_eq(add(set, "a", SLICE_LITERAL("1")), "");
    cr_expect_str_eq(add(set, "A", SLICE_LITERAL("2")), "");
    cr_expect_str_eq(add(set, "a", SLICE_LITERAL("3")), "list-duplicate");
    cr_expect_str_eq(values_of(set, "a"), "[1]");
    cr_expect_str_eq(values_of(set, "A"), "[2]");
    cr_expect_str_eq(values_of(set, "b"), "none");
}

Test(lists, have_limits)
{
    for (size_t over = 0; over <= 1; over++) {
        AUTO(list_set_free) struct list_set *set = NULL;
        size_t count = LIST_VALUES_MAX + over, unused;
        char *text = malloc(LIST_BYTES_MAX + 1);
        cr_assert_not_null(text);
        cr_assert_eq(list_set_new(&set), 0);
        for (size_t i = 0; i < count; i++)
            memcpy(text + 2 * i, "a\n", 2);
        cr_expect_str_eq(add(set, "values", slice_of(text, 2 * count)),
                         over ? "list-too-large:100001" : "");
        cr_expect_eq(list_set_find(set, SLICE_LITERAL("values"), &unused) != NULL, !over);
        memset(text, 'a', LIST_BYTES_MAX + over);
        cr_expect_str_eq(add(set, "bytes", slice_of(text, LIST_BYTES_MAX + over)),
                         over ? "list-too-large" : "");
        free(text);
    }
}
