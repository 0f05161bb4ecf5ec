/* SPDX-License-Identifier: Apache-2.0 */
/* yagura profile: what each rule and each trigger cost on the events of a file. */
#include "detect/profile.h"

#include "ingest/command/command.h"
#include "ingest/command/trial.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS_SHOWN = 20, ROWS_MAX = 1000000, SHOWN_BYTES_MAX = 300, DURATION_BYTES = 32 };

struct row {
    size_t index;           /* of the rule or the trigger */
    uint64_t first, second; /* dearest first, by these */
};

struct report {
    const struct trial *trial;
    const struct profile *profile;
    struct row *rules, *triggers;
    size_t rule_count, trigger_count; /* to show */
    size_t idle_count;                /* rules that were never a candidate */
    uint64_t candidates, ns;          /* of all rules */
};

static uint64_t now_ns(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- Ranking --- */

static int order_of_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    if (a->first != b->first)
        return a->first > b->first ? -1 : 1;
    if (a->second != b->second)
        return a->second > b->second ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void rank_rules(struct report *report)
{
    size_t count = ruleset_rule_count(report->trial->ruleset);
    for (size_t i = 0; i < count; i++) {
        const struct profile_rule *rule = profile_rule(report->profile, i);
        report->rules[i] = (struct row){i, rule->ticks, rule->candidates};
        report->idle_count += rule->candidates == 0;
        report->candidates += rule->candidates;
        report->ns += rule->ticks;
    }
    qsort(report->rules, count, sizeof *report->rules, order_of_rows);
    report->rule_count = count;
}

static void rank_triggers(struct report *report)
{
    for (size_t i = 0; i < profile_trigger_count(report->profile); i++) {
        struct profile_trigger trigger;
        profile_trigger(&trigger, report->profile, i);
        if (trigger.hits > 0)
            report->triggers[report->trigger_count++] = (struct row){i, trigger.vain, trigger.hits};
    }
    qsort(report->triggers, report->trigger_count, sizeof *report->triggers, order_of_rows);
}

static int rank(struct report *report, size_t rows_max)
{
    report->rules = calloc(ruleset_rule_count(report->trial->ruleset) + 1, sizeof *report->rules);
    report->triggers = calloc(profile_trigger_count(report->profile) + 1, sizeof *report->triggers);
    if (report->rules == NULL || report->triggers == NULL)
        return STATUS_NO_MEMORY;
    rank_rules(report);
    rank_triggers(report);
    report->rule_count = report->rule_count < rows_max ? report->rule_count : rows_max;
    report->trigger_count = report->trigger_count < rows_max ? report->trigger_count : rows_max;
    return 0;
}

/* --- For machines --- */

static void write_rule(struct json *json, const struct report *report, size_t index)
{
    const struct rule *rule = ruleset_rule(report->trial->ruleset, index);
    const struct profile_rule *counts = profile_rule(report->profile, index);
    json_object(json, NULL);
    (void)json_text(json, "rule", rule->id);
    (void)json_text(json, "title", rule->title);
    (void)json_text(json, "file", rule->path);
    json_integer(json, "candidates", (int64_t)counts->candidates);
    json_integer(json, "evaluations", (int64_t)counts->evaluations);
    json_integer(json, "matches", (int64_t)counts->matches);
    json_integer(json, "timed", (int64_t)counts->timed);
    json_integer(json, "nanoseconds", (int64_t)counts->ticks);
    json_end(json);
}

static void write_trigger(struct json *json, const struct report *report, size_t index)
{
    struct profile_trigger trigger;
    profile_trigger(&trigger, report->profile, index);
    json_object(json, NULL);
    (void)json_text(json, "product", trigger.logsource.product);
    (void)json_text(json, "category", trigger.logsource.category);
    (void)json_text(json, "service", trigger.logsource.service);
    (void)json_text(json, "field", trigger.field);
    (void)json_text(json, "finding", slice_text(trigger.finding));
    (void)json_text(json, "text", trigger.text);
    json_integer(json, "hits", (int64_t)trigger.hits);
    json_integer(json, "hits_without_match", (int64_t)trigger.vain);
    json_array(json, "rules");
    for (size_t i = 0; i < trigger.rule_count; i++)
        (void)json_text(json, NULL, ruleset_rule(report->trial->ruleset, trigger.rules[i])->id);
    json_end(json);
    json_end(json);
}

static void write_report(struct json *json, const void *subject)
{
    const struct report *report = subject;
    json_object(json, NULL);
    json_integer(json, "events", (int64_t)profile_event_count(report->profile));
    json_integer(json, "candidates", (int64_t)report->candidates);
    json_integer(json, "matches", (int64_t)report->trial->hit_count);
    json_integer(json, "nanoseconds", (int64_t)report->ns);
    json_array(json, "rules");
    for (size_t i = 0; i < report->rule_count; i++)
        write_rule(json, report, report->rules[i].index);
    json_end(json);
    json_array(json, "triggers");
    for (size_t i = 0; i < report->trigger_count; i++)
        write_trigger(json, report, report->triggers[i].index);
    json_end(json);
    json_end(json);
}

/* --- For people --- */

static const char *duration(char out[DURATION_BYTES], uint64_t ns)
{
    static const char *const units[] = {"us", "ms", "s"};
    size_t unit = 0;
    double shown = (double)ns / 1e3;
    for (; shown >= 1e3 && unit < 2; unit++)
        shown /= 1e3;
    snprintf(out, DURATION_BYTES, "%.2f %s", shown, units[unit]);
    return out;
}

static void print_heading(const struct console *console, const char *heading)
{
    fprintf(console->out, "\n%s%s%s\n", console_colour(console, console->out, COLOUR_BOLD), heading,
            console_colour(console, console->out, COLOUR_PLAIN));
}

static void print_rules(const struct console *console, const struct report *report)
{
    print_heading(console, "      time  share  candidates  evaluations     matches  rule");
    for (size_t i = 0; i < report->rule_count && report->rules[i].second > 0; i++) {
        const struct rule *rule = ruleset_rule(report->trial->ruleset, report->rules[i].index);
        const struct profile_rule *counts = profile_rule(report->profile, report->rules[i].index);
        char time[DURATION_BYTES];
        double share = report->ns == 0 ? 0 : 100.0 * (double)counts->ticks / (double)report->ns;
        fprintf(console->out, "%10s %5.1f%%  %10" PRIu64 "  %11" PRIu64 "  %10" PRIu64 "  ",
                duration(time, counts->ticks), share, counts->candidates, counts->evaluations,
                counts->matches);
        console_text(console->out, rule->title, SHOWN_BYTES_MAX);
        fprintf(console->out, " (%.*s)\n", SLICE_PRINTF(rule->id));
    }
}

static void print_logsource(FILE *out, const struct logsource *logsource)
{
    const struct slice parts[] = {logsource->product, logsource->category, logsource->service};
    const char *between = "";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].len == 0)
            continue;
        fputs(between, out);
        console_text(out, parts[i], SHOWN_BYTES_MAX);
        between = "/";
    }
}

