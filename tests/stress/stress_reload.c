/* SPDX-License-Identifier: Apache-2.0 */
/* Reloads under a running stream: stress_reload [RELOADS [WORKERS [SEED]]].
 *
 * The real workers, control thread, watched folder, control socket and metrics page; only Kafka is
 * replaced by memory. Rules are written, broken, removed, copied and rolled back at random while
 * events stream, and the service is asked after each change. In the end it is proved from what the
 * sinks saw that
 * - every batch was judged by one rule set, one that was live between its poll and its end: so a
 *   reload and a rollback take effect with the next batch;
 * - every event had exactly the alerts that this rule set implies, none twice, none lost, and a
 *   record with a flaw one dead letter, its good events being judged all the same;
 * - what was counted adds up, and no old rule set is left.
 * Sanitizers prove the rest. */
#include "model.h"
#include "observer.h"
#include "stress.h"

#include "ingest/service/config.h"
#include "ingest/service/metrics.h"
#include "ingest/service/plane.h"
#include "ingest/service/socket.h"
#include "ingest/service/worker.h"
#include "proto/uuid.h"

#include <jansson.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    WORKERS_MAX = 8,
    REVOKE_AFTER = 200, /* records */
    TURN_MS = 5,
    WATCH_TURNS_MAX = 6000,
    PROGRESS_EVERY = 10, /* reloads */
    SETTLE_TURNS_MAX = 2000,
    NS_PER_MS = 1000000,
};

static const char tenant[] = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

struct live_set { /* what was live from one answer to the next */
    uint8_t ruleset[32];
    struct model_state state;
};

struct stage {
    struct folder folder;
    struct model model;
    struct config *config;
    struct log *log;
    struct reloader *reloader;
    struct plane *plane;
    struct tenants *tenants;
    struct observer_clock clock;
    _Atomic bool stop;
    size_t worker_count;
    struct observer *observers[WORKERS_MAX];
    struct worker *workers[WORKERS_MAX];
    struct counters *counters[WORKERS_MAX];
    struct tally *tallies[WORKERS_MAX];
    sem_t ended;
    pthread_t monitor;
    _Atomic bool monitor_stop;
    /* What must be live now, and what a rollback brings back. */
    struct live_set current, previous;
    bool has_previous, rolled_back;
    json_int_t number;         /* of the edition that is live */
    struct model_state loaded; /* the library's newest */
    struct live_set *history;  /* by answer */
    size_t history_count;
};

/* --- The service --- */

static void nap(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * NS_PER_MS}, NULL);
}

static void make_config(struct stage *stage)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    char text[2048];
    snprintf(text, sizeof text,
             "tenant: %s\nkafka: {bootstrap.servers: 'nobody:9'}\nrules:\n  paths: [%s]\n"
             "  debounce_ms: 10\ncontrol:\n  socket: %s\n",
             tenant, folder_path(&stage->folder, "rules"), folder_path(&stage->folder, "socket"));
    REQUIRE(diag_list_new(&findings) == 0, "memory");
    REQUIRE(config_parse(&stage->config, slice_text(text), "stress", findings) == 0, "config");
}

static int open_transport(void *owner, unsigned worker, struct source **source, struct sink **sink)
{
    struct stage *stage = owner;
    return observer_open(stage->observers[worker], source, sink);
}

static void on_ended(void *owner, unsigned worker, int result)
{
    struct stage *stage = owner;
    REQUIRE(result == 0, "worker %u ended with %d", worker, result);
    /* Relaxed: the flag was seen by this thread's source, if at all. */
    REQUIRE(atomic_load_explicit(&stage->clock.ending, memory_order_relaxed),
            "worker %u ended before its input", worker);
    sem_post(&stage->ended);
}

static void start_worker(struct stage *stage, unsigned number)
{
    static uint8_t tenant_id[16];
    REQUIRE(uuid_parse(tenant_id, slice_text(tenant)), "tenant");
    const struct observer_options observer = {.clock = &stage->clock,
                                              .tenant_id = slice_of(tenant_id, sizeof tenant_id),
                                              .revoke_after = REVOKE_AFTER * (number + 1)};
    const struct worker_options options = {.number = number,
                                           .publication = reloader_publication(stage->reloader),
                                           .tenants = stage->tenants,
                                           .log = stage->log,
                                           .transport = open_transport,
                                           .ended = on_ended,
                                           .owner = stage,
                                           .stop = &stage->stop,
                                           .arena_bytes = 8 * 1024 * 1024,
                                           .record_bytes_max = 1024 * 1024,
                                           .batch_records_max = 1 + 7 * (size_t)number,
                                           .records_in_flight_max = 64,
                                           .poll_timeout_ms = 1,
                                           .drain_timeout_ms = 1000,
                                           .write_ocsf = true};
    stage->observers[number] = observer_new(&observer);
    REQUIRE(worker_new(&stage->workers[number], &options) == 0, "worker %u", number);
    stage->counters[number] = worker_counters(stage->workers[number]);
    stage->tallies[number] = worker_tally(stage->workers[number]);
}

