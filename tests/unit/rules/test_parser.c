/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"
#include "rules/codes.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define RULE(id_end)                                                                               \
    "title: T\nid: 11111111-2222-4333-8444-5555555555" id_end                                      \
    "\nlogsource: {product: p}\ndetection: {s: {F: 1}, condition: s}\n"
#define HEAD                                                                                       \
    "title: T\nid: 11111111-2222-4333-8444-555555555501\nlogsource: {product: p}\ndetection:\n"
#define RULE_TEXT(item) HEAD "  s:\n    " item "\n  condition: s\n"

Test(parser, reads_several_documents_with_their_own_text)
{
    struct reading *reading =
        read_text("# first\n" RULE("01") "---\n" RULE("02") "---\n" RULE("03"));
    cr_assert_eq(reading->rules.count, 3);
    cr_expect(slice_equal(reading->rules.items[0]->text, slice_text("# first\n" RULE("01"))));
    cr_expect(slice_equal(reading->rules.items[1]->text, slice_text("---\n" RULE("02"))));
    cr_expect(slice_equal(reading->rules.items[2]->text, slice_text("---\n" RULE("03"))));
    cr_expect_eq(reading->rules.refused_count, 0);
    reading_free(reading);
}

Test(parser, keeps_good_documents_beside_refused_ones)
{
    struct reading *reading = read_text(RULE("01") "---\ntitle: bad\n---\n" RULE("03"));
    cr_expect_eq(reading->rules.count, 2);
    cr_expect_eq(reading->rules.refused_count, 1);
    cr_expect_str_eq(findings_text(reading),
                     "6:1 missing-id; 6:1 missing-logsource; 6:1 missing-detection");
    reading_free(reading);
}

Test(parser, refuses_other_kinds_of_documents_by_name)
{
    static const struct reading_case cases[] = {
        {"title: F\nfilter: {rules: any}\n", "2:1 filter-unsupported"},
        {"title: C\ncorrelation: {type: event_count}\n", "2:1 correlation-unsupported"},
        {"action: global\ntitle: G\n", "1:1 collection-unsupported"},
        {"- a\n- b\n", "1:1 not-a-rule"},
        {"just text\n", "1:1 not-a-rule"},
        {"", "0:0 no-document"},
        {"# nothing\n", "0:0 no-document"},
        {"---\n", "0:0 no-document"},
        {"---\n---\n", "0:0 no-document"},
        {"title: [\n", "2:1 yaml-syntax"},
        {"a: b\na: c\n", "2:1 yaml-duplicate-key; 1:1 missing-title; 1:1 missing-id; "
                         "1:1 missing-logsource; 1:1 missing-detection"},
    };
    static const size_t refused[] = {1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading *reading = read_text(cases[i].item);
        cr_expect_str_eq(findings_text(reading), cases[i].expected, "case %zu: %s", i,
                         reading->text);
        cr_expect_eq(reading->rules.count, 0, "case %zu", i);
        cr_expect_eq(reading->rules.refused_count, refused[i], "case %zu", i);
        reading_free(reading);
    }
    struct reading *reading = read_text("title: C\ncorrelation: {type: event_count}\n");
    cr_expect_not_null(strstr(diag_at(reading->findings, 0)->message, "not supported yet"));
    reading_free(reading);
}

Test(parser, tells_all_findings_of_a_rule_at_once)
{
    struct reading *reading = read_text("title: T\n"
                                        "id: nonsense\n"
                                        "level: hgih\n"
                                        "logsource: {product: p}\n"
                                        "detection:\n"
                                        "  s:\n"
                                        "    F|contain: a\n"
                                        "    G|cidr: 1.2.3.4/99\n"
                                        "    H: yes\n"
                                        "  condition: s and t\n");
    cr_expect_str_eq(findings_text(reading),
                     "2:5 bad-id; 3:8 bad-level; 7:7 unknown-modifier; 8:13 bad-cidr; "
                     "9:8 ambiguous-value; 10:20 unknown-selection");
    cr_expect_eq(reading->rules.refused_count, 1);
    reading_free(reading);
}

Test(parser, takes_anchors_and_aliases_of_values)
{
    struct reading *reading = read_detection("  _list: {F: &list [a, b]}\n  s: {G: *list}\n"
                                             "  condition: s and _list\n",
                                             NULL);
    cr_assert_eq(reading->rules.count, 1, "%s", findings_text(reading));
    cr_expect_eq(reading->rules.items[0]->selections[1].maps[0].items[0].test_count, 2);
    reading_free(reading);
}

