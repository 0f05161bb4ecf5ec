/* SPDX-License-Identifier: Apache-2.0 */
/* yagura explain: one rule on one event, every selection and every item, true or false. */
#include "detect/explain.h"
#include "ingest/command/command.h"
#include "ingest/command/feed.h"
#include "ingest/library.h"

#include <stdlib.h>

enum { SHOWN_BYTES_MAX = 2000, ARENA_BLOCK_BYTES = 256 * 1024 };

struct rules {
    struct ruleset *ruleset; /* owns them */
    const struct rule **items;
    size_t count;
    size_t refused_count;
};

/* One rule and what became of it. */
struct subject {
    const struct rule *rule;
    const struct explanation *explanation;
    struct arena *arena;
};

/* --- What both forms show --- */

/* What modifiers made of a value, as a pattern again: `*-hidewmp*`. Empty if it is no pattern, or
 * the only one that was made of the value: then the value says it all. */
static struct slice made_pattern(const struct explained_item *item, size_t index,
                                 struct arena *arena)
{
    const struct test *test = item->tests[index].test;
    const struct test *before = index > 0 ? item->tests[index - 1].test : NULL;
    const struct test *after = index + 1 < item->test_count ? item->tests[index + 1].test : NULL;
    bool is_one_of_many = (before != NULL && before->group == test->group) ||
                          (after != NULL && after->group == test->group);
    if (test->kind != TEST_PATTERN || !is_one_of_many)
        return slice_of(NULL, 0);
    size_t len = 0;
    for (size_t i = 0; i < test->pattern.part_count; i++)
        len += test->pattern.parts[i].kind == PART_LITERAL ? test->pattern.parts[i].literal.len : 1;
    uint8_t *text = arena_take_bytes(arena, len);
    if (text == NULL)
        return slice_of(NULL, 0);
    len = 0;
    for (size_t i = 0; i < test->pattern.part_count; i++) {
        const struct pattern_part *part = &test->pattern.parts[i];
        struct slice piece = part->kind == PART_LITERAL ? part->literal
                             : part->kind == PART_ANY   ? SLICE_LITERAL("*")
                                                        : SLICE_LITERAL("?");
        memcpy(text + len, piece.data, piece.len);
        len += piece.len;
    }
    return slice_of(text, len);
}

/* --- For machines --- */

static void write_value(struct json *json, const char *name, const struct value *value)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    switch (value->type) {
    case VALUE_ABSENT:
        return;
    case VALUE_NULL:
        json_null(json, name);
        return;
    case VALUE_BOOLEAN:
        json_boolean(json, name, value->boolean);
        return;
    case VALUE_INTEGER:
        json_integer(json, name, value->integer);
        return;
    case VALUE_LIST:
        json_array(json, name);
        for (size_t i = 0; i < value->list.count; i++)
            (void)json_text(json, NULL, value_text(&value->list.items[i], buffer));
        json_end(json);
        return;
    case VALUE_TEXT:
    case VALUE_REAL:
    default:
        (void)json_text(json, name, value_text(value, buffer));
    }
}

static void write_item(struct json *json, const struct explained_item *item, struct arena *arena)
{
    json_object(json, NULL);
    (void)json_text(json, "selection", item->selection->name);
    json_integer(json, "map", (int64_t)item->map_index);
    (void)json_text(json, "field", item->item->field);
    (void)json_text(json, "modifiers", item->item->modifiers);
    json_boolean(json, "result", item->result);
    json_boolean(json, "missing", item->seen.type == VALUE_ABSENT);
    write_value(json, "value", &item->seen);
    json_array(json, "tests");
    for (size_t i = 0; i < item->test_count; i++) {
        json_object(json, NULL);
        (void)json_text(json, "pattern", item->tests[i].test->source);
        struct slice made = made_pattern(item, i, arena);
        if (made.len > 0)
            (void)json_text(json, "expanded", made);
        json_boolean(json, "result", item->tests[i].result);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

static void write_subject(struct json *json, const void *context)
{
    const struct subject *subject = context;
    const struct explanation *explanation = subject->explanation;
    json_object(json, NULL);
    (void)json_text(json, "rule", subject->rule->id);
    (void)json_text(json, "title", subject->rule->title);
    json_boolean(json, "matches", explanation->applies && explanation->result);
    json_boolean(json, "applies", explanation->applies);
    json_boolean(json, "condition", explanation->result);
    json_object(json, "selections");
    for (size_t i = 0; i < subject->rule->selection_count; i++) {
        json_name(json, subject->rule->selections[i].name);
        json_boolean(json, NULL, explanation->selections[i]);
    }
    json_end(json);
    json_array(json, "items");
    for (size_t i = 0; i < explanation->item_count; i++)
        write_item(json, &explanation->items[i], subject->arena);
    json_end(json);
    json_end(json);
}

/* --- For people --- */

static void print_result(struct console *console, bool result)
{
    fprintf(console->out, "%s%s%s",
            console_colour(console, console->out, result ? COLOUR_GREEN : COLOUR_RED),
            result ? "true " : "false", console_colour(console, console->out, COLOUR_PLAIN));
}

static void print_value(FILE *out, const struct value *value)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    if (value->type == VALUE_ABSENT) {
        fputs("field missing", out);
        return;
    }
    if (value->type == VALUE_NULL) {
        fputs("null", out);
        return;
    }
    size_t count = value->type == VALUE_LIST ? value->list.count : 1;
    const struct value *items = value->type == VALUE_LIST ? value->list.items : value;
    fputs(value->type == VALUE_LIST ? "any of [" : "", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "'" : ", '", out);
        console_text(out, value_text(&items[i], buffer), SHOWN_BYTES_MAX);
        fputc('\'', out);
    }
    fputs(value->type == VALUE_LIST ? "]" : "", out);
}

