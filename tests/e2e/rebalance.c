/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions that move while records stream: rebalance BOOTSTRAP ROUNDS.
 *
 * Workers with Kafka clients of their own in one consumer group. They come and go in turn, so each
 * round takes partitions away from somebody who is at work. A worker drains and commits what it
 * gives away, so nothing may be lost and, since nobody is killed, nothing judged twice. (Not before
 * librdkafka's mock cluster, which refuses commits while it rebalances.) */
#include "starts.h"
#include "stress.h"

#include "ingest/service/config.h"
#include "ingest/service/transport.h"
#include "ingest/service/worker.h"
#include "proto/alert.pb-c.h"
#include "rules/parser.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PARTITIONS = 4,
    WORKERS = 3, /* places; at least one is always taken */
    RECORDS_PER_TURN = 20,
    TURN_MS = 20,
    TURNS_PER_ROUND = 100,
    OFFSETS_MAX = 100000,
    WAIT_MS = 60000,
    NS_PER_MS = 1000000,
    ERROR_BYTES = 512,
};

static const char raw[] = "telemetry.raw.v1", alerts[] = "alerts.v1.proto";

struct place {
    struct worker *worker; /* NULL: nobody */
    struct transport transport;
    char instance[16];
    _Atomic bool stop;
    uint64_t sessions, late;
};

struct stage {
    rd_kafka_t *producer;
    rd_kafka_t *reader;
    struct config *config;
    struct log *log;
    struct tenants *tenants;
    struct publication *publication;
    struct place places[WORKERS];
    struct arena *arena;
    struct slice value;
    int64_t produced;
    int64_t received;
    unsigned char seen[PARTITIONS][OFFSETS_MAX];
};

static void nap(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * NS_PER_MS}, NULL);
}

/* --- Clients --- */

static rd_kafka_t *client(rd_kafka_type_t type, const char *bootstrap)
{
    char error[ERROR_BYTES];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, error, sizeof error);
    if (type == RD_KAFKA_CONSUMER)
        rd_kafka_conf_set(conf, "group.id", "reader", error, sizeof error);
    rd_kafka_t *made = rd_kafka_new(type, conf, error, sizeof error);
    REQUIRE(made != NULL, "%s", error);
    return made;
}

static void start_reader(struct stage *stage, const char *bootstrap)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
    stage->reader = client(RD_KAFKA_CONSUMER, bootstrap);
    for (int32_t i = 0; i < PARTITIONS; i++)
        rd_kafka_topic_partition_list_add(list, alerts, i)->offset = 0;
    REQUIRE(rd_kafka_assign(stage->reader, list) == 0, "assign");
    rd_kafka_topic_partition_list_destroy(list);
}

/* --- What the workers share --- */

static struct ruleset *make_ruleset(void)
{
    static const char text[] = "title: x\nid: 00000000-0000-4000-8000-000000000000\nlogsource:\n"
                               "    product: windows\n    category: process_creation\ndetection:\n"
                               "    selection:\n        CommandLine|contains: 'whoami'\n"
                               "    condition: selection\nlevel: low\n";
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    struct rule_list rules = {0};
    struct ruleset *ruleset = NULL;
    const struct parser_options parser = {0};
    const struct ruleset_options options = {0};
    REQUIRE(diag_list_new(&findings) == 0, "memory");
    REQUIRE(parser_read(&rules, slice_text(text), "x.yml", &parser, findings) == 0, "rule");
    int built = ruleset_build(&ruleset, rules.items, rules.count, &options, findings);
    REQUIRE(built == 0, "rule set");
    rule_list_deinit(&rules);
    return ruleset;
}

static void make_publication(struct stage *stage)
{
    AUTO(shared_ruleset_unref) struct shared_ruleset *ruleset = NULL;
    AUTO(shared_context_unref) struct shared_context *context = NULL;
    struct context *tables = NULL;
    struct edition *edition = NULL;
    REQUIRE(context_new(&tables) == 0, "memory");
    REQUIRE(shared_context_new(&context, tables) == 0, "memory");
    REQUIRE(shared_ruleset_new(&ruleset, make_ruleset(), 1) == 0, "memory");
    const struct edition_options options = {ruleset, context, 1, 0};
    REQUIRE(edition_new(&edition, &options) == 0, "memory");
    REQUIRE(publication_new(&stage->publication, edition, WORKERS) == 0, "memory");
}

static void make_shared(struct stage *stage, const char *bootstrap)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    const char *lines[] = {"whoami"};
    const struct starts_options starts = {.command_lines = lines, .count = 1};
    const struct log_options log = {STDERR_FILENO, LOG_INFO, 1000};
    char text[1024];
    snprintf(text, sizeof text,
             "tenant: 6ba7b810-9dad-41d1-80b4-00c04fd430c8\nkafka: {bootstrap.servers: '%s'}\n"
             "delivery: {static_membership: false, commit_interval_ms: 5000}\n"
             "output: {alerts_ocsf: ''}\nworkers: {batch_records_max: 50}\n",
             bootstrap);
    REQUIRE(diag_list_new(&findings) == 0, "memory");
    REQUIRE(config_parse(&stage->config, slice_text(text), "stress", findings) == 0, "config");
    REQUIRE(log_new(&stage->log, &log) == 0, "memory");
    REQUIRE(tenants_new(&stage->tenants, stage->config) == 0, "memory");
    REQUIRE(arena_new_growing(&stage->arena, 4096, 0) == 0, "memory");
    stage->value = starts_batch(&starts, stage->arena);
    make_publication(stage);
}

/* --- Workers --- */

