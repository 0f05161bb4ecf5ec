/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(operand, takes_values_by_their_yaml_type)
{
    static const struct reading_case cases[] = {
        {"F: 4688", "F: =4688"},
        {"F: '4688'", "F: <4688>"},
        {"F: 0x1F", "F: =31"},
        {"F: -1", "F: =-1"},
        {"F: 0", "F: =0"},
        {"F: 1.5", "F: =1.5"},
        {"F: null", "F: null"},
        {"F: ~", "F: null"},
        {"F:", "F: null"},
        {"F: ''", "F: <>"},
        {"F: 'null'", "F: <null>"},
        {"F: true", "F: true"},
        {"F: False", "F: false"},
        {"F: 'true'", "F: <true>"},
        {"F: 'yes'", "F: <yes>"},
        {"F: y", "F: <y>"},
        {"F: 00000429", "F: <00000429>"},
        {"F: !!str 4688", "F: <4688>"},
        {"F: [1, a, null, '', true]", "F: =1, <a>, null, <>, true"},
        {"F|neq: null", "F not: null"},
        {"F|cased: [1, null]", "F: =1, null"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(operand, compares_numbers_and_booleans_as_text_under_text_operators)
{
    static const struct reading_case cases[] = {
        {"F|contains: 4688", "F: *<4688>*"},
        {"F|startswith: 0x1F", "F: <0x1f>*"},
        {"F|endswith: 1.50", "F: *<1.50>"},
        {"F|contains: true", "F: *<true>*"},
        {"F|contains: 0400", "F: *<0400>*"},
        {"F|contains: yes", "F: *<yes>*"},
        {"F|contains: 99999999999999999999", "F: *<99999999999999999999>*"},
        {"F|re: 4688", "F: /4688/"},
        {"F|re: true", "F: /true/"},
        {"F|fieldref: 1", "F: ref = 1"},
        {"F|fieldref: yes", "F: ref = yes"},
        {"F|base64: 1", "F: <mq==>"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(operand, refuses_what_cannot_be_honoured)
{
    static const struct reading_case cases[] = {
        {"F: yes", "7:8 ambiguous-value"},
        {"F: off", "7:8 ambiguous-value"},
        {"F: 0400", "7:8 ambiguous-value"},
        {"F: 1e3", "7:8 ambiguous-value"},
        {"F: 1_000", "7:8 ambiguous-value"},
        {"F: 12:30", "7:8 ambiguous-value"},
        {"F: 99999999999999999999", "7:8 number-range"},
        {"F: .inf", "7:8 number-range"},
        {"F|contains: null", "7:17 value-type"},
        {"F|windash: null", "7:16 value-type"},
        {"F|base64: ~", "7:15 value-type"},
        {"F|re: null", "7:11 value-type"},
        {"F|re: ''", "7:11 empty-regex"},
        {"F|cidr: null", "7:13 value-type"},
        {"F|cidr: 10.0.0.0/33", "7:13 bad-cidr"},
        {"F|cidr: '10.*'", "7:13 bad-cidr"},
        {"F|cidr: ''", "7:13 bad-cidr"},
        {"F|cidr: host", "7:13 bad-cidr"},
        {"F|fieldref: null", "7:17 value-type"},
        {"F|fieldref: ''", "7:17 value-type"},
        {"F|exists: 1", "7:15 value-type"},
        {"F|exists: 'true'", "7:15 value-type"},
        {"F|exists: null", "7:15 value-type"},
        {"F|exists: yes", "7:15 ambiguous-value"},
        {"F|exists: [true, false]", "7:5 value-type"},
        {"F|gt: a", "7:11 value-type"},
        {"F|gt: null", "7:11 value-type"},
        {"F|gt: true", "7:11 value-type"},
        {"F|gt: ''", "7:11 value-type"},
        {"F|hour: 1.5", "7:13 value-type"},
        {"F|hour: noon", "7:13 value-type"},
        {"F|base64: 'a*'", "7:15 wildcard-encoded"},
        {"F|wide: 'a?'", "7:13 wildcard-encoded"},
        {"F|base64offset|contains: a", "7:30 short-base64"},
        {"F: {a: b}", "7:8 nested-value"},
        {"F: [[a]]", "7:9 nested-value"},
        {"F: [{a: b}]", "7:9 nested-value"},
        {"F: []", "7:8 empty-selection"},
        {"F: [yes, no]", "7:9 ambiguous-value; 7:14 ambiguous-value"},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
}

Test(operand, reads_networks_comparisons_times_and_references)
{
    static const struct reading_case cases[] = {
        {"F|cidr: 192.168.0.0/16", "F: v4 c0a80000/16"},
        {"F|cidr: 10.0.0.1", "F: v4 0a000001/32"},
        {"F|cidr: '::/0'", "F: v6 00000000000000000000000000000000/0"},
        {"F|cidr: 'fe80::/10'", "F: v6 fe800000000000000000000000000000/10"},
        {"F|cidr: [10.0.0.0/8, 127.0.0.0/8]", "F: v4 0a000000/8, v4 7f000000/8"},
        {"F|gt: '5'", "F: >5"},
        {"F|gt: '010'", "F: >10"},
        {"F|gt: '1e3'", "F: >1000"},
        {"F|lte: -1.5", "F: <=-1.5"},
        {"F|lt: [1, 2]", "F: <1, <2"},
        {"F|hour: '8'", "F: hour = 8"},
        {"F|hour|lt: 24", "F: hour < 24"},
        {"F|exists: false", "F: exists false"},
        {"F|fieldref: 'A.B-c'", "F: ref = A.B-c"},
        {"F|re: '^\\d{1,3}\\\\$'", "F: /^\\d{1,3}\\\\$/"},
        {"F|re: '(?i)a'", "F: /(?i)a/"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(operand, warns_of_what_is_probably_not_meant)
{
    static const struct reading_case cases[] = {
        {"F|contains: ''", "7:17 empty-value"},
        {"F|endswith: ''", "7:17 empty-value"},
        {"F: ''", ""},
        {"F|cidr: 10.0.0.1/8", "7:13 cidr-host-bits"},
        {"F|cidr: 10.0.0.0/8", ""},
        {"F|hour: 24", "7:13 time-range"},
        {"F|hour: 23", ""},
        {"F|hour: -1", "7:13 time-range"},
        {"F|minute: 60", "7:15 time-range"},
        {"F|minute: 59", ""},
        {"F|day: 0", "7:12 time-range"},
        {"F|day: 31", ""},
        {"F|week: 54", "7:13 time-range"},
        {"F|week: 53", ""},
        {"F|month: 13", "7:14 time-range"},
        {"F|month: 12", ""},
        {"F: [a, A]", "7:12 duplicate-value"},
        {"F: [null]", "8:14 no-positive-test"},
        {"F: [null, a]", "7:9 null-in-list; 8:14 no-positive-test"},
        {"F: ['', ~]", "7:13 null-in-list; 8:14 no-positive-test"},
        {"F: [a, 'null']", ""},
        {"F|contains: [a, '*a*']", "7:21 useless-wildcard; 7:21 duplicate-value"},
        {"F|re: [a, A]", ""},
        {"F|cased: [a, A]", ""},
        {"F: [1, '1']", ""},
        {"F: [a, b, a, a]", "7:15 duplicate-value; 7:18 duplicate-value"},
        {"F|contains|windash: [-a, /a]", "7:30 duplicate-value"},
        {"F|contains: '*a'", "7:17 useless-wildcard"},
        {"F|contains: 'a*'", "7:17 useless-wildcard"},
        {"F|contains: '*'", "7:17 useless-wildcard"},
        {"F|contains: 'a*b'", ""},
        {"F|contains: 'a\\*'", ""},
        {"F|contains: '?a?'", ""},
        {"F|startswith: 'a*'", "7:19 useless-wildcard"},
        {"F|startswith: '*a'", ""},
        {"F|endswith: '*a'", "7:17 useless-wildcard"},
        {"F|endswith: 'a*'", ""},
        {"F: '*a*'", ""},
        {"'|all': ['*a', b]", "7:14 useless-wildcard"},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
}

/* One value of RULE_VALUE_BYTES_MAX bytes, and one more. */
Test(operand, limits_the_length_of_a_value)
{
    for (size_t over = 0; over <= 1; over++) {
        size_t len = RULE_VALUE_BYTES_MAX + over;
        char *detection = calloc(1, len + 100);
        cr_assert_not_null(detection);
        memcpy(detection, "  s:\n    F: '", sizeof "  s:\n    F: '");
        size_t start = strlen(detection);
        memset(detection + start, 'a', len);
        memcpy(detection + start + len, "'\n  condition: s\n", sizeof "'\n  condition: s\n");
        struct reading *reading = read_detection(detection, NULL);
        cr_expect_eq(reading->rules.count, 1 - over);
        cr_expect_str_eq(findings_text(reading), over ? "7:8 value-too-long" : "");
        reading_free(reading);
        free(detection);
    }
}

/* Five flag positions make 3,125 patterns of 64 KiB each: bounded by RULE_EXPANSION_BYTES_MAX. */
Test(operand, limits_the_text_that_modifiers_make)
{
    char *detection = calloc(1, RULE_VALUE_BYTES_MAX + 100);
    cr_assert_not_null(detection);
    memcpy(detection, "  s:\n    F|windash: ' -a -b -c -d -e ",
           sizeof "  s:\n    F|windash: ' -a -b -c -d -e ");
    size_t start = strlen(detection);
    memset(detection + start, 'a', RULE_VALUE_BYTES_MAX - 100);
    memcpy(detection + strlen(detection), "'\n  condition: s\n", sizeof "'\n  condition: s\n");
    struct reading *reading = read_detection(detection, NULL);
    cr_expect_eq(reading->rules.count, 0);
    cr_expect_str_eq(findings_text(reading), "7:16 expansion-too-large");
    reading_free(reading);
    free(detection);
}
