/* SPDX-License-Identifier: Apache-2.0 */
/* Labels come from our own tables, from rule ids (UUIDs) and from hashes: nothing that an endpoint,
 * a tenant or a rule's text says becomes a label, so the page can't be injected into and its number
 * of series is bounded.
 *
 * Which rules have a series of their own changes with their matches. What is left over shrinks when
 * a rule gets one, so it is a gauge of its own and no further row of the counter. */
#include "ingest/service/metrics.h"

#include "ingest/service/memory_figures.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void head(FILE *page, const char *metric, const char *type, const char *help)
{
    fprintf(page, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

static void value(FILE *page, const char *metric, const char *type, const char *help,
                  uint64_t number)
{
    head(page, metric, type, help);
    fprintf(page, "%s %" PRIu64 "\n", metric, number);
}

/* --- Workers --- */

static const struct {
    const char *metric, *type, *help;
} worker_rows[] = {
#define COUNTER(name, metric, help) [COUNTER_##name] = {metric, "counter", help},
#define GAUGE(name, metric, help)   [COUNTER_##name] = {metric, "gauge", help},
#include "ingest/service/counters.def"
#undef COUNTER
#undef GAUGE
};

static void write_workers(FILE *page, const struct health_view *view)
{
    for (size_t row = 0; row < COUNTER_COUNT; row++) {
        const char *metric = worker_rows[row].metric;
        head(page, metric, worker_rows[row].type, worker_rows[row].help);
        for (size_t i = 0; i < view->worker_count; i++)
            fprintf(page, "%s{worker=\"%zu\"} %" PRIu64 "\n", metric, i,
                    counter_read(&view->workers[i]->values[row]));
    }
}

/* Sum over the workers of one element of an array inside struct counters. */
static uint64_t sum(const struct health_view *view, size_t offset, size_t index)
{
    uint64_t total = 0;
    for (size_t i = 0; i < view->worker_count; i++) {
        const _Atomic uint64_t *array =
            (const _Atomic uint64_t *)((const char *)view->workers[i] + offset);
        total += counter_read(&array[index]);
    }
    return total;
}

static void write_labelled(FILE *page, const struct health_view *view)
{
    static const char *const levels[ALERT_LEVEL_COUNT] = {[ALERT_INFORMATIONAL] = "informational",
                                                          [ALERT_LOW] = "low",
                                                          [ALERT_MEDIUM] = "medium",
                                                          [ALERT_HIGH] = "high",
                                                          [ALERT_CRITICAL] = "critical"};
    static const char *const outputs[] = {
#define OUTPUT(name, label, option) [OUTPUT_##name] = (label),
#include "ingest/outputs.def"
#undef OUTPUT
    };
    head(page, "yagura_dead_letters_total", "counter", "Records sent to the dead-letter topic.");
    for (size_t i = REASON_NONE + 1; i < REASON_COUNT; i++)
        fprintf(page, "yagura_dead_letters_total{reason=\"%s\"} %" PRIu64 "\n",
                reason_label((enum reason)i),
                sum(view, offsetof(struct counters, dead_letters), i));
    head(page, "yagura_alerts_total", "counter", "Alerts made, by level of their rule.");
    for (size_t i = 0; i < ALERT_LEVEL_COUNT; i++)
        fprintf(page, "yagura_alerts_total{level=\"%s\"} %" PRIu64 "\n", levels[i],
                sum(view, offsetof(struct counters, alerts), i));
    head(page, "yagura_output_acknowledged_total", "counter", "Messages acknowledged, by output.");
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        fprintf(page, "yagura_output_acknowledged_total{output=\"%s\"} %" PRIu64 "\n", outputs[i],
                sum(view, offsetof(struct counters, acknowledged), i));
}

/* --- Rules --- */

static void write_edition(FILE *page, const struct metrics_view *view)
{
    const struct edition *edition = publication_take(view->publication, view->reader);
    head(page, "yagura_ruleset_info", "gauge", "The rule set that judges now.");
    fprintf(page, "yagura_ruleset_info{ruleset=\"%s\"} 1\n", edition->ruleset_hex);
    value(page, "yagura_ruleset_rules", "gauge", "Its rules.",
          ruleset_rule_count(edition->ruleset));
    value(page, "yagura_ruleset_bytes", "gauge", "Memory that it takes.",
          ruleset_memory_bytes(edition->ruleset));
    value(page, "yagura_ruleset_loaded_seconds", "gauge", "When it was loaded (Unix time).",
          (uint64_t)edition->loaded_unix_s);
    value(page, "yagura_assets", "gauge", "Endpoints in the asset tables.",
          context_asset_count(edition->context));
    publication_release(view->publication, view->reader);
}

static uint64_t state_read(const _Atomic uint64_t *from)
{
    return atomic_load_explicit(from, memory_order_relaxed); /* each value stands for itself */
}

static void write_reload(FILE *page, const struct reload_state *state)
{
    head(page, "yagura_reloads_total", "counter", "Reloads and rollbacks, by outcome.");
    for (size_t i = 0; i < RELOAD_OUTCOME_COUNT; i++)
        fprintf(page, "yagura_reloads_total{outcome=\"%s\"} %" PRIu64 "\n",
                reload_outcome_label((enum reload_outcome)i), state_read(&state->outcomes[i]));
    value(page, "yagura_reload_last_good", "gauge", "1: the last reload ended well.",
          reload_outcome_is_good((enum reload_outcome)state_read(&state->last_outcome)));
    value(page, "yagura_reload_last_success_seconds", "gauge", "Unix time of the last good one.",
          state_read(&state->last_success_unix_s));
    value(page, "yagura_reload_last_milliseconds", "gauge", "How long the last one took.",
          state_read(&state->last_ms));
    value(page, "yagura_rule_files", "gauge", "Rule files found.", state_read(&state->files));
    value(page, "yagura_rules_refused", "gauge",
          "Rules not loaded as their files are now; some may run in their last good version.",
          state_read(&state->rules_refused));
    value(page, "yagura_rules_kept", "gauge", "Rules that run in their last good version.",
          state_read(&state->rules_kept));
    value(page, "yagura_rulesets_held", "gauge", "Old rule sets that a worker still uses.",
          state_read(&state->editions_held));
}

static int write_tally(FILE *page, const struct metrics_view *view)
{
    uint64_t others = 0;
    struct tally_row *rows = calloc(view->rules_max + 1, sizeof *rows);
    if (rows == NULL)
        return STATUS_NO_MEMORY;
    size_t count =
        tally_top(rows, view->rules_max, &others, view->tallies, view->health.worker_count);
    head(page, "yagura_rule_matches_total", "counter",
         "Matches by rule, of the rules that match most.");
    for (size_t i = 0; i < count; i++) {
        char id[UUID_TEXT_BYTES + 1];
        uuid_format(id, rows[i].rule_id);
        fprintf(page, "yagura_rule_matches_total{rule=\"%s\"} %" PRIu64 "\n", id, rows[i].count);
    }
    value(page, "yagura_rule_matches_others", "gauge", "Matches of all other rules.", others);
    free(rows);
    return 0;
}

/* --- The process --- */

static uint64_t resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    if (statm == NULL)
        return 0;
    if (fscanf(statm, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    fclose(statm);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void write_process(FILE *page, const struct metrics_view *view, uint64_t now_ms)
{
    static const struct {
        const char *metric, *help;
    } figures[] = {
#define FIGURE(name, source, metric, help) [MEMORY_##name] = {metric, help},
#include "ingest/service/memory_figures.def"
#undef FIGURE
    };
    uint64_t numbers[MEMORY_FIGURE_COUNT];
    memory_figures(numbers);
    for (size_t i = 0; i < MEMORY_FIGURE_COUNT; i++)
        value(page, figures[i].metric, "gauge", figures[i].help, numbers[i]);
    value(page, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    value(page, "process_start_time_seconds", "gauge", "When it started (Unix time).",
          (uint64_t)view->started_unix_s);
    value(page, "yagura_live", "gauge", "1: every worker makes progress.",
          health_is_live(&view->health, now_ms));
    value(page, "yagura_ready", "gauge", "1: every worker has its source and sink.",
          health_is_ready(&view->health));
    head(page, "yagura_build_info", "gauge", "Version.");
    fputs("yagura_build_info{version=\"" YAGURA_VERSION "\"} 1\n", page);
}

int metrics_page(struct slice *out, const struct metrics_view *view, uint64_t now_ms)
{
    assert(out != NULL);
    char *text = NULL;
    size_t len = 0;
    FILE *page = open_memstream(&text, &len);
    if (page == NULL)
        return STATUS_NO_MEMORY;
    write_process(page, view, now_ms);
    write_edition(page, view);
    write_reload(page, view->reload);
    write_workers(page, &view->health);
    write_labelled(page, &view->health);
    int result = write_tally(page, view);
    bool bad = ferror(page) != 0;
    if (fclose(page) != 0 || bad || result < 0) {
        free(text);
        return STATUS_NO_MEMORY;
    }
    *out = slice_of(text, len);
    return 0;
}