static int open_transport(void *owner, unsigned worker, struct source **source, struct sink **sink)
{
    struct place *place = owner;
    return transport_open(&place->transport, worker, source, sink);
}

static void on_ended(void *owner, unsigned worker, int result)
{
    (void)owner;
    REQUIRE(result == 0, "worker %u ended with %d", worker, result);
}

static void come(struct stage *stage, unsigned number)
{
    struct place *place = &stage->places[number];
    const struct config *config = stage->config;
    snprintf(place->instance, sizeof place->instance, "w%u", number);
    place->transport = (struct transport){config, place->instance, stage->log};
    /* Relaxed: making the thread orders it. */
    atomic_store_explicit(&place->stop, false, memory_order_relaxed);
    const struct worker_options options = {
        .number = number,
        .publication = stage->publication,
        .tenants = stage->tenants,
        .log = stage->log,
        .transport = open_transport,
        .ended = on_ended,
        .owner = place,
        .stop = &place->stop,
        .arena_bytes = (size_t)config->worker_arena_bytes,
        .record_bytes_max = (size_t)config->record_bytes_max,
        .batch_records_max = (size_t)config->batch_records_max,
        .records_in_flight_max = (size_t)config->records_in_flight_max,
        .poll_timeout_ms = (unsigned)config->poll_timeout_ms,
        .drain_timeout_ms = (unsigned)config->drain_timeout_ms,
    };
    REQUIRE(worker_new(&place->worker, &options) == 0, "worker %u", number);
}

static void go(struct stage *stage, unsigned number)
{
    struct place *place = &stage->places[number];
    /* Relaxed: the join orders it. */
    atomic_store_explicit(&place->stop, true, memory_order_relaxed);
    REQUIRE(worker_join(place->worker) == 0, "worker %u", number);
    place->worker = NULL;
}

/* --- Records in, alerts out --- */

static void produce(struct stage *stage, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        rd_kafka_resp_err_t error = rd_kafka_producev(
            stage->producer, RD_KAFKA_V_TOPIC(raw),
            RD_KAFKA_V_PARTITION((int32_t)(stage->produced % PARTITIONS)),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)stage->value.data, stage->value.len),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        REQUIRE(error == RD_KAFKA_RESP_ERR_NO_ERROR, "%s", rd_kafka_err2str(error));
        stage->produced++;
    }
    rd_kafka_poll(stage->producer, 0);
}

static void note_alert(struct stage *stage, const rd_kafka_message_t *message)
{
    Yagura__V1__Alert *alert = yagura__v1__alert__unpack(NULL, message->len, message->payload);
    REQUIRE(alert != NULL, "an alert can't be read");
    int32_t partition = alert->evidence->partition;
    int64_t offset = alert->evidence->offset;
    REQUIRE(partition >= 0 && partition < PARTITIONS && offset >= 0 && offset < OFFSETS_MAX,
            "partition %d, offset %lld", partition, (long long)offset);
    REQUIRE(stage->seen[partition][offset] == 0, "partition %d, offset %lld was judged twice",
            partition, (long long)offset);
    stage->seen[partition][offset] = 1;
    stage->received++;
    yagura__v1__alert__free_unpacked(alert, NULL);
}

static void receive(struct stage *stage)
{
    rd_kafka_message_t *message;
    while ((message = rd_kafka_consumer_poll(stage->reader, 0)) != NULL) {
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            note_alert(stage, message);
        rd_kafka_message_destroy(message);
    }
}

static void stream(struct stage *stage, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        produce(stage, RECORDS_PER_TURN / PARTITIONS);
        receive(stage);
        nap(TURN_MS);
    }
}

static void wait_for_all(struct stage *stage)
{
    for (unsigned waited = 0; waited < WAIT_MS && stage->received < stage->produced;
         waited += TURN_MS) {
        rd_kafka_poll(stage->producer, 0);
        receive(stage);
        nap(TURN_MS);
    }
    REQUIRE(stage->received == stage->produced, "%lld of %lld records have their alert",
            (long long)stage->received, (long long)stage->produced);
}

/* --- */

static void stop(struct stage *stage)
{
    publication_free(stage->publication);
    tenants_free(stage->tenants);
    log_free(stage->log);
    config_free(stage->config);
    arena_free(stage->arena);
    rd_kafka_consumer_close(stage->reader);
    rd_kafka_destroy(stage->reader);
    rd_kafka_destroy(stage->producer);
    free(stage);
}

int main(int argc, char *argv[])
{
    REQUIRE(argc >= 3, "rebalance BOOTSTRAP ROUNDS");
    unsigned long rounds = strtoul(argv[2], NULL, 10);
    struct stage *stage = calloc(1, sizeof *stage);
    REQUIRE(stage != NULL, "memory");
    stage->producer = client(RD_KAFKA_PRODUCER, argv[1]);
    start_reader(stage, argv[1]);
    make_shared(stage, argv[1]);
    come(stage, 0);
    stream(stage, TURNS_PER_ROUND);
    for (unsigned i = 0; i < rounds; i++) {
        come(stage, (i + 1) % WORKERS); /* takes partitions from the one before */
        stream(stage, TURNS_PER_ROUND);
        go(stage, i % WORKERS); /* and the rest */
        stream(stage, TURNS_PER_ROUND / 4);
    }
    wait_for_all(stage);
    go(stage, (unsigned)(rounds % WORKERS));
    receive(stage);
    printf("%lu workers came and went: %lld records, each judged once\n", rounds + 1,
           (long long)stage->produced);
    stop(stage);
    return 0;
}
