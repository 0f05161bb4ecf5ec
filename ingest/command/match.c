/* SPDX-License-Identifier: Apache-2.0 */
/* yagura match: which rules are true of which lines, on the service's own path: encoded to
 * protobuf, decoded, projected, matched. One event after the other, in bounded memory. */
#include "detect/engine.h"
#include "ingest/command/command.h"
#include "ingest/command/feed.h"
#include "ingest/library.h"
#include "proto/logsource.h"

#include <inttypes.h>

enum { EXPLAIN_BYTES = 8 * 1024 * 1024, SHOWN_BYTES_MAX = 300 };

struct matcher {
    struct console *console;
    bool is_json;
    bool explains;
    const char *path;
    struct ruleset *ruleset;
    struct scratch *scratch;
    struct arena *arena; /* of explanations, one event at a time */
    uint64_t hit_count, line_count, refused_count;
    bool has_seen_source; /* an event that says what it is */
};

static void matcher_deinit(struct matcher *matcher)
{
    scratch_free(matcher->scratch);
    ruleset_free(matcher->ruleset);
    arena_free(matcher->arena);
}

/* The rules of one event and why. */
struct answer {
    const struct matcher *matcher;
    const struct matches *matches;
    uint64_t line;
    struct why {
        const struct alert_reason *reasons;
        size_t count;
        bool truncated;
    } * why; /* for each match, or NULL */
};

/* --- For machines --- */

static void write_reason(struct json *json, const struct alert_reason *reason)
{
    json_object(json, NULL);
    (void)json_text(json, "selection", reason->selection);
    (void)json_text(json, "field", reason->field);
    (void)json_text(json, "modifier", reason->modifier);
    (void)json_text(json, "pattern", reason->pattern);
    (void)json_text(json, "value", reason->value);
    if (reason->has_span) {
        json_array(json, "span");
        json_integer(json, NULL, reason->from);
        json_integer(json, NULL, reason->to);
        json_end(json);
    }
    if (reason->undecided)
        json_boolean(json, "undecided", true);
    json_end(json);
}

static void write_why(struct json *json, const void *subject)
{
    const struct answer *answer = subject;
    json_array(json, NULL);
    for (size_t i = 0; i < answer->matches->count; i++) {
        const struct rule *rule =
            ruleset_rule(answer->matcher->ruleset, answer->matches->items[i].rule_index);
        json_object(json, NULL);
        (void)json_text(json, "rule", rule->id);
        (void)json_text(json, "title", rule->title);
        (void)json_text(json, "level", slice_text(rule_level_text(rule->level)));
        (void)json_text(json, "author", rule->author);
        json_array(json, "reasons");
        for (size_t k = 0; k < answer->why[i].count; k++)
            write_reason(json, &answer->why[i].reasons[k]);
        json_end(json);
        if (answer->why[i].truncated)
            json_boolean(json, "truncated", true);
        json_end(json);
    }
    json_end(json);
}

/* The form {"line": N, "rules": ["id", ...]}: ids are UUIDs and need no escaping. */
static int print_json(const struct matcher *matcher, const struct answer *answer)
{
    FILE *out = matcher->console->out;
    fprintf(out, "{\"line\": %" PRIu64 ", \"rules\": [", answer->line);
    for (size_t i = 0; i < answer->matches->count; i++) {
        const struct rule *rule =
            ruleset_rule(matcher->ruleset, answer->matches->items[i].rule_index);
        fprintf(out, "%s\"%.*s\"", i == 0 ? "" : ", ", SLICE_PRINTF(rule->id));
    }
    fputc(']', out);
    if (answer->why != NULL) {
        fputs(", \"why\": ", out);
        TRY(console_json(matcher->console, write_why, answer));
    }
    fputs("}\n", out);
    return 0;
}

/* --- For people --- */

static enum colour colour_of_level(enum rule_level level)
{
    if (level >= LEVEL_HIGH)
        return COLOUR_RED;
    return level == LEVEL_MEDIUM ? COLOUR_YELLOW : COLOUR_DIM;
}

static void print_reason(FILE *out, const struct alert_reason *reason)
{
    fputs("      ", out);
    console_text(out, reason->selection, SHOWN_BYTES_MAX);
    fputs(": ", out);
    if (reason->field.len == 0)
        fputs("keyword", out);
    console_text(out, reason->field, SHOWN_BYTES_MAX);
    if (reason->modifier.len > 0)
        fputc('|', out);
    console_text(out, reason->modifier, SHOWN_BYTES_MAX);
    fputs(" '", out);
    console_text(out, reason->pattern, SHOWN_BYTES_MAX);
    fputs("' in '", out);
    console_text(out, reason->value, SHOWN_BYTES_MAX);
    fputs(reason->undecided ? "' (undecided: the expression hit its limit)\n" : "'\n", out);
}

