/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { RULE_BYTES = 4096 };

/* A rule whose detection begins in line 6: line 4 is the log source. */
static struct reading *read_rule(const char *logsource, const char *detection)
{
    char text[RULE_BYTES];
    int len = snprintf(text, sizeof text,
                       "title: t\nid: 00000000-0000-4000-8000-000000000000\nlevel: low\n"
                       "logsource: {%s}\ndetection:\n%s",
                       logsource, detection);
    cr_assert(len > 0 && (size_t)len < sizeof text);
    return read_text(text);
}

/* --- Names --- */

struct name_case {
    const char *logsource, *item, *findings;
};

static void check_names(const struct name_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char detection[RULE_BYTES / 2];
        snprintf(detection, sizeof detection, "  s:\n    %s\n  condition: s\n", cases[i].item);
        struct reading *reading = read_rule(cases[i].logsource, detection);
        cr_expect_eq(reading->rules.count, 1, "case %zu", i);
        cr_expect_str_eq(findings_text(reading), cases[i].findings, "case %zu: {%s} %s", i,
                         cases[i].logsource, cases[i].item);
        reading_free(reading);
    }
}

Test(lint, names_fields_that_events_of_the_category_do_not_have)
{
    static const struct name_case cases[] = {
        {"category: process_creation", "Image: x", ""},
        {"category: process_creation", "Imgae: x", "7:5 unknown-field"},
        {"category: process_creation", "image: x", "7:5 unknown-field"},
        {"category: process_creation", "TargetFilename|contains: x", "7:5 unknown-field"},
        {"category: file_event", "TargetFilename|contains: x", ""},
        {"category: Process_Creation", "Imgae: x", "7:5 unknown-field"},
        {"product: windows, category: process_creation", "NewProcessName: x", ""},
        {"category: process_creation", "Image|fieldref: Imgae", "7:5 unknown-field"},
        {"category: process_creation", "Image|fieldref: ParentImage", ""},
        {"category: process_creation", "Imgae: [x, y]", "7:5 unknown-field"},
        /* keywords have no field */
        {"category: process_creation", "- some text", ""},
        {"category: process_creation", "'|all': [some, text]", ""},
        /* where the schema knows no fields, any may be */
        {"product: windows, service: security", "Anything: x", ""},
        {"product: windows", "Anything: x", ""},
        {"category: antivirus", "Anything: x", ""},
        {"category: my_own_thing", "Anything: x", ""},
    };
    check_names(cases, COUNT_OF(cases));
}

Test(lint, names_categories_that_are_almost_one)
{
    static const struct name_case cases[] = {
        {"category: process_creation", "Image: x", ""},
        {"category: proces_creation", "Image: x", "4:23 unknown-category"},
        {"category: process_craetion", "Image: x", "4:23 unknown-category"},
        {"product: windows, category: registryset", "Image: x", "4:41 unknown-category"},
        {"category: process_creators", "Image: x", ""}, /* three slips: another word */
        {"category: firewall", "Image: x", ""},
        {"category: database", "Image: x", ""},
        {"category: dns", "Image: x", ""},
        {"category: prox", "Image: x", ""}, /* too short to tell */
        {"product: windws", "Image: x", ""},
    };
    check_names(cases, COUNT_OF(cases));
}

Test(lint, hints_at_the_name_that_was_meant)
{
    struct reading *reading =
        read_rule("category: proces_creation", "  s:\n    A: x\n  condition: s\n");
    cr_assert_eq(diag_count(reading->findings), 1);
    cr_expect_str_eq(diag_at(reading->findings, 0)->hint, "did you mean 'process_creation'?");
    reading_free(reading);

    reading = read_rule("category: process_creation",
                        "  s:\n    ComandLine: x\n    Zzzzzzzz: y\n  condition: s\n");
    cr_assert_eq(diag_count(reading->findings), 2);
    cr_expect_str_eq(diag_at(reading->findings, 0)->message,
                     "events of category 'process_creation' have no field 'ComandLine'");
    cr_expect_str_eq(diag_at(reading->findings, 0)->hint, "did you mean 'CommandLine'?");
    cr_expect_not_null(strstr(diag_at(reading->findings, 1)->hint, "beyond the schema"));
    reading_free(reading);
}

/* Fifty of one map are named, and no more. */
Test(lint, names_no_end_of_unknown_fields)
{
    for (size_t count = 49; count <= 51; count++) {
        char detection[RULE_BYTES / 2] = "  s:\n";
        size_t used = strlen(detection);
        for (size_t i = 0; i < count; i++)
            used += (size_t)snprintf(detection + used, sizeof detection - used,
                                     "    Nothing%zu: x\n", i);
        snprintf(detection + used, sizeof detection - used, "  condition: s\n");
        struct reading *reading = read_rule("category: process_creation", detection);
        cr_expect_eq(diag_count(reading->findings), count < 50 ? count : 50);
        reading_free(reading);
    }
}

