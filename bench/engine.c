/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench engine: what judging events costs on one core, from encoded record to matches.
 *
 * The same way as the service's worker goes, without Kafka: decode a record, match each event,
 * give the memory back. Decoding alone is measured in the same rounds, so that the difference is
 * the engine's. Then the same for each kind of event by itself. */
#include "detect/engine.h"
#include "allocations.h"
#include "command.h"
#include "ingest/library.h"
#include "judged.h"
#include "kinds.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, PATHS_MAX = 16 };

struct settings {
    const char *rules[PATHS_MAX];
    size_t rule_count;
    const char *lists;
    const char *file;
    const char *only; /* a kind; NULL: all */
    bool json, quick;
};

struct bench {
    struct records records;
    struct ruleset *ruleset;
    struct arena *arena;
};

static void bench_deinit(struct bench *bench)
{
    records_deinit(&bench->records);
    ruleset_free(bench->ruleset);
    arena_free(bench->arena);
}

/* --- Rules --- */

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t resident_bytes(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*u %zu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static int load_rules(struct bench *bench, const struct settings *settings,
                      struct judged_load *load)
{
    AUTO(library_free) struct library *library = NULL;
    struct library_report report = {0};
    size_t resident = resident_bytes();
    double start = wall_seconds();
    TRY(library_new(&library, &(struct library_options){settings->rules, settings->rule_count,
                                                        settings->lists, .keep_last_good = false}));
    int result = library_load(&bench->ruleset, library, &report);
    if (result != 0)
        return result < 0 ? result : STATUS_BAD_INPUT;
    *load = (struct judged_load){
        .files = report.file_count,
        .rules = report.rule_count_loaded,
        .seconds = wall_seconds() - start,
        .ruleset_bytes = ruleset_memory_bytes(bench->ruleset),
        .resident_bytes = resident_bytes() - resident,
    };
    return 0;
}

/* --- Rounds --- */

struct stream {
    const struct bench *bench;
    const struct records *records;
    struct scratch *scratch;
    uint64_t events, matches; /* of the last round */
};

/* One round over all records; matches are counted only if the engine is asked. */
static int judge_round(struct stream *stream, bool match)
{
    stream->events = stream->matches = 0;
    for (size_t i = 0; i < stream->records->count; i++) {
        struct batch batch;
        arena_reset(stream->bench->arena);
        TRY(batch_decode(&batch, stream->records->items[i], &(struct batch_options){0},
                         stream->bench->arena));
        stream->events += batch.event_count;
        for (size_t j = 0; match && j < batch.event_count; j++) {
            struct matches matches;
            if (batch.events[j].reason != REASON_NONE)
                continue;
            TRY(engine_match(&matches, stream->bench->ruleset, stream->scratch, &batch.events[j]));
            stream->matches += matches.count;
        }
        if (match)
            engine_batch_end(stream->scratch);
    }
    return 0;
}

static int time_rounds(struct judged *out, struct stream *stream)
{
    uint64_t decode_ns[ROUNDS], judge_ns[ROUNDS];
    TRY(judge_round(stream, true)); /* warm */
    uint64_t allocations = allocations_made();
    for (size_t i = 0; i < ROUNDS; i++) {
        uint64_t start = now_ns();
        TRY(judge_round(stream, false));
        uint64_t middle = now_ns();
        TRY(judge_round(stream, true));
        decode_ns[i] = middle - start;
        judge_ns[i] = now_ns() - middle;
    }
    out->allocations = allocations_made() - allocations;
    if (stream->events == 0)
        return STATUS_BAD_INPUT;
    out->events = stream->events;
    out->matches = stream->matches;
    out->decode_ns = (double)rounds_median(decode_ns) / (double)stream->events;
    out->judge_ns = (double)rounds_median(judge_ns) / (double)stream->events; /* sorts them */
    out->judge_ns_min = (double)judge_ns[0] / (double)stream->events;
    out->judge_ns_max = (double)judge_ns[ROUNDS - 1] / (double)stream->events;
    return 0;
}

static int measure(const struct bench *bench, const struct records *records, const char *name,
                   bool json, bool first)
{
    struct judged judged = {.name = name, .records = records->count, .bytes = records->bytes};
    struct stream stream = {.bench = bench, .records = records};
    TRY(scratch_new(&stream.scratch, bench->ruleset));
    int result = time_rounds(&judged, &stream);
    if (result == 0) {
        judged.counters = *engine_counters(stream.scratch);
        judged_row(json, &judged, first);
    }
    scratch_free(stream.scratch);
    return result;
}

static int measure_kinds(const struct bench *bench, bool json)
{
    for (unsigned shape = SHAPE_NONE + 1; shape < SHAPE_COUNT; shape++) {
        struct records records = {0};
        int result = records_of_shape(&records, &bench->records, (enum shape)shape);
        if (result == 0 && records.count > 0)
            result = measure(bench, &records, shape_name((enum shape)shape), json, false);
        records_deinit(&records);
        TRY(result);
    }
    return 0;
}

/* Keeps one kind of events; STATUS_BAD_INPUT if there is none. */
static int keep_only(struct records *records, const char *kind)
{
    unsigned shape = SHAPE_NONE + 1;
    while (shape < SHAPE_COUNT && strcmp(shape_name((enum shape)shape), kind) != 0)
        shape++;
    if (shape == SHAPE_COUNT)
        return STATUS_BAD_INPUT;
    struct records only = {0};
    int result = records_of_shape(&only, records, (enum shape)shape);
    records_deinit(records);
    *records = only;
    return result == 0 && only.count == 0 ? STATUS_BAD_INPUT : result;
}

static int run(struct bench *bench, const struct settings *settings)
{
    struct judged_load load;
    TRY(records_read(&bench->records, settings->file));
    if (settings->only != NULL)
        TRY(keep_only(&bench->records, settings->only));
    TRY(arena_new_fixed(&bench->arena, ARENA_BYTES));
    TRY(load_rules(bench, settings, &load));
    judged_begin(settings->json, &load);
    const char *name = settings->only == NULL ? "all" : settings->only;
    TRY(measure(bench, &bench->records, name, settings->json, true));
    if (!settings->quick && settings->only == NULL)
        TRY(measure_kinds(bench, settings->json));
    judged_end(settings->json);
    return 0;
}

/* --- Command --- */

static void usage(FILE *out)
{
    fputs(
        "usage: yagura-bench engine --rules DIR [--rules DIR ...] [--lists DIR] [--format json] "
        "[--quick | --only KIND] FILE\n\n"
        "Judges a file of length-delimited batches over and over on one core: the median of nine\n"
        "rounds with their range, beside decoding alone; then each kind of event by itself\n"
        "(not with --quick), or one kind alone (--only PROCESS_START).\n",
        out);
}

/* 0: go on; else the exit code plus one. */
static int read_arguments(struct settings *settings, int argc, char *argv[])
{
    static const struct option options[] = {{"rules", required_argument, NULL, 'r'},
                                            {"lists", required_argument, NULL, 'l'},
                                            {"format", required_argument, NULL, 'f'},
                                            {"only", required_argument, NULL, 'o'},
                                            {"quick", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            usage(stdout);
            return 1;
        }
        if (option == '?' || (option == 'r' && settings->rule_count == PATHS_MAX))
            return EXIT_USAGE + 1;
        if (option == 'l')
            settings->lists = optarg;
        if (option == 'f')
            settings->json = strcmp(optarg, "json") == 0;
        if (option == 'o')
            settings->only = optarg;
        if (option == 'q')
            settings->quick = true;
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
    int result = run(&bench, &settings);
    bench_deinit(&bench);
    if (result < 0)
        fprintf(stderr, "yagura-bench: %s: %s\n", settings.file,
                result == STATUS_IO ? strerror(errno) : status_text(result));
    return result < 0;
}
