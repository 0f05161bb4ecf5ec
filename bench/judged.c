/* SPDX-License-Identifier: Apache-2.0 */
#include "judged.h"

#include "allocations.h"

#include <inttypes.h>

static const double NS_PER_SECOND = 1e9;
static const double BYTES_PER_MIB = 1024 * 1024;

static double each(const struct judged *judged, uint64_t count)
{
    return (double)count / (double)judged->counters.events;
}

/* --- JSON --- */

static void begin_json(const struct judged_load *load)
{
    printf("{\"files\": %zu, \"rules\": %zu, \"load_seconds\": %.3f, \"ruleset_bytes\": %zu, "
           "\"resident_bytes\": %zu,\n \"streams\": [",
           load->files, load->rules, load->seconds, load->ruleset_bytes, load->resident_bytes);
}

static void row_json(const struct judged *judged, bool first)
{
    const struct engine_counters *counters = &judged->counters;
    printf("%s\n  {\"name\": \"%s\", \"records\": %zu, \"events\": %" PRIu64 ", \"bytes\": %zu, "
           "\"matches\": %" PRIu64 ", \"decode_ns\": %.1f, \"judge_ns\": %.1f, "
           "\"judge_ns_min\": %.1f, \"judge_ns_max\": %.1f, \"events_per_second\": %.0f, ",
           first ? "" : ",", judged->name, judged->records, judged->events, judged->bytes,
           judged->matches, judged->decode_ns, judged->judge_ns, judged->judge_ns_min,
           judged->judge_ns_max, NS_PER_SECOND / judged->judge_ns);
    if (allocations_are_counted())
        printf("\"allocations\": %" PRIu64 ", ", judged->allocations);
    printf("\"remembered\": %.3f, \"scans\": %.3f, \"scanned_bytes\": %.1f, \"candidates\": %.3f, "
           "\"evaluations\": %.3f}",
           each(judged, counters->remembered), each(judged, counters->scans),
           each(judged, counters->scanned_bytes), each(judged, counters->candidates),
           each(judged, counters->evaluations));
}

/* --- Text --- */

static void begin_text(const struct judged_load *load)
{
    printf("%zu rules of %zu files loaded in %.3f s; rule set %.1f MiB, the program grew by %.1f "
           "MiB\n\n",
           load->rules, load->files, load->seconds, (double)load->ruleset_bytes / BYTES_PER_MIB,
           (double)load->resident_bytes / BYTES_PER_MIB);
    printf("%-26s %8s %6s | %7s %8s %-19s %9s | %7s | %7s %6s %6s %7s %6s\n", "events", "count",
           "bytes", "decode", "judge ns", "(min to max)", "k ev/s", "alloc.", "rememb.", "scans",
           "cand.", "evals", "match");
}

static void row_text(const struct judged *judged)
{
    const struct engine_counters *counters = &judged->counters;
    char range[32];
    snprintf(range, sizeof range, "(%.0f to %.0f)", judged->judge_ns_min, judged->judge_ns_max);
    printf("%-26s %8" PRIu64 " %6.0f | %7.1f %8.1f %-19s %9.0f | ", judged->name, judged->events,
           (double)judged->bytes / (double)judged->events, judged->decode_ns, judged->judge_ns,
           range, NS_PER_SECOND / judged->judge_ns / 1000);
    if (allocations_are_counted())
        printf("%7" PRIu64 " | ", judged->allocations);
    else
        printf("%7s | ", "?");
    printf("%7.2f %6.2f %6.2f %7.2f %6.3f\n", each(judged, counters->remembered),
           each(judged, counters->scans), each(judged, counters->candidates),
           each(judged, counters->evaluations), each(judged, counters->matches));
}

/* --- Either --- */

void judged_begin(bool json, const struct judged_load *load)
{
    if (json)
        begin_json(load);
    else
        begin_text(load);
}

void judged_row(bool json, const struct judged *judged, bool first)
{
    if (json)
        row_json(judged, first);
    else
        row_text(judged);
}

void judged_end(bool json)
{
    if (json)
        puts("\n]}");
    else
        puts("\nns of processor time per event; judging includes decoding; allocations of all nine "
             "rounds together;\nthe rest per event: texts remembered, searched, candidate rules, "
             "tests evaluated, matches");
}
