/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ID        "id: 11111111-2222-4333-8444-555555555555\n"
#define SOURCE    "logsource: {product: p}\n"
#define DETECTION "detection: {s: {F: 1}, condition: s}\n"
#define REST      ID SOURCE DETECTION

static void check(const struct reading_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = read_text(cases[i].item);
        const char *found = findings_text(reading);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: %s\n  found %s", i, cases[i].item,
                         found);
        reading_free(reading);
    }
}

Test(metadata, keeps_what_the_rule_says_about_itself)
{
    struct reading *reading = read_text(
        "title: A title\nid: 11111111-AAAA-4333-8444-555555555555\nname: short\n"
        "description: |\n  two\n  lines\nauthor: Ann, Bob\nstatus: test\ndate: 2026-01-02\n"
        "modified: 2026/03/04\nlicense: DRL-1.1\nlevel: high\nreferences:\n  - https://a\n"
        "  - https://b\ntags: [attack.t1059.001, attack.execution]\nfalsepositives: [none]\n"
        "fields: [A, B, C]\ncustom: {anything: [1]}\n" SOURCE DETECTION);
    cr_expect_str_eq(findings_text(reading), "");
    cr_assert_eq(reading->rules.count, 1);
    const struct rule *rule = reading->rules.items[0];
    static const uint8_t uuid[16] = {0x11, 0x11, 0x11, 0x11, 0xaa, 0xaa, 0x43, 0x33,
                                     0x84, 0x44, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};
    cr_expect_arr_eq(rule->uuid, uuid, sizeof uuid);
    const struct {
        struct slice found;
        const char *expected;
    } texts[] = {
        {rule->id, "11111111-aaaa-4333-8444-555555555555"},
        {rule->title, "A title"},
        {rule->name, "short"},
        {rule->description, "two\nlines\n"},
        {rule->author, "Ann, Bob"},
        {rule->status, "test"},
        {rule->date, "2026-01-02"},
        {rule->modified, "2026/03/04"},
        {rule->license, "DRL-1.1"},
        {rule->references[1], "https://b"},
        {rule->tags[0], "attack.t1059.001"},
        {rule->false_positives[0], "none"},
        {rule->fields[2], "C"},
        {rule->path, "r.yml"},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        cr_expect(slice_equal(texts[i].found, slice_text(texts[i].expected)), "%s",
                  texts[i].expected);
    cr_expect_eq(rule->reference_count, 2);
    cr_expect_eq(rule->tag_count, 2);
    cr_expect_eq(rule->false_positive_count, 1);
    cr_expect_eq(rule->field_count, 3);
    cr_expect_eq(rule->level, LEVEL_HIGH);
    reading_free(reading);
}

Test(metadata, refuses_what_detection_and_alerts_need)
{
    static const struct reading_case cases[] = {
        {REST, "1:1 missing-title"},
        {"title:\n" REST, "1:1 missing-title"},
        {"title: ' '\n" REST, "1:1 missing-title"},
        {"title: [a]\n" REST, "1:8 wrong-type"},
        {"title: T\n" SOURCE DETECTION, "1:1 missing-id"},
        {"title: T\nid:\n" SOURCE DETECTION, "1:1 missing-id"},
        {"title: T\nid: 17\n" SOURCE DETECTION, "2:5 bad-id"},
        {"title: T\nid: 11111111-2222-4333-8444-55555555555\n" SOURCE DETECTION, "2:5 bad-id"},
        {"title: T\nid: {a: b}\n" SOURCE DETECTION, "2:5 wrong-type"},
        {"title: T\nlevel: hihg\n" REST, "2:8 bad-level"},
        {"title: T\nlevel: [high]\n" REST, "2:8 wrong-type"},
        {"title: T\nlevel: 3\n" REST, "2:8 bad-level"},
        {"title: T\n" ID DETECTION, "1:1 missing-logsource"},
        {"title: T\nlogsource: windows\n" ID DETECTION, "2:12 missing-logsource"},
        {"title: T\nlogsource: {}\n" ID DETECTION, "2:12 missing-logsource"},
        {"title: T\nlogsource: {definition: x}\n" ID DETECTION, "2:12 missing-logsource"},
        {"title: T\nlogsource: {product: ''}\n" ID DETECTION, "2:12 missing-logsource"},
        {"title: T\nlogsource: {product: [a, b]}\n" ID DETECTION, "2:22 wrong-type"},
        {"title: T\n" ID SOURCE, "1:1 missing-detection"},
        {"title: T\ndetection: [a]\n" ID SOURCE, "2:12 missing-detection"},
        {"title: T\ndetection: {condition: a}\n" ID SOURCE,
         "2:12 missing-detection; 2:24 unknown-selection"},
        {"title: T\ndetection: {s: {F: 1}}\n" ID SOURCE, "2:12 missing-condition"},
        {"id: x\n", "1:1 missing-title; 1:5 bad-id; 1:1 missing-logsource; 1:1 missing-detection"},
    };
    check(cases, COUNT_OF(cases));
}

Test(metadata, warns_of_what_only_people_read)
{
    static const struct reading_case cases[] = {
        {"title: T\nstatus: stabel\n" REST, "2:9 bad-status"},
        {"title: T\nstatus: deprecated\n" REST, ""},
        {"title: T\ndate: 2026-13-01\n" REST, "2:7 bad-date"},
        {"title: T\ndate: 2026-12-32\n" REST, "2:7 bad-date"},
        {"title: T\ndate: 01.02.2026\n" REST, "2:7 bad-date"},
        {"title: T\ndate: 2026-12/31\n" REST, "2:7 bad-date"},
        {"title: T\nmodified: soon\n" REST, "2:11 bad-date"},
        {"title: T\nmodified: 2026/12/31\n" REST, ""},
        {"title: T\ntags: [attack.t1059, Attack.T1, x, .a, b.]\n" REST,
         "2:22 bad-tag; 2:33 bad-tag; 2:36 bad-tag; 2:40 bad-tag"},
        {"title: T\ntags: attack.t1059\n" REST, "2:7 wrong-type"},
        {"title: T\nauthor: [a, b]\n" REST, "2:9 wrong-type"},
        {"title: T\nreferences: [a, {b: c}]\n" REST, "2:17 wrong-type"},
        {"title: T\nreferences: https://a\n" REST, "2:13 wrong-type"},
        {"title: T\nfalsepositives:\n" REST, ""},
        {"title: T\ntaxonomy: ecs\n" REST, "2:11 taxonomy"},
        {"title: T\ntaxonomy: sigma\n" REST, ""},
        {"title: T\nlogsource: {product: p, channel: x}\n" ID DETECTION, "2:25 logsource-key"},
        {"title: T\nlogsource: {product: p, definition: x}\n" ID DETECTION, ""},
    };
    check(cases, COUNT_OF(cases));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading *reading = read_text(cases[i].item);
        cr_expect_eq(reading->rules.count, 1, "case %zu is only a warning", i);
        reading_free(reading);
    }
}

