/* SPDX-License-Identifier: Apache-2.0 */
/* What a failed delivery means:
 * - The message itself is at fault (too large, invalid): it goes to the dead-letter topic in its
 *   stead, with the coordinates of the record that caused it; the record itself is gone from
 *   librdkafka's buffers by then, but an alert carries its event. The record is done when that dead
 *   letter is acknowledged. A dead letter at fault is sent again without its value.
 * - Anything else says nothing of the message: the session fails, loudly. Nothing more is stored,
 *   the worker makes source and sink anew, and the records come again from the last stored offset.
 *   Skipping is no option, and neither is to guess which of its messages arrived. */
#include "ingest/service/delivery.h"

#include "ingest/service/dead_letter.h"
#include "ingest/service/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

enum {
    WAIT_TURN_MS = 50,
    UNREADY_AFTER_MS = 5000,
    LETTER_ARENA_BYTES = 64 * 1024,
    POSITIONS_MAX = 64,
};

struct delivery {
    struct delivery_options options;
    struct ledger *ledger;
    struct arena *letters; /* for dead letters of refused messages */
    size_t partition_count;
    bool failed;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void fail(struct delivery *delivery, const char *error)
{
    if (!delivery->failed)
        LOG(delivery->options.log, LOG_ERROR, "a message could not be delivered",
            log_text("error", error == NULL ? "" : error));
    delivery->failed = true;
}

/* Without waiting: this runs inside the sink's poll, which must not be entered twice. A sink too
 * full to take a single message more fails the session, which loses nothing. */
static int send_now(struct delivery *delivery, struct message *message, uint64_t ticket)
{
    struct sink *sink = delivery->options.sink;
    message->ticket = ticket;
    ledger_expect(delivery->ledger, ticket);
    int result = sink->ops->send(sink, message);
    if (result == 0)
        counter_add(delivery->options.counters, COUNTER_SENT, 1);
    if (result == SINK_REFUSED)
        ledger_acknowledge(delivery->ledger, ticket); /* no receipt follows */
    return result;
}

/* The topic takes less than the input's does: better a letter without its value, or with nothing
 * but its reason, than a record that stops its partition for ever. */
static void shorten(struct delivery *delivery, const struct receipt *receipt)
{
    struct message message;
    LOG(delivery->options.log, LOG_WARNING, "a dead letter was refused and is shortened",
        log_text("error", receipt->error), log_number("bytes", (int64_t)receipt->value.len));
    if (dead_letter_shorten(&message, receipt, delivery->letters) != 0 ||
        send_now(delivery, &message, receipt->ticket) != 0)
        fail(delivery, receipt->error);
}

static int send_alert_letter(struct delivery *delivery, const struct receipt *receipt,
                             const struct record *record, enum dead_letter_form form)
{
    const struct dead_letter letter = {.record = record,
                                       .reason = REASON_ALERT_UNDELIVERABLE,
                                       .stage = DEAD_LETTER_DELIVER,
                                       .event_index = SIZE_MAX,
                                       .form = form};
    struct message message;
    arena_reset(delivery->letters);
    TRY(dead_letter_make(&message, &letter, delivery->letters));
    return send_now(delivery, &message, receipt->ticket);
}

static void bury_alert(struct delivery *delivery, const struct receipt *receipt,
                       struct partition partition, int64_t offset)
{
    counter_add(delivery->options.counters, COUNTER_REFUSED, 1);
    LOG(delivery->options.log, LOG_WARNING, "an alert was refused and became a dead letter",
        log_text("error", receipt->error), log_slice("topic", partition.topic),
        log_number("partition", partition.number), log_number("offset", offset));
    const struct record record = {.topic = partition.topic,
                                  .partition = partition.number,
                                  .offset = offset,
                                  .key = receipt->key,
                                  .value = receipt->value,
                                  .has_key = true,
                                  .has_value = true};
    int sent = send_alert_letter(delivery, receipt, &record, DEAD_LETTER_WHOLE);
    if (sent == SINK_REFUSED)
        sent = send_alert_letter(delivery, receipt, &record, DEAD_LETTER_WITHOUT_VALUE);
    if (sent != 0)
        fail(delivery, receipt->error);
    counter_bump(&delivery->options.counters->dead_letters[REASON_ALERT_UNDELIVERABLE], 1);
}

/* A message that can never be delivered becomes a dead letter under the same ticket. */
static void bury(struct delivery *delivery, const struct receipt *receipt)
{
    struct partition partition;
    int64_t offset = 0;
    if (!ledger_record(delivery->ledger, receipt->ticket, &partition, &offset))
        return; /* revoked: it will be judged again elsewhere */
    arena_reset(delivery->letters);
    if (receipt->output == OUTPUT_DEAD_LETTERS)
        shorten(delivery, receipt);
    else
        bury_alert(delivery, receipt, partition, offset);
}

static void receive(void *listener, const struct receipt *receipt)
{
    struct delivery *delivery = listener;
    switch (receipt->kind) {
    case RECEIPT_DELIVERED:
        counter_add(delivery->options.counters, COUNTER_ACKNOWLEDGED, 1);
        counter_bump(&delivery->options.counters->acknowledged[receipt->output], 1);
        ledger_acknowledge(delivery->ledger, receipt->ticket);
        return;
    case RECEIPT_REFUSED:
        bury(delivery, receipt);
        ledger_acknowledge(delivery->ledger, receipt->ticket);
        return;
    case RECEIPT_FAILED:
        fail(delivery, receipt->error);
        return;
    case RECEIPT_UNKNOWN:
        delivery->failed = true; /* never acknowledged: nothing behind it could ever be stored */
        return;
    }
}

int delivery_new(struct delivery **out, const struct delivery_options *options)
{
    assert(out != NULL && options->source != NULL && options->sink != NULL);
    AUTO(delivery_free) struct delivery *delivery = calloc(1, sizeof *delivery);
    if (delivery == NULL)
        return STATUS_NO_MEMORY;
    delivery->options = *options;
    TRY(ledger_new(&delivery->ledger, options->records_in_flight_max));
    TRY(arena_new_fixed(&delivery->letters, LETTER_ARENA_BYTES));
    sink_listen(options->sink, receive, delivery);
    *out = TAKE(&delivery);
    return 0;
}

void delivery_free(struct delivery *delivery)
{
    if (delivery == NULL)
        return;
    ledger_free(delivery->ledger);
    arena_free(delivery->letters);
    free(delivery);
}

struct patience {
    int64_t began_ms;   /* 0: the first turn is to come */
    int64_t stop_by_ms; /* 0: nobody said stop */
};

/* One turn of waiting for receipts. Who waits is alive, but not ready for long. */
static int wait_turn(struct delivery *delivery, struct patience *patience)
{
    struct sink *sink = delivery->options.sink;
    int64_t now = now_ms();
    if (patience->began_ms == 0)
        patience->began_ms = now;
    counter_add(delivery->options.counters, COUNTER_WAITS, 1);
    counter_set(delivery->options.counters, COUNTER_PROGRESS_MS, (uint64_t)now);
    if (now - patience->began_ms > UNREADY_AFTER_MS)
        counter_set(delivery->options.counters, COUNTER_READY, 0);
    TRY(sink->ops->poll(sink, WAIT_TURN_MS));
    if (delivery->failed)
        return STATUS_KAFKA;
    /* Relaxed: the flag orders nothing, it only has to be seen some time. */
    if (!atomic_load_explicit(delivery->options.stop, memory_order_relaxed))
        return 0;
    if (patience->stop_by_ms == 0)
        patience->stop_by_ms = now + delivery->options.drain_timeout_ms;
    return now < patience->stop_by_ms ? 0 : STATUS_CANCELLED;
}

int delivery_begin(struct delivery *delivery, const struct record *record, uint64_t *ticket)
{
    struct patience patience = {0};
    for (;;) {
        if (delivery->failed)
            return STATUS_KAFKA;
        int result = ledger_begin(delivery->ledger, record, ticket);
        if (result == LEDGER_STALE)
            return DELIVERY_STALE;
        if (result != LEDGER_FULL)
            return result;
        TRY(wait_turn(delivery, &patience));
    }
}

int delivery_send(struct delivery *delivery, uint64_t ticket, struct message *message)
{
    struct sink *sink = delivery->options.sink;
    struct patience patience = {0};
    message->ticket = ticket;
    ledger_expect(delivery->ledger, ticket);
    for (;;) {
        if (delivery->failed)
            return STATUS_KAFKA;
        int result = sink->ops->send(sink, message);
        if (result == 0)
            counter_add(delivery->options.counters, COUNTER_SENT, 1);
        if (result == SINK_REFUSED)
            ledger_acknowledge(delivery->ledger, ticket); /* no receipt follows */
        if (result != SINK_FULL)
            return result == SINK_REFUSED ? DELIVERY_REFUSED : result;
        TRY(wait_turn(delivery, &patience));
    }
}

void delivery_finish(struct delivery *delivery, uint64_t ticket)
{
    ledger_finish(delivery->ledger, ticket);
}

static int store_moved(struct delivery *delivery)
{
    struct source *source = delivery->options.source;
    struct position positions[POSITIONS_MAX];
    for (;;) {
        size_t count = 0;
        while (count < POSITIONS_MAX && ledger_take_moved(delivery->ledger, &positions[count]))
            count++;
        if (count == 0)
            return 0;
        TRY(source->ops->store(source, positions, count));
    }
}

int delivery_settle(struct delivery *delivery)
{
    struct sink *sink = delivery->options.sink;
    TRY(sink->ops->poll(sink, 0));
    if (delivery->failed)
        return STATUS_KAFKA;
    TRY(store_moved(delivery));
    counter_set(delivery->options.counters, COUNTER_OUTSTANDING,
                ledger_outstanding(delivery->ledger));
    return 0;
}

int delivery_drain(struct delivery *delivery)
{
    struct sink *sink = delivery->options.sink;
    if (delivery->failed)
        return STATUS_KAFKA;
    int flushed = sink->ops->flush(sink, (int)delivery->options.drain_timeout_ms);
    if (flushed < 0)
        return flushed;
    TRY(delivery_settle(delivery));
    if (flushed == 0)
        return 0;
    counter_add(delivery->options.counters, COUNTER_UNSETTLED, 1);
    LOG(delivery->options.log, LOG_WARNING, "a drain ran out of time",
        log_number("outstanding", (int64_t)ledger_outstanding(delivery->ledger)));
    return DELIVERY_LATE;
}

static int drain_for_change(struct delivery *delivery, const struct source_change *change)
{
    if (!change->revoked || change->lost)
        return 0;
    int drained = delivery_drain(delivery);
    return drained < 0 ? drained : 0;
}

int delivery_change(struct delivery *delivery)
{
    struct source *source = delivery->options.source;
    struct source_change change;
    source->ops->change(source, &change);
    counter_add(delivery->options.counters, COUNTER_CHANGES, 1);
    LOG(delivery->options.log, LOG_INFO, "partitions change",
        log_text("what", change.revoked ? (change.lost ? "lost" : "revoked") : "assigned"),
        log_number("partitions", (int64_t)change.count));
    TRY(drain_for_change(delivery, &change));
    for (size_t i = 0; i < change.count; i++) {
        ledger_close(delivery->ledger, change.partitions[i]);
        if (!change.revoked)
            TRY(ledger_open(delivery->ledger, change.partitions[i]));
    }
    delivery->partition_count += change.revoked ? -change.count : change.count;
    counter_set(delivery->options.counters, COUNTER_PARTITIONS, delivery->partition_count);
    return source->ops->accept(source);
}
