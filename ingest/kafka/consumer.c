/* SPDX-License-Identifier: Apache-2.0 */
/* Two things here differ from the usual consumer loop.
 *
 * Batches: librdkafka's batch call waits its whole timeout unless the batch fills, so it is asked
 * with timeout 0, and only if nothing is there one message is waited for and what came with it
 * taken.
 *
 * Rebalances: librdkafka calls back from inside the batch call, after some messages are already in
 * the array. The callback only notes what is wanted; the worker sees it at its next poll, when that
 * batch is judged, and librdkafka waits meanwhile, because a rebalance is over only when the
 * application says so. This also closes a hole: messages that were fetched before a revocation can
 * never be mistaken for the partition's when it comes back with an older position. */
#include "ingest/kafka/consumer.h"

#include "ingest/kafka/client.h"
#include "ingest/kafka/settings.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

enum {
    ERROR_BYTES_MAX = 512,
    CLOSE_TIMEOUT_MS = 10000,
    CLOSE_TURN_MS = 50,
    REACH_TIMEOUT_MS = 200,
    COMMIT_TIMEOUT_MS = 5000,
};

struct consumer {
    struct source source;
    struct kafka_client client;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t **batch;
    size_t batch_count;
    size_t batch_max;
    bool failed;
    bool fenced; /* another consumer of the group has this one's group.instance.id */
    bool closing;
    /* A rebalance that the worker has not accepted yet. */
    rd_kafka_topic_partition_list_t *pending; /* NULL: none */
    rd_kafka_resp_err_t pending_kind;
    bool pending_lost;
    struct partition *partitions; /* of pending */
};

static struct consumer *consumer_of(struct source *source)
{
    return (struct consumer *)source;
}

/* --- Rebalances --- */

static void apply(struct consumer *consumer, rd_kafka_resp_err_t kind,
                  const rd_kafka_topic_partition_list_t *list)
{
    bool assign = kind == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    const char *protocol = rd_kafka_rebalance_protocol(consumer->rk);
    if (protocol != NULL && strcmp(protocol, "COOPERATIVE") == 0) {
        rd_kafka_error_t *error = assign ? rd_kafka_incremental_assign(consumer->rk, list)
                                         : rd_kafka_incremental_unassign(consumer->rk, list);
        consumer->failed |= error != NULL;
        rd_kafka_error_destroy(error);
        return;
    }
    rd_kafka_resp_err_t error = rd_kafka_assign(consumer->rk, assign ? list : NULL);
    consumer->failed |= error != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t commit_now(struct consumer *consumer)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->rk);
    rd_kafka_resp_err_t error = rd_kafka_commit_queue(consumer->rk, NULL, queue, NULL, NULL);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, COMMIT_TIMEOUT_MS);
        error = event == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    return error;
}

/* What was stored, before partitions are given away: librdkafka itself commits after that, and does
 * not wait for it, so the next owner could read old positions. */
static void commit_stored(struct consumer *consumer)
{
    rd_kafka_resp_err_t error = commit_now(consumer);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__NO_OFFSET)
        LOG(consumer->client.log, LOG_WARNING,
            "positions could not be committed; their records come again",
            log_text("error", rd_kafka_err2name(error)));
}

static void drop_pending(struct consumer *consumer)
{
    if (consumer->pending != NULL)
        rd_kafka_topic_partition_list_destroy(consumer->pending);
    free(consumer->partitions);
    consumer->pending = NULL;
    consumer->partitions = NULL;
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t kind,
                         rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct consumer *consumer =
        (struct consumer *)((char *)opaque - offsetof(struct consumer, client));
    if (consumer->closing) {
        apply(consumer, kind, list);
        return;
    }
    /* librdkafka announces one rebalance at a time; should it ever not, the session begins again.
     */
    if (consumer->pending != NULL) {
        consumer->failed = true;
        return;
    }
    consumer->pending = rd_kafka_topic_partition_list_copy(list);
    consumer->pending_kind = kind;
    consumer->pending_lost = rd_kafka_assignment_lost(rk) != 0;
}

static void consumer_change(struct source *source, struct source_change *out)
{
    struct consumer *consumer = consumer_of(source);
    size_t count = (size_t)consumer->pending->cnt;
    if (consumer->partitions == NULL)
        consumer->partitions = calloc(count + 1, sizeof *consumer->partitions);
    if (consumer->partitions == NULL)
        count = 0;
    for (size_t i = 0; i < count; i++)
        consumer->partitions[i] = (struct partition){slice_text(consumer->pending->elems[i].topic),
                                                     consumer->pending->elems[i].partition};
    *out = (struct source_change){.revoked = consumer->pending_kind !=
                                             RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
                                  .lost = consumer->pending_lost,
                                  .partitions = consumer->partitions,
                                  .count = count};
}

