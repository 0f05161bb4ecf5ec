/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/producer.h"

#include <assert.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

enum { POLL_MS = 100 };

struct producer {
    rd_kafka_t *kafka;
    char *topic;
    char tenant[UUID_TEXT_BYTES + 1];
    uint64_t sent, acknowledged, failed;
    bool is_fatal;
    char error[PRODUCER_MESSAGE_BYTES];
};

/* --- Making --- */

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, char *message)
{
    if (rd_kafka_conf_set(conf, name, value, message, PRODUCER_MESSAGE_BYTES) == RD_KAFKA_CONF_OK)
        return 0;
    return PRODUCER_REFUSED;
}

static int set_pair(rd_kafka_conf_t *conf, const char *pair, char *message)
{
    char name[128];
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair || (size_t)(equals - pair) >= sizeof name) {
        snprintf(message, PRODUCER_MESSAGE_BYTES, "--kafka needs NAME=VALUE, not '%.80s'", pair);
        return PRODUCER_REFUSED;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
    return set(conf, name, equals + 1, message);
}

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    (void)kafka;
    struct producer *producer = opaque;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->acknowledged++;
        return;
    }
    producer->failed++;
    snprintf(producer->error, sizeof producer->error, "%s", rd_kafka_err2str(message->err));
}

static void on_error(rd_kafka_t *kafka, int error, const char *reason, void *opaque)
{
    (void)kafka;
    struct producer *producer = opaque;
    producer->is_fatal |= error == RD_KAFKA_RESP_ERR__FATAL;
    snprintf(producer->error, sizeof producer->error, "%s", reason);
}

static int configure(rd_kafka_conf_t *conf, const struct producer_options *options, char *message)
{
    static const char *const defaults[][2] = {
        {"client.id", "yagura-encode"},
        {"compression.codec", "lz4"},
        {"linger.ms", "5"},
        {"log_level", "3"},
    };
    int result = set(conf, "bootstrap.servers", options->brokers, message);
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0] && result == 0; i++)
        result = set(conf, defaults[i][0], defaults[i][1], message);
    for (size_t i = 0; i < options->setting_count && result == 0; i++)
        result = set_pair(conf, options->settings[i], message);
    if (result == 0)
        result = set(conf, "enable.idempotence", "true", message);
    return result;
}

static int start(struct producer *producer, const struct producer_options *options, char *message)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int result = configure(conf, options, message);
    if (result == 0) {
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        rd_kafka_conf_set_error_cb(conf, on_error);
        rd_kafka_conf_set_opaque(conf, producer);
        producer->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, message, PRODUCER_MESSAGE_BYTES);
    }
    if (producer->kafka != NULL)
        return 0; /* and conf is its own now */
    rd_kafka_conf_destroy(conf);
    return PRODUCER_REFUSED;
}

int producer_new(struct producer **out, const struct producer_options *options, char *message)
{
    assert(out != NULL && options->brokers != NULL && options->topic != NULL);
    AUTO(producer_free) struct producer *producer = calloc(1, sizeof *producer);
    if (producer == NULL)
        return STATUS_NO_MEMORY;
    producer->topic = strdup(options->topic);
    if (producer->topic == NULL)
        return STATUS_NO_MEMORY;
    uuid_format(producer->tenant, options->tenant_id);
    int result = start(producer, options, message);
    if (result != 0)
        return result;
    *out = TAKE(&producer);
    return 0;
}

void producer_free(struct producer *producer)
{
    if (producer == NULL)
        return;
    if (producer->kafka != NULL) {
        (void)rd_kafka_purge(producer->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(producer->kafka);
    }
    free(producer->topic);
    free(producer);
}

/* --- Sending --- */

static rd_kafka_resp_err_t produce(struct producer *producer, struct slice batch,
                                   const char *endpoint)
{
    char id[64];
    char source[64];
    int id_len = snprintf(id, sizeof id, "%s-%" PRIu64, endpoint, producer->sent);
    int source_len = snprintf(source, sizeof source, "urn:uuid:%s", endpoint);
    return rd_kafka_producev(producer->kafka, RD_KAFKA_V_TOPIC(producer->topic),
                             RD_KAFKA_V_KEY(endpoint, UUID_TEXT_BYTES),
                             RD_KAFKA_V_VALUE((void *)(uintptr_t)batch.data, batch.len),
                             RD_KAFKA_V_HEADER("x-tenant-id", producer->tenant, UUID_TEXT_BYTES),
                             RD_KAFKA_V_HEADER("ce_specversion", "1.0", 3),
                             RD_KAFKA_V_HEADER("ce_type", "yagura.telemetry.v1", -1),
                             RD_KAFKA_V_HEADER("ce_source", source, source_len),
                             RD_KAFKA_V_HEADER("ce_id", id, id_len),
                             RD_KAFKA_V_HEADER("content-type", "application/protobuf", -1),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

int producer_send(struct producer *producer, struct slice batch,
                  const uint8_t endpoint_id[UUID_BYTES])
{
    char endpoint[UUID_TEXT_BYTES + 1];
    uuid_format(endpoint, endpoint_id);
    while (!producer->is_fatal) {
        rd_kafka_resp_err_t error = produce(producer, batch, endpoint);
        (void)producer_poll(producer, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? POLL_MS : 0);
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            continue;
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
            producer->failed++;
            snprintf(producer->error, sizeof producer->error, "%s", rd_kafka_err2str(error));
        }
        producer->sent++;
        return 0;
    }
    return STATUS_KAFKA;
}

size_t producer_poll(struct producer *producer, int timeout_ms)
{
    rd_kafka_poll(producer->kafka, timeout_ms);
    return (size_t)rd_kafka_outq_len(producer->kafka);
}

uint64_t producer_acknowledged(const struct producer *producer)
{
    return producer->acknowledged;
}

uint64_t producer_failed(const struct producer *producer)
{
    return producer->failed;
}

const char *producer_error(const struct producer *producer)
{
    return producer->error;
}
