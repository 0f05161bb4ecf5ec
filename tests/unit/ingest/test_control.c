/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/control.h"

#include "rig.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

static struct rig rig;
static struct diag_list *findings;
static json_t *answer;

static void open_all(void)
{
    rig_open(&rig, &(struct rig_options){0});
    cr_assert_eq(diag_list_new(&findings), 0);
}

static void close_all(void)
{
    json_decref(answer);
    diag_list_free(findings);
    rig_close(&rig);
}

TestSuite(control, .init = open_all, .fini = close_all);

static struct reload_report report_of(enum reload_outcome outcome)
{
    return (struct reload_report){.outcome = outcome,
                                  .library = {.file_count = 3, .rule_count_loaded = 2},
                                  .findings = findings,
                                  .current = rig.edition,
                                  .seconds = 0.5};
}

/* The answer's one line, parsed. */
static void ask(enum control_request request, const struct reload_report *report)
{
    struct slice line;
    cr_assert_eq(control_answer(&line, request, report), 0);
    cr_assert_eq(line.data[line.len - 1], '\n');
    cr_assert_eq(memchr(line.data, '\n', line.len - 1), NULL, "one line");
    answer = json_loadb((const char *)line.data, line.len, 0, NULL);
    cr_assert_neq(answer, NULL, "%.*s", SLICE_PRINTF(line));
    cr_assert_eq(control_answer_is_ok(line), json_is_true(json_object_get(answer, "ok")));
    free((void *)(uintptr_t)line.data);
}

Test(control, knows_its_words_and_no_others)
{
    static const char *const others[] = {"",        "Reload",  "reload ", " reload",
                                         "reloadx", "unknown", "rel",     "stop"};
    cr_expect_eq(control_request_parse(slice_text("reload")), CONTROL_RELOAD);
    cr_expect_eq(control_request_parse(slice_text("rollback")), CONTROL_ROLLBACK);
    cr_expect_eq(control_request_parse(slice_text("status")), CONTROL_STATUS);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(control_request_parse(slice_text(others[i])), CONTROL_UNKNOWN, "%s",
                     others[i]);
    cr_expect_eq(control_request_parse(slice_of("reload\0", 7)), CONTROL_UNKNOWN);
}

Test(control, says_ok_exactly_for_good_outcomes)
{
    for (int i = 0; i < RELOAD_OUTCOME_COUNT; i++) {
        const struct reload_report report = report_of((enum reload_outcome)i);
        ask(CONTROL_RELOAD, &report);
        cr_expect_eq(json_is_true(json_object_get(answer, "ok")),
                     reload_outcome_is_good((enum reload_outcome)i));
        cr_expect_str_eq(json_string_value(json_object_get(answer, "outcome")),
                         reload_outcome_label((enum reload_outcome)i));
        json_decref(answer);
        answer = NULL;
    }
}

Test(control, tells_what_is_live_and_what_was_before)
{
    const struct reload_report report = report_of(RELOAD_PUBLISHED);
    ask(CONTROL_STATUS, &report);
    const json_t *current = json_object_get(answer, "current");
    cr_expect_str_eq(json_string_value(json_object_get(current, "ruleset")),
                     rig.edition->ruleset_hex);
    cr_expect_eq(json_integer_value(json_object_get(current, "rules")), 3);
    cr_expect(json_is_null(json_object_get(answer, "previous")));
    cr_expect_eq(json_object_get(answer, "outcome"), NULL, "nothing was done");
    cr_expect_eq(json_integer_value(json_object_get(answer, "loaded")), 2);
}

Test(control, stays_one_line_of_json_whatever_a_rule_says)
{
    diag_add(findings, DIAG_ERROR, (struct diag_position){"a\nb\".yml", 3, 7}, "code", "h\x1bint",
             "%s", "no \"such\"\nthing \xff");
    diag_add(findings, DIAG_NOTE, (struct diag_position){"c.yml", 1, 1}, "note", NULL, "not told");
    const struct reload_report report = report_of(RELOAD_PUBLISHED);
    ask(CONTROL_RELOAD, &report);
    const json_t *list = json_object_get(answer, "findings");
    cr_assert_eq(json_array_size(list), 1);
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(list, 0), "line")), 3);
    cr_expect_eq(json_integer_value(json_object_get(answer, "errors")), 1);
}

Test(control, tells_so_many_findings_and_counts_them_all)
{
    for (int i = 0; i <= CONTROL_FINDINGS_MAX; i++)
        diag_add(findings, DIAG_ERROR, (struct diag_position){"a.yml", 1, 1}, "code", NULL, "%d",
                 i);
    const struct reload_report report = report_of(RELOAD_PUBLISHED);
    ask(CONTROL_RELOAD, &report);
    cr_expect_eq(json_array_size(json_object_get(answer, "findings")), CONTROL_FINDINGS_MAX);
    cr_expect_eq(json_integer_value(json_object_get(answer, "errors")), CONTROL_FINDINGS_MAX + 1);
}

Test(control, refuses_what_is_no_request)
{
    struct slice line;
    cr_assert_eq(control_refusal(&line, "no \"such\" request"), 0);
    cr_expect_not(control_answer_is_ok(line));
    answer = json_loadb((const char *)line.data, line.len, 0, NULL);
    cr_expect(json_is_false(json_object_get(answer, "ok")));
    free((void *)(uintptr_t)line.data);
}