Test(parser, reads_byte_order_marks_and_windows_line_ends)
{
    struct reading *reading = read_text("\xef\xbb\xbftitle: T\r\nid: x\r\nlogsource: {product: "
                                        "p}\r\ndetection: {s: {F: 1}, condition: s}\r\n");
    cr_expect_str_eq(findings_text(reading), "2:5 bad-id");
    reading_free(reading);
}

/* --- The hash --- */

static void hash_of(uint8_t out[32], const char *text, const char *list_text)
{
    AUTO(list_set_free) struct list_set *lists = NULL;
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    cr_assert_eq(list_set_new(&lists), 0);
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(list_set_add(lists, SLICE_LITERAL("l"), slice_text(list_text), "l", findings), 0);
    struct reading *reading = read_slice(slice_text(text), lists);
    cr_assert_eq(reading->rules.count, 1, "%s", findings_text(reading));
    memcpy(out, reading->rules.items[0]->sha256, 32);
    reading_free(reading);
}

Test(parser, hashes_the_text_and_the_values_of_its_placeholders)
{
    static const char plain[] = RULE_TEXT("F: a");
    static const char other[] = RULE_TEXT("F: b");
    static const char expanded[] = RULE_TEXT("F|expand: '%l%'");
    uint8_t a[32], b[32];
    hash_of(a, plain, "x");
    hash_of(b, plain, "y");
    cr_expect_arr_eq(a, b, 32, "a list that is not used changes nothing");
    hash_of(b, other, "x");
    cr_expect_arr_neq(a, b, 32, "another text");
    hash_of(a, expanded, "x\ny");
    hash_of(b, expanded, "# comment\n x \ny\n");
    cr_expect_arr_eq(a, b, 32, "the same values");
    hash_of(b, expanded, "x\nz");
    cr_expect_arr_neq(a, b, 32, "another value");
    hash_of(b, expanded, "x");
    cr_expect_arr_neq(a, b, 32, "one value less");
    hash_of(b, expanded, "xy");
    cr_expect_arr_neq(a, b, 32, "values are told apart");
}

/* --- Limits --- */

Test(parser, limits_the_size_of_a_file)
{
    for (size_t over = 0; over <= 1; over++) {
        size_t len = RULE_FILE_BYTES_MAX + over;
        char *text = malloc(len + 1);
        cr_assert_not_null(text);
        memset(text, '\n', len);
        memcpy(text, RULE("01"), sizeof RULE("01") - 1);
        struct reading *reading = read_slice(slice_of(text, len), NULL);
        cr_expect_eq(reading->rules.count, 1 - over);
        cr_expect_eq(reading->rules.refused_count, over);
        cr_expect_str_eq(findings_text(reading), over ? "0:0 file-too-large" : "");
        reading_free(reading);
        free(text);
    }
}

Test(parser, limits_the_number_of_documents)
{
    for (size_t over = 0; over <= 1; over++) {
        size_t count = RULE_DOCUMENTS_MAX + over;
        char *text = calloc(count, sizeof RULE("01") + 8);
        cr_assert_not_null(text);
        char *end = text;
        for (size_t i = 0; i < count; i++)
            end = stpcpy(end, "---\n" RULE("01"));
        struct reading *reading = read_text(text);
        cr_expect_eq(reading->rules.count, RULE_DOCUMENTS_MAX);
        cr_expect_eq(reading->rules.refused_count, over);
        cr_expect_str_eq(findings_text(reading), over ? "1281:1 yaml-too-many-documents" : "");
        reading_free(reading);
        free(text);
    }
}

Test(parser, limits_the_number_of_selections)
{
    for (size_t over = 0; over <= 1; over++) {
        char *text = malloc(64 * (RULE_SELECTIONS_MAX + 10));
        cr_assert_not_null(text);
        int used = snprintf(text, sizeof HEAD, "%s", HEAD);
        for (size_t i = 0; i < RULE_SELECTIONS_MAX + over; i++)
            used += snprintf(text + used, 64, "  s%zu: {F: 1}\n", i);
        snprintf(text + used, 64, "  condition: s0 or 1 of *\n");
        struct reading *reading = read_text(text);
        cr_expect_eq(reading->rules.count, 1 - over, "%s", findings_text(reading));
        cr_expect_str_eq(findings_text(reading), over ? "1029:3 too-many-selections" : "");
        reading_free(reading);
        free(text);
    }
}