static void print_text(const struct matcher *matcher, const struct answer *answer)
{
    struct console *console = matcher->console;
    FILE *out = console->out;
    for (size_t i = 0; i < answer->matches->count; i++) {
        const struct rule *rule =
            ruleset_rule(matcher->ruleset, answer->matches->items[i].rule_index);
        fprintf(out, "%s:%" PRIu64 ": %s%s%s: ", matcher->path, answer->line + 1,
                console_colour(console, out, colour_of_level(rule->level)),
                rule_level_text(rule->level), console_colour(console, out, COLOUR_PLAIN));
        console_text(out, rule->title, SHOWN_BYTES_MAX);
        fprintf(out, " %s(%.*s)%s\n", console_colour(console, out, COLOUR_DIM),
                SLICE_PRINTF(rule->id), console_colour(console, out, COLOUR_PLAIN));
        for (size_t k = 0; answer->why != NULL && k < answer->why[i].count; k++)
            print_reason(out, &answer->why[i].reasons[k]);
    }
}

/* --- Judging --- */

static int explain(struct answer *answer, struct matcher *matcher, const struct event *event)
{
    arena_reset(matcher->arena);
    answer->why = arena_array(matcher->arena, struct why, answer->matches->count);
    if (answer->why == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < answer->matches->count; i++)
        TRY(engine_explain(&answer->why[i].reasons, &answer->why[i].count,
                           &answer->why[i].truncated, matcher->ruleset, matcher->scratch,
                           answer->matches->items[i].rule_index, event, matcher->arena));
    return 0;
}

static bool says_what_it_is(const struct event *event)
{
    struct logsource_set set;
    event_logsources(&set, event);
    return set.product.len > 0 || set.category_count > 0 || set.service_count > 0;
}

static int judge(struct matcher *matcher, const struct event *event, uint64_t line)
{
    matcher->has_seen_source = matcher->has_seen_source || says_what_it_is(event);
    struct matches matches;
    int result = engine_match(&matches, matcher->ruleset, matcher->scratch, event);
    if (result == STATUS_LIMIT) {
        if (console_complains(matcher->console))
            console_error(matcher->console, "%s:%" PRIu64 ": the event's values are too large",
                          matcher->path, line + 1);
        matcher->refused_count++;
        return 0;
    }
    TRY(result);
    if (matches.count == 0)
        return 0;
    struct answer answer = {.matcher = matcher, .matches = &matches, .line = line};
    if (matcher->explains)
        TRY(explain(&answer, matcher, event));
    matcher->hit_count += matches.count;
    matcher->line_count++;
    console_progress_end(matcher->console);
    if (matcher->is_json)
        return print_json(matcher, &answer);
    print_text(matcher, &answer);
    return 0;
}

static int judge_all(struct matcher *matcher, struct feed *feed, bool flushes)
{
    for (;;) {
        const struct event *event;
        uint64_t line;
        int result = feed_next(feed, &event, &line);
        if (result < 0 || result == FEED_END)
            return result < 0 ? result : 0;
        if (result == FEED_NEW_BATCH)
            engine_batch_end(matcher->scratch);
        TRY(judge(matcher, event, line));
        if (flushes || ferror(matcher->console->out))
            TRY(console_flush(matcher->console));
        console_progress(matcher->console, "%" PRIu64 " events, %" PRIu64 " hits",
                         feed_event_count(feed), matcher->hit_count);
    }
}

/* --- The command --- */

/* Positive: a yagura_exit. */
static int load_rules(struct matcher *matcher, const struct arguments *arguments,
                      size_t *refused_count)
{
    struct library_options options = {.lists_path = arguments_text(arguments, "--lists")};
    options.paths = arguments_texts(arguments, "--rules", &options.path_count);
    AUTO(library_free) struct library *library = NULL;
    struct library_report report;
    TRY(library_new(&library, &options));
    int result = library_load(&matcher->ruleset, library, &report);
    TRY(result);
    TRY(console_findings(matcher->console, report.findings, DIAG_ERROR));
    *refused_count = report.rule_count_refused;
    if (report.is_partial)
        return YAGURA_EXIT_NO_INPUT;
    if (result == LIBRARY_EMPTY) {
        console_error(matcher->console, "there is no rule to match with");
        return YAGURA_EXIT_NO_INPUT;
    }
    if (report.rule_count_refused > 0)
        console_error(matcher->console, "%zu rules are refused and were not looked for",
                      report.rule_count_refused);
    return 0;
}