static void print_triggers(const struct console *console, const struct report *report)
{
    print_heading(console, "  no match        hits  rules  trigger");
    FILE *out = console->out;
    for (size_t i = 0; i < report->trigger_count && report->triggers[i].first > 0; i++) {
        struct profile_trigger trigger;
        profile_trigger(&trigger, report->profile, report->triggers[i].index);
        fprintf(out, "%10" PRIu64 "  %10" PRIu64 "  %5zu  ", trigger.vain, trigger.hits,
                trigger.rule_count);
        print_logsource(out, &trigger.logsource);
        fputs(": ", out);
        console_text(out, trigger.field.len > 0 ? trigger.field : SLICE_LITERAL("any value"),
                     SHOWN_BYTES_MAX);
        fprintf(out, " %s '", trigger.finding);
        console_text(out, trigger.text, SHOWN_BYTES_MAX);
        fputs("'\n", out);
    }
}

static void print_report(const struct console *console, const struct report *report)
{
    char time[DURATION_BYTES];
    fprintf(console->out,
            "%" PRIu64 " events, %" PRIu64 " candidates, %" PRIu64 " matches, %s evaluating; "
            "%zu of %zu rules were never a candidate\n",
            profile_event_count(report->profile), report->candidates, report->trial->hit_count,
            duration(time, report->ns), report->idle_count,
            ruleset_rule_count(report->trial->ruleset));
    print_rules(console, report);
    print_triggers(console, report);
}