/* Reads the metrics page again and again, as a monitor that is in a hurry. */
static void *watch_metrics(void *argument)
{
    struct stage *stage = argument;
    const struct metrics_view view = {.health = {stage->counters, stage->worker_count, 60000},
                                      .tallies = stage->tallies,
                                      .reload = reloader_state(stage->reloader),
                                      .publication = reloader_publication(stage->reloader),
                                      .reader = (unsigned)stage->worker_count,
                                      .rules_max = 10};
    /* Relaxed: it has to be seen some time. */
    while (!atomic_load_explicit(&stage->monitor_stop, memory_order_relaxed)) {
        struct slice page;
        REQUIRE(metrics_page(&page, &view, 0) == 0 && page.len > 0, "metrics");
        free((void *)(uintptr_t)page.data);
        nap(TURN_MS);
    }
    return NULL;
}

static void start(struct stage *stage, size_t worker_count, uint64_t seed)
{
    const struct log_options log = {.fd = -1, .level = LOG_DEBUG, .lines_per_minute = 1000};
    folder_make(&stage->folder);
    model_start(&stage->model, &stage->folder, seed);
    make_config(stage);
    REQUIRE(log_new(&stage->log, &log) == 0, "log");
    REQUIRE(tenants_new(&stage->tenants, stage->config) == 0, "tenants");
    const struct reloader_options reloader = {stage->config, stage->log,
                                              (unsigned)worker_count + 1};
    REQUIRE(reloader_new(&stage->reloader, &reloader) == 0, "rules");
    stage->worker_count = worker_count;
    sem_init(&stage->ended, 0, 0);
    for (unsigned i = 0; i < worker_count; i++)
        start_worker(stage, i);
    const struct plane_options plane = {stage->config, stage->log, stage->reloader};
    REQUIRE(plane_new(&stage->plane, &plane) == 0, "control thread");
    REQUIRE(pthread_create(&stage->monitor, NULL, watch_metrics, stage) == 0, "monitor");
}

/* --- Asking, and what the answer must be --- */

static json_t *ask(struct stage *stage, const char *word)
{
    struct slice line;
    const char *path = stage->config->control_socket;
    REQUIRE(control_socket_ask(&line, path, word) == 0, "%s", word);
    json_t *answer = json_loadb((const char *)line.data, line.len, 0, NULL);
    REQUIRE(answer != NULL, "%.*s", SLICE_PRINTF(line));
    free((void *)(uintptr_t)line.data);
    return answer;
}

static void parse_hash(uint8_t out[32], const char *hex)
{
    REQUIRE(strlen(hex) == 64, "%s", hex);
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = 0;
        REQUIRE(sscanf(hex + 2 * i, "%2x", &byte) == 1, "%s", hex);
        out[i] = (uint8_t)byte;
    }
}

static bool same_state(const struct model_state *a, const struct model_state *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* A rule set's name stands for its content: equal names, equal rules, and the other way round. */
static void check_name(const struct stage *stage, const struct live_set *set)
{
    for (size_t i = 0; i < stage->history_count; i++) {
        const struct live_set *other = &stage->history[i];
        bool same_name = memcmp(other->ruleset, set->ruleset, sizeof set->ruleset) == 0;
        REQUIRE(same_name == same_state(&other->state, &set->state),
                "answers %zu and %zu: names and rules do not agree", i, stage->history_count);
    }
}

/* The answer says what must be live from now on. */
static void take_answer(struct stage *stage, const json_t *answer)
{
    const json_t *current = json_object_get(answer, "current");
    size_t rules = (size_t)json_integer_value(json_object_get(current, "rules"));
    parse_hash(stage->current.ruleset, json_string_value(json_object_get(current, "ruleset")));
    REQUIRE(rules == model_rule_count(&stage->current.state), "%zu rules are live", rules);
    check_name(stage, &stage->current);
    stage->number = json_integer_value(json_object_get(current, "number"));
    stage->history[stage->history_count++] = stage->current;
    /* Release, paired with the acquire of the observers. */
    atomic_store_explicit(&stage->clock.answer, stage->history_count - 1, memory_order_release);
}

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), end = strlen(ending);
    return len >= end && strcmp(text + len - end, ending) == 0;
}

/* A repeated id is a matter of two files; everything else has a line. */
static bool names(const json_t *finding, const char *file)
{
    return ends_with(json_string_value(json_object_get(finding, "file")), file) &&
           (json_integer_value(json_object_get(finding, "line")) > 0 ||
            strcmp(json_string_value(json_object_get(finding, "code")), "duplicate-id") == 0);
}

