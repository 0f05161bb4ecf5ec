/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/worker.h"

#include "ingest/service/delivery.h"
#include "ingest/service/judge.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BACKOFF_FIRST_MS = 500,
    BACKOFF_MAX_MS = 15000,
    BACKOFF_TURN_MS = 50,
    LAG_INTERVAL_MS = 1000,
    FENCES_APART_MS_MAX = 60000,
    NS_PER_MS = 1000000,
    THREAD_NAME_BYTES = 16,
};

struct worker {
    struct worker_options options;
    pthread_t thread;
    struct counters *counters;
    struct tally *tally;
    struct record *records;
    /* Worker thread only. */
    struct judge *judge;
    struct source *source;
    struct sink *sink;
    struct delivery *delivery;
    int64_t lag_due_ms;
    int64_t fenced_ms; /* when it happened last; 0: never */
    uint64_t edition_number;
    cpu_set_t allowed_cores;
    int result;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static int64_t now_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

static bool is_stopping(const struct worker *worker)
{
    /* Relaxed: the flag orders nothing, it only has to be seen some time. */
    return atomic_load_explicit(worker->options.stop, memory_order_relaxed);
}

/* --- One batch --- */

static void note_edition(struct worker *worker, const struct edition *edition)
{
    if (worker->edition_number == edition->number)
        return;
    worker->edition_number = edition->number;
    LOG(worker->options.log, LOG_DEBUG, "a worker switched its rule set",
        log_number("worker", worker->options.number), log_text("ruleset", edition->ruleset_hex));
}

static int judge_records(struct worker *worker, const struct edition *edition, size_t count)
{
    TRY(judge_by(worker->judge, edition, clock_ns(CLOCK_REALTIME)));
    for (size_t i = 0; i < count; i++)
        TRY(judge_record(worker->judge, worker->source, &worker->records[i], worker->delivery));
    return 0;
}

/* Everything that one poll returned is judged by one edition. */
static int judge_batch(struct worker *worker, size_t count)
{
    const struct edition *edition =
        publication_take(worker->options.publication, worker->options.number);
    note_edition(worker, edition);
    int result = judge_records(worker, edition, count);
    publication_release(worker->options.publication, worker->options.number);
    counter_add(worker->counters, COUNTER_BATCHES, 1);
    return result;
}

static void measure_lag(struct worker *worker, size_t count)
{
    int64_t now = now_ms();
    counter_set(worker->counters, COUNTER_PROGRESS_MS, (uint64_t)now);
    if (now < worker->lag_due_ms)
        return;
    worker->lag_due_ms = now + LAG_INTERVAL_MS;
    counter_set(worker->counters, COUNTER_READY,
                worker->source->ops->reachable(worker->source) ? 1 : 0);
    uint64_t lag = worker->source->ops->lag(worker->source);
    int64_t newest = count == 0 ? 0 : worker->records[count - 1].broker_time_ms;
    int64_t age = newest == 0 ? 0 : clock_ns(CLOCK_REALTIME) / NS_PER_MS - newest;
    counter_set(worker->counters, COUNTER_LAG_RECORDS, lag);
    counter_set(worker->counters, COUNTER_LAG_MS, lag == 0 || age < 0 ? 0 : (uint64_t)age);
}

static int turn(struct worker *worker)
{
    size_t count = 0;
    struct source *source = worker->source;
    int polled = source->ops->poll(source, worker->records, worker->options.batch_records_max,
                                   &count, (int)worker->options.poll_timeout_ms);
    if (polled == SOURCE_CHANGE)
        return delivery_change(worker->delivery);
    if (polled != 0)
        return polled;
    measure_lag(worker, count);
    int judged = count == 0 ? 0 : judge_batch(worker, count);
    source->ops->release(source);
    return judged < 0 ? judged : delivery_settle(worker->delivery);
}

/* --- One session --- */

/* To the number-th core of those that the process may use. Only once the Kafka clients exist: their
 * threads inherit the mask of the thread that makes them. A failure to pin is not worth a failure
 * to run. */
static void pin(struct worker *worker)
{
    unsigned wanted = worker->options.number % (unsigned)CPU_COUNT(&worker->allowed_cores);
    for (size_t core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &worker->allowed_cores) || wanted-- > 0)
            continue;
        cpu_set_t own;
        CPU_ZERO(&own);
        CPU_SET(core, &own);
        if (pthread_setaffinity_np(pthread_self(), sizeof own, &own) != 0)
            LOG(worker->options.log, LOG_WARNING, "a worker could not be pinned",
                log_number("worker", worker->options.number), log_number("core", (int64_t)core));
        return;
    }
}

static void unpin(struct worker *worker)
{
    pthread_setaffinity_np(pthread_self(), sizeof worker->allowed_cores, &worker->allowed_cores);
}

static int session_open(struct worker *worker)
{
    if (worker->options.pin)
        unpin(worker);
    TRY(worker->options.transport(worker->options.owner, worker->options.number, &worker->source,
                                  &worker->sink));
    const struct delivery_options options = {
        .source = worker->source,
        .sink = worker->sink,
        .counters = worker->counters,
        .log = worker->options.log,
        .stop = worker->options.stop,
        .records_in_flight_max = worker->options.records_in_flight_max,
        .drain_timeout_ms = worker->options.drain_timeout_ms,
    };
    TRY(delivery_new(&worker->delivery, &options));
    if (worker->options.pin)
        pin(worker);
    counter_add(worker->counters, COUNTER_SESSIONS, 1);
    counter_set(worker->counters, COUNTER_READY, 1);
    return 0;
}

