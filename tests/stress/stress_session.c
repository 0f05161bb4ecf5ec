/* SPDX-License-Identifier: Apache-2.0 */
/* A worker whose source and sink fail it: stress_session.
 *
 * Whatever fails, the worker begins a new session behind the last committed position, so in the end
 * every record has its alert; what comes twice has the same alert id, and nothing is committed that
 * was not acknowledged. A worker that is told to stop does not go on trying. */
#include "starts.h"
#include "stress.h"

#include "ingest/memory.h"
#include "ingest/service/worker.h"
#include "proto/alert.pb-c.h"
#include "rules/parser.h"

#include <string.h>
#include <time.h>

enum { RECORDS = 400, NS_PER_MS = 1000000, STOP_AFTER_MS = 200 };

/* What happens in a session; the last one goes well. */
static const struct misfortune {
    bool no_transport;
    size_t poll_fails_after, sink_fails_at, unknown_at, refuse_at;
} misfortunes[] = {
    {.no_transport = true},
    {.sink_fails_at = 50},
    {.unknown_at = 30, .poll_fails_after = 100},
    {.refuse_at = 10, .poll_fails_after = 60},
    {0},
};

enum { SESSIONS = sizeof misfortunes / sizeof *misfortunes };

struct stage {
    struct memory_record records[RECORDS];
    int64_t committed[1];
    struct arena *arena;
    struct log *log;
    struct config *config;
    struct tenants *tenants;
    struct publication *publication;
    _Atomic bool stop;
    size_t session;
    size_t sessions_max; /* then there is no transport any more */
    struct {
        size_t alerts;
        uint8_t id[ID_BYTES];
    } seen[RECORDS];
};

static void make_records(struct stage *stage)
{
    const char *lines[] = {"whoami"};
    const struct starts_options starts = {.command_lines = lines, .count = 1};
    REQUIRE(arena_new_growing(&stage->arena, 4096, 0) == 0, "memory");
    struct slice value = starts_batch(&starts, stage->arena);
    for (size_t i = 0; i < RECORDS; i++)
        stage->records[i] =
            (struct memory_record){.value = value, .has_value = true, .offset = (int64_t)i};
    stage->committed[0] = -1;
}

static void make_publication(struct stage *stage)
{
    static const char text[] = "title: x\nid: 00000000-0000-4000-8000-000000000000\nlogsource:\n"
                               "    product: windows\n    category: process_creation\ndetection:\n"
                               "    selection:\n        CommandLine|contains: 'whoami'\n"
                               "    condition: selection\nlevel: low\n";
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(shared_ruleset_unref) struct shared_ruleset *shared = NULL;
    AUTO(shared_context_unref) struct shared_context *context = NULL;
    struct rule_list rules = {0};
    struct ruleset *ruleset = NULL;
    struct context *tables = NULL;
    struct edition *edition = NULL;
    const struct parser_options parser = {0};
    const struct ruleset_options options = {0};
    REQUIRE(diag_list_new(&findings) == 0, "memory");
    REQUIRE(parser_read(&rules, slice_text(text), "x.yml", &parser, findings) == 0, "rule");
    int built = ruleset_build(&ruleset, rules.items, rules.count, &options, findings);
    REQUIRE(built == 0, "rule set");
    rule_list_deinit(&rules);
    REQUIRE(shared_ruleset_new(&shared, ruleset, 1) == 0, "memory");
    REQUIRE(context_new(&tables) == 0 && shared_context_new(&context, tables) == 0, "memory");
    const struct edition_options made = {shared, context, 1, 0};
    REQUIRE(edition_new(&edition, &made) == 0, "memory");
    REQUIRE(publication_new(&stage->publication, edition, 1) == 0, "memory");
}

static struct stage *make_stage(size_t sessions_max)
{
    static const char config[] = "tenant: 6ba7b810-9dad-41d1-80b4-00c04fd430c8\n";
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    const struct log_options log = {.fd = -1, .level = LOG_DEBUG, .lines_per_minute = 1000};
    struct stage *stage = calloc(1, sizeof *stage);
    REQUIRE(stage != NULL && diag_list_new(&findings) == 0, "memory");
    stage->sessions_max = sessions_max;
    make_records(stage);
    make_publication(stage);
    REQUIRE(log_new(&stage->log, &log) == 0, "memory");
    REQUIRE(config_parse(&stage->config, slice_text(config), "x", findings) == 0, "config");
    REQUIRE(tenants_new(&stage->tenants, stage->config) == 0, "memory");
    return stage;
}