static int consumer_accept(struct source *source)
{
    struct consumer *consumer = consumer_of(source);
    bool readable = consumer->partitions != NULL;
    bool revoked = consumer->pending_kind != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    if (revoked && !consumer->pending_lost)
        commit_stored(consumer);
    apply(consumer, consumer->pending_kind, consumer->pending);
    drop_pending(consumer);
    if (!readable)
        return STATUS_NO_MEMORY;
    return consumer->failed ? STATUS_KAFKA : 0;
}

/* --- Records --- */

/* Messages that are errors: the log tells, and what can't go on fails the session. */
static void handle_error(struct consumer *consumer, const rd_kafka_message_t *message)
{
    bool fatal = message->err == RD_KAFKA_RESP_ERR__FATAL ||
                 message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
    LOG(consumer->client.log, fatal ? LOG_ERROR : LOG_WARNING, "the consumer reports an error",
        log_text("error", rd_kafka_err2name(message->err)),
        log_text("text", rd_kafka_message_errstr(message)),
        log_text("topic", message->rkt == NULL ? "" : rd_kafka_topic_name(message->rkt)),
        log_number("partition", message->partition));
    consumer->failed |= fatal;
    consumer->fenced |=
        message->err == RD_KAFKA_RESP_ERR__FATAL &&
        rd_kafka_fatal_error(consumer->rk, NULL, 0) == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

static struct record to_record(const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    int64_t time_ms = rd_kafka_message_timestamp(message, &type);
    return (struct record){.topic = slice_text(rd_kafka_topic_name(message->rkt)),
                           .partition = message->partition,
                           .offset = message->offset,
                           .broker_time_ms = time_ms < 0 ? 0 : time_ms,
                           .key = slice_of(message->key, message->key_len),
                           .value = slice_of(message->payload, message->len),
                           .has_key = message->key != NULL,
                           .has_value = message->payload != NULL,
                           .handle = message};
}

static size_t take_now(struct consumer *consumer, size_t from)
{
    ssize_t taken = rd_kafka_consume_batch_queue(consumer->queue, 0, consumer->batch + from,
                                                 consumer->batch_max - from);
    return taken < 0 ? 0 : (size_t)taken;
}

static void fetch(struct consumer *consumer, int timeout_ms)
{
    consumer->batch_count = take_now(consumer, 0);
    if (consumer->batch_count > 0 || consumer->pending != NULL)
        return;
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->rk, timeout_ms);
    if (message == NULL)
        return;
    consumer->batch[0] = message;
    consumer->batch_count = 1;
    if (consumer->batch_max > 1)
        consumer->batch_count += take_now(consumer, 1);
}

