/* SPDX-License-Identifier: Apache-2.0 */
/* An idempotent producer that gives no message up (message.timeout.ms 0): while brokers are away
 * its queue fills, send says SINK_FULL, and the worker waits. What it can't deliver is told apart
 * by whose fault it is: a message that is too large or invalid is refused alone, everything else
 * (rights, missing topic, fencing, a fatal error) fails the sink. */
#include "ingest/kafka/producer.h"

#include "ingest/kafka/client.h"
#include "ingest/kafka/settings.h"

#include <assert.h>
#include <stdlib.h>

enum { ERROR_BYTES_MAX = 512, METADATA_TIMEOUT_MS = 10000, PURGE_TIMEOUT_MS = 1000 };

struct producer {
    struct sink sink;
    struct kafka_client client;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topics[OUTPUT_COUNT];
};

_Static_assert(sizeof(void *) >= sizeof(uint64_t),
               "a ticket travels as a message's opaque pointer");

static struct producer *producer_of(struct sink *sink)
{
    return (struct producer *)sink;
}

static enum receipt_kind kind_of(rd_kafka_resp_err_t error)
{
    switch ((int)error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return RECEIPT_DELIVERED;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        return RECEIPT_REFUSED;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
        return RECEIPT_UNKNOWN;
    default:
        return RECEIPT_FAILED;
    }
}

/* Headers of a message, malloc'ed; *count 0 if there are none or no memory for them. */
static struct record_header *refused_headers(const rd_kafka_message_t *message, size_t *count)
{
    rd_kafka_headers_t *headers = NULL;
    *count = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return NULL;
    struct record_header *items = calloc(rd_kafka_header_cnt(headers), sizeof *items);
    const char *name = NULL;
    const void *value = NULL;
    size_t size = 0;
    while (items != NULL && rd_kafka_header_get_all(headers, *count, &name, &value, &size) ==
                                RD_KAFKA_RESP_ERR_NO_ERROR)
        items[(*count)++] = (struct record_header){
            .name = slice_text(name), .value = slice_of(value, size), .null = value == NULL};
    return items;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk;
    struct producer *producer =
        (struct producer *)((char *)opaque - offsetof(struct producer, client));
    struct receipt receipt = {.kind = kind_of(message->err),
                              .output = (enum output)(uintptr_t)rd_kafka_topic_opaque(message->rkt),
                              .ticket = (uint64_t)(uintptr_t)message->_private,
                              .key = slice_of(message->key, message->key_len),
                              .value = slice_of(message->payload, message->len),
                              .has_key = message->key != NULL,
                              .has_value = message->payload != NULL,
                              .error = message->err == RD_KAFKA_RESP_ERR_NO_ERROR
                                           ? NULL
                                           : rd_kafka_err2str(message->err)};
    struct record_header *headers = NULL;
    if (receipt.kind == RECEIPT_REFUSED)
        headers = refused_headers(message, &receipt.header_count);
    receipt.headers = headers;
    if (producer->sink.listener_fn != NULL)
        producer->sink.listener_fn(producer->sink.listener, &receipt);
    free(headers);
}

/* Kafka tells null from empty by the pointer alone. */
static const void *bytes_of(bool present, struct slice bytes)
{
    if (!present)
        return NULL;
    return bytes.data == NULL ? (const void *)"" : bytes.data;
}

static rd_kafka_headers_t *headers_of(const struct message *message)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->header_count);
    for (size_t i = 0; i < message->header_count; i++) {
        const struct record_header *header = &message->headers[i];
        rd_kafka_header_add(headers, (const char *)header->name.data, (ssize_t)header->name.len,
                            bytes_of(!header->null, header->value), (ssize_t)header->value.len);
    }
    return headers;
}

static int result_of(struct producer *producer, const struct message *message,
                     rd_kafka_resp_err_t error)
{
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return SINK_FULL;
    if (kind_of(error) == RECEIPT_REFUSED)
        return SINK_REFUSED;
    LOG(producer->client.log, LOG_ERROR, "a message could not be produced",
        log_text("topic", rd_kafka_topic_name(producer->topics[message->output])),
        log_text("error", rd_kafka_err2str(error)));
    return STATUS_KAFKA;
}

