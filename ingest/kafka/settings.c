/* SPDX-License-Identifier: Apache-2.0 */
/* Why these defaults:
 * - A full fetch queue makes librdkafka sleep before it fetches again, a second by default, even if
 *   the queue drains at once. Newer versions let us set that pause; for the others a metadata
 *   refresh wakes the thread. 20 ms of a 16 MiB queue bound a worker to 800 MB/s, more than it can
 *   judge.
 * - A producer without message.timeout.ms never gives a message up: when brokers are away the queue
 *   fills, the worker waits, and Kafka keeps what was not read.
 * - retry.backoff.ms, linger.ms and Nagle: latency (measured in front of real brokers). */
#include "ingest/kafka/settings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum { ERROR_BYTES_MAX = 512, VALUE_BYTES_MAX = 512, COOPERATIVE_SINCE = 0x020300ff };

struct setting {
    const char *key, *value;
};

static const struct setting common_defaults[] = {
    {"socket.nagle.disable", "true"},
    {"reconnect.backoff.ms", "50"},
    {"reconnect.backoff.max.ms", "2000"},
};

static const struct setting consumer_defaults[] = {
    {"partition.assignment.strategy", "range"},
    {"queued.max.messages.kbytes", "16384"},
    {"session.timeout.ms", "45000"},
    {"max.poll.interval.ms", "300000"},
    {"allow.auto.create.topics", "false"},
};

static const struct setting consumer_fixed[] = {
    {"enable.auto.commit", "true"}, /* of stored offsets only */
    {"enable.auto.offset.store", "false"},
    {"isolation.level", "read_committed"},
    {"enable.partition.eof", "false"},
};

static const struct setting producer_defaults[] = {
    {"compression.type", "lz4"},
    {"linger.ms", "5"},
    {"retry.backoff.ms", "10"},
    {"message.timeout.ms", "0"},
    {"partitioner", "murmur2_random"}, /* as Java's clients, so that joins by key meet */
    {"queue.buffering.max.messages", "100000"},
    {"queue.buffering.max.kbytes", "65536"},
    {"message.max.bytes", "16777216"}, /* whatever came can go back whole: the topic decides */
};

static const struct setting producer_fixed[] = {
    {"enable.idempotence", "true"},
    {"acks", "all"},
};

static bool conf_knows(const char *key)
{
    char value[VALUE_BYTES_MAX];
    size_t size = sizeof value;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool known = rd_kafka_conf_get(conf, key, value, &size) == RD_KAFKA_CONF_OK;
    rd_kafka_conf_destroy(conf);
    return known;
}

/* Below 2.3.0 librdkafka aborts the process when a cooperative consumer is closed before its first
 * assignment, which happens whenever a worker leaves in the middle of a rebalance. */
static void check_assignor(const struct config *config, struct diag_list *findings)
{
    const struct config_pair *pair =
        config_setting(config, OPTION_kafka_consumer, "partition.assignment.strategy");
    if (pair == NULL || strstr(pair->value, "cooperative") == NULL ||
        rd_kafka_version() >= COOPERATIVE_SINCE)
        return;
    diag_add(findings, DIAG_ERROR, pair->at, "kafka-setting", "leave it out: range is the default",
             "%s: librdkafka %s can crash with cooperative assignors; 2.3.0 does not", pair->key,
             rd_kafka_version_str());
}

void kafka_settings_check(const struct config *config, struct diag_list *findings)
{
    const struct config_pairs *maps[] = {&config->kafka, &config->kafka_consumer,
                                         &config->kafka_producer};
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++) {
        for (size_t i = 0; i < maps[m]->count; i++) {
            const struct config_pair *pair = &maps[m]->items[i];
            char error[ERROR_BYTES_MAX] = "";
            rd_kafka_conf_t *conf = rd_kafka_conf_new();
            rd_kafka_conf_res_t result =
                rd_kafka_conf_set(conf, pair->key, pair->value, error, sizeof error);
            rd_kafka_conf_destroy(conf);
            if (result != RD_KAFKA_CONF_OK)
                diag_add(findings, DIAG_ERROR, pair->at, "kafka-setting",
                         "librdkafka's CONFIGURATION.md lists its settings and their values",
                         "%s: %s", pair->key, error);
        }
    }
    check_assignor(config, findings);
}