static void free_stage(struct stage *stage)
{
    publication_free(stage->publication);
    tenants_free(stage->tenants);
    config_free(stage->config);
    log_free(stage->log);
    arena_free(stage->arena);
    free(stage);
}

/* --- What the worker sees --- */

static void on_message(void *owner, const struct message *message)
{
    struct stage *stage = owner;
    if (message->output == OUTPUT_DEAD_LETTERS)
        return; /* of the refused alert, which was seen */
    Yagura__V1__Alert *alert =
        yagura__v1__alert__unpack(NULL, message->value.len, message->value.data);
    REQUIRE(alert != NULL && alert->evidence->offset < RECORDS, "an alert");
    size_t i = (size_t)alert->evidence->offset;
    REQUIRE(alert->alert_id.len == ID_BYTES, "alert id");
    if (stage->seen[i].alerts++ == 0)
        memcpy(stage->seen[i].id, alert->alert_id.data, ID_BYTES);
    REQUIRE(memcmp(stage->seen[i].id, alert->alert_id.data, ID_BYTES) == 0,
            "record %zu has two alert ids", i);
    REQUIRE(alert->evidence->offset >= stage->committed[0], "record %zu was done already", i);
    yagura__v1__alert__free_unpacked(alert, NULL);
}

static int open_transport(void *owner, unsigned worker, struct source **source, struct sink **sink)
{
    (void)worker;
    struct stage *stage = owner;
    const struct misfortune *now = &misfortunes[stage->session % SESSIONS];
    if (stage->session++ >= stage->sessions_max || now->no_transport)
        return STATUS_KAFKA;
    const struct memory_source_options in = {.topic = "raw",
                                             .records = stage->records,
                                             .record_count = RECORDS,
                                             .partition_count = 1,
                                             .fail_after = now->poll_fails_after,
                                             .committed = stage->committed};
    const struct memory_sink_options out = {.outstanding_max = 16,
                                            .receipts_per_poll = 3,
                                            .fail_at = now->sink_fails_at,
                                            .unknown_at = now->unknown_at,
                                            .refuse_at = now->refuse_at,
                                            .seen = on_message,
                                            .owner = stage};
    REQUIRE(memory_source_new(source, &in) == 0, "memory");
    REQUIRE(memory_sink_new(sink, &out) == 0, "memory");
    return 0;
}

static void on_ended(void *owner, unsigned worker, int result)
{
    (void)owner;
    (void)worker;
    (void)result;
}

static struct worker *start(struct stage *stage)
{
    const struct worker_options options = {.publication = stage->publication,
                                           .tenants = stage->tenants,
                                           .log = stage->log,
                                           .transport = open_transport,
                                           .ended = on_ended,
                                           .owner = stage,
                                           .stop = &stage->stop,
                                           .arena_bytes = 8 * 1024 * 1024,
                                           .record_bytes_max = 1024 * 1024,
                                           .batch_records_max = 7,
                                           .records_in_flight_max = 64,
                                           .poll_timeout_ms = 1,
                                           .drain_timeout_ms = 1000};
    struct worker *worker = NULL;
    REQUIRE(worker_new(&worker, &options) == 0, "worker");
    return worker;
}

/* --- The two stories --- */

static size_t survive(void)
{
    struct stage *stage = make_stage(SESSIONS);
    size_t alerts = 0;
    REQUIRE(worker_join(start(stage)) == 0, "the last session goes well");
    REQUIRE(stage->session == SESSIONS, "%zu sessions", stage->session);
    REQUIRE(stage->committed[0] == RECORDS, "%lld is committed", (long long)stage->committed[0]);
    for (size_t i = 0; i < RECORDS; i++) {
        REQUIRE(stage->seen[i].alerts >= 1, "record %zu is lost", i);
        alerts += stage->seen[i].alerts;
    }
    REQUIRE(alerts > RECORDS, "nothing failed");
    free_stage(stage);
    return alerts - RECORDS;
}

static void stop_while_it_fails(void)
{
    struct stage *stage = make_stage(0);
    struct worker *worker = start(stage);
    nanosleep(&(struct timespec){.tv_nsec = STOP_AFTER_MS * NS_PER_MS}, NULL);
    /* Relaxed: the join orders it. */
    atomic_store_explicit(&stage->stop, true, memory_order_relaxed);
    REQUIRE(worker_join(worker) == WORKER_LATE, "it says that not everything was done");
    REQUIRE(stage->committed[0] == -1, "nothing is committed");
    free_stage(stage);
}

int main(void)
{
    size_t repeated = survive();
    stop_while_it_fails();
    printf("%d records through %d sessions: none lost, %zu repeated with equal ids\n", RECORDS,
           SESSIONS, repeated);
    return 0;
}
