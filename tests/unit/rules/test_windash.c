/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>

#define EN  "\xe2\x80\x93"
#define EM  "\xe2\x80\x94"
#define BAR "\xe2\x80\x95"

Test(windash, varies_the_dash_of_an_option_only)
{
    static const struct reading_case cases[] = {
        {"F|windash: -a", "F: <-a> | </a> | <" EN "a> | <" EM "a> | <" BAR "a>"},
        {"F|windash: /a", "F: <-a> | </a> | <" EN "a> | <" EM "a> | <" BAR "a>"},
        {"F|windash: 'x -a'", "F: <x -a> | <x /a> | <x " EN "a> | <x " EM "a> | <x " BAR "a>"},
        {"F|windash: '\"-1'", "F: <\"-1> | <\"/1> | <\"" EN "1> | <\"" EM "1> | <\"" BAR "1>"},
        {"F|windash: '-_'", "F: <-_> | </_> | <" EN "_> | <" EM "_> | <" BAR "_>"},
        {"F|windash: '-é'", "F: <-é> | </é> | <" EN "é> | <" EM "é> | <" BAR "é>"},
        {"F|windash: '*-a'", "F: *<-a> | *</a> | *<" EN "a> | *<" EM "a> | *<" BAR "a>"},
        {"F|windash: 'a?-a'",
         "F: <a>?<-a> | <a>?</a> | <a>?<" EN "a> | <a>?<" EM "a> | <a>?<" BAR "a>"},
        {"F|windash: '--a'", "F: <--a> | <-/a> | <-" EN "a> | <-" EM "a> | <-" BAR "a>"},
        /* no option */
        {"F|windash: a", "F: <a>"},
        {"F|windash: a-b", "F: <a-b>"},
        {"F|windash: a/b", "F: <a/b>"},
        {"F|windash: é-b", "F: <é-b>"},
        {"F|windash: '_-b'", "F: <_-b>"},
        {"F|windash: 'a -'", "F: <a ->"},
        {"F|windash: 'a - b'", "F: <a - b>"},
        {"F|windash: '-*'", "F: <->*"},
        {"F|windash: '-\"a'", "F: <-\"a>"},
        {"F|windash: '" EN "a'", "F: <" EN "a>"},
        {"F|windash: ''", "F: <>"},
        {"F|windash: [a, -b]", "F: <a>, <-b> | </b> | <" EN "b> | <" EM "b> | <" BAR "b>"},
        {"F|windash: 1", "F: <1>"},
        {"F|windash: -1", "F: <-1> | </1> | <" EN "1> | <" EM "1> | <" BAR "1>"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

static size_t count_tests(const char *item, bool *all_differ)
{
    struct reading *reading = read_item(item, NULL);
    const struct item *read = reading->rules.count == 0
                                  ? &(struct item){0}
                                  : &reading->rules.items[0]->selections[0].maps[0].items[0];
    *all_differ = true;
    for (size_t i = 0; i < read->test_count; i++)
        for (size_t j = 0; j < i; j++)
            *all_differ &= !slice_equal(read->tests[i].pattern.parts[0].literal,
                                        read->tests[j].pattern.parts[0].literal);
    size_t count = read->test_count;
    reading_free(reading);
    return count;
}

Test(windash, combines_all_options_of_a_value_up_to_a_limit)
{
    static const struct {
        const char *item;
        size_t count;
    } cases[] = {
        {"F|windash: 'a -b -c'", 25},          {"F|windash: '-a /b -c'", 125},
        {"F|windash: '-a -b -c -d'", 625},     {"F|windash: '-a -b -c -d -e'", 3125},
        {"F|windash: '-a -b -c -d -e -f'", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool all_differ;
        cr_expect_eq(count_tests(cases[i].item, &all_differ), cases[i].count, "case %zu", i);
        cr_expect(all_differ, "case %zu", i);
    }
    static const struct reading_case findings[] = {
        {"F|windash: '-a -b -c -d -e'", ""},
        {"F|windash: '-a -b -c -d -e -f'", "7:16 expansion-too-large"},
    };
    check_findings(findings, COUNT_OF(findings), NULL);
}