static void check_finding(const json_t *answer, const struct model_step *step)
{
    size_t i;
    const json_t *finding;
    bool named = step->file[0] == '\0';
    json_array_foreach(json_object_get(answer, "findings"), i, finding) named |=
        names(finding, step->file);
    REQUIRE(named, "%s: %s is not named with a line", step->what, step->file);
}

/* The watched folder alone makes the service reload: until another edition is live. */
static json_t *wait_for_watch(struct stage *stage)
{
    for (unsigned i = 0; i < WATCH_TURNS_MAX; i++) {
        json_t *answer = ask(stage, "status");
        const json_t *current = json_object_get(answer, "current");
        if (json_integer_value(json_object_get(current, "number")) != stage->number)
            return answer;
        json_decref(answer);
        nap(TURN_MS);
    }
    REQUIRE(false, "a change of the folder went unnoticed");
}

/* One change of a file; asked: and the word that it shall be read. */
static void reload(struct stage *stage, bool asked)
{
    struct model_step step;
    model_step(&stage->model, &step);
    bool changes = !same_state(&stage->loaded, &stage->model.disk);
    bool publishes = stage->rolled_back || changes;
    json_t *answer = asked || !changes ? ask(stage, "reload") : wait_for_watch(stage);
    REQUIRE(json_is_true(json_object_get(answer, "ok")), "%s", step.what);
    if (publishes) {
        stage->previous = stage->current;
        stage->has_previous = true;
    }
    stage->rolled_back = false;
    stage->loaded = stage->model.disk;
    stage->current.state = stage->model.disk;
    take_answer(stage, answer);
    check_finding(answer, &step);
    json_decref(answer);
}

static void rollback(struct stage *stage)
{
    json_t *answer = ask(stage, "rollback");
    bool ok = json_is_true(json_object_get(answer, "ok"));
    REQUIRE(ok == stage->has_previous, "rollback");
    if (ok) {
        struct live_set before = stage->current;
        stage->current = stage->previous;
        stage->previous = before;
        stage->rolled_back = !stage->rolled_back;
    }
    take_answer(stage, answer);
    json_decref(answer);
}

/* --- The end --- */

static void stop(struct stage *stage)
{
    /* Relaxed: the semaphore and the joins order everything. */
    atomic_store_explicit(&stage->clock.ending, true, memory_order_relaxed);
    for (size_t i = 0; i < stage->worker_count; i++)
        sem_wait(&stage->ended);
    atomic_store_explicit(&stage->monitor_stop, true, memory_order_relaxed);
    pthread_join(stage->monitor, NULL);
}

static const struct live_set *live_at(const struct stage *stage, uint64_t answer)
{
    return answer < stage->history_count ? &stage->history[answer] : NULL;
}

/* The rule set of a batch: live at its poll or since, and at most one answer ahead of us. */
static const struct live_set *find_set(const struct stage *stage,
                                       const struct observed_batch *batch)
{
    for (uint64_t a = batch->answer_before; a <= batch->answer_after + 1; a++) {
        const struct live_set *set = live_at(stage, a);
        if (set != NULL && memcmp(set->ruleset, batch->ruleset, sizeof set->ruleset) == 0)
            return set;
    }
    return NULL;
}

static void check_batches(const struct stage *stage, const struct observer *observer)
{
    size_t count = 0;
    const struct observed_batch *batches = observer_batches(observer, &count);
    for (size_t i = 0; i < count; i++) {
        const struct live_set *set = find_set(stage, &batches[i]);
        REQUIRE(set != NULL, "batch %zu was judged by a rule set that was not live", i);
        for (unsigned kind = 0; kind < MODEL_KINDS; kind++) {
            unsigned mask = batches[i].masks[kind];
            REQUIRE(mask == 0 || mask == model_mask(&set->state, kind),
                    "batch %zu, kind %u: alerts %x instead of %x", i, kind, mask,
                    model_mask(&set->state, kind));
        }
    }
    REQUIRE(count > 0, "a worker judged nothing");
}

static uint64_t read_counter(const struct counters *counters, enum counter counter)
{
    return counter_read(&counters->values[counter]);
}

/* What went in came out, and everybody counted the same. */
static void check_counters(const struct counters *own, const struct observer_totals *seen)
{
    uint64_t letters = 0;
    for (size_t i = 0; i < REASON_COUNT; i++)
        letters += counter_read(&own->dead_letters[i]);
    uint64_t sent = seen->alerts + seen->alerts_ocsf + seen->informational + seen->dead_letters;
    REQUIRE(read_counter(own, COUNTER_RECORDS) == seen->records, "records");
    REQUIRE(read_counter(own, COUNTER_EVENTS) == seen->good_events, "events");
    REQUIRE(read_counter(own, COUNTER_MATCHES) == seen->alerts + seen->informational, "matches");
    REQUIRE(seen->alerts_ocsf == seen->alerts, "an alert lacks its OCSF form");
    REQUIRE(letters == seen->dead_letters, "dead letters");
    REQUIRE(letters == seen->dead_letters_wanted, "dead letters for what was flawed");
    REQUIRE(read_counter(own, COUNTER_SENT) == sent, "sent");
    REQUIRE(read_counter(own, COUNTER_ACKNOWLEDGED) == sent, "acknowledged");
    REQUIRE(read_counter(own, COUNTER_OUTSTANDING) == 0, "outstanding");
    REQUIRE(read_counter(own, COUNTER_RECORDS_STALE) == 0, "stale");
}

