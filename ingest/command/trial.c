/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/trial.h"

#include "ingest/command/command.h"
#include "ingest/command/feed.h"
#include "ingest/library.h"
#include "proto/logsource.h"

#include <inttypes.h>

/* --- Rules --- */

static int load_rules(struct trial *trial, const struct arguments *arguments)
{
    struct library_options options = {.lists_path = arguments_text(arguments, "--lists")};
    options.paths = arguments_texts(arguments, "--rules", &options.path_count);
    if (options.path_count == 0) {
        console_error(trial->console, "say which rules: --rules DIR");
        return YAGURA_EXIT_USAGE;
    }
    AUTO(library_free) struct library *library = NULL;
    struct library_report report;
    TRY(library_new(&library, &options));
    int result = library_load(&trial->ruleset, library, &report);
    TRY(result);
    TRY(console_findings(trial->console, report.findings, DIAG_ERROR));
    trial->rules_refused_count = report.rule_count_refused;
    if (report.is_partial)
        return YAGURA_EXIT_NO_INPUT;
    if (result == LIBRARY_EMPTY) {
        console_error(trial->console, "there is no rule to match with");
        return YAGURA_EXIT_NO_INPUT;
    }
    if (report.rule_count_refused > 0)
        console_error(trial->console, "%zu rules are refused and were not looked for",
                      report.rule_count_refused);
    return 0;
}

int trial_init(struct trial *trial, const struct arguments *arguments, struct console *console)
{
    size_t count;
    *trial = (struct trial){.console = console, .path = arguments_operands(arguments, &count)[0]};
    int result = load_rules(trial, arguments);
    return result != 0 ? result : scratch_new(&trial->scratch, trial->ruleset);
}

void trial_deinit(struct trial *trial)
{
    scratch_free(trial->scratch);
    ruleset_free(trial->ruleset);
}

/* --- Events --- */

static bool says_what_it_is(const struct event *event)
{
    struct logsource_set set;
    event_logsources(&set, event);
    return set.product.len > 0 || set.category_count > 0 || set.service_count > 0;
}

/* Positive: there is no answer, which the console was told. */
static int judge(struct matches *matches, struct trial *trial, const struct event *event,
                 uint64_t line)
{
    trial->has_seen_source = trial->has_seen_source || says_what_it_is(event);
    int result = engine_match(matches, trial->ruleset, trial->scratch, event);
    if (result == STATUS_LIMIT) {
        if (console_complains(trial->console))
            console_error(trial->console, "%s:%" PRIu64 ": the event's values are too large",
                          trial->path, line + 1);
        trial->bad_count++;
        return 1;
    }
    TRY(result);
    trial->hit_count += matches->count;
    return 0;
}

static int judge_all(struct trial *trial, struct feed *feed, trial_fn *answer, void *context)
{
    bool flushes = answer != NULL && strcmp(trial->path, "-") == 0;
    for (;;) {
        const struct event *event;
        uint64_t line;
        int result = feed_next(feed, &event, &line);
        if (result < 0 || result == FEED_END)
            return result < 0 ? result : 0;
        if (result == FEED_NEW_BATCH)
            engine_batch_end(trial->scratch);
        struct matches matches;
        result = judge(&matches, trial, event, line);
        TRY(result);
        if (result == 0 && answer != NULL)
            TRY(answer(context, event, &matches, line));
        if (flushes || ferror(trial->console->out))
            TRY(console_flush(trial->console));
        console_progress(trial->console, "%" PRIu64 " events, %" PRIu64 " hits",
                         feed_event_count(feed), trial->hit_count);
    }
}

int trial_run(struct trial *trial, const struct arguments *arguments, trial_fn *answer,
              void *context)
{
    struct feed_options options = {
        .path = trial->path,
        .product = slice_text(arguments_text(arguments, "--product")),
        .category = slice_text(arguments_text(arguments, "--category")),
        .service = slice_text(arguments_text(arguments, "--service")),
    };
    AUTO(feed_free) struct feed *feed = NULL;
    int result = feed_new(&feed, &options, trial->console);
    if (result != 0)
        return result == FEED_NO_INPUT ? YAGURA_EXIT_NO_INPUT : result;
    TRY(judge_all(trial, feed, answer, context));
    trial->event_count = feed_event_count(feed);
    trial->bad_count += feed_bad_count(feed);
    return console_flush(trial->console);
}

int trial_finish(const struct trial *trial)
{
    if (trial->event_count > 0 && !trial->has_seen_source)
        console_error(trial->console,
                      "no event says what it is, so no rule applies: it shows in Channel and "
                      "EventID, in \"logsource\", or say --product, --category, --service");
    if (trial->bad_count == 0)
        return YAGURA_EXIT_OK;
    console_error(trial->console, "%" PRIu64 " lines are no events and were passed over",
                  trial->bad_count);
    return YAGURA_EXIT_DATA;
}