Test(metadata, takes_a_single_text_where_a_list_belongs)
{
    struct reading *reading = read_text("title: T\ntags: attack.t1059\n" REST);
    cr_assert_eq(reading->rules.count, 1);
    cr_assert_eq(reading->rules.items[0]->tag_count, 1);
    cr_expect(slice_equal(reading->rules.items[0]->tags[0], SLICE_LITERAL("attack.t1059")));
    reading_free(reading);
}

Test(metadata, counts_a_title_in_characters)
{
    for (int over = 0; over <= 1; over++) {
        char text[1024];
        int used = snprintf(text, sizeof text, "title: ");
        for (int i = 0; i < 256 + over; i++)
            used += snprintf(text + used, sizeof text - (size_t)used, "é");
        snprintf(text + used, sizeof text - (size_t)used, "\n" REST);
        struct reading *reading = read_text(text);
        cr_expect_str_eq(findings_text(reading), over ? "1:8 long-title" : "");
        reading_free(reading);
    }
}

Test(metadata, reads_log_sources_and_levels_in_any_case)
{
    struct reading *reading =
        read_text("title: T\nlevel: Critical\nlogsource: {product: Windows, "
                  "category: Process_Creation, service: SysMon}\n" ID DETECTION);
    cr_assert_eq(reading->rules.count, 1);
    const struct rule *rule = reading->rules.items[0];
    cr_expect_eq(rule->level, LEVEL_CRITICAL);
    cr_expect(slice_equal(rule->logsource.product, SLICE_LITERAL("windows")));
    cr_expect(slice_equal(rule->logsource.category, SLICE_LITERAL("process_creation")));
    cr_expect(slice_equal(rule->logsource.service, SLICE_LITERAL("sysmon")));
    reading_free(reading);
}

Test(metadata, takes_a_rule_without_level_as_medium)
{
    struct reading *reading = read_text("title: T\n" REST);
    cr_assert_eq(reading->rules.count, 1);
    cr_expect_eq(reading->rules.items[0]->level, LEVEL_MEDIUM);
    cr_expect_eq(reading->rules.items[0]->logsource.category.len, 0);
    reading_free(reading);
}