Test(lint, names_keys_that_are_almost_one_of_the_specification)
{
    static const struct {
        const char *key, *findings;
    } cases[] = {
        {"falsepositive", "10:1 unknown-key"},
        {"Tags", "10:1 unknown-key"},
        {"tag", "10:1 unknown-key"},
        {"referneces", "10:1 unknown-key"},
        {"fasepostives", "10:1 unknown-key"},
        {"levle", "10:1 unknown-key"},
        {"lvele", ""}, /* two slips in a short word: another word */
        {"my_team", ""},
        {"custom", ""},
        {"dates", "10:1 unknown-key"},
        {"simulation", ""},
        {"regression_tests_path", ""},
        {"scope", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char detection[256];
        snprintf(detection, sizeof detection, "  s:\n    A: x\n  condition: s\n\n%s: x\n",
                 cases[i].key);
        struct reading *reading = read_rule("product: x", detection);
        cr_expect_str_eq(findings_text(reading), cases[i].findings, "%s", cases[i].key);
        reading_free(reading);
    }
}

/* --- Truth --- */

static void check_conditions(const struct reading_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char detection[RULE_BYTES / 2];
        snprintf(detection, sizeof detection,
                 "  a: {A: 1}\n  b: {B: 1}\n  c: {C: 1}\n  d: {D: 1}\n  condition: %s\n",
                 cases[i].item);
        struct reading *reading = read_rule("product: x", detection);
        cr_expect_str_eq(findings_text(reading), cases[i].expected, "case %zu: %s", i,
                         cases[i].item);
        reading_free(reading);
    }
}

#define UNUSED(line) #line ":3 unused-selection"

Test(lint, names_selections_that_decide_nothing)
{
    static const struct reading_case cases[] = {
        {"a and b or c and d", ""},
        {"a or b or c or d", ""},
        {"2 of them", ""},
        {"a and not (b or c or d)", ""},
        {"a and b and c and d or a and not b and c and d", "7:3 selection-without-effect"},
        {"c or d or a or (a and b)", "7:3 selection-without-effect"},
        {"(a or b or c or d) and (a or b or c)", "9:3 selection-without-effect"},
        {"1 of them or all of them", ""},
        {"c and d and (a or not a or b)",
         "6:3 selection-without-effect; 7:3 selection-without-effect"},
    };
    check_conditions(cases, COUNT_OF(cases));
}

Test(lint, names_conditions_that_are_never_true)
{
    static const struct reading_case cases[] = {
        {"a and not a and b and c and d", "10:14 never-true"},
        {"all of them and not 1 of them", "10:14 never-true"},
        {"a and b and c and d and not (a and b)", "10:14 never-true"},
        {"not (a or not a) and b and c and d", "10:14 never-true"},
        {"not (a and b and c and d) and 3 of them", ""},
    };
    check_conditions(cases, COUNT_OF(cases));
}

Test(lint, names_selections_that_nobody_uses)
{
    static const struct reading_case cases[] = {
        {"a", UNUSED(7) "; " UNUSED(8) "; " UNUSED(9)},
        {"1 of them", ""},
        {"a or b or c", UNUSED(9)},
    };
    check_conditions(cases, COUNT_OF(cases));
}

/* A table of 12 selections is written, one of 13 is not. */
Test(lint, does_not_weigh_large_conditions)
{
    for (int count = 12; count <= 13; count++) {
        char detection[RULE_BYTES / 2];
        int used = 0;
        for (int i = 0; i < count; i++)
            used += snprintf(detection + used, sizeof detection - (size_t)used, "  s%d: {F: %d}\n",
                             i, i);
        snprintf(detection + used, sizeof detection - (size_t)used,
                 "  condition: all of them and not s0\n");
        struct reading *reading = read_rule("product: x", detection);
        cr_expect_str_eq(findings_text(reading), count == 12 ? "18:14 never-true" : "");
        reading_free(reading);
    }
}

Test(lint, names_maps_that_are_never_true)
{
    static const struct reading_case cases[] = {
        {"s: {F: null, F|contains: x}", "6:7 never-true"},
        {"s: {F|contains: x, F: null}", "6:22 never-true"},
        {"s: {F|exists: false, F|re: x}", "6:7 never-true"},
        {"s: {F: null, F|gt: 5}", "6:7 never-true"},
        {"s: [{F: null, F|contains: x}, {G: y}]", "6:8 never-true"},
        {"s: {F: null, G: x}", ""},
        {"s: {F: [null, x], F|contains: x}", "6:11 null-in-list"},
        {"s: {F: null, F|neq: x, G: y}", ""},
        {"s: {F: null, F|exists: true}", ""},
        {"s: {F|exists: true, F|contains: x}", ""},
        {"s: [{F: null}, {F|contains: x}, {G: y}]", "7:14 no-positive-test"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char detection[512];
        snprintf(detection, sizeof detection, "  %s\n  condition: s\n", cases[i].item);
        struct reading *reading = read_rule("product: x", detection);
        cr_expect_str_eq(findings_text(reading), cases[i].expected, "case %zu: %s", i,
                         cases[i].item);
        reading_free(reading);
    }
}
