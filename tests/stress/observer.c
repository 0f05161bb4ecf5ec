/* SPDX-License-Identifier: Apache-2.0 */
/* The source stands in front of a memory source and notes where batches begin and end; the sink's
 * messages are sorted into the batch at hand. Of each record position the contents are known, so
 * what must follow from it is known too, but for the rule set: that is found out from the alerts
 * and must be one and the same for the whole batch. */
#include "observer.h"

#include "proto/alert.pb-c.h"
#include "starts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    PARTITIONS = 3,
    RECORDS = 12, /* then they repeat */
    EVENTS = 4,   /* of a good record */
    BATCH_MAX = 64,
    NAP_NS = 300000,
    REPEATS = 1000000000,
    COMPLAINT_BYTES_MAX = 160,
};

/* What is wrong with a record, by its place in the repetition. */
enum flaw { FLAW_NONE, FLAW_BAD_EVENT, FLAW_FORGED, FLAW_NULL };
static const enum flaw flaws[RECORDS] = {[3] = FLAW_BAD_EVENT, [6] = FLAW_FORGED, [9] = FLAW_NULL};

struct observer {
    struct observer_options options;
    struct arena *arena;
    struct memory_record records[RECORDS];
    struct source *inner;
    struct observer_totals totals;
    struct observed_batch *batches;
    size_t batch_count, batch_capacity;
    int64_t next_offset[PARTITIONS];
    /* The batch at hand. */
    struct observed_batch batch;
    size_t count;
    struct {
        int32_t partition;
        int64_t offset;
        unsigned masks[EVENTS];
        unsigned letters;
    } seen[BATCH_MAX];
    bool any_alert;
    char complaint[COMPLAINT_BYTES_MAX];
};

/* The observer's source; the worker's sink points to the observer itself. */
struct observed_source {
    struct source source;
    struct observer *observer;
};

static void complain(struct observer *observer, const char *what, int64_t partition, int64_t offset)
{
    if (observer->complaint[0] == '\0')
        snprintf(observer->complaint, sizeof observer->complaint,
                 "%s (partition %lld, offset %lld)", what, (long long)partition, (long long)offset);
}

/* Offsets of a partition count its records; records go round the partitions. */
static size_t place_of(int32_t partition, int64_t offset)
{
    return (size_t)((offset * PARTITIONS + partition) % RECORDS);
}

static unsigned kind_of(size_t place, size_t event)
{
    return (unsigned)(place + event) % MODEL_KINDS;
}

static bool is_good(size_t place, size_t event)
{
    return flaws[place] == FLAW_NONE || (flaws[place] == FLAW_BAD_EVENT && event != 1);
}

/* --- The records --- */

static struct slice make_value(struct observer *observer, size_t place)
{
    static const uint8_t forged[16] = {0xF0};
    const char *lines[EVENTS];
    for (size_t i = 0; i < EVENTS; i++)
        lines[i] = model_command_line(kind_of(place, i));
    const struct starts_options starts = {.command_lines = lines,
                                          .count = EVENTS,
                                          .tenant_id = flaws[place] == FLAW_FORGED
                                                           ? slice_of(forged, sizeof forged)
                                                           : observer->options.tenant_id,
                                          .bad_event = flaws[place] == FLAW_BAD_EVENT ? 2 : 0};
    return starts_batch(&starts, observer->arena);
}

struct observer *observer_new(const struct observer_options *options)
{
    struct observer *observer = calloc(1, sizeof *observer);
    int made = observer == NULL ? -1 : arena_new_growing(&observer->arena, 4096, 0);
    if (made != 0)
        abort();
    observer->options = *options;
    for (size_t i = 0; i < RECORDS; i++) {
        observer->records[i] = (struct memory_record){.partition = (int32_t)(i % PARTITIONS),
                                                      .offset = (int64_t)(i / PARTITIONS)};
        if (flaws[i] == FLAW_NULL)
            continue;
        observer->records[i].has_value = true;
        observer->records[i].value = make_value(observer, i);
    }
    return observer;
}

void observer_free(struct observer *observer)
{
    arena_free(observer->arena);
    free(observer->batches);
    free(observer);
}

/* --- Batches --- */

static uint64_t answers(const struct observer *observer)
{
    /* Acquire, paired with the release of whoever changes the rules: what was live when that answer
     * was given came before. */
    return atomic_load_explicit(&observer->options.clock->answer, memory_order_acquire);
}

