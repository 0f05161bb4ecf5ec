/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench gen: endpoints take turns, each sends its next batch, until enough is made. What is
 * sent is the generator's and depends on nothing but the options; when it is sent is the clock's.
 */
#include "command.h"
#include "gen/generator.h"
#include "proto/uuid.h"
#include "sink.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const uint64_t nanos_per_second = 1000000000;
enum { NANOS_PER_MS = 1000000, PROGRESS_EVERY_MS = 500, USAGE_COLUMN = 22 };

struct settings {
#define NUMBER(name, member, least, most, preset, help) uint64_t member;
#define TEXT(name, member, preset, help)                const char *member;
#include "gen.def"
#undef NUMBER
#undef TEXT
};

static const struct settings presets = {
#define NUMBER(name, member, least, most, preset, help) .member = (preset),
#define TEXT(name, member, preset, help)                .member = (preset),
#include "gen.def"
#undef NUMBER
#undef TEXT
};

enum option_index {
#define NUMBER(name, member, least, most, preset, help) OPTION_##member,
#define TEXT(name, member, preset, help)                OPTION_##member,
#include "gen.def"
#undef NUMBER
#undef TEXT
    OPTION_HELP
};

static const struct {
    const char *name, *preset, *help;
    size_t offset;
    uint64_t least, most;
    bool is_text;
} rows[] = {
#define NUMBER(name, member, least, most, preset, help)                                            \
    {#name, #preset, help, offsetof(struct settings, member), least, most, false},
#define TEXT(name, member, preset, help)                                                           \
    {#name, #preset, help, offsetof(struct settings, member), 0, 0, true},
#include "gen.def"
#undef NUMBER
#undef TEXT
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static void usage(FILE *out)
{
    fputs("usage: yagura-bench gen (--out FILE | --brokers LIST) [options]\n\n"
          "Makes the telemetry of a fleet of endpoints with attack scenes in it.\n",
          out);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bool has_preset = strcmp(rows[i].preset, "NULL") != 0;
        fprintf(out, "  --%-*s %s%s%s%s\n", USAGE_COLUMN - 4, rows[i].name, rows[i].help,
                has_preset ? " (default " : "", has_preset ? rows[i].preset : "",
                has_preset ? ")" : "");
    }
}

static int set_number(struct settings *settings, size_t row, const char *text)
{
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    bool in_range = number >= rows[row].least && number <= rows[row].most;
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || !in_range) {
        fprintf(stderr, "yagura-bench gen: --%s takes %" PRIu64 " to %" PRIu64 ", not \"%s\"\n",
                rows[row].name, rows[row].least, rows[row].most, text);
        return STATUS_BAD_INPUT;
    }
    memcpy((char *)settings + rows[row].offset, &number, sizeof number);
    return 0;
}

static int set(struct settings *settings, size_t row, const char *text)
{
    if (!rows[row].is_text)
        return set_number(settings, row, text);
    memcpy((char *)settings + rows[row].offset, &text, sizeof text);
    return 0;
}

enum { PARSED_HELP = 1 };

static int parse(struct settings *settings, int argc, char *argv[])
{
    struct option options[ROW_COUNT + 2] = {{0}};
    for (size_t i = 0; i < ROW_COUNT; i++)
        options[i] = (struct option){rows[i].name, required_argument, NULL, (int)i};
    options[ROW_COUNT] = (struct option){"help", no_argument, NULL, OPTION_HELP};
    *settings = presets;
    for (;;) {
        int row = getopt_long(argc, argv, "", options, NULL);
        if (row == -1)
            break;
        if (row == OPTION_HELP)
            return PARSED_HELP;
        if (row < 0 || row >= ROW_COUNT)
            return STATUS_BAD_INPUT;
        TRY(set(settings, (size_t)row, optarg));
    }
    if ((settings->out == NULL) == (settings->brokers == NULL) || optind < argc) {
        fputs("yagura-bench gen: one of --out and --brokers, and no other arguments\n", stderr);
        return STATUS_BAD_INPUT;
    }
    return 0;
}

static uint64_t now_nanos(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * nanos_per_second + (uint64_t)now.tv_nsec;
}

static sig_atomic_t interrupted; /* by on_signal only; a run ends at the next batch */

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

struct run {
    const struct settings *settings;
    struct generator *generator;
    struct sink *sink;
    FILE *expected;
    uint64_t *next_sequences; /* by tenant and endpoint */
    uint64_t start_nanos, shown_nanos;
    uint64_t events, batches, bytes, scenes_alerts;
};

static void show_progress(struct run *run, bool last)
{
    uint64_t now = now_nanos(CLOCK_MONOTONIC);
    bool due = now - run->shown_nanos >= (uint64_t)PROGRESS_EVERY_MS * NANOS_PER_MS;
    if (!last && (!due || !isatty(STDERR_FILENO)))
        return;
    run->shown_nanos = now;
    double seconds = (double)(now - run->start_nanos + 1) / 1e9;
    fprintf(stderr, "%s%" PRIu64 " events in %" PRIu64 " batches, %.1f MB, %.0f events/s%s",
            isatty(STDERR_FILENO) ? "\r" : "", run->events, run->batches, (double)run->bytes / 1e6,
            (double)run->events / seconds, last ? "\n" : "   ");
}

/* Sleeps until the rate allows what has been sent. */
static void pace(const struct run *run)
{
    if (run->settings->rate == 0)
        return;
    uint64_t due =
        run->start_nanos + (uint64_t)((double)run->events * 1e9 / (double)run->settings->rate);
    uint64_t now = now_nanos(CLOCK_MONOTONIC);
    if (due <= now)
        return;
    struct timespec wait = {(time_t)((due - now) / nanos_per_second),
                            (long)((due - now) % nanos_per_second)};
    nanosleep(&wait, NULL);
}

static bool finished(const struct run *run)
{
    const struct settings *settings = run->settings;
    uint64_t elapsed = now_nanos(CLOCK_MONOTONIC) - run->start_nanos;
    return interrupted || (settings->events > 0 && run->events >= settings->events) ||
           (settings->duration_s > 0 && elapsed >= settings->duration_s * nanos_per_second);
}

static void write_expected(struct run *run, const struct stretch *stretch,
                           const struct endpoint *endpoint)
{
    char tenant_text[UUID_TEXT_BYTES + 1];
    char endpoint_text[UUID_TEXT_BYTES + 1];
    uuid_format(tenant_text, endpoint->tenant_id);
    uuid_format(endpoint_text, endpoint->endpoint_id);
    for (size_t i = 0; i < stretch->count; i++) {
        const char *rules[GENERATOR_RULES_MAX];
        uint64_t sequence = stretch->first_sequence + i;
        size_t count =
            generator_expected(rules, run->generator, stretch->tenant, stretch->endpoint, sequence);
        for (size_t r = 0; r < count; r++)
            fprintf(run->expected,
                    "{\"tenant\":\"%s\",\"endpoint\":\"%s\",\"batch\":%" PRIu64
                    ",\"index\":%zu,\"sequence\":%" PRIu64 ",\"rule\":\"%s\"}\n",
                    tenant_text, endpoint_text, run->batches, i, sequence, rules[r]);
        run->scenes_alerts += count;
    }
}

static int send_next(struct run *run, uint32_t tenant, uint32_t endpoint, uint64_t round)
{
    const struct settings *settings = run->settings;
    uint64_t *next = &run->next_sequences[tenant * settings->endpoints + endpoint];
    size_t count = settings->batch_events;
    if (count == 0)
        count = generator_batch_events(run->generator, tenant, endpoint, round);
    if (settings->events > 0 && count > settings->events - run->events)
        count = settings->events - run->events;
    struct stretch stretch = {tenant, endpoint, *next, count};
    struct endpoint who;
    struct slice batch;
    generator_endpoint(&who, run->generator, tenant, endpoint);
    TRY(generator_batch(&batch, run->generator, &stretch));
    TRY(sink_put(run->sink, &who, batch));
    if (run->expected != NULL)
        write_expected(run, &stretch, &who);
    *next += count;
    run->events += count;
    run->batches++;
    run->bytes += batch.len;
    return 0;
}

/* One batch of each endpoint. */
static int run_round(struct run *run, uint64_t round)
{
    for (uint32_t endpoint = 0; endpoint < run->settings->endpoints; endpoint++)
        for (uint32_t tenant = 0; tenant < run->settings->tenants; tenant++) {
            if (finished(run))
                return 0;
            TRY(send_next(run, tenant, endpoint, round));
            show_progress(run, false);
            pace(run);
        }
    return 0;
}

static int run_all(struct run *run)
{
    struct sigaction stop = {.sa_handler = on_signal};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    run->start_nanos = now_nanos(CLOCK_MONOTONIC);
    for (uint64_t round = 0; !finished(run); round++)
        TRY(run_round(run, round));
    return 0;
}

static int open_expected(struct run *run)
{
    if (run->settings->expected == NULL)
        return 0;
    run->expected = fopen(run->settings->expected, "w");
    if (run->expected != NULL)
        return 0;
    fprintf(stderr, "yagura-bench gen: %s: %s\n", run->settings->expected, strerror(errno));
    return STATUS_IO;
}

static int close_all(struct run *run, int result)
{
    int closed = sink_close(run->sink);
    if (run->expected != NULL && fclose(run->expected) != 0)
        closed = STATUS_IO;
    return result < 0 ? result : closed;
}

static int generate(const struct settings *settings)
{
    uint64_t start_s = settings->start_time_s;
    struct generator_options options = {
        .seed = settings->seed,
        .tenant_count = (uint32_t)settings->tenants,
        .endpoint_count = (uint32_t)settings->endpoints,
        .scenes_per_million = (unsigned)settings->scenes_per_million,
        .start_time_unix_nanos =
            start_s > 0 ? start_s * nanos_per_second : now_nanos(CLOCK_REALTIME),
        .interval_nanos = settings->interval_ms * NANOS_PER_MS,
    };
    struct sink_options sink = {settings->out, settings->brokers, settings->topic, settings->codec};
    AUTO(generator_free) struct generator *generator = NULL;
    TRY(generator_new(&generator, &options));
    struct run run = {.settings = settings, .generator = generator};
    TRY(open_expected(&run));
    TRY(sink_open(&run.sink, &sink));
    run.next_sequences = calloc(settings->tenants * settings->endpoints, sizeof(uint64_t));
    int result = run.next_sequences == NULL ? STATUS_NO_MEMORY : run_all(&run);
    result = close_all(&run, result);
    free(run.next_sequences);
    show_progress(&run, true);
    if (run.expected != NULL)
        fprintf(stderr, "%" PRIu64 " alerts are expected\n", run.scenes_alerts);
    return result;
}

int bench_gen(int argc, char *argv[])
{
    struct settings settings;
    int parsed = parse(&settings, argc, argv);
    if (parsed == PARSED_HELP) {
        usage(stdout);
        return 0;
    }
    if (parsed < 0) {
        usage(stderr);
        return EXIT_USAGE;
    }
    int result = generate(&settings);
    if (result < 0)
        fprintf(stderr, "yagura-bench gen: %s\n", status_text(result));
    return result < 0 ? 1 : 0;
}
