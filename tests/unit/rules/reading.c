/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define RULE_HEAD                                                                                  \
    "title: T\nid: 11111111-2222-4333-8444-555555555555\nlogsource:\n  product: p\ndetection:\n"
__attribute__((format(printf, 2, 3))) static void say(struct reading *reading, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(reading->text + reading->used, sizeof reading->text - reading->used, format,
                        arguments);
    va_end(arguments);
    cr_assert(len >= 0 && reading->used + (size_t)len < sizeof reading->text);
    reading->used += (size_t)len;
}

struct reading *read_slice(struct slice text, const struct list_set *lists)
{
    struct reading *reading = calloc(1, sizeof *reading);
    struct parser_options options = {.lists = lists};
    cr_assert_not_null(reading);
    cr_assert_eq(diag_list_new(&reading->findings), 0);
    cr_assert_eq(parser_read(&reading->rules, text, "r.yml", &options, reading->findings), 0);
    return reading;
}

struct reading *read_text(const char *text)
{
    return read_slice(slice_text(text), NULL);
}

/* detection: lines indented by two spaces, the first is line 6. */
struct reading *read_detection(const char *detection, const struct list_set *lists)
{
    size_t size = sizeof RULE_HEAD + strlen(detection);
    char *text = malloc(size);
    cr_assert_not_null(text);
    snprintf(text, size, "%s%s", RULE_HEAD, detection);
    struct reading *reading = read_slice(slice_text(text), lists);
    free(text);
    return reading;
}

/* A selection of one item, in the YAML of one line: `F|contains: x`. */
struct reading *read_item(const char *item, const struct list_set *lists)
{
    char detection[4096];
    int len = snprintf(detection, sizeof detection, "  s:\n    %s\n  condition: s\n", item);
    cr_assert(len > 0 && (size_t)len < sizeof detection);
    return read_detection(detection, lists);
}

void reading_free(struct reading *reading)
{
    rule_list_deinit(&reading->rules);
    diag_list_free(reading->findings);
    free(reading);
}

static void say_bytes(struct reading *reading, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        say(reading, bytes.data[i] < ' ' ? "\\x%02x" : "%c", bytes.data[i]);
}

static void say_pattern(struct reading *reading, const struct pattern *pattern)
{
    if (pattern->part_count == 0)
        say(reading, "<>");
    for (size_t i = 0; i < pattern->part_count; i++) {
        const struct pattern_part *part = &pattern->parts[i];
        if (part->kind == PART_LITERAL) {
            say(reading, "<");
            say_bytes(reading, part->literal);
            say(reading, ">");
        } else {
            say(reading, part->kind == PART_ANY ? "*" : "?");
        }
    }
}

static void say_number(struct reading *reading, const struct value *number)
{
    if (number->type == VALUE_INTEGER)
        say(reading, "%lld", (long long)number->integer);
    else
        say(reading, "%g", number->real);
}

static void say_test(struct reading *reading, const struct test *test)
{
    static const char *const comparisons[] = {"=",  "<",      "<=",   ">",
                                              ">=", "starts", "ends", "contains"};
    static const char *const parts[] = {"minute", "hour", "day", "week", "month", "year"};
    switch (test->kind) {
    case TEST_PATTERN:
        say(reading, test->cased ? "c:" : "");
        say_pattern(reading, &test->pattern);
        break;
    case TEST_REGEX:
        say(reading, "/%.*s/%s%s%s", SLICE_PRINTF(test->regex),
            test->regex_flags & REGEX_CASELESS ? "i" : "",
            test->regex_flags & REGEX_MULTILINE ? "m" : "",
            test->regex_flags & REGEX_DOTALL ? "s" : "");
        break;
    case TEST_CIDR:
        say(reading, test->cidr_v6 ? "v6 " : "v4 ");
        for (unsigned i = 0; i < (test->cidr_v6 ? 16U : 4U); i++)
            say(reading, "%02x", test->cidr_address[i]);
        say(reading, "/%u", test->cidr_bits);
        break;
    case TEST_NUMBER:
        say(reading, "=");
        say_number(reading, &test->number);
        break;
    case TEST_COMPARE:
        say(reading, "%s", comparisons[test->comparison]);
        say_number(reading, &test->number);
        break;
    case TEST_FIELDREF:
        say(reading, "%sref %s %.*s", test->cased ? "c:" : "", comparisons[test->comparison],
            SLICE_PRINTF(test->other_field));
        break;
    case TEST_NULL:
        say(reading, "null");
        break;
    case TEST_EXISTS:
        say(reading, "exists %s", test->boolean ? "true" : "false");
        break;
    case TEST_BOOLEAN:
        say(reading, "%s", test->boolean ? "true" : "false");
        break;
    case TEST_TIME:
        say(reading, "%s %s ", parts[test->time_part], comparisons[test->comparison]);
        say_number(reading, &test->number);
        break;
    }
}

