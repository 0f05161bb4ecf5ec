/* SPDX-License-Identifier: Apache-2.0 */
/* yagura explain: one rule on one event, every selection and every item, true or false. */
#include "ingest/command/command.h"
#include "ingest/command/explained.h"
#include "ingest/command/feed.h"
#include "ingest/library.h"

#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 256 * 1024 };

struct rules {
    struct ruleset *ruleset; /* owns them */
    const struct rule **items;
    size_t count;
    size_t refused_count;
};

/* --- The command --- */

static int compare_rules(const void *a, const void *b)
{
    const struct rule *x = *(const struct rule *const *)a;
    const struct rule *y = *(const struct rule *const *)b;
    int order = slice_compare(x->path, y->path);
    if (order != 0)
        return order;
    return x->selections[0].at.line < y->selections[0].at.line ? -1 : 1;
}

/* The rules in the order in which they are written; a rule set has them in order of id. */
static int sort_rules(struct rules *rules)
{
    rules->count = ruleset_rule_count(rules->ruleset);
    rules->items = calloc(rules->count, sizeof(struct rule *));
    if (rules->items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < rules->count; i++)
        rules->items[i] = ruleset_rule(rules->ruleset, i);
    qsort(rules->items, rules->count, sizeof(struct rule *), compare_rules);
    return 0;
}

/* Parsed and compiled, so that a rule is refused here for what the service refuses it for.
 * Positive: a yagura_exit. */
static int read_rules(struct rules *rules, const struct arguments *arguments,
                      struct console *console)
{
    struct library_options options = {.lists_path = arguments_text(arguments, "--lists")};
    options.paths = arguments_texts(arguments, "--rule", &options.path_count);
    AUTO(library_free) struct library *library = NULL;
    struct library_report report;
    TRY(library_new(&library, &options));
    int result = library_load(&rules->ruleset, library, &report);
    TRY(result);
    TRY(console_findings(console, report.findings, DIAG_NOTE));
    rules->refused_count = report.rule_count_refused;
    if (report.is_partial)
        return YAGURA_EXIT_NO_INPUT;
    if (result == LIBRARY_EMPTY)
        return rules->refused_count > 0 ? YAGURA_EXIT_FINDINGS : YAGURA_EXIT_NO_INPUT;
    return sort_rules(rules);
}

static int explain_all(const struct rules *rules, const struct event *event, bool is_json,
                       struct console *console)
{
    AUTO(arena_free) struct arena *arena = NULL;
    TRY(arena_new_growing(&arena, ARENA_BLOCK_BYTES, 0));
    for (size_t i = 0; i < rules->count; i++) {
        struct explanation explanation;
        struct explained explained = {rules->items[i], &explanation, event, arena};
        arena_reset(arena);
        TRY(explain_rule(&explanation, explained.rule, event, arena));
        if (is_json) {
            TRY(console_json(console, explained_write, &explained));
            fputc('\n', console->out);
        } else {
            explained_print(console, &explained);
        }
    }
    return 0;
}

static int explain_event(const struct rules *rules, const struct arguments *arguments,
                         struct console *console)
{
    size_t count;
    struct feed_options options = {
        .path = arguments_operands(arguments, &count)[0],
        .product = slice_text(arguments_text(arguments, "--product")),
        .category = slice_text(arguments_text(arguments, "--category")),
        .service = slice_text(arguments_text(arguments, "--service")),
        .batch_events_max = 1,
    };
    AUTO(feed_free) struct feed *feed = NULL;
    int result = feed_new(&feed, &options, console);
    if (result != 0)
        return result == FEED_NO_INPUT ? YAGURA_EXIT_NO_INPUT : result;
    bool has_line = arguments_text(arguments, "--line") != NULL;
    feed_only(feed, has_line ? arguments_number(arguments, "--line", 0) : FEED_WHOLE_FILE);
    const struct event *event;
    uint64_t line;
    result = feed_next(feed, &event, &line);
    if (result == FEED_END) {
        console_error(console, has_line ? "there is no event on that line"
                                        : "there is no event; for a file of many say --line N");
        return YAGURA_EXIT_DATA;
    }
    TRY(result);
    return explain_all(rules, event, arguments_is(arguments, "--format", "json"), console);
}

static int run_explain(const struct arguments *arguments, struct console *console)
{
    size_t path_count;
    (void)arguments_texts(arguments, "--rule", &path_count);
    if (path_count == 0) {
        console_error(console, "say which rule: --rule FILE");
        return YAGURA_EXIT_USAGE;
    }
    struct rules rules = {0};
    int result = read_rules(&rules, arguments, console);
    if (result == 0)
        result = explain_event(&rules, arguments, console);
    free(rules.items);
    ruleset_free(rules.ruleset);
    return result == 0 && rules.refused_count > 0 ? YAGURA_EXIT_FINDINGS : result;
}

static const struct argument_row explain_rows[] = {
    {.kind = ARGUMENT_TEXTS,
     .name = "--rule",
     .value = "FILE|DIR",
     .help = "a rule, or several; may be repeated"},
    {.kind = ARGUMENT_NUMBER,
     .name = "--line",
     .value = "N",
     .high = UINT64_MAX - 1,
     .help = "the event on line N, counted from 0 as in match --format json"},
    ARGUMENT_LISTS,
    ARGUMENT_LOGSOURCE,
    ARGUMENT_FORMAT,
    ARGUMENT_HELP,
    {0},
};

const struct command command_explain = {
    .name = "explain",
    .usage = "--rule FILE [--rule FILE ...] [options] EVENT.json|-",
    .summary = "show why a rule is true or false of an event",
    .text = "Prints every selection and every item of each rule, true or false, with the\n"
            "value that the event has, or \"field missing\". EVENT.json holds one event\n"
            "as `yagura match` reads it, which may span lines; with --line N it holds\n"
            "JSON lines. `-` reads standard input. Where a modifier makes several patterns\n"
            "of a value, each is shown behind the value as it was written. With --format\n"
            "json each rule gives one line.\n"
            "\n"
            "It asks a plain evaluator that knows none of the engine's short cuts: it shares\n"
            "the parsed rule, the event's values, and how a number, date, address or\n"
            "expression is read. `yagura match --explain` asks the engine.\n"
            "\n"
            "Exits with 0 whether or not a rule is true of the event; 1 if a rule is\n"
            "refused (the others are explained), 65 if the event cannot be read, 66 if a\n"
            "file cannot be read.\n"
            "\n"
            "Examples:\n"
            "  yagura explain --rule rules/a.yml --line 12 events.jsonl\n"
            "  jq -c 'select(.EventID == 1)' e.jsonl | yagura explain --rule a.yml --line 0 -\n",
    .rows = explain_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_explain,
};
