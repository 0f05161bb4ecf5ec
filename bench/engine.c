/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench engine: what judging events costs on one core, from encoded record to matches.
 *
 * The same way as the service's worker goes, without Kafka: decode a record, match each event,
 * give the memory back. Decoding alone is measured in the same rounds, so that the difference is
 * the engine's. */
#include "detect/engine.h"
#include "command.h"
#include "ingest/library.h"
#include "records.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, PATHS_MAX = 16 };

struct settings {
    const char *rules[PATHS_MAX];
    size_t rule_count;
    const char *lists;
    const char *file;
};

struct bench {
    struct records records;
    struct ruleset *ruleset;
    struct scratch *scratch;
    struct arena *arena;
};

static void bench_deinit(struct bench *bench)
{
    records_deinit(&bench->records);
    scratch_free(bench->scratch);
    ruleset_free(bench->ruleset);
    arena_free(bench->arena);
}

static int load_rules(struct bench *bench, const struct settings *settings)
{
    AUTO(library_free) struct library *library = NULL;
    struct library_report report = {0};
    TRY(library_new(&library, &(struct library_options){settings->rules, settings->rule_count,
                                                        settings->lists, .keep_last_good = false}));
    uint64_t start = now_ns();
    int result = library_load(&bench->ruleset, library, &report);
    if (result != 0)
        return result < 0 ? result : STATUS_BAD_INPUT;
    printf("%zu rules of %zu files loaded in %.3f s, rule set of %zu bytes\n",
           report.rule_count_loaded, report.file_count, (double)(now_ns() - start) / 1e9,
           ruleset_memory_bytes(bench->ruleset));
    return scratch_new(&bench->scratch, bench->ruleset);
}

/* One round over all records; matches are counted only if the engine is asked. */
static int judge_round(struct bench *bench, bool match, uint64_t *events, uint64_t *hits)
{
    *events = *hits = 0;
    for (size_t i = 0; i < bench->records.count; i++) {
        struct batch batch;
        arena_reset(bench->arena);
        TRY(batch_decode(&batch, bench->records.items[i], &(struct batch_options){0},
                         bench->arena));
        *events += batch.event_count;
        for (size_t j = 0; match && j < batch.event_count; j++) {
            struct matches matches;
            if (batch.events[j].reason != REASON_NONE)
                continue;
            TRY(engine_match(&matches, bench->ruleset, bench->scratch, &batch.events[j]));
            *hits += matches.count;
        }
        if (match)
            engine_batch_end(bench->scratch);
    }
    return 0;
}

static int measure(struct bench *bench)
{
    uint64_t decode_ns[ROUNDS], match_ns[ROUNDS];
    uint64_t events, hits, no_hits;
    TRY(judge_round(bench, true, &events, &hits)); /* warm */
    for (size_t i = 0; i < ROUNDS; i++) {
        uint64_t start = now_ns();
        TRY(judge_round(bench, false, &events, &no_hits));
        uint64_t middle = now_ns();
        TRY(judge_round(bench, true, &events, &hits));
        decode_ns[i] = middle - start;
        match_ns[i] = now_ns() - middle;
    }
    if (events == 0)
        return STATUS_BAD_INPUT;
    const struct engine_counters *counters = engine_counters(bench->scratch);
    double judged = (double)counters->events;
    printf("%zu records, %" PRIu64 " events, %.0f bytes/event, %" PRIu64 " matches\n",
           bench->records.count, events, (double)bench->records.bytes / (double)events, hits);
    rounds_print("decode", decode_ns, events, bench->records.bytes);
    rounds_print("judge", match_ns, events, bench->records.bytes);
    printf(
        "per event: %.2f remembered, %.2f scans of %.0f bytes, %.2f candidates, %.2f evaluations\n",
        (double)counters->remembered / judged, (double)counters->scans / judged,
        (double)counters->scanned_bytes / judged, (double)counters->candidates / judged,
        (double)counters->evaluations / judged);
    return 0;
}

static void usage(FILE *out)
{
    fputs(
        "usage: yagura-bench engine --rules DIR [--rules DIR ...] [--lists DIR] FILE\n\n"
        "Judges a file of length-delimited batches over and over on one core: the median of nine\n"
        "rounds with their range, beside decoding alone.\n",
        out);
}

/* 0: go on; else the exit code plus one. */
static int read_arguments(struct settings *settings, int argc, char *argv[])
{
    static const struct option options[] = {{"rules", required_argument, NULL, 'r'},
                                            {"lists", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            usage(stdout);
            return 1;
        }
        if (option == 'l')
            settings->lists = optarg;
        if (option == '?' || (option == 'r' && settings->rule_count == PATHS_MAX))
            return EXIT_USAGE + 1;
        if (option == 'r')
            settings->rules[settings->rule_count++] = optarg;
    }
    settings->file = optind + 1 == argc ? argv[optind] : NULL;
    return settings->file == NULL || settings->rule_count == 0 ? EXIT_USAGE + 1 : 0;
}

int bench_engine(int argc, char *argv[])
{
    struct settings settings = {0};
    int stop = read_arguments(&settings, argc, argv);
    if (stop == EXIT_USAGE + 1)
        usage(stderr);
    if (stop != 0)
        return stop - 1;
    struct bench bench = {0};
    int result = records_read(&bench.records, settings.file);
    if (result == 0)
        result = arena_new_fixed(&bench.arena, ARENA_BYTES);
    if (result == 0)
        result = load_rules(&bench, &settings);
    if (result == 0)
        result = measure(&bench);
    bench_deinit(&bench);
    if (result < 0)
        fprintf(stderr, "yagura-bench: %s: %s\n", settings.file,
                result == STATUS_IO ? strerror(errno) : status_text(result));
    return result < 0;
}
