/* SPDX-License-Identifier: Apache-2.0 */
/* After a rollback the library still knows the newer files, so "unchanged" then means: unchanged
 * since what was rolled back. A folder that stirs without changing leaves the rollback alone; a
 * person who asks for a reload wants the newest rules back, which are still the previous edition.
 */
#include "ingest/service/reloader.h"

#include "ingest/service/assets.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FINDINGS_LOGGED_MAX = 20 };

struct reloader {
    struct log *log;
    struct library *library;
    struct assets *assets;
    struct diag_list *findings;
    char *told; /* the findings that were logged last, as text; NULL: none yet */
    struct library_report library_report; /* of the last load */
    struct shared_ruleset *ruleset;       /* the library's newest */
    struct shared_context *context;       /* the assets' newest */
    uint64_t edition_count, ruleset_count;
    bool rolled_back;
    struct publication *publication;
    struct reload_state state;
};

static const struct {
    const char *label, *text;
    bool good;
} outcomes[] = {
#define OUTCOME(name, label, good, text) [RELOAD_##name] = {label, text, good},
#include "ingest/service/reload_outcomes.def"
#undef OUTCOME
};

const char *reload_outcome_label(enum reload_outcome outcome)
{
    return outcomes[outcome].label;
}

const char *reload_outcome_text(enum reload_outcome outcome)
{
    return outcomes[outcome].text;
}

bool reload_outcome_is_good(enum reload_outcome outcome)
{
    return outcomes[outcome].good;
}

/* Relaxed: each value stands for itself. */
static void state_set(_Atomic uint64_t *value, uint64_t to)
{
    atomic_store_explicit(value, to, memory_order_relaxed);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- Loading --- */

static int load_ruleset(struct reloader *reloader)
{
    struct ruleset *ruleset = NULL;
    int result = library_load(&ruleset, reloader->library, &reloader->library_report);
    diag_append(reloader->findings, reloader->library_report.findings);
    if (result != 0)
        return result;
    struct shared_ruleset *shared = NULL;
    result = shared_ruleset_new(&shared, ruleset, ++reloader->ruleset_count);
    if (result < 0) {
        ruleset_free(ruleset);
        return result;
    }
    shared_ruleset_unref(reloader->ruleset);
    reloader->ruleset = shared;
    return 0;
}

static int load_context(struct reloader *reloader)
{
    struct context *context = NULL;
    int result = assets_load(&context, reloader->assets, reloader->findings);
    if (result != 0)
        return result;
    struct shared_context *shared = NULL;
    result = shared_context_new(&shared, context);
    if (result < 0) {
        context_free(context);
        return result;
    }
    shared_context_unref(reloader->context);
    reloader->context = shared;
    return 0;
}

/* An edition of the newest context and of the given rule set. */
static int make_edition(struct reloader *reloader, struct shared_ruleset *ruleset,
                        struct edition **out)
{
    const struct edition_options options = {.ruleset = ruleset,
                                            .context = reloader->context,
                                            .number = ++reloader->edition_count,
                                            .loaded_unix_s = time(NULL)};
    return edition_new(out, &options);
}

static enum reload_outcome publish(struct reloader *reloader, struct shared_ruleset *ruleset)
{
    struct edition *edition = NULL;
    if (make_edition(reloader, ruleset, &edition) < 0)
        return RELOAD_FAILED;
    publication_publish(reloader->publication, edition);
    return RELOAD_PUBLISHED;
}

static enum reload_outcome load(struct reloader *reloader, bool asked)
{
    int rules = load_ruleset(reloader);
    int context = load_context(reloader);
    if (rules == 0) {
        reloader->rolled_back = false;
        return publish(reloader, reloader->ruleset);
    }
    /* What was loaded may wait to be published: it was rolled back, or memory ran out. */
    bool waits = publication_current(reloader->publication)->shared_ruleset != reloader->ruleset;
    if (rules == LIBRARY_UNCHANGED && waits && (asked || !reloader->rolled_back)) {
        reloader->rolled_back = false;
        return publish(reloader, reloader->ruleset);
    }
    if (context == 0 &&
        publish(reloader, publication_current(reloader->publication)->shared_ruleset) ==
            RELOAD_FAILED)
        return RELOAD_FAILED;
    if (rules < 0 || context < 0)
        return RELOAD_FAILED;
    if (rules == LIBRARY_EMPTY)
        return RELOAD_EMPTY;
    return context == 0 ? RELOAD_PUBLISHED : RELOAD_UNCHANGED;
}

/* --- Telling --- */

static char *findings_text(const struct diag_list *findings)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < diag_count(findings); i++) {
        const struct diag *d = diag_at(findings, i);
        if (d->severity == DIAG_ERROR)
            fprintf(out, "%s:%u:%u: %s\n", d->file, d->line, d->column, d->message);
    }
    fclose(out);
    return text;
}

/* A folder stirs often, its findings seldom change: who knows them need not read them again. */
static bool findings_are_news(struct reloader *reloader)
{
    char *text = findings_text(reloader->findings);
    bool known = text != NULL && reloader->told != NULL && strcmp(text, reloader->told) == 0;
    free(reloader->told);
    reloader->told = text;
    return !known;
}

static void log_findings(struct reloader *reloader)
{
    size_t logged = 0;
    if (!findings_are_news(reloader))
        return;
    for (size_t i = 0; i < diag_count(reloader->findings) && logged < FINDINGS_LOGGED_MAX; i++) {
        const struct diag *d = diag_at(reloader->findings, i);
        if (d->severity != DIAG_ERROR)
            continue;
        LOG(reloader->log, LOG_WARNING, "a rule, list or table is not loaded as it is now",
            log_text("file", d->file), log_number("line", d->line), log_number("column", d->column),
            log_text("finding", d->message), log_text("code", d->code),
            log_text("hint", d->hint == NULL ? "" : d->hint));
        logged++;
    }
}

