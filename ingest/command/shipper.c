/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/shipper.h"

#include <assert.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { POLL_MS = 100 };

struct shipper {
    rd_kafka_t *kafka;
    char *topic;
    char tenant[UUID_TEXT_BYTES + 1];
    uint64_t sent, failed;
    bool is_fatal;
    char error[SHIPPER_MESSAGE_BYTES];
};

/* --- Making --- */

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, char *message)
{
    if (rd_kafka_conf_set(conf, name, value, message, SHIPPER_MESSAGE_BYTES) == RD_KAFKA_CONF_OK)
        return 0;
    return SHIPPER_REFUSED;
}

static int set_pair(rd_kafka_conf_t *conf, const char *pair, char *message)
{
    char name[128];
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair || (size_t)(equals - pair) >= sizeof name) {
        snprintf(message, SHIPPER_MESSAGE_BYTES, "--kafka needs NAME=VALUE, not '%.80s'", pair);
        return SHIPPER_REFUSED;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
    return set(conf, name, equals + 1, message);
}

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    (void)kafka;
    struct shipper *shipper = opaque;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    shipper->failed++;
    snprintf(shipper->error, sizeof shipper->error, "%s", rd_kafka_err2str(message->err));
}

static void on_error(rd_kafka_t *kafka, int error, const char *reason, void *opaque)
{
    (void)kafka;
    struct shipper *shipper = opaque;
    shipper->is_fatal |= error == RD_KAFKA_RESP_ERR__FATAL;
    snprintf(shipper->error, sizeof shipper->error, "%s", reason);
}

static int configure(rd_kafka_conf_t *conf, const struct shipper_options *options, char *message)
{
    static const char *const defaults[][2] = {
        {"client.id", "yagura-encode"},  {"compression.codec", "lz4"}, {"linger.ms", "5"},
        {"message.timeout.ms", "60000"}, {"log_level", "3"},
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

static int start(struct shipper *shipper, const struct shipper_options *options, char *message)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int result = configure(conf, options, message);
    if (result == 0) {
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        rd_kafka_conf_set_log_cb(conf, NULL); /* on_error says it all */
        rd_kafka_conf_set_error_cb(conf, on_error);
        rd_kafka_conf_set_opaque(conf, shipper);
        shipper->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, message, SHIPPER_MESSAGE_BYTES);
    }
    if (shipper->kafka != NULL)
        return 0; /* and conf is its own now */
    rd_kafka_conf_destroy(conf);
    return SHIPPER_REFUSED;
}

int shipper_new(struct shipper **out, const struct shipper_options *options, char *message)
{
    assert(out != NULL && options->brokers != NULL && options->topic != NULL);
    AUTO(shipper_free) struct shipper *shipper = calloc(1, sizeof *shipper);
    if (shipper == NULL)
        return STATUS_NO_MEMORY;
    shipper->topic = strdup(options->topic);
    if (shipper->topic == NULL)
        return STATUS_NO_MEMORY;
    uuid_format(shipper->tenant, options->tenant_id);
    int result = start(shipper, options, message);
    if (result != 0)
        return result;
    *out = TAKE(&shipper);
    return 0;
}

void shipper_free(struct shipper *shipper)
{
    if (shipper == NULL)
        return;
    if (shipper->kafka != NULL) {
        (void)rd_kafka_purge(shipper->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(shipper->kafka);
    }
    free(shipper->topic);
    free(shipper);
}

/* --- Connecting --- */

static int refuse(char *message, const char *what, const char *why)
{
    snprintf(message, SHIPPER_MESSAGE_BYTES, "%.200s: %.250s", what, why);
    return SHIPPER_REFUSED;
}

/* What Kafka says of the topic. A cluster that makes topics by itself says at first that it does
 * not know it. */
static int ask_for_topic(struct shipper *shipper, rd_kafka_topic_t *topic, int timeout_ms,
                         rd_kafka_resp_err_t *error)
{
    const struct rd_kafka_metadata *metadata = NULL;
    *error = rd_kafka_metadata(shipper->kafka, 0, topic, &metadata, timeout_ms);
    (void)shipper_poll(shipper, 0); /* what the client has said meanwhile */
    if (*error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return SHIPPER_REFUSED;
    *error = metadata->topic_cnt == 1 ? metadata->topics[0].err
                                      : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    rd_kafka_metadata_destroy(metadata);
    return 0;
}

int shipper_connect(struct shipper *shipper, int timeout_ms, char *message)
{
    enum { TRIES = 4, PAUSE_MS = 500 };
    rd_kafka_topic_t *topic = rd_kafka_topic_new(shipper->kafka, shipper->topic, NULL);
    if (topic == NULL)
        return refuse(message, shipper->topic, "cannot be a topic's name");
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    int result = 0;
    for (unsigned i = 0; i < TRIES && result == 0; i++) {
        if (i > 0)
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
        result = ask_for_topic(shipper, topic, timeout_ms, &error);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
    }
    rd_kafka_topic_destroy(topic);
    if (result != 0)
        return refuse(message, "no broker answers",
                      shipper->error[0] != '\0' ? shipper->error : rd_kafka_err2str(error));
    /* A leader that is still being chosen: the records wait for it. */
    bool is_there =
        error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    return is_there ? 0 : refuse(message, shipper->topic, rd_kafka_err2str(error));
}

/* --- Sending --- */

static rd_kafka_resp_err_t produce(struct shipper *shipper, struct slice batch,
                                   const char *endpoint)
{
    char id[64];
    char source[64];
    int id_len = snprintf(id, sizeof id, "%s-%" PRIu64, endpoint, shipper->sent);
    int source_len = snprintf(source, sizeof source, "urn:uuid:%s", endpoint);
    return rd_kafka_producev(shipper->kafka, RD_KAFKA_V_TOPIC(shipper->topic),
                             RD_KAFKA_V_KEY((void *)(uintptr_t)endpoint, UUID_TEXT_BYTES),
                             RD_KAFKA_V_VALUE((void *)(uintptr_t)batch.data, batch.len),
                             RD_KAFKA_V_HEADER("x-tenant-id", shipper->tenant, UUID_TEXT_BYTES),
                             RD_KAFKA_V_HEADER("ce_specversion", "1.0", 3),
                             RD_KAFKA_V_HEADER("ce_type", "yagura.telemetry.v1", -1),
                             RD_KAFKA_V_HEADER("ce_source", source, source_len),
                             RD_KAFKA_V_HEADER("ce_id", id, id_len),
                             RD_KAFKA_V_HEADER("content-type", "application/protobuf", -1),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

int shipper_send(struct shipper *shipper, struct slice batch, const uint8_t endpoint_id[UUID_BYTES])
{
    char endpoint[UUID_TEXT_BYTES + 1];
    uuid_format(endpoint, endpoint_id);
    while (!shipper->is_fatal) {
        rd_kafka_resp_err_t error = produce(shipper, batch, endpoint);
        (void)shipper_poll(shipper, error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? POLL_MS : 0);
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            continue;
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
            shipper->failed++;
            snprintf(shipper->error, sizeof shipper->error, "%s", rd_kafka_err2str(error));
        }
        shipper->sent++;
        return 0;
    }
    return STATUS_KAFKA;
}

size_t shipper_poll(struct shipper *shipper, int timeout_ms)
{
    rd_kafka_poll(shipper->kafka, timeout_ms);
    return (size_t)rd_kafka_outq_len(shipper->kafka);
}

uint64_t shipper_failed(const struct shipper *shipper)
{
    return shipper->failed;
}

const char *shipper_error(const struct shipper *shipper)
{
    return shipper->error;
}
