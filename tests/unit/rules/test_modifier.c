/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"
#include "rules/modifier.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* One modifier of each class and a value that it takes. */
static const struct {
    const char *text, *value;
} members[CLASS_COUNT] = {
    [CLASS_CONTAINS] = {"contains", "value"},
    [CLASS_EDGE] = {"endswith", "value"},
    [CLASS_ALL] = {"all", "value"},
    [CLASS_CASED] = {"cased", "value"},
    [CLASS_NEQ] = {"neq", "value"},
    [CLASS_EXISTS] = {"exists", "true"},
    [CLASS_REGEX] = {"re", "value"},
    [CLASS_REGEX_FLAG] = {"i", "value"},
    [CLASS_CIDR] = {"cidr", "10.0.0.0/8"},
    [CLASS_FIELDREF] = {"fieldref", "Other"},
    [CLASS_EXPAND] = {"expand", "value"},
    [CLASS_DASH] = {"windash", "value"},
    [CLASS_BASE64] = {"base64", "value"},
    [CLASS_UNICODE] = {"wide", "value"},
    [CLASS_COMPARE] = {"gt", "5"},
    [CLASS_TIME] = {"hour", "5"},
};

static bool accepted(enum modifier_class a, enum modifier_class b, bool *conflict)
{
    char item[128];
    enum modifier_class taker = a;
    if (b == CLASS_CIDR || b == CLASS_COMPARE || b == CLASS_TIME || b == CLASS_EXISTS)
        taker = b;
    snprintf(item, sizeof item, "F|%s|%s: %s", members[a].text, members[b].text,
             members[taker].value);
    struct reading *reading = read_item(item, NULL);
    bool good = reading->rules.count == 1;
    *conflict = strstr(findings_text(reading), "modifier-conflict") != NULL;
    reading_free(reading);
    return good;
}

Test(modifier, judges_a_pair_alike_in_either_order)
{
    for (unsigned a = 0; a < CLASS_COUNT; a++)
        for (unsigned b = 0; b < a; b++) {
            bool conflict, conflict_back;
            bool good = accepted(a, b, &conflict);
            bool good_back = accepted(b, a, &conflict_back);
            cr_expect_eq(conflict, conflict_back, "%s and %s", members[a].text, members[b].text);
            cr_expect(!(good && conflict) && !(good_back && conflict), "%s and %s", members[a].text,
                      members[b].text);
        }
}