Test(parser, limits_the_findings_of_a_rule)
{
    char *text = malloc(32 * (RULE_FINDINGS_MAX + 10));
    cr_assert_not_null(text);
    int used = snprintf(text, sizeof HEAD, "%s", HEAD);
    used += snprintf(text + used, 64, "  s:\n    F:\n");
    for (size_t i = 0; i < RULE_FINDINGS_MAX + 5; i++)
        used += snprintf(text + used, 64, "      - yes\n");
    snprintf(text + used, 64, "  condition: s\n");
    struct reading *reading = read_text(text);
    cr_expect_eq(diag_count(reading->findings), RULE_FINDINGS_MAX + 1);
    cr_expect_str_eq(diag_at(reading->findings, RULE_FINDINGS_MAX)->code, "too-many-findings");
    cr_expect_eq(reading->rules.refused_count, 1);
    reading_free(reading);
    free(text);
}

/* `count` lists within lists under a custom key of the rule's map. */
static void check_depth(size_t count, const char *expected)
{
    char text[512];
    int used = snprintf(text, sizeof text, "%s", RULE("01"));
    used += snprintf(text + used, sizeof text - (size_t)used, "custom: ");
    memset(text + used, '[', count);
    memset(text + (size_t)used + count, ']', count);
    memcpy(text + (size_t)used + 2 * count, "\n", 2);
    struct reading *reading = read_text(text);
    cr_expect_str_eq(findings_text(reading), expected);
    reading_free(reading);
}

Test(parser, limits_depth_aliases_and_values)
{
    check_depth(RULE_YAML_DEPTH_MAX - 1, "");
    check_depth(RULE_YAML_DEPTH_MAX, "5:40 yaml-too-deep");
    for (size_t over = 0; over <= 1; over++) {
        size_t count = RULE_YAML_NODES_MAX - 19 + over; /* the rule has 17 values, custom two */
        char *text = malloc(2 * count + 2048);
        cr_assert_not_null(text);
        char *end = stpcpy(text, RULE("01") "custom: [");
        for (size_t i = 0; i < count; i++)
            end = stpcpy(end, "1,");
        stpcpy(end, "]\n");
        struct reading *reading = read_text(text);
        cr_expect_eq(reading->rules.count, 1 - over, "%s", findings_text(reading));
        reading_free(reading);

        end = stpcpy(text, RULE("01") "custom: [&x a");
        for (size_t i = 0; i < RULE_ALIASES_MAX + over; i++)
            end = stpcpy(end, ", *x");
        stpcpy(end, "]\n");
        reading = read_text(text);
        cr_expect_eq(reading->rules.count, 1 - over, "%s", findings_text(reading));
        reading_free(reading);
        free(text);
    }
}

/* A hostile rule may be refused, but not slowly: limits end the reading. */
Test(parser, stops_at_the_first_limit_that_a_rule_passes)
{
    size_t size = 3000 * 40 + 1024;
    char *text = malloc(size);
    cr_assert_not_null(text);
    int used = snprintf(text, size, HEAD "  s:\n    F|windash:\n");
    for (int i = 0; i < 3000; i++)
        used += snprintf(text + used, size - (size_t)used, "      - '-a -b -c -d -e%04d'\n", i);
    snprintf(text + used, size - (size_t)used, "  condition: s\n");
    struct reading *reading = read_text(text);
    cr_expect_eq(diag_count(reading->findings), 1, "%s", findings_text(reading));
    cr_expect_eq(reading->rules.refused_count, 1);
    reading_free(reading);
    free(text);
}

Test(parser, explains_every_code_and_names_it_once)
{
    for (unsigned i = 0; i < PARSER_CODE_COUNT; i++) {
        cr_expect_gt(strlen(parser_code_explanation(parser_code_name(i))), 10, "%s",
                     parser_code_name(i));
        for (unsigned j = 0; j < i; j++)
            cr_expect_str_neq(parser_code_name(i), parser_code_name(j));
    }
    cr_expect_str_eq(parser_code_explanation("no-such-code"), "");
}