static void session_close(struct worker *worker)
{
    counter_set(worker->counters, COUNTER_READY, 0);
    counter_set(worker->counters, COUNTER_PARTITIONS, 0);
    source_free(TAKE(&worker->source)); /* commits what was stored */
    sink_free(TAKE(&worker->sink));
    delivery_free(TAKE(&worker->delivery));
}

/* Until told to stop, the end of the source, or a failure. */
static int session_run(struct worker *worker)
{
    int result = 0;
    while (result == 0 && !is_stopping(worker))
        result = turn(worker);
    /* A source that fails is no reason to forget what was sent because of it. */
    int drained = delivery_drain(worker->delivery);
    if (result == SOURCE_FENCED)
        return WORKER_FENCED;
    if (result < 0 && result != STATUS_CANCELLED)
        return result;
    if (drained < 0)
        return drained;
    return drained == DELIVERY_LATE || result == STATUS_CANCELLED ? WORKER_LATE : 0;
}

static int session(struct worker *worker)
{
    int result = session_open(worker);
    if (result == 0)
        result = session_run(worker);
    session_close(worker);
    return result;
}

static void back_off(struct worker *worker, unsigned *backoff_ms)
{
    const struct timespec nap = {.tv_nsec = BACKOFF_TURN_MS * NS_PER_MS};
    for (unsigned waited = 0; waited < *backoff_ms && !is_stopping(worker);
         waited += BACKOFF_TURN_MS) {
        nanosleep(&nap, NULL);
        counter_set(worker->counters, COUNTER_PROGRESS_MS, (uint64_t)now_ms());
    }
    *backoff_ms = *backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : *backoff_ms * 2;
}

/* Being fenced once may be our own doing: after an outage the brokers can take the member that
 * comes back for a rival of the one that was lost. Twice in a row is another process of our name.
 */
static bool has_rival(struct worker *worker)
{
    int64_t now = now_ms();
    bool again = worker->fenced_ms != 0 && now - worker->fenced_ms < FENCES_APART_MS_MAX;
    worker->fenced_ms = now;
    return again;
}

static bool is_over(struct worker *worker, int result)
{
    return worker->options.once || (result == WORKER_FENCED ? has_rival(worker) : result >= 0);
}

static int sessions(struct worker *worker)
{
    unsigned backoff_ms = BACKOFF_FIRST_MS;
    for (;;) {
        int64_t began = now_ms();
        int result = session(worker);
        if (is_over(worker, result))
            return result;
        LOG(worker->options.log, LOG_ERROR, "a worker's session failed and begins again",
            log_number("worker", worker->options.number),
            log_text("status", result == WORKER_FENCED ? "fenced" : status_text(result)));
        if (is_stopping(worker))
            return WORKER_LATE;
        if (now_ms() - began > BACKOFF_MAX_MS)
            backoff_ms = BACKOFF_FIRST_MS;
        back_off(worker, &backoff_ms);
        if (is_stopping(worker))
            return WORKER_LATE;
    }
}

/* --- The thread --- */

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    char name[THREAD_NAME_BYTES];
    snprintf(name, sizeof name, "worker-%u", worker->options.number);
    pthread_setname_np(pthread_self(), name);
    worker->result = sessions(worker);
    worker->options.ended(worker->options.owner, worker->options.number, worker->result);
    return NULL;
}

static void worker_destroy(struct worker *worker)
{
    if (worker == NULL)
        return;
    judge_free(worker->judge);
    tally_free(worker->tally);
    free(worker->counters);
    free(worker->records);
    free(worker);
}
DEFINE_AUTO(struct worker, worker_destroy)

static int worker_make(struct worker **out, const struct worker_options *options)
{
    AUTO(worker_destroy) struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return STATUS_NO_MEMORY;
    worker->options = *options;
    worker->counters = aligned_alloc(alignof(struct counters), sizeof *worker->counters);
    worker->records = calloc(options->batch_records_max, sizeof *worker->records);
    if (worker->counters == NULL || worker->records == NULL)
        return STATUS_NO_MEMORY;
    memset(worker->counters, 0, sizeof *worker->counters);
    counter_set(worker->counters, COUNTER_PROGRESS_MS, (uint64_t)now_ms());
    if (sched_getaffinity(0, sizeof worker->allowed_cores, &worker->allowed_cores) != 0)
        return STATUS_LIBRARY;
    TRY(tally_new(&worker->tally));
    const struct judge_options judge = {.tenants = options->tenants,
                                        .counters = worker->counters,
                                        .tally = worker->tally,
                                        .arena_bytes = options->arena_bytes,
                                        .record_bytes_max = options->record_bytes_max,
                                        .write_ocsf = options->write_ocsf};
    TRY(judge_new(&worker->judge, &judge));
    *out = TAKE(&worker);
    return 0;
}

int worker_new(struct worker **out, const struct worker_options *options)
{
    assert(out != NULL && options->publication != NULL && options->transport != NULL);
    assert(options->batch_records_max >= 1 && options->batch_records_max <= BATCH_RECORDS_MAX);
    AUTO(worker_destroy) struct worker *worker = NULL;
    TRY(worker_make(&worker, options));
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
        return STATUS_LIBRARY;
    *out = TAKE(&worker);
    return 0;
}

int worker_join(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
    int result = worker->result;
    worker_destroy(worker);
    return result;
}

struct counters *worker_counters(struct worker *worker)
{
    return worker->counters;
}

struct tally *worker_tally(struct worker *worker)
{
    return worker->tally;
}