static void say_item(struct reading *reading, const struct item *item)
{
    say(reading, "%.*s%s%s: ", SLICE_PRINTF(item->field), item->require_all ? " all" : "",
        item->negate ? " not" : "");
    for (size_t i = 0; i < item->test_count; i++) {
        if (i > 0)
            say(reading, item->tests[i].group == item->tests[i - 1].group ? " | " : ", ");
        say_test(reading, &item->tests[i]);
    }
}

static void say_selection(struct reading *reading, const struct selection *selection)
{
    for (size_t i = 0; i < selection->map_count; i++) {
        say(reading, i > 0 ? " OR " : "");
        for (size_t j = 0; j < selection->maps[i].item_count; j++) {
            say(reading, j > 0 ? " & " : "");
            say_item(reading, &selection->maps[i].items[j]);
        }
    }
}

static void say_condition(struct reading *reading, const struct condition *condition)
{
    static const char *const names[] = {
        [CONDITION_AND] = "and", [CONDITION_OR] = "or", [CONDITION_NOT] = "not"};
    if (condition->kind == CONDITION_SELECTION) {
        say(reading, "%.*s", SLICE_PRINTF(condition->selection->name));
        return;
    }
    if (condition->kind == CONDITION_AT_LEAST)
        say(reading, "%u-of(", condition->count);
    else
        say(reading, "%s(", names[condition->kind]);
    for (size_t i = 0; i < condition->child_count; i++) {
        say(reading, i > 0 ? " " : "");
        say_condition(reading, condition->children[i]);
    }
    say(reading, ")");
}

static const struct rule *only_rule(struct reading *reading)
{
    reading->used = 0;
    reading->text[0] = '\0';
    return reading->rules.count == 1 ? reading->rules.items[0] : NULL;
}

/* "refused" if there is not exactly one rule. */
const char *selection_text(struct reading *reading)
{
    const struct rule *rule = only_rule(reading);
    if (rule == NULL)
        return "refused";
    say_selection(reading, &rule->selections[0]);
    return reading->text;
}

const char *condition_text(struct reading *reading)
{
    const struct rule *rule = only_rule(reading);
    if (rule == NULL)
        return "refused";
    say_condition(reading, rule->condition);
    return reading->text;
}

/* "6:5 unknown-modifier; 7:1 ..." in the order found. */
const char *findings_text(struct reading *reading)
{
    reading->used = 0;
    reading->text[0] = '\0';
    for (size_t i = 0; i < diag_count(reading->findings); i++) {
        const struct diag *diag = diag_at(reading->findings, i);
        say(reading, "%s%u:%u %s", i > 0 ? "; " : "", diag->line, diag->column, diag->code);
    }
    return reading->text;
}

void check_selections(const struct reading_case *cases, size_t count, const struct list_set *lists)
{
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = read_item(cases[i].item, lists);
        const char *found = selection_text(reading);
        if (strcmp(found, "refused") == 0)
            found = findings_text(reading);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: %s\n  found    %s\n  expected %s", i,
                         cases[i].item, found, cases[i].expected);
        reading_free(reading);
    }
}

void check_findings(const struct reading_case *cases, size_t count, const struct list_set *lists)
{
    for (size_t i = 0; i < count; i++) {
        struct reading *reading = read_item(cases[i].item, lists);
        const char *found = findings_text(reading);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: %s\n  found    %s\n  expected %s", i,
                         cases[i].item, found, cases[i].expected);
        reading_free(reading);
    }
}