/* --- The command --- */

static int tell(struct report *report, const struct arguments *arguments, struct console *console)
{
    bool is_json = arguments_is(arguments, "--format", "json");
    TRY(rank(report, arguments_number(arguments, "--top", is_json ? SIZE_MAX : ROWS_SHOWN)));
    if (!is_json) {
        print_report(console, report);
        return 0;
    }
    TRY(console_json(console, write_report, report));
    fputc('\n', console->out);
    return 0;
}

static int profile_events(struct trial *trial, const struct arguments *arguments)
{
    const struct profile_options options = {.clock = now_ns};
    AUTO(profile_free) struct profile *profile = NULL;
    TRY(profile_new(&profile, trial->ruleset, &options));
    engine_profile(trial->scratch, profile);
    int result = trial_run(trial, arguments, NULL, NULL);
    engine_profile(trial->scratch, NULL);
    if (result != 0)
        return result;
    struct report report = {.trial = trial, .profile = profile};
    result = tell(&report, arguments, trial->console);
    free(report.rules);
    free(report.triggers);
    TRY(result);
    return trial_finish(trial);
}

static int run_profile(const struct arguments *arguments, struct console *console)
{
    struct trial trial;
    int result = trial_init(&trial, arguments, console);
    if (result == 0)
        result = profile_events(&trial, arguments);
    trial_deinit(&trial);
    return result;
}

static const struct argument_row profile_rows[] = {
    ARGUMENT_RULES,
    ARGUMENT_LISTS,
    {.kind = ARGUMENT_NUMBER,
     .name = "--top",
     .value = "N",
     .low = 1,
     .high = ROWS_MAX,
     .help = "so many rules and triggers (text: 20, json: all)"},
    ARGUMENT_LOGSOURCE,
    ARGUMENT_FORMAT,
    ARGUMENT_HELP,
    {0},
};

const struct command command_profile = {
    .name = "profile",
    .usage = "--rules DIR [--rules DIR ...] [options] EVENTS.jsonl|-",
    .summary = "tell what each rule costs on events in JSON lines",
    .text = "Judges the events as `yagura match` does and counts what each rule does:\n"
            "\n"
            "  candidates   events in which its condition had to be evaluated\n"
            "  evaluations  tests that were answered for it; one that several rules of\n"
            "               an event share counts for the first of them\n"
            "  matches      events of which it is true\n"
            "  time         of evaluating it: the first 64 candidates are timed, then one\n"
            "               in 16, which stands for 16; searching is shared by all rules\n"
            "               and is no part of it\n"
            "\n"
            "A trigger is what is searched for: events that have it make its rules\n"
            "candidates. Those that fire most often without a match come first: a rarer\n"
            "word that the rule demands as well would spare the work.\n"
            "\n"
            "With --format json one object: {\"events\", \"candidates\", \"matches\",\n"
            "\"nanoseconds\", \"rules\": [...], \"triggers\": [...]}, with every rule, and every\n"
            "trigger that fired.\n"
            "\n"
            "A rule that is refused is named on standard error, and the others are\n"
            "measured. Exits with 65 if a line is no event (the others are judged), 66 if\n"
            "a file or folder cannot be read or there is no rule.\n"
            "\n"
            "Examples:\n"
            "  yagura profile --rules rules events.jsonl\n"
            "  yagura profile --rules rules --format json --top 100 events.jsonl\n",
    .rows = profile_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_profile,
};
