/* SPDX-License-Identifier: Apache-2.0 */
/* yagura check: what the service would say of these rules, without running it. */
#include "ingest/command/command.h"
#include "ingest/library.h"
#include "rules/codes.h"

#include <stdlib.h>

/* How many findings of severity error have the same code. */
struct tally {
    const char *code;
    size_t count;
};

enum { TALLIES_MAX = 256, CODE_COLUMNS = 24 };

struct verdict {
    struct library_report report;
    struct tally tallies[TALLIES_MAX]; /* most frequent first */
    size_t tally_count;
    bool has_set;
    char ruleset[65]; /* its name, in hexadecimal digits */
    struct ruleset_stats stats;
};

static void count_code(struct verdict *verdict, const char *code)
{
    for (size_t i = 0; i < verdict->tally_count; i++) {
        if (strcmp(verdict->tallies[i].code, code) == 0) {
            verdict->tallies[i].count++;
            return;
        }
    }
    if (verdict->tally_count < TALLIES_MAX)
        verdict->tallies[verdict->tally_count++] = (struct tally){code, 1};
}

static int compare_tallies(const void *a, const void *b)
{
    const struct tally *x = a;
    const struct tally *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->code, y->code);
}

static void count_errors(struct verdict *verdict)
{
    const struct diag_list *findings = verdict->report.findings;
    for (size_t i = 0; i < diag_count(findings); i++)
        if (diag_at(findings, i)->severity == DIAG_ERROR)
            count_code(verdict, diag_at(findings, i)->code);
    qsort(verdict->tallies, verdict->tally_count, sizeof verdict->tallies[0], compare_tallies);
}

static void describe_set(struct verdict *verdict, const struct ruleset *ruleset)
{
    verdict->has_set = true;
    ruleset_stats(&verdict->stats, ruleset);
    for (size_t i = 0; i < 32; i++)
        snprintf(verdict->ruleset + 2 * i, 3, "%02x", ruleset_sha256(ruleset)[i]);
}

/* --- For machines --- */

static void write_finding(struct json *json, const struct diag *finding)
{
    json_object(json, NULL);
    (void)json_text(json, "severity", slice_text(diag_severity_text(finding->severity)));
    (void)json_text(json, "file", slice_text(finding->file));
    json_integer(json, "line", finding->line);
    json_integer(json, "column", finding->column);
    (void)json_text(json, "code", slice_text(finding->code));
    (void)json_text(json, "message", slice_text(finding->message));
    if (finding->hint != NULL)
        (void)json_text(json, "hint", slice_text(finding->hint));
    json_end(json);
}

static void write_verdict(struct json *json, const void *subject)
{
    const struct verdict *verdict = subject;
    const struct library_report *report = &verdict->report;
    json_object(json, NULL);
    json_integer(json, "files", (int64_t)report->file_count);
    json_integer(json, "read", (int64_t)report->rule_count_read);
    json_integer(json, "loaded", (int64_t)report->rule_count_loaded);
    json_integer(json, "refused", (int64_t)report->rule_count_refused);
    json_object(json, "errors_by_code");
    for (size_t i = 0; i < verdict->tally_count; i++)
        json_integer(json, verdict->tallies[i].code, (int64_t)verdict->tallies[i].count);
    json_end(json);
    json_real(json, "seconds", report->seconds);
    if (verdict->has_set)
        (void)json_text(json, "ruleset_sha256", slice_text(verdict->ruleset));
    json_array(json, "findings");
    for (size_t i = 0; i < diag_count(report->findings); i++)
        write_finding(json, diag_at(report->findings, i));
    json_end(json);
    json_end(json);
}

/* --- For people --- */

static void print_verdict(struct console *console, const struct verdict *verdict)
{
    const struct library_report *report = &verdict->report;
    enum colour colour = report->rule_count_refused > 0 ? COLOUR_RED : COLOUR_GREEN;
    fprintf(console->out, "%zu rules read from %zu files: %s%zu loaded, %zu refused%s (%.2f s)\n",
            report->rule_count_read, report->file_count,
            console_colour(console, console->out, colour), report->rule_count_loaded,
            report->rule_count_refused, console_colour(console, console->out, COLOUR_PLAIN),
            report->seconds);
    for (size_t i = 0; i < verdict->tally_count; i++) {
        const char *why = parser_code_explanation(verdict->tallies[i].code);
        fprintf(console->out, "  %6zu  %-*s%s\n", verdict->tallies[i].count,
                *why == '\0' ? 0 : CODE_COLUMNS, verdict->tallies[i].code, why);
    }
    size_t warnings = diag_count_of(report->findings, DIAG_WARNING);
    if (warnings > 0)
        fprintf(console->out, "  %6zu  warnings\n", warnings);
    if (verdict->has_set)
        fprintf(console->out, "rule set %.16s: %zu lanes, %zu fields, %zu tests, %zu KiB\n",
                verdict->ruleset, verdict->stats.lane_count, verdict->stats.field_count,
                verdict->stats.atom_count, verdict->stats.database_bytes / 1024);
}

/* --- The command --- */

static int exit_of_verdict(const struct verdict *verdict, bool is_strict)
{
    if (verdict->report.is_partial || verdict->report.file_count == 0)
        return YAGURA_EXIT_NO_INPUT;
    bool is_wrong = is_strict ? diag_count(verdict->report.findings) > 0
                              : diag_has_errors(verdict->report.findings);
    return is_wrong ? YAGURA_EXIT_FINDINGS : YAGURA_EXIT_OK;
}

static int run_check(const struct arguments *arguments, struct console *console)
{
    struct library_options options = {.lists_path = arguments_text(arguments, "--lists")};
    options.paths = arguments_operands(arguments, &options.path_count);
    AUTO(library_free) struct library *library = NULL;
    TRY(library_new(&library, &options));
    struct verdict verdict = {0};
    AUTO(ruleset_free) struct ruleset *ruleset = NULL;
    int result = library_load(&ruleset, library, &verdict.report);
    if (result < 0)
        return result;
    if (result == 0)
        describe_set(&verdict, ruleset);
    count_errors(&verdict);
    if (arguments_is(arguments, "--format", "json")) {
        TRY(console_json(console, write_verdict, &verdict));
        fputc('\n', console->out);
    } else {
        TRY(console_findings(console, verdict.report.findings, DIAG_NOTE));
        print_verdict(console, &verdict);
    }
    return exit_of_verdict(&verdict, arguments_flag(arguments, "--strict"));
}

static const struct argument_row check_rows[] = {
    ARGUMENT_LISTS,
    {.kind = ARGUMENT_FLAG,
     .name = "--strict",
     .help = "exit with 1 for warnings too, as a rule repository's tests may want"},
    ARGUMENT_FORMAT,
    ARGUMENT_HELP,
    {0},
};

const struct command command_check = {
    .name = "check",
    .usage = "[options] DIR|FILE ...",
    .summary = "read and compile rules, and say what is wrong with them",
    .text = "Reads every *.yml and *.yaml below the folders, parses and compiles the\n"
            "rules as the service does, and prints all findings with file, line, column\n"
            "and what to write instead on standard error, and a summary on standard\n"
            "output. With --format json one object with everything goes to standard\n"
            "output.\n"
            "\n"
            "A rule with errors is refused; warnings tell what is probably not meant, and\n"
            "the rule is loaded. Exits with 1 if any rule is refused, 66 if a folder or\n"
            "file cannot be read or there is no rule file.\n"
            "\n"
            "Example:\n"
            "  yagura check --lists lists rules rules-emerging-threats\n",
    .rows = check_rows,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run_check,
};