Test(modifier, knows_every_modifier_of_the_specification)
{
    static const struct reading_case cases[] = {
        {"F|contains: a", "F: *<a>*"},
        {"F|startswith: a", "F: <a>*"},
        {"F|endswith: a", "F: *<a>"},
        {"F|contains|all: [a, b]", "F all: *<a>*, *<b>*"},
        {"F|cased: A", "F: c:<A>"},
        {"F|neq: a", "F not: <a>"},
        {"F|exists: true", "F: exists true"},
        {"F|re: a.b", "F: /a.b/"},
        {"F|re|i: a", "F: /a/i"},
        {"F|re|m: a", "F: /a/m"},
        {"F|re|s: a", "F: /a/s"},
        {"F|re|i|m|s: a", "F: /a/ims"},
        {"F|cidr: 10.0.0.0/8", "F: v4 0a000000/8"},
        {"F|fieldref: G", "F: ref = G"},
        {"F|windash: ' -a'", "F: < -a> | < /a> | < –a> | < —a> | < ―a>"},
        {"F|base64: foo", "F: <zm9v>"},
        {"F|wide|base64: a", "F: <yqa=>"},
        {"F|utf16le|base64: a", "F: <yqa=>"},
        {"F|gt: 5", "F: >5"},
        {"F|gte: 5", "F: >=5"},
        {"F|lt: 5", "F: <5"},
        {"F|lte: 5", "F: <=5"},
        {"F|minute: 5", "F: minute = 5"},
        {"F|hour: 5", "F: hour = 5"},
        {"F|day: 5", "F: day = 5"},
        {"F|week: 5", "F: week = 5"},
        {"F|month: 5", "F: month = 5"},
        {"F|year: 2026", "F: year = 2026"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(modifier, combines_what_has_one_meaning)
{
    static const struct reading_case cases[] = {
        {"F|contains|cased: A", "F: c:*<A>*"},
        {"F|contains|neq: [a, b]", "F not: *<a>*, *<b>*"},
        {"F|neq|contains: a", "F not: *<a>*"},
        {"F|re|contains: a", "F: /a/"},
        {"F|contains|re: a", "F: /a/"},
        {"F|re|neq: a", "F not: /a/"},
        {"F|cidr|neq: 10.0.0.0/8", "F not: v4 0a000000/8"},
        {"F|hour|gte: 8", "F: hour >= 8"},
        {"F|gte|hour: 8", "F: hour >= 8"},
        {"F|hour|neq: 8", "F not: hour = 8"},
        {"F|fieldref|startswith: G", "F: ref starts G"},
        {"F|endswith|fieldref: G", "F: ref ends G"},
        {"F|fieldref|contains: G", "F: ref contains G"},
        {"F|fieldref|neq: G", "F not: ref = G"},
        {"F|fieldref|cased: G", "F: c:ref = G"},
        {"F|re|all: [a, b]", "F all: /a/, /b/"},
        {"F|all|contains: [a, b]", "F all: *<a>*, *<b>*"},
        {"F|neq|all: [a, b]", "F not: <a>, <b>"},
        {"F|all: [a]", "F all: <a>"},
        {"F|windash|contains: -a", "F: *<-a>* | *</a>* | *<–a>* | *<—a>* | *<―a>*"},
        {"F|contains|windash|all: [-a, b]",
         "F all: *<-a>* | *</a>* | *<–a>* | *<—a>* | *<―a>*, *<b>*"},
        {"F|gt|all: [1, 2]", "F all: >1, >2"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

/* The item is in line 7, from column 5 on. */
Test(modifier, refuses_what_has_no_single_meaning_at_its_place)
{
    static const struct reading_case cases[] = {
        {"F|contain: a", "7:7 unknown-modifier"},
        {"F|Contains: a", "7:7 unknown-modifier"},
        {"Field|contains|x: a", "7:20 unknown-modifier"},
        {"F|: a", "7:7 unknown-modifier"},
        {"F||contains: a", "7:7 unknown-modifier"},
        {"F|contains|: a", "7:16 unknown-modifier"},
        {"F| contains: a", "7:7 unknown-modifier"},
        {"'F|contains |all': a", "7:8 unknown-modifier"},
        {"'é|x': a", "7:8 unknown-modifier"},
        {"F|contains|contains: a", "7:16 repeated-modifier"},
        {"F|all|all: a", "7:11 repeated-modifier"},
        {"F|re|i|i: a", "7:12 repeated-modifier"},
        {"F|contains|startswith: a", "7:16 modifier-conflict"},
        {"F|startswith|endswith: a", "7:18 modifier-conflict"},
        {"F|endswith|contains: a", "7:16 modifier-conflict"},
        {"F|hour|day: 1", "7:12 modifier-conflict"},
        {"F|wide|utf16: a", "7:12 modifier-conflict"},
        {"F|utf16le|utf16be: a", "7:15 modifier-conflict"},
        {"F|base64|base64: a", "7:14 repeated-modifier"},
        {"F|base64|base64offset: a", "7:14 modifier-conflict"},
        {"F|re|startswith: a", "7:10 modifier-conflict"},
        {"F|endswith|re: a", "7:16 modifier-conflict"},
        {"F|re|cased: a", "7:10 modifier-conflict"},
        {"F|re|windash: a", "7:10 modifier-conflict"},
        {"F|re|expand: '%a%'", "7:10 modifier-conflict"},
        {"F|re|cidr: a", "7:10 modifier-conflict"},
        {"F|gt|lt: 1", "7:10 modifier-conflict"},
        {"F|gt|neq: 1", "7:10 modifier-conflict"},
        {"F|exists|neq: true", "7:14 modifier-conflict"},
        {"F|exists|all: true", "7:14 modifier-conflict"},
        {"F|cidr|contains: 10.0.0.0/8", "7:12 modifier-conflict"},
        {"F|cidr|cased: 10.0.0.0/8", "7:12 modifier-conflict"},
        {"F|fieldref|windash: G", "7:16 modifier-conflict"},
        {"F|gt|contains: 1", "7:10 modifier-conflict"},
        {"F|contains|base64: a", "7:16 modifier-order"},
        {"F|startswith|base64offset: a", "7:18 modifier-order"},
        {"F|base64|expand: a", "7:14 modifier-order"},
        {"F|wide|windash: a", "7:12 modifier-order"},
        {"F|base64offset|windash|contains: a", "7:20 modifier-order"},
        {"F|i|re: a", "7:9 modifier-order"},
        {"F|i: a", "7:5 modifier-alone"},
        {"F|contains|m: a", "7:5 modifier-alone"},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
}

Test(modifier, warns_of_what_changes_nothing)
{
    static const struct reading_case cases[] = {
        {"F|contains|all: a", "7:5 useless-modifier"},
        {"F|re|contains: a", "7:5 useless-modifier"},
        {"F|neq|all: [a, b]", "7:5 useless-modifier; 8:14 no-positive-test"},
        {"F|base64offset: abc", "7:5 modifier-alone"},
        {"F|contains|all: [a, b]", ""},
        {"F|base64offset|contains: abc", ""},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
}

Test(modifier, hints_at_the_one_meant)
{
    struct reading *reading = read_item("F|contain: a", NULL);
    cr_assert_eq(diag_count(reading->findings), 1);
    const struct diag *diag = diag_at(reading->findings, 0);
    cr_expect_str_eq(diag->message, "unknown modifier 'contain'");
    cr_expect_str_eq(diag->hint,
                     "did you mean 'contains': the value stands anywhere in the field?");
    cr_expect_str_eq(diag->file, "r.yml");
    reading_free(reading);
}

Test(modifier, names_both_that_do_not_go_together)
{
    struct reading *reading = read_item("F|wide|utf16: a", NULL);
    cr_assert_eq(diag_count(reading->findings), 1);
    cr_expect_str_eq(diag_at(reading->findings, 0)->message,
                     "the modifiers 'wide' and 'utf16' do not go together");
    reading_free(reading);
}

Test(modifier, finds_all_errors_of_a_chain_and_limits_its_length)
{
    static const struct reading_case cases[] = {
        {"F|contains|all|contains|all|contains|all|contains|all|neq: x",
         "7:20 repeated-modifier; 7:29 repeated-modifier; 7:33 repeated-modifier; "
         "7:42 repeated-modifier; 7:46 repeated-modifier; 7:55 repeated-modifier; "
         "7:59 modifier-conflict"},
        {"F|a|b|c: x", "7:7 unknown-modifier; 7:9 unknown-modifier; 7:11 unknown-modifier"},
        {"F|expand|windash|wide|base64|contains|cased|neq: abcdef",
         "7:54 no-placeholder; 8:14 no-positive-test"},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
    struct reading *reading =
        read_item("F|expand|windash|wide|base64|contains|cased|neq|all: abcdef", NULL);
    cr_expect_eq(reading->rules.count, 1, "%s", findings_text(reading));
    reading_free(reading);
}