static void begin_batch(struct observer *observer, const struct record *records, size_t count)
{
    assert(count <= BATCH_MAX);
    observer->count = count;
    observer->any_alert = false;
    memset(observer->seen, 0, sizeof observer->seen);
    for (size_t i = 0; i < count; i++) {
        int32_t partition = records[i].partition;
        observer->seen[i].partition = partition;
        observer->seen[i].offset = records[i].offset;
        if (records[i].offset != observer->next_offset[partition]++)
            complain(observer, "a record came again, or not at all", partition, records[i].offset);
    }
}

/* All events of a kind must have had the same alerts. */
static void check_event(struct observer *observer, unsigned known[MODEL_KINDS], size_t i, size_t e)
{
    size_t place = place_of(observer->seen[i].partition, observer->seen[i].offset);
    unsigned mask = observer->seen[i].masks[e], kind = kind_of(place, e);
    bool judged = (mask >> MODEL_ANCHOR & 1U) != 0;
    bool fits = is_good(place, e) ? judged && (known[kind] == 0 || known[kind] == mask) : mask == 0;
    observer->totals.good_events += is_good(place, e);
    if (is_good(place, e))
        known[kind] = mask;
    if (!fits)
        complain(observer, "an event has no alert, or others than one of its kind in its batch",
                 observer->seen[i].partition, observer->seen[i].offset);
}

static void end_batch(struct observer *observer)
{
    struct observed_batch *batch = &observer->batch;
    memset(batch->masks, 0, sizeof batch->masks);
    for (size_t i = 0; i < observer->count; i++) {
        size_t place = place_of(observer->seen[i].partition, observer->seen[i].offset);
        observer->totals.dead_letters_wanted += flaws[place] != FLAW_NONE;
        if (observer->seen[i].letters != (flaws[place] != FLAW_NONE ? 1U : 0U))
            complain(observer, "not one dead letter for a flawed record, or one for a good one",
                     observer->seen[i].partition, observer->seen[i].offset);
        for (size_t e = 0; e < EVENTS; e++)
            check_event(observer, batch->masks, i, e);
    }
    batch->answer_after = answers(observer);
    if (!observer->any_alert)
        return;
    if (observer->batch_count == observer->batch_capacity) {
        observer->batch_capacity = observer->batch_capacity * 2 + 1024;
        observer->batches =
            realloc(observer->batches, observer->batch_capacity * sizeof *observer->batches);
        if (observer->batches == NULL)
            abort();
    }
    observer->batches[observer->batch_count++] = *batch;
}

/* --- The source --- */

static struct observer *observer_of(struct source *source)
{
    return ((struct observed_source *)source)->observer;
}

static int source_poll(struct source *source, struct record *records, size_t max, size_t *count,
                       int timeout_ms)
{
    struct observer *observer = observer_of(source);
    *count = 0;
    /* Relaxed: it has to be seen some time. */
    if (atomic_load_explicit(&observer->options.clock->ending, memory_order_relaxed))
        return SOURCE_END;
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    observer->batch.answer_before = answers(observer);
    int result = observer->inner->ops->poll(observer->inner, records, max, count, timeout_ms);
    if (result == 0) {
        observer->totals.records += *count;
        begin_batch(observer, records, *count);
    }
    return result;
}

static int source_headers(struct source *source, const struct record *record, struct arena *arena,
                          const struct record_header **out, size_t *count)
{
    struct source *inner = observer_of(source)->inner;
    return inner->ops->headers(inner, record, arena, out, count);
}

static void source_release(struct source *source)
{
    struct observer *observer = observer_of(source);
    end_batch(observer);
    observer->inner->ops->release(observer->inner);
}

static void source_change(struct source *source, struct source_change *out)
{
    struct source *inner = observer_of(source)->inner;
    inner->ops->change(inner, out);
}

static int source_accept(struct source *source)
{
    struct source *inner = observer_of(source)->inner;
    return inner->ops->accept(inner);
}

static int source_store(struct source *source, const struct position *positions, size_t count)
{
    struct source *inner = observer_of(source)->inner;
    return inner->ops->store(inner, positions, count);
}

static uint64_t source_lag(struct source *source)
{
    (void)source;
    return 0;
}

static bool source_reachable(struct source *source)
{
    (void)source;
    return true;
}

static void observed_source_free(struct source *source)
{
    struct observer *observer = observer_of(source);
    for (int32_t i = 0; i < PARTITIONS; i++) {
        int64_t stored = memory_source_stored(observer->inner, i);
        if (stored != observer->next_offset[i] && observer->next_offset[i] > 0)
            complain(observer, "not everything that was read is stored as done", i, stored);
    }
    source_free(observer->inner);
    free(source);
}