static void count_outcome(struct reloader *reloader, const struct reload_report *report)
{
    struct reload_state *state = &reloader->state;
    uint64_t before = atomic_load_explicit(&state->outcomes[report->outcome], memory_order_relaxed);
    state_set(&state->outcomes[report->outcome], before + 1);
    state_set(&state->last_outcome, report->outcome);
    state_set(&state->last_ms, (uint64_t)(report->seconds * 1000));
    if (reload_outcome_is_good(report->outcome))
        state_set(&state->last_success_unix_s, (uint64_t)time(NULL));
}

static void count_rules(struct reloader *reloader)
{
    const struct library_report *library = &reloader->library_report;
    state_set(&reloader->state.files, library->file_count);
    state_set(&reloader->state.rules_refused, library->rule_count_refused);
    state_set(&reloader->state.rules_kept, library->rule_count_kept);
    state_set(&reloader->state.rules_loaded,
              ruleset_rule_count(publication_current(reloader->publication)->ruleset));
}

void reloader_describe(struct reloader *reloader, struct reload_report *report)
{
    *report = (struct reload_report){.outcome = RELOAD_UNCHANGED,
                                     .library = reloader->library_report,
                                     .findings = reloader->findings,
                                     .current = publication_current(reloader->publication),
                                     .previous = publication_previous(reloader->publication)};
}

static enum log_level outcome_level(enum reload_outcome outcome)
{
    if (outcome == RELOAD_UNCHANGED)
        return LOG_DEBUG;
    return reload_outcome_is_good(outcome) ? LOG_INFO : LOG_ERROR;
}

static void conclude(struct reloader *reloader, struct reload_report *report,
                     enum reload_outcome outcome, double began)
{
    reloader_describe(reloader, report);
    report->outcome = outcome;
    report->seconds = seconds_now() - began;
    count_outcome(reloader, report);
    count_rules(reloader);
    LOG(reloader->log, outcome_level(outcome), "a reload ended",
        log_text("outcome", reload_outcome_label(outcome)),
        log_text("ruleset", report->current->ruleset_hex),
        log_number("rules", (int64_t)ruleset_rule_count(report->current->ruleset)),
        log_number("refused", (int64_t)report->library.rule_count_refused),
        log_number("kept", (int64_t)report->library.rule_count_kept),
        log_number("milliseconds", (int64_t)(report->seconds * 1000)));
}

void reloader_load(struct reloader *reloader, bool asked, struct reload_report *report)
{
    double began = seconds_now();
    diag_clear(reloader->findings);
    enum reload_outcome outcome = load(reloader, asked);
    log_findings(reloader);
    conclude(reloader, report, outcome, began);
}

void reloader_rollback(struct reloader *reloader, struct reload_report *report)
{
    double began = seconds_now();
    bool none = publication_rollback(reloader->publication) == PUBLICATION_NO_PREVIOUS;
    if (!none)
        reloader->rolled_back =
            publication_current(reloader->publication)->shared_ruleset != reloader->ruleset;
    conclude(reloader, report, none ? RELOAD_NO_PREVIOUS : RELOAD_ROLLED_BACK, began);
}

void reloader_tidy(struct reloader *reloader)
{
    state_set(&reloader->state.editions_held, publication_reclaim(reloader->publication));
}

/* --- Beginning and end --- */

static int load_first(struct reloader *reloader, unsigned reader_count)
{
    int rules = load_ruleset(reloader);
    if (rules < 0)
        return rules;
    TRY(load_context(reloader));
    log_findings(reloader);
    if (rules == LIBRARY_EMPTY)
        return RELOADER_NO_RULES;
    struct edition *first = NULL;
    TRY(make_edition(reloader, reloader->ruleset, &first));
    int result = publication_new(&reloader->publication, first, reader_count);
    if (result < 0)
        edition_free(first);
    return result;
}

int reloader_new(struct reloader **out, const struct reloader_options *options)
{
    assert(out != NULL);
    AUTO(reloader_free) struct reloader *reloader = calloc(1, sizeof *reloader);
    if (reloader == NULL)
        return STATUS_NO_MEMORY;
    const struct config *config = options->config;
    const struct library_options library = {
        .paths = config->rule_paths.items,
        .path_count = config->rule_paths.count,
        .lists_path = *config->rule_lists == '\0' ? NULL : config->rule_lists,
        .keep_last_good = true};
    reloader->log = options->log;
    TRY(diag_list_new(&reloader->findings));
    TRY(library_new(&reloader->library, &library));
    TRY(assets_new(&reloader->assets, &config->asset_paths, (int64_t)config->asset_stale_after_s));
    double began = seconds_now();
    int result = load_first(reloader, options->reader_count);
    if (result != 0)
        return result;
    struct reload_report report;
    conclude(reloader, &report, RELOAD_PUBLISHED, began);
    *out = TAKE(&reloader);
    return 0;
}

void reloader_free(struct reloader *reloader)
{
    if (reloader == NULL)
        return;
    publication_free(reloader->publication);
    shared_ruleset_unref(reloader->ruleset);
    shared_context_unref(reloader->context);
    assets_free(reloader->assets);
    library_free(reloader->library);
    diag_list_free(reloader->findings);
    free(reloader->told);
    free(reloader);
}

struct publication *reloader_publication(struct reloader *reloader)
{
    return reloader->publication;
}

const struct reload_state *reloader_state(const struct reloader *reloader)
{
    return &reloader->state;
}
