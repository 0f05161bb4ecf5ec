/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static void add(struct list_set *set, const char *name, const char *text)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(list_set_add(set, slice_text(name), slice_text(text), name, findings), 0);
    cr_assert_eq(diag_count(findings), 0);
}

static struct list_set *lists_new(void)
{
    struct list_set *set;
    cr_assert_eq(list_set_new(&set), 0);
    add(set, "two", "One\nTwo\n");
    add(set, "DC-NAMES_1", "dc$\n");
    add(set, "wild", "a*\n\\*\n");
    add(set, "nets", "10.0.0.0/8\nfe80::/10\n");
    add(set, "percent", "%two%\n");
    return set;
}

Test(placeholder, becomes_each_value_of_its_list)
{
    static const struct reading_case cases[] = {
        {"F|expand: '%two%'", "F: <one> | <two>"},
        {"F|contains|expand: '%two%'", "F: *<one>* | *<two>*"},
        {"F|expand|contains: '%two%'", "F: *<one>* | *<two>*"},
        {"F|expand: 'a%two%b'", "F: <aoneb> | <atwob>"},
        {"F|expand: '%two%%two%'", "F: <oneone> | <twoone> | <onetwo> | <twotwo>"},
        {"F|expand: '%two%*%DC-NAMES_1%'", "F: <one>*<dc$> | <two>*<dc$>"},
        {"F|expand: '%wild%'", "F: <a>* | <*>"},
        {"F|expand: 'C:\\Users\\%two%'", "F: <c:\\users\\one> | <c:\\users\\two>"},
        {"F|expand: 'C:\\\\%two%'", "F: <c:\\one> | <c:\\two>"},
        {"F|expand: '100% of %two%'", "F: <100% of one> | <100% of two>"},
        {"F|expand: '%two%%'", "F: <one%> | <two%>"},
        {"F|expand: '%percent%'", "F: <%two%>"},
        {"F|expand|all: ['%two%', x]", "F all: <one> | <two>, <x>"},
        {"F|cidr|expand: '%nets%'", "F: v4 0a000000/8 | v6 fe800000000000000000000000000000/10"},
        {"F|expand|cidr: '%nets%'", "F: v4 0a000000/8 | v6 fe800000000000000000000000000000/10"},
        {"F|expand|base64|cased: '%two%'", "F: c:<T25l> | c:<VHdv>"},
        {"F|expand|neq: '%two%'", "F not: <one> | <two>"},
        {"F|expand|windash: '-%DC-NAMES_1%'", "F: <-dc$> | </dc$> | <–dc$> | <—dc$> | <―dc$>"},
        /* no placeholder without the modifier */
        {"F: '%two%'", "F: <%two%>"},
        {"F|contains: '%none%'", "F: *<%none%>*"},
    };
    AUTO(list_set_free) struct list_set *lists = lists_new();
    check_selections(cases, COUNT_OF(cases), lists);
}

/* In YAML's single quotes a backslash is itself. */
Test(placeholder, warns_of_a_backslash_that_others_read_as_an_escape)
{
    static const struct reading_case cases[] = {
        {"F|expand: '%two%'", ""},
        {"F|expand: 'C:\\Users\\%two%'", "7:15 escaped-placeholder"},
        {"F|expand: 'C:\\Users\\\\%two%'", ""},
        {"F|expand: '\\\\\\%two%'", "7:15 escaped-placeholder"},
        {"F|expand: 'C:\\Users\\x%two%'", ""},
        {"F|expand: '%two%\\%two%\\%two%'", "7:15 escaped-placeholder"},
        {"F: '\\%two%'", ""},
    };
    AUTO(list_set_free) struct list_set *lists = lists_new();
    check_findings(cases, COUNT_OF(cases), lists);
}

Test(placeholder, without_a_list_refuses_the_rule_by_name)
{
    static const struct reading_case cases[] = {
        {"F|expand: '%none%'", "7:15 placeholder-without-list"},
        {"F|expand: '%Two%'", "7:15 placeholder-without-list"},
        {"F|expand: '%a%%b%'", "7:15 placeholder-without-list; 7:15 placeholder-without-list"},
        {"F|expand: ['%two%', '%none%']", "7:25 placeholder-without-list"},
        {"F|expand: 'plain'", "7:15 no-placeholder"},
        {"F|expand: '%a b%'", "7:15 no-placeholder"},
        {"F|expand: '%a*b%'", "7:15 no-placeholder"},
        {"F|expand: '%a\\b%'", "7:15 no-placeholder"},
        {"F|expand: '%%'", "7:15 no-placeholder"},
        {"F|expand|cidr: '%two%'", "7:20 bad-cidr; 7:20 bad-cidr"},
        {"F|expand|cidr: '%wild%'", "7:20 bad-cidr"},
    };
    AUTO(list_set_free) struct list_set *lists = lists_new();
    check_findings(cases, COUNT_OF(cases), lists);

    struct reading *reading = read_item("F|expand: '%Some-List%'", NULL);
    cr_assert_eq(diag_count(reading->findings), 1);
    const struct diag *diag = diag_at(reading->findings, 0);
    cr_expect_str_eq(diag->message, "no list gives the placeholder '%Some-List%' its values");
    cr_expect_not_null(strstr(diag->hint, "Some-List.txt"));
    cr_expect_eq(reading->rules.refused_count, 1);
    reading_free(reading);
}

Test(placeholder, limits_their_number_in_a_value)
{
    AUTO(list_set_free) struct list_set *lists = NULL;
    cr_assert_eq(list_set_new(&lists), 0);
    add(lists, "a", "x\n");
    static const struct reading_case cases[] = {
        {"F|expand: '%a%%a%%a%%a%%a%%a%%a%%a%'", ""},
        {"F|expand: '%a%%a%%a%%a%%a%%a%%a%%a%%a%'", "7:15 expansion-too-large"},
    };
    check_findings(cases, COUNT_OF(cases), lists);
}

/* A list of RULE_TESTS_MAX values fits a rule, and one value more in the rule does not. */
Test(placeholder, limits_the_tests_of_a_rule)
{
    AUTO(list_set_free) struct list_set *lists = NULL;
    cr_assert_eq(list_set_new(&lists), 0);
    char *text = malloc(RULE_TESTS_MAX * 8 + 1);
    cr_assert_not_null(text);
    size_t used = 0;
    for (int i = 0; i < RULE_TESTS_MAX; i++)
        used += (size_t)snprintf(text + used, 8, "%06d\n", i);
    add(lists, "long", text);
    add(lists, "two", "a\nb\n");
    free(text);
    static const struct reading_case cases[] = {
        {"F|expand: '%long%'", ""},
        {"F|expand: ['%long%', a]", "7:26 too-many-tests"},
        {"F|expand: ['%long%', a, b, c]", "7:26 too-many-tests"},
        {"F|expand: '%long%%two%'", "7:15 expansion-too-large"},
    };
    check_findings(cases, 1, lists);
    check_findings(cases + 3, 1, lists);
    for (size_t i = 1; i < 3; i++) {
        struct reading *reading = read_item(cases[i].item, lists);
        cr_expect_eq(reading->rules.count, 0);
        cr_expect_not_null(strstr(findings_text(reading), cases[i].expected));
        reading_free(reading);
    }
}