/* --- The sink's messages --- */

/* A small decimal number in a header of a dead letter; -1: not there. */
static int64_t header_number(const struct message *message, const char *name)
{
    for (size_t i = 0; i < message->header_count; i++) {
        char digits[24] = "";
        if (!slice_equal(message->headers[i].name, slice_text(name)))
            continue;
        snprintf(digits, sizeof digits, "%.*s", SLICE_PRINTF(message->headers[i].value));
        return strtoll(digits, NULL, 10);
    }
    return -1;
}

/* The record of the batch at hand; BATCH_MAX: none of it. */
static size_t find_record(struct observer *observer, int64_t partition, int64_t offset)
{
    for (size_t i = 0; i < observer->count; i++) {
        if (observer->seen[i].partition == partition && observer->seen[i].offset == offset)
            return i;
    }
    complain(observer, "a message about a record of another batch", partition, offset);
    return BATCH_MAX;
}

static void note_ruleset(struct observer *observer, const Yagura__V1__Alert *alert)
{
    assert(alert->rule->ruleset_sha256.len == 32);
    if (observer->any_alert &&
        memcmp(observer->batch.ruleset, alert->rule->ruleset_sha256.data, 32) != 0)
        complain(observer, "two rule sets judged one batch", alert->evidence->partition,
                 alert->evidence->offset);
    memcpy(observer->batch.ruleset, alert->rule->ruleset_sha256.data, 32);
    observer->any_alert = true;
}

static void note_alert(struct observer *observer, const Yagura__V1__Alert *alert)
{
    int64_t partition = alert->evidence->partition, offset = alert->evidence->offset;
    size_t i = find_record(observer, partition, offset);
    unsigned rule = model_rule(alert->rule->id);
    size_t event = alert->evidence->event_index;
    note_ruleset(observer, alert);
    if (i == BATCH_MAX)
        return;
    if (rule == MODEL_RULES || event >= EVENTS || (observer->seen[i].masks[event] >> rule & 1U)) {
        complain(observer, "an alert came twice, or is of no rule or event", partition, offset);
        return;
    }
    observer->seen[i].masks[event] |= 1U << rule;
}

static void on_message(void *owner, const struct message *message)
{
    struct observer *observer = owner;
    struct observer_totals *totals = &observer->totals;
    if (message->output == OUTPUT_DEAD_LETTERS) {
        size_t i = find_record(observer, header_number(message, "x-dlq-partition"),
                               header_number(message, "x-dlq-offset"));
        totals->dead_letters++;
        if (i < BATCH_MAX)
            observer->seen[i].letters++;
        return;
    }
    totals->alerts_ocsf += message->output == OUTPUT_ALERTS_OCSF;
    if (message->output == OUTPUT_ALERTS_OCSF)
        return;
    totals->alerts += message->output == OUTPUT_ALERTS;
    totals->informational += message->output == OUTPUT_INFORMATIONAL;
    Yagura__V1__Alert *alert =
        yagura__v1__alert__unpack(NULL, message->value.len, message->value.data);
    assert(alert != NULL && alert->rule != NULL && alert->evidence != NULL);
    note_alert(observer, alert);
    yagura__v1__alert__free_unpacked(alert, NULL);
}

/* --- The worker's transport --- */

int observer_open(struct observer *observer, struct source **source, struct sink **sink)
{
    static const struct source_ops ops = {source_poll,   source_headers,   source_release,
                                          source_change, source_accept,    source_store,
                                          source_lag,    source_reachable, observed_source_free};
    const struct memory_source_options in = {.topic = "telemetry.raw.v1",
                                             .records = observer->records,
                                             .record_count = RECORDS,
                                             .partition_count = PARTITIONS,
                                             .revoke_after = observer->options.revoke_after,
                                             .repeat = REPEATS};
    const struct memory_sink_options out = {
        .outstanding_max = 50, .receipts_per_poll = 20, .seen = on_message, .owner = observer};
    struct observed_source *own = calloc(1, sizeof *own);
    if (own == NULL || memory_source_new(&observer->inner, &in) != 0)
        abort();
    own->source.ops = &ops;
    own->observer = observer;
    *source = &own->source;
    return memory_sink_new(sink, &out);
}

const struct observer_totals *observer_totals(const struct observer *observer)
{
    return &observer->totals;
}

const struct observed_batch *observer_batches(const struct observer *observer, size_t *count)
{
    *count = observer->batch_count;
    return observer->batches;
}

const char *observer_complaint(const struct observer *observer)
{
    return observer->complaint[0] == '\0' ? NULL : observer->complaint;
}
