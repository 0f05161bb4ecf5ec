/* SPDX-License-Identifier: Apache-2.0 */
#include "sink.h"

#include "ingest/stream.h"
#include "proto/uuid.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

enum { FLUSH_TIMEOUT_MS = 30000, QUEUE_WAIT_MS = 100, ERROR_BYTES = 512 };

struct sink {
    FILE *file;
    rd_kafka_t *producer;
    const char *topic;
    uint64_t failed;
};

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct sink *sink = opaque;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    if (sink->failed++ == 0)
        fprintf(stderr, "yagura-bench: not delivered: %s\n", rd_kafka_err2str(message->err));
}

static int configure(rd_kafka_conf_t *conf, const struct sink_options *options)
{
    const struct {
        const char *name, *value;
    } settings[] = {
        {"bootstrap.servers", options->brokers}, {"compression.codec", options->codec},
        {"enable.idempotence", "true"},          {"linger.ms", "20"},
        {"message.max.bytes", "8388608"},        {"queue.buffering.max.kbytes", "65536"},
    };
    char error[ERROR_BYTES];
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (rd_kafka_conf_set(conf, settings[i].name, settings[i].value, error, sizeof error) ==
            RD_KAFKA_CONF_OK)
            continue;
        fprintf(stderr, "yagura-bench: %s\n", error);
        return STATUS_BAD_INPUT;
    }
    return 0;
}

static int open_producer(struct sink *sink, const struct sink_options *options)
{
    char error[ERROR_BYTES];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, sink);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    int result = configure(conf, options);
    if (result == 0) {
        sink->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
        if (sink->producer != NULL)
            return 0;
        fprintf(stderr, "yagura-bench: %s\n", error);
        result = STATUS_KAFKA;
    }
    rd_kafka_conf_destroy(conf);
    return result;
}

static int open_file(struct sink *sink, const char *path)
{
    sink->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    if (sink->file != NULL)
        return 0;
    fprintf(stderr, "yagura-bench: %s: %s\n", path, strerror(errno));
    return STATUS_IO;
}

int sink_open(struct sink **out, const struct sink_options *options)
{
    struct sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL)
        return STATUS_NO_MEMORY;
    sink->topic = options->topic;
    int result =
        options->path != NULL ? open_file(sink, options->path) : open_producer(sink, options);
    if (result < 0) {
        free(sink);
        return result;
    }
    *out = sink;
    return 0;
}

static int produce(struct sink *sink, const struct endpoint *endpoint, struct slice batch)
{
    char key[UUID_TEXT_BYTES + 1];
    char tenant[UUID_TEXT_BYTES + 1];
    uuid_format(key, endpoint->endpoint_id);
    uuid_format(tenant, endpoint->tenant_id);
    for (;;) {
        rd_kafka_resp_err_t error = rd_kafka_producev(
            sink->producer, RD_KAFKA_V_TOPIC(sink->topic), RD_KAFKA_V_KEY(key, UUID_TEXT_BYTES),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)batch.data, batch.len),
            RD_KAFKA_V_HEADER("x-tenant-id", tenant, UUID_TEXT_BYTES),
            RD_KAFKA_V_HEADER("content-type", "application/protobuf", -1),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fprintf(stderr, "yagura-bench: %s\n", rd_kafka_err2str(error));
            return STATUS_KAFKA;
        }
        rd_kafka_poll(sink->producer, QUEUE_WAIT_MS);
    }
    rd_kafka_poll(sink->producer, 0);
    return 0;
}

int sink_put(struct sink *sink, const struct endpoint *endpoint, struct slice batch)
{
    if (sink->file != NULL)
        return stream_write(sink->file, batch);
    return produce(sink, endpoint, batch);
}

static int close_producer(struct sink *sink)
{
    rd_kafka_flush(sink->producer, FLUSH_TIMEOUT_MS);
    int left = rd_kafka_outq_len(sink->producer);
    if (left > 0)
        fprintf(stderr, "yagura-bench: %d records were not acknowledged in %d s\n", left,
                FLUSH_TIMEOUT_MS / 1000);
    rd_kafka_destroy(sink->producer);
    return left > 0 || sink->failed > 0 ? STATUS_KAFKA : 0;
}

int sink_close(struct sink *sink)
{
    int result = 0;
    if (sink->producer != NULL)
        result = close_producer(sink);
    else if (fclose(sink->file) != 0)
        result = STATUS_IO;
    free(sink);
    return result;
}
