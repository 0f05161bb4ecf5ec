/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are meant to hide a command line: NUL, invalid UTF-8, characters cut off. What stands
 * before, between and behind them is still detected, by the engine and by explain.c, in a typed
 * event and in a generic one. */
#include "detect/engine.h"
#include "detect/explain.h"
#include "proto/flat.h"
#include "rules/parser.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { ARENA_BYTES = 4 * 1024 * 1024, RULE_BYTES_MAX = 1024 };

static const struct {
    struct slice command_line;
    const char *item; /* of the rule's one selection */
    bool is_true;
} cases[] = {
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|contains: 'WHOAMI'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|startswith: 'cmd'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|endswith: ' /all'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|endswith: 'whoami'", false},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine: 'cmd*whoami*/all'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine: 'cmd /c whoami'", false},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine: 'cmd /c whoami? /all'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|re: 'whoami.+/all$'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|re: 'whoami\\x00 /'", true},
    {SLICE_INIT("cmd /c whoami\0 /all"), "CommandLine|contains|all: ['cmd', '/all']", true},
    {SLICE_INIT("cmd /c who\0ami"), "CommandLine|contains: 'whoami'", false},
    {SLICE_INIT("\0whoami"), "CommandLine|endswith: 'whoami'", true},
    {SLICE_INIT("\0whoami"), "CommandLine|startswith: 'whoami'", false},
    {SLICE_INIT("\0"), "CommandLine: ''", false},
    {SLICE_INIT("\xff\xfe whoami \xc3"), "CommandLine|contains: ' whoami '", true},
    {SLICE_INIT("\xff\xfe whoami \xc3"), "CommandLine: '*whoami*'", true},
    {SLICE_INIT("\xff\xfe whoami \xc3"), "CommandLine|re: 'whoami'", true},
    {SLICE_INIT("\xff\xfe whoami \xc3"), "CommandLine|re|i: 'WHOAMI'", true},
    {SLICE_INIT("whoami\x80"), "CommandLine|startswith: 'whoami'", true},
    {SLICE_INIT("whoami\x80"), "CommandLine: 'whoami'", false},
    {SLICE_INIT("\xc3whoami"), "CommandLine|endswith: 'whoami'", true},
    {SLICE_INIT("\xc0\x80whoami\xed\xa0\x80"), "CommandLine|contains: 'whoami'", true},
    {SLICE_INIT("\xf4\x90\x80\x80whoami\xf0\x9f"), "CommandLine|contains: 'WhoAmI'", true},
    {SLICE_INIT("\xff"
                "caf\xc3\x89 whoami"),
     "CommandLine|contains: 'CAF\xc3\xa9 WHO'", true},
    {SLICE_INIT("caf\xc3 whoami"), "CommandLine|contains: 'caf\xc3\xa9'", false},
};

static struct rule *read_rule(struct rule_list *rules, const char *item, struct diag_list *findings)
{
    char text[RULE_BYTES_MAX];
    int len = snprintf(text, sizeof text,
                       "title: Hostile bytes\n"
                       "id: 00000000-0000-4000-8000-000000000001\n"
                       "status: test\n"
                       "level: high\n"
                       "logsource:\n  category: process_creation\n  product: windows\n"
                       "detection:\n  selection:\n    %s\n  condition: selection\n",
                       item);
    int status = parser_read(rules, slice_of(text, (size_t)len), "hostile.yml",
                             &(struct parser_options){0}, findings);
    cr_assert_eq(status, 0);
    cr_assert_eq(rules->count, 1, "%s is refused", item);
    return rules->items[0];
}

/* A process creation with that command line: as Sysmon logs it, or of a log we know nothing of. */
static void decode_start(struct batch *out, struct flat_encoder *encoder, struct slice command_line,
                         bool is_typed, struct arena *arena)
{
    const struct flat_field fields[] = {
        {SLICE_LITERAL("CommandLine"), value_of_text(command_line)},
        {SLICE_LITERAL("EventID"), value_of_integer(1)},
        {SLICE_LITERAL("Channel"),
         value_of_text(SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational"))},
    };
    const struct flat_origin source = {.product = SLICE_LITERAL("windows"),
                                       .category = SLICE_LITERAL("process_creation")};
    struct slice payload;
    cr_assert_eq(flat_encoder_add(encoder, fields, is_typed ? 3 : 1, &source), 0);
    cr_assert_eq(flat_encoder_finish(encoder, &payload), 0);
    cr_assert_eq(batch_decode(out, payload, &(struct batch_options){0}, arena), 0);
    cr_assert_eq(out->event_count, 1);
    cr_assert_eq(out->events[0].shape == SHAPE_PROCESS_START, is_typed);
}

static void assert_judged(const struct ruleset *ruleset, const struct event *event, size_t index,
                          struct arena *arena)
{
    AUTO(scratch_free) struct scratch *scratch = NULL;
    struct matches matches;
    struct explanation explanation;
    cr_assert_eq(scratch_new(&scratch, ruleset), 0);
    cr_assert_eq(engine_match(&matches, ruleset, scratch, event), 0);
    cr_assert_eq(matches.count, cases[index].is_true, "case %zu: %s", index, cases[index].item);
    cr_assert_eq(explain_rule(&explanation, ruleset_rule(ruleset, 0), event, arena), 0);
    cr_assert(explanation.applies, "case %zu", index);
    cr_assert_eq(explanation.result, cases[index].is_true, "case %zu: %s", index,
                 cases[index].item);
}

static void judge_case(size_t index, struct arena *arena)
{
    AUTO(flat_encoder_free) struct flat_encoder *encoder = NULL;
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(ruleset_free) struct ruleset *ruleset = NULL;
    struct rule_list rules = {0};
    cr_assert_eq(flat_encoder_new(&encoder, &(struct flat_origin){0}), 0);
    cr_assert_eq(diag_list_new(&findings), 0);
    struct rule *rule = read_rule(&rules, cases[index].item, findings);
    cr_assert_eq(ruleset_build(&ruleset, &rule, 1, NULL, findings), 0);
    for (int is_typed = 0; is_typed <= 1; is_typed++) {
        struct batch batch;
        decode_start(&batch, encoder, cases[index].command_line, is_typed == 1, arena);
        assert_judged(ruleset, &batch.events[0], index, arena);
    }
    rule_list_deinit(&rules);
}

Test(hostile, bytes_do_not_hide_a_command_line)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(arena_free) struct arena *arena = NULL;
        cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
        judge_case(i, arena);
    }
}