static void check_worker(const struct stage *stage, size_t i, struct observer_totals *sum)
{
    const struct observer_totals *totals = observer_totals(stage->observers[i]);
    check_counters(stage->counters[i], totals);
    check_batches(stage, stage->observers[i]);
    sum->records += totals->records;
    sum->good_events += totals->good_events;
    sum->alerts += totals->alerts + totals->informational;
    sum->dead_letters += totals->dead_letters;
}

/* The control thread frees what nobody holds, a turn after the last worker let it go. */
static void check_nothing_is_held(const struct stage *stage)
{
    const struct reload_state *state = reloader_state(stage->reloader);
    for (unsigned i = 0; i < SETTLE_TURNS_MAX; i++) {
        if (atomic_load_explicit(&state->editions_held, memory_order_relaxed) == 0)
            return;
        nap(TURN_MS);
    }
    REQUIRE(false, "old rule sets are held for ever");
}

static void free_all(struct stage *stage)
{
    for (size_t i = 0; i < stage->worker_count; i++) {
        REQUIRE(worker_join(stage->workers[i]) == 0, "worker %zu", i);
        const char *complaint = observer_complaint(stage->observers[i]);
        REQUIRE(complaint == NULL, "worker %zu: %s", i, complaint);
        observer_free(stage->observers[i]);
    }
    plane_free(stage->plane);
    reloader_free(stage->reloader);
    tenants_free(stage->tenants);
    log_free(stage->log);
    config_free(stage->config);
    folder_remove(&stage->folder);
    sem_destroy(&stage->ended);
    free(stage->history);
    free(stage);
}

static void prepare(struct stage *stage, size_t reloads)
{
    stage->history = calloc(2 * reloads + 1, sizeof *stage->history);
    REQUIRE(stage->history != NULL, "memory");
    stage->loaded = stage->model.disk;
    stage->current.state = stage->model.disk;
    json_t *status = ask(stage, "status");
    take_answer(stage, status);
    json_decref(status);
}

/* Every worker judges on, whatever the rules do. */
static void wait_for_progress(const struct stage *stage)
{
    for (size_t i = 0; i < stage->worker_count; i++) {
        uint64_t before = read_counter(stage->counters[i], COUNTER_BATCHES);
        unsigned turns = 0;
        while (read_counter(stage->counters[i], COUNTER_BATCHES) == before) {
            REQUIRE(turns++ < WATCH_TURNS_MAX, "worker %zu stands still", i);
            nap(TURN_MS);
        }
    }
}

/* Returns how many rollbacks there were. */
static size_t change_rules(struct stage *stage, size_t reloads)
{
    size_t rollbacks = 0;
    for (size_t i = 0; i < reloads; i++) {
        reload(stage, i % 5 != 4);
        if (i % 7 == 6) {
            rollback(stage);
            rollbacks++;
        }
        if (i % PROGRESS_EVERY == 0)
            wait_for_progress(stage);
        nap((long)(i % 4) * TURN_MS);
    }
    return rollbacks;
}

int main(int argc, char *argv[])
{
    unsigned long reloads = stress_amount(argc, argv, 1, 200);
    unsigned long workers = stress_amount(argc, argv, 2, 3);
    REQUIRE(workers >= 1 && workers <= WORKERS_MAX, "1 to %d workers", WORKERS_MAX);
    struct stage *stage = calloc(1, sizeof *stage);
    REQUIRE(stage != NULL, "memory");
    start(stage, workers, stress_amount(argc, argv, 3, 1));
    prepare(stage, reloads);
    size_t rollbacks = change_rules(stage, reloads);
    stop(stage);
    struct observer_totals sum = {0};
    for (size_t i = 0; i < workers; i++)
        check_worker(stage, i, &sum);
    check_nothing_is_held(stage);
    free_all(stage);
    printf("%lu reloads, %zu rollbacks: %llu records, %llu events, %llu alerts, %llu dead letters;"
           " none lost, none twice, none by two rule sets\n",
           reloads, rollbacks, (unsigned long long)sum.records, (unsigned long long)sum.good_events,
           (unsigned long long)sum.alerts, (unsigned long long)sum.dead_letters);
    return 0;
}
