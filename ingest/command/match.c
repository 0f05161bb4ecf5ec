/* SPDX-License-Identifier: Apache-2.0 */
/* yagura match: which rules are true of which lines, on the service's own path: encoded to
 * protobuf, decoded, projected, matched. One event after the other, in bounded memory. */
#include "ingest/command/command.h"
#include "ingest/command/trial.h"

#include <inttypes.h>

enum { EXPLAIN_BYTES = 8 * 1024 * 1024, SHOWN_BYTES_MAX = 300 };

struct matcher {
    struct trial trial;
    bool is_json;
    bool explains;
    struct arena *arena; /* of explanations, one event at a time */
    uint64_t line_count;
};

static void matcher_deinit(struct matcher *matcher)
{
    trial_deinit(&matcher->trial);
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
            ruleset_rule(answer->matcher->trial.ruleset, answer->matches->items[i].rule_index);
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
    FILE *out = matcher->trial.console->out;
    fprintf(out, "{\"line\": %" PRIu64 ", \"rules\": [", answer->line);
    for (size_t i = 0; i < answer->matches->count; i++) {
        const struct rule *rule =
            ruleset_rule(matcher->trial.ruleset, answer->matches->items[i].rule_index);
        fprintf(out, "%s\"%.*s\"", i == 0 ? "" : ", ", SLICE_PRINTF(rule->id));
    }
    fputc(']', out);
    if (answer->why != NULL) {
        fputs(", \"why\": ", out);
        TRY(console_json(matcher->trial.console, write_why, answer));
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
    struct console *console = matcher->trial.console;
    FILE *out = console->out;
    for (size_t i = 0; i < answer->matches->count; i++) {
        const struct rule *rule =
            ruleset_rule(matcher->trial.ruleset, answer->matches->items[i].rule_index);
        fprintf(out, "%s:%" PRIu64 ": %s%s%s: ", matcher->trial.path, answer->line + 1,
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
                           &answer->why[i].truncated, matcher->trial.ruleset,
                           matcher->trial.scratch, answer->matches->items[i].rule_index, event,
                           matcher->arena));
    return 0;
}

static int answer_event(void *context, const struct event *event, const struct matches *matches,
                        uint64_t line)
{
    struct matcher *matcher = context;
    if (matches->count == 0)
        return 0;
    struct answer answer = {.matcher = matcher, .matches = matches, .line = line};
    if (matcher->explains)
        TRY(explain(&answer, matcher, event));
    matcher->line_count++;
    console_progress_end(matcher->trial.console);
    if (matcher->is_json)
        return print_json(matcher, &answer);
    print_text(matcher, &answer);
    return 0;
}

/* --- The command --- */

static int prepare_and_match(struct matcher *matcher, const struct arguments *arguments,
                             struct console *console)
{
    struct trial *trial = &matcher->trial;
    int result = trial_init(trial, arguments, console);
    if (result != 0)
        return result;
    TRY(arena_new_growing(&matcher->arena, EXPLAIN_BYTES, 0));
    result = trial_run(trial, arguments, answer_event, matcher);
    if (result != 0)
        return result;
    if (!matcher->is_json)
        fprintf(console->err, "%" PRIu64 " events, %" PRIu64 " hits on %" PRIu64 " lines\n",
                trial->event_count, trial->hit_count, matcher->line_count);
    result = trial_finish(trial);
    bool is_incomplete = trial->rules_refused_count > 0 && arguments_flag(arguments, "--strict");
    return result == YAGURA_EXIT_OK && is_incomplete ? YAGURA_EXIT_FINDINGS : result;
}

static int run_match(const struct arguments *arguments, struct console *console)
{
    struct matcher matcher = {
        .is_json = arguments_is(arguments, "--format", "json"),
        .explains = arguments_flag(arguments, "--explain"),
    };
    int result = prepare_and_match(&matcher, arguments, console);
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