static int consumer_poll(struct source *source, struct record *records, size_t max, size_t *count,
                         int timeout_ms)
{
    struct consumer *consumer = consumer_of(source);
    assert(consumer->batch_count == 0 && max >= consumer->batch_max);
    (void)max;
    *count = 0;
    if (consumer->pending != NULL)
        return SOURCE_CHANGE;
    fetch(consumer, timeout_ms);
    for (size_t i = 0; i < consumer->batch_count; i++) {
        if (consumer->batch[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            handle_error(consumer, consumer->batch[i]);
        else
            records[(*count)++] = to_record(consumer->batch[i]);
    }
    if (consumer->fenced)
        return SOURCE_FENCED;
    return consumer->failed ? STATUS_KAFKA : 0;
}

static int consumer_headers(struct source *source, const struct record *record, struct arena *arena,
                            const struct record_header **out, size_t *count)
{
    (void)source;
    rd_kafka_headers_t *headers = NULL;
    *out = NULL;
    *count = 0;
    if (rd_kafka_message_headers(record->handle, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0; /* none, or unreadable ones, which librdkafka does not tell apart from none */
    size_t n = rd_kafka_header_cnt(headers);
    struct record_header *items = arena_array(arena, struct record_header, n);
    if (items == NULL)
        return STATUS_LIMIT;
    for (size_t i = 0; i < n; i++) {
        const char *name = NULL;
        const void *value = NULL;
        size_t size = 0;
        if (rd_kafka_header_get_all(headers, i, &name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        items[(*count)++] = (struct record_header){
            .name = slice_text(name), .value = slice_of(value, size), .null = value == NULL};
    }
    *out = items;
    return 0;
}

static void consumer_release(struct source *source)
{
    struct consumer *consumer = consumer_of(source);
    for (size_t i = 0; i < consumer->batch_count; i++)
        rd_kafka_message_destroy(consumer->batch[i]);
    consumer->batch_count = 0;
}

static int consumer_store(struct source *source, const struct position *positions, size_t count)
{
    struct consumer *consumer = consumer_of(source);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        /* The ledger keeps its topics NUL-terminated. */
        rd_kafka_topic_partition_list_add(list, (const char *)positions[i].partition.topic.data,
                                          positions[i].partition.number)
            ->offset = positions[i].offset;
    }
    rd_kafka_resp_err_t error = rd_kafka_offsets_store(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    /* Partitions that were just lost can't be stored any more: their new owner judges again. */
    bool fine = error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__STATE ||
                error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
    return fine ? 0 : STATUS_KAFKA;
}

static uint64_t consumer_lag(struct source *source)
{
    struct consumer *consumer = consumer_of(source);
    rd_kafka_topic_partition_list_t *list = NULL;
    uint64_t lag = 0;
    if (rd_kafka_assignment(consumer->rk, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    if (rd_kafka_position(consumer->rk, list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (int i = 0; i < list->cnt; i++) {
            int64_t low = 0, high = 0;
            const rd_kafka_topic_partition_t *at = &list->elems[i];
            if (at->offset >= 0 &&
                rd_kafka_get_watermark_offsets(consumer->rk, at->topic, at->partition, &low,
                                               &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
                high > at->offset)
                lag += (uint64_t)(high - at->offset);
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return lag;
}

static bool consumer_reachable(struct source *source)
{
    struct consumer *consumer = consumer_of(source);
    return kafka_client_reachable(&consumer->client, consumer->rk, REACH_TIMEOUT_MS);
}

/* --- Beginning and end --- */

/* Leaves the group and commits what was stored, in bounded time: librdkafka's own close can hang.
 */
static void close_bounded(struct consumer *consumer)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->rk);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(consumer->rk, queue);
    bool begun = error == NULL;
    rd_kafka_error_destroy(error);
    for (int waited = 0;
         begun && !rd_kafka_consumer_closed(consumer->rk) && waited < CLOSE_TIMEOUT_MS;
         waited += CLOSE_TURN_MS) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, CLOSE_TURN_MS);
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
            apply(consumer, rd_kafka_event_error(event),
                  rd_kafka_event_topic_partition_list(event));
        rd_kafka_event_destroy(event);
    }
    if (begun && !rd_kafka_consumer_closed(consumer->rk))
        LOG(consumer->client.log, LOG_WARNING, "the consumer did not close in time",
            log_number("waited_ms", CLOSE_TIMEOUT_MS));
    rd_kafka_queue_destroy(queue);
}

static void consumer_free(struct source *source)
{
    struct consumer *consumer = consumer_of(source);
    if (consumer->rk != NULL) {
        consumer_release(source);
        commit_stored(consumer);
        consumer->closing = true;
        if (consumer->pending != NULL)
            apply(consumer, consumer->pending_kind, consumer->pending);
        drop_pending(consumer);
        close_bounded(consumer);
        if (consumer->queue != NULL)
            rd_kafka_queue_destroy(consumer->queue);
        rd_kafka_destroy_flags(consumer->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    free(consumer->batch);
    free(consumer);
}

static int subscribe(struct consumer *consumer, struct config_list list)
{
    rd_kafka_topic_partition_list_t *names = rd_kafka_topic_partition_list_new((int)list.count);
    for (size_t i = 0; i < list.count; i++)
        rd_kafka_topic_partition_list_add(names, list.items[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer->rk, names);
    rd_kafka_topic_partition_list_destroy(names);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : STATUS_KAFKA;
}

static int client_make(struct consumer *consumer, const struct consumer_options *options)
{
    char error[ERROR_BYTES_MAX];
    rd_kafka_conf_t *conf = NULL;
    TRY(kafka_settings_consumer(&conf, options->config, options->instance, options->worker));
    kafka_client_configure(&consumer->client, conf);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    consumer->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (consumer->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        LOG(options->log, LOG_ERROR, "a consumer could not be made", log_text("error", error));
        return STATUS_KAFKA;
    }
    rd_kafka_poll_set_consumer(consumer->rk);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->rk);
    return subscribe(consumer, config_input_topics(options->config));
}

int consumer_new(struct source **out, const struct consumer_options *options)
{
    static const struct source_ops ops = {
        .poll = consumer_poll,
        .headers = consumer_headers,
        .release = consumer_release,
        .change = consumer_change,
        .accept = consumer_accept,
        .store = consumer_store,
        .lag = consumer_lag,
        .reachable = consumer_reachable,
        .free = consumer_free,
    };
    assert(out != NULL);
    struct consumer *consumer = calloc(1, sizeof *consumer);
    if (consumer == NULL)
        return STATUS_NO_MEMORY;
    consumer->source.ops = &ops;
    consumer->client = (struct kafka_client){.log = options->log, .role = "consumer"};
    AUTO(source_free) struct source *owner = &consumer->source;
    consumer->batch_max = (size_t)options->config->batch_records_max;
    consumer->batch = calloc(consumer->batch_max, sizeof(rd_kafka_message_t *));
    if (consumer->batch == NULL)
        return STATUS_NO_MEMORY;
    TRY(client_make(consumer, options));
    *out = TAKE(&owner);
    return 0;
}