static int match_events(struct matcher *matcher, const struct arguments *arguments)
{
    struct feed_options options = {
        .path = matcher->path,
        .product = slice_text(arguments_text(arguments, "--product")),
        .category = slice_text(arguments_text(arguments, "--category")),
        .service = slice_text(arguments_text(arguments, "--service")),
    };
    AUTO(feed_free) struct feed *feed = NULL;
    int result = feed_new(&feed, &options, matcher->console);
    if (result != 0)
        return result == FEED_NO_INPUT ? YAGURA_EXIT_NO_INPUT : result;
    TRY(judge_all(matcher, feed, strcmp(matcher->path, "-") == 0));
    TRY(console_flush(matcher->console));
    if (!matcher->is_json)
        fprintf(matcher->console->err,
                "%" PRIu64 " events, %" PRIu64 " hits on %" PRIu64 " lines\n",
                feed_event_count(feed), matcher->hit_count, matcher->line_count);
    if (feed_event_count(feed) > 0 && !matcher->has_seen_source)
        console_error(matcher->console,
                      "no event says what it is, so no rule applies: it shows in Channel and "
                      "EventID, in \"logsource\", or say --product, --category, --service");
    uint64_t bad_count = feed_bad_count(feed) + matcher->refused_count;
    if (bad_count == 0)
        return YAGURA_EXIT_OK;
    console_error(matcher->console, "%" PRIu64 " lines are no events and were passed over",
                  bad_count);
    return YAGURA_EXIT_DATA;
}

static int prepare_and_match(struct matcher *matcher, const struct arguments *arguments)
{
    size_t refused_count = 0;
    int result = load_rules(matcher, arguments, &refused_count);
    if (result != 0)
        return result;
    TRY(scratch_new(&matcher->scratch, matcher->ruleset));
    TRY(arena_new_growing(&matcher->arena, EXPLAIN_BYTES, 0));
    result = match_events(matcher, arguments);
    bool is_incomplete = refused_count > 0 && arguments_flag(arguments, "--strict");
    return result == YAGURA_EXIT_OK && is_incomplete ? YAGURA_EXIT_FINDINGS : result;
}

static int run_match(const struct arguments *arguments, struct console *console)
{
    size_t count;
    (void)arguments_texts(arguments, "--rules", &count);
    if (count == 0) {
        console_error(console, "say which rules: --rules DIR");
        return YAGURA_EXIT_USAGE;
    }
    struct matcher matcher = {
        .console = console,
        .is_json = arguments_is(arguments, "--format", "json"),
        .explains = arguments_flag(arguments, "--explain"),
        .path = arguments_operands(arguments, &count)[0],
    };
    int result = prepare_and_match(&matcher, arguments);
    matcher_deinit(&matcher);
    return result;
}

static const struct argument_row match_rows[] = {
    ARGUMENT_RULES,
    ARGUMENT_LISTS,
    {.kind = ARGUMENT_FLAG,
     .name = "--explain",
     .help = "add why: selection, field, pattern, value"},
    {.kind = ARGUMENT_FLAG,
     .name = "--strict",
     .help = "exit with 1 if a rule was refused (the others are looked for)"},
    ARGUMENT_LOGSOURCE,
    ARGUMENT_FORMAT,
    ARGUMENT_HELP,
    {0},
};

const struct command command_match = {
    .name = "match",
    .usage = "--rules DIR [--rules DIR ...] [options] EVENTS.jsonl|-",
    .summary = "match rules against events in JSON lines",
    .text = "EVENTS.jsonl holds one JSON object a line with Sigma field names; `-` reads\n"
            "standard input and answers as events come. Events take the same way as in\n"
            "the service: they are encoded to protobuf, decoded, projected and matched.\n"
            "What kind of event it is shows in Channel and EventID; else in a member\n"
            "\"logsource\": {\"product\": ..., \"category\": ..., \"service\": ...}; else\n"
            "--product, --category and --service say it.\n"
            "\n"
            "With --format json each line with hits gives {\"line\": N, \"rules\":\n"
            "[\"id\", ...]}, lines counted from 0, ids sorted; --explain adds \"why\".\n"
            "The text form counts lines from 1, as editors do.\n"
            "\n"
            "A rule that is refused is named on standard error, and the others are looked\n"
            "for. Exits with 65 if a line is no event (the others are judged), 66 if a file\n"
            "or folder cannot be read or there is no rule, and with --strict 1 if a rule\n"
            "was refused. Whether there were hits makes no difference.\n"
            "\n"
            "Examples:\n"
            "  yagura match --rules rules events.jsonl\n"
            "  tail -f events.jsonl | yagura match --rules rules --format json -\n",
    .rows = match_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_match,
};