static int set(rd_kafka_conf_t *conf, const char *key, const char *value)
{
    char error[ERROR_BYTES_MAX];
    return rd_kafka_conf_set(conf, key, value, error, sizeof error) == RD_KAFKA_CONF_OK
               ? 0
               : STATUS_KAFKA;
}

static int set_number(rd_kafka_conf_t *conf, const char *key, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return set(conf, key, text);
}

static int set_all(rd_kafka_conf_t *conf, const struct setting settings[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(set(conf, settings[i].key, settings[i].value));
    return 0;
}

static int set_pairs(rd_kafka_conf_t *conf, const struct config_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        TRY(set(conf, pairs->items[i].key, pairs->items[i].value));
    return 0;
}

static int set_client_id(rd_kafka_conf_t *conf, const char *instance, unsigned worker)
{
    char id[VALUE_BYTES_MAX];
    snprintf(id, sizeof id, "yagurad-%s-%u", instance, worker);
    return set(conf, "client.id", id);
}

static int set_fetch_pause(rd_kafka_conf_t *conf)
{
    if (conf_knows("fetch.queue.backoff.ms"))
        return set(conf, "fetch.queue.backoff.ms", "1");
    return set(conf, "topic.metadata.refresh.interval.ms", "20");
}

static int set_membership(rd_kafka_conf_t *conf, const struct config *config, const char *instance,
                          unsigned worker)
{
    char id[VALUE_BYTES_MAX];
    TRY(set(conf, "group.id", config->input_group));
    if (!config->static_membership)
        return 0;
    snprintf(id, sizeof id, "%s-%u", instance, worker);
    return set(conf, "group.instance.id", id);
}

#define SET_ALL(conf, table) set_all(conf, table, sizeof(table) / sizeof *(table))

static int consumer_fill(rd_kafka_conf_t *conf, const struct config *config, const char *instance,
                         unsigned worker)
{
    static const char *const resets[] = {[OFFSET_RESET_EARLIEST] = "earliest",
                                         [OFFSET_RESET_LATEST] = "latest",
                                         [OFFSET_RESET_ERROR] = "error"};
    TRY(SET_ALL(conf, common_defaults));
    TRY(SET_ALL(conf, consumer_defaults));
    TRY(set_fetch_pause(conf));
    TRY(set_pairs(conf, &config->kafka));
    TRY(set_pairs(conf, &config->kafka_consumer));
    TRY(SET_ALL(conf, consumer_fixed));
    TRY(set_number(conf, "auto.commit.interval.ms", config->commit_interval_ms));
    TRY(set(conf, "auto.offset.reset", resets[config->input_offset_reset]));
    TRY(set_client_id(conf, instance, worker));
    return set_membership(conf, config, instance, worker);
}

static int producer_fill(rd_kafka_conf_t *conf, const struct config *config, const char *instance,
                         unsigned worker)
{
    TRY(SET_ALL(conf, common_defaults));
    TRY(SET_ALL(conf, producer_defaults));
    TRY(set_pairs(conf, &config->kafka));
    TRY(set_pairs(conf, &config->kafka_producer));
    TRY(SET_ALL(conf, producer_fixed));
    return set_client_id(conf, instance, worker);
}

int kafka_settings_consumer(rd_kafka_conf_t **out, const struct config *config,
                            const char *instance, unsigned worker)
{
    assert(out != NULL);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int result = consumer_fill(conf, config, instance, worker);
    if (result < 0)
        rd_kafka_conf_destroy(conf);
    else
        *out = conf;
    return result;
}

int kafka_settings_producer(rd_kafka_conf_t **out, const struct config *config,
                            const char *instance, unsigned worker)
{
    assert(out != NULL);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int result = producer_fill(conf, config, instance, worker);
    if (result < 0)
        rd_kafka_conf_destroy(conf);
    else
        *out = conf;
    return result;
}