static void print_tests(struct console *console, const struct explained_item *item,
                        struct arena *arena)
{
    if (item->test_count < 2)
        return;
    for (size_t i = 0; i < item->test_count; i++) {
        fputs("        ", console->out);
        print_result(console, item->tests[i].result);
        fputs("  ", console->out);
        console_text(console->out, item->tests[i].test->source, SHOWN_BYTES_MAX);
        struct slice made = made_pattern(item, i, arena);
        fputs(made.len > 0 ? "   as " : "", console->out);
        console_text(console->out, made, SHOWN_BYTES_MAX);
        fputc('\n', console->out);
    }
}

static void print_item(struct console *console, const struct explained_item *item,
                       struct arena *arena)
{
    FILE *out = console->out;
    fputs("    ", out);
    print_result(console, item->result);
    fputs("  ", out);
    if (item->item->field.len == 0)
        fputs("(keyword)", out);
    console_text(out, item->item->field, SHOWN_BYTES_MAX);
    if (item->item->modifiers.len > 0)
        fputc('|', out);
    console_text(out, item->item->modifiers, SHOWN_BYTES_MAX);
    fputs(item->item->require_all ? ": all of" : ":", out);
    if (item->test_count == 1) {
        fputs(" '", out);
        console_text(out, item->tests[0].test->source, SHOWN_BYTES_MAX);
        fputc('\'', out);
    }
    fputs("   seen: ", out);
    if (item->item->field.len == 0)
        fprintf(out, "%zu values", item->seen.list.count);
    else
        print_value(out, &item->seen);
    fputc('\n', out);
    print_tests(console, item, arena);
}

static void print_selection(struct console *console, const struct subject *subject, size_t index)
{
    const struct selection *selection = &subject->rule->selections[index];
    fputs("  ", console->out);
    print_result(console, subject->explanation->selections[index]);
    fputs("  ", console->out);
    console_text(console->out, selection->name, SHOWN_BYTES_MAX);
    fputc('\n', console->out);
    size_t map_index = 0;
    for (size_t i = 0; i < subject->explanation->item_count; i++) {
        const struct explained_item *item = &subject->explanation->items[i];
        if (item->selection != selection)
            continue;
        if (item->map_index != map_index)
            fputs("    or\n", console->out);
        map_index = item->map_index;
        print_item(console, item, subject->arena);
    }
}

static void print_subject(struct console *console, const struct subject *subject)
{
    const struct explanation *explanation = subject->explanation;
    print_result(console, explanation->applies && explanation->result);
    fputs("  ", console->out);
    console_text(console->out, subject->rule->title, SHOWN_BYTES_MAX);
    fprintf(console->out, " (%.*s)\n", SLICE_PRINTF(subject->rule->id));
    if (!explanation->applies)
        fputs("  the rule's log source is none of the event's\n", console->out);
    for (size_t i = 0; i < subject->rule->selection_count; i++)
        print_selection(console, subject, i);
}

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
    for (size_t i = 0; i < diag_count(report.findings); i++)
        console_finding(console, diag_at(report.findings, i));
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
        struct subject subject = {rules->items[i], &explanation, arena};
        arena_reset(arena);
        TRY(explain_rule(&explanation, subject.rule, event, arena));
        if (is_json) {
            TRY(console_json(console, write_subject, &subject));
            fputc('\n', console->out);
        } else {
            print_subject(console, &subject);
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
            "It asks a plain evaluator that shares nothing of the matching engine but the\n"
            "parsed rule and the event's values; `yagura match --explain` asks the engine.\n"
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