static int producer_send(struct sink *sink, const struct message *message)
{
    struct producer *producer = producer_of(sink);
    assert(producer->topics[message->output] != NULL);
    rd_kafka_headers_t *headers = headers_of(message);
    void *key = (void *)(uintptr_t)bytes_of(message->has_key, message->key);
    void *value = (void *)(uintptr_t)bytes_of(message->has_value, message->value);
    rd_kafka_resp_err_t error =
        rd_kafka_producev(producer->rk, RD_KAFKA_V_RKT(producer->topics[message->output]),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(key, message->has_key ? message->key.len : 0),
                          RD_KAFKA_V_VALUE(value, message->has_value ? message->value.len : 0),
                          RD_KAFKA_V_OPAQUE((void *)(uintptr_t)message->ticket),
                          RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_headers_destroy(headers);
    return result_of(producer, message, error);
}

static int producer_poll(struct sink *sink, int timeout_ms)
{
    rd_kafka_poll(producer_of(sink)->rk, timeout_ms);
    return 0;
}

static int producer_flush(struct sink *sink, int timeout_ms)
{
    rd_kafka_resp_err_t error = rd_kafka_flush(producer_of(sink)->rk, timeout_ms);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : SINK_WAITING;
}

static void producer_free(struct sink *sink)
{
    struct producer *producer = producer_of(sink);
    if (producer->rk != NULL) {
        /* What is still queued is not acknowledged, so its records come again. */
        rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(producer->rk, PURGE_TIMEOUT_MS);
        for (size_t i = 0; i < OUTPUT_COUNT; i++) {
            if (producer->topics[i] != NULL)
                rd_kafka_topic_destroy(producer->topics[i]);
        }
        rd_kafka_destroy(producer->rk);
    }
    free(producer);
}

/* Metadata now: else the first alert waits for it, and a missing topic shows when it is too late.
 */
static int check_topic(struct producer *producer, rd_kafka_topic_t *topic)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t error =
        rd_kafka_metadata(producer->rk, 0, topic, &metadata, METADATA_TIMEOUT_MS);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        error = metadata->topic_cnt == 1 ? metadata->topics[0].err
                                         : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        rd_kafka_metadata_destroy(metadata);
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
        return 0;
    LOG(producer->client.log, LOG_ERROR, "an output topic can't be used",
        log_text("topic", rd_kafka_topic_name(topic)), log_text("error", rd_kafka_err2str(error)));
    return STATUS_KAFKA;
}

static int open_topic(struct producer *producer, enum output output, const char *name)
{
    if (*name == '\0')
        return 0;
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(producer->rk);
    rd_kafka_topic_conf_set_opaque(conf, (void *)(uintptr_t)output);
    producer->topics[output] = rd_kafka_topic_new(producer->rk, name, conf);
    if (producer->topics[output] == NULL)
        return STATUS_KAFKA;
    return check_topic(producer, producer->topics[output]);
}

static int client_make(struct producer *producer, const struct producer_options *options)
{
    char error[ERROR_BYTES_MAX];
    rd_kafka_conf_t *conf = NULL;
    TRY(kafka_settings_producer(&conf, options->config, options->instance, options->worker));
    kafka_client_configure(&producer->client, conf);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    producer->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (producer->rk != NULL)
        return 0;
    rd_kafka_conf_destroy(conf);
    LOG(options->log, LOG_ERROR, "a producer could not be made", log_text("error", error));
    return STATUS_KAFKA;
}

int producer_new(struct sink **out, const struct producer_options *options)
{
    static const struct sink_ops ops = {producer_send, producer_poll, producer_flush,
                                        producer_free};
    assert(out != NULL);
    struct producer *producer = calloc(1, sizeof *producer);
    if (producer == NULL)
        return STATUS_NO_MEMORY;
    producer->sink.ops = &ops;
    producer->client = (struct kafka_client){.log = options->log, .role = "producer"};
    AUTO(sink_free) struct sink *owner = &producer->sink;
    TRY(client_make(producer, options));
    const struct config *config = options->config;
    const char *const names[OUTPUT_COUNT] = {
#define OUTPUT(name, label, option) [OUTPUT_##name] = config->option,
#include "ingest/outputs.def"
#undef OUTPUT
    };
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        TRY(open_topic(producer, (enum output)i, names[i]));
    *out = TAKE(&owner);
    return 0;
}
