/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>

/* Detections in full: the first selection's text, or the findings. */
static void check(const struct reading_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = read_detection(cases[i].item, NULL);
        const char *found = reading->rules.count == 1 && diag_count(reading->findings) == 0
                                ? selection_text(reading)
                                : findings_text(reading);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: %s\n  found    %s\n  expected %s", i,
                         cases[i].item, found, cases[i].expected);
        reading_free(reading);
    }
}

#define CONDITION "  condition: s\n"

Test(selection, is_a_map_a_list_of_maps_or_keywords)
{
    static const struct reading_case cases[] = {
        {"  s:\n    A: 1\n    B: x\n" CONDITION, "A: =1 & B: <x>"},
        {"  s:\n    - A: 1\n      B: x\n    - C: y\n" CONDITION, "A: =1 & B: <x> OR C: <y>"},
        {"  s:\n    - one\n    - two\n" CONDITION, ": *<one>*, *<two>*"},
        {"  s: one\n" CONDITION, ": *<one>*"},
        {"  s:\n    - one\n    - A: 1\n    - two\n    - three\n" CONDITION,
         ": *<one>* OR A: =1 OR : *<two>*, *<three>*"},
        {"  s:\n    '|all':\n      - one\n      - two\n" CONDITION, " all: *<one>*, *<two>*"},
        {"  s:\n    '|contains|all': [one, two]\n" CONDITION, " all: *<one>*, *<two>*"},
        {"  s:\n    '|re': one.*\n" CONDITION, ": /one.*/"},
        {"  s:\n    '|startswith': one\n" CONDITION, ": <one>*"},
        {"  s:\n    '|cased': One\n" CONDITION, ": c:*<One>*"},
        {"  s:\n    - '|all': [a, b]\n    - c\n" CONDITION, " all: *<a>*, *<b>* OR : *<c>*"},
        {"  s:\n    - 4688\n    - true\n    - yes\n    - 1.50\n" CONDITION,
         ": *<4688>*, *<true>*, *<yes>*, *<1.50>*"},
        {"  s:\n    - 'a*b'\n" CONDITION, ": *<a>*<b>*"},
        {"  s:\n    cs-uri-query: 1\n    id.resp_h: 2\n    'a b': 3\n" CONDITION,
         "cs-uri-query: =1 & id.resp_h: =2 & a b: =3"},
        {"  s:\n    image: 1\n    Image: 2\n" CONDITION, "image: =1 & Image: =2"},
        {"  s:\n    1: x\n    true: y\n" CONDITION, "1: <x> & true: <y>"},
    };
    check(cases, COUNT_OF(cases));
}

Test(selection, refuses_what_tests_nothing)
{
    static const struct reading_case cases[] = {
        {"  s: {}\n" CONDITION, "6:6 empty-selection"},
        {"  s: []\n" CONDITION, "6:6 empty-selection"},
        {"  s:\n" CONDITION, "6:5 value-type"},
        {"  s:\n    - {}\n" CONDITION, "7:7 empty-selection"},
        {"  s:\n    - null\n" CONDITION, "7:7 value-type"},
        {"  s:\n    - ''\n" CONDITION, "7:7 empty-keyword"},
        {"  s:\n    - [a]\n" CONDITION, "7:7 nested-value"},
        {"  s:\n    F: {}\n" CONDITION, "7:8 nested-value"},
        {"  s:\n    '|exists': true\n" CONDITION, "7:5 keyword-modifier"},
        {"  s:\n    '|fieldref': G\n" CONDITION, "7:5 keyword-modifier"},
        {"  s:\n    '|gt': 5\n" CONDITION, "7:5 keyword-modifier"},
        {"  s:\n    '|hour': 5\n" CONDITION, "7:5 keyword-modifier"},
        {"  s:\n    '': a\n    G|x: a\n" CONDITION, "8:7 unknown-modifier"},
    };
    check(cases, COUNT_OF(cases));
}

Test(selection, refuses_names_that_no_condition_can_use)
{
    static const struct reading_case cases[] = {
        {"  s: a\n  and: b\n" CONDITION, "7:3 reserved-name"},
        {"  s: a\n  NOT: b\n" CONDITION, "7:3 reserved-name"},
        {"  s: a\n  them: b\n" CONDITION, "7:3 reserved-name"},
        {"  s: a\n  'a b': b\n" CONDITION, "7:3 reserved-name"},
        {"  s: a\n  'a(b': b\n" CONDITION, "7:3 reserved-name"},
        {"  s: a\n  'a*': b\n" CONDITION, "7:3 reserved-name"},
        {"  s: a\n  '': b\n" CONDITION, "7:3 reserved-name"},
    };
    check(cases, COUNT_OF(cases));
}

Test(item, keeps_what_the_author_wrote)
{
    struct reading *reading = read_item("Image|endswith|windash: [' -A', b]", NULL);
    cr_assert_eq(reading->rules.count, 1);
    const struct rule *rule = reading->rules.items[0];
    const struct item *item = &rule->selections[0].maps[0].items[0];
    cr_expect(slice_equal(item->field, SLICE_LITERAL("Image")));
    cr_expect(slice_equal(item->modifiers, SLICE_LITERAL("endswith|windash")));
    cr_expect_eq(item->at.line, 7);
    cr_expect_eq(item->at.column, 5);
    cr_expect_str_eq(item->at.file, "r.yml");
    cr_assert_eq(item->test_count, 6);
    cr_expect(slice_equal(item->tests[4].source, SLICE_LITERAL(" -A")));
    cr_expect(slice_equal(item->tests[5].source, SLICE_LITERAL("b")));
    cr_expect_eq(item->tests[4].group, 0);
    cr_expect_eq(item->tests[5].group, 1);
    cr_expect(slice_equal(rule->selections[0].name, SLICE_LITERAL("s")));
    cr_expect_eq(rule->selections[0].at.line, 6);
    reading_free(reading);
}

Test(lint, tells_of_selections_never_used_and_of_rules_without_a_positive_test)
{
    static const struct reading_case cases[] = {
        {"  s: a\n  t: b\n" CONDITION, "7:3 unused-selection"},
        {"  s: a\n  _t: b\n" CONDITION, ": *<a>*"},
        {"  s: a\n  t: b\n  condition: s or t\n", ": *<a>*"},
        {"  s: {F: 1}\n  condition: not s\n", "7:14 no-positive-test"},
        {"  s: {F: null}\n" CONDITION, "7:14 no-positive-test"},
        {"  s: {F|exists: false}\n" CONDITION, "7:14 no-positive-test"},
        {"  s: {F|exists: true}\n" CONDITION, "F: exists true"},
        {"  s: {F|neq: 1}\n" CONDITION, "7:14 no-positive-test"},
        {"  s: {F|neq: null}\n" CONDITION, "F not: null"},
        {"  s: {F: null, G: 1}\n" CONDITION, "F: null & G: =1"},
        {"  s: {F: [null, 1]}\n" CONDITION, "6:11 null-in-list; 7:14 no-positive-test"},
        {"  s: {F: 1}\n  t: {G: 1}\n  condition: s and not t\n", "F: =1"},
        {"  s: {F: 1}\n  t: {G: 1}\n  condition: s or not t\n", "8:14 no-positive-test"},
        {"  s: {F: 1}\n  timeframe: 5m\n" CONDITION, "7:3 timeframe"},
    };
    check(cases, COUNT_OF(cases));
}
