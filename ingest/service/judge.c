/* SPDX-License-Identifier: Apache-2.0 */
/* One record goes through a list of steps: whose is it, what does it hold, is the batch's own word
 * of its tenant true, what matches, what follows. The first thing that goes wrong is remembered as
 * the record's fault, and decides how far it gets: without a tenant or with a forged one nothing is
 * judged; with a bad event the good ones are.
 *
 * All memory comes from one fixed arena, reset per record: what a record needs is bounded, and a
 * record that needs more is a dead letter with reason `memory`, not a dead worker. */
#include "ingest/service/judge.h"

#include "detect/finding.h"
#include "ingest/service/alert_message.h"
#include "ingest/service/dead_letter.h"
#include "proto/digest.h"

#include <assert.h>
#include <stdlib.h>

enum { NS_PER_S = 1000000000 };

struct judge {
    struct judge_options options;
    struct arena *arena;
    struct scratch *scratch;
    uint64_t scratch_number;        /* of the rule set that the scratch belongs to; 0: none */
    struct engine_counters counted; /* of the scratch, as far as the counters know them */
    const struct edition *edition;
    int64_t now_unix_ns;
};

/* The record at hand. */
struct trial {
    struct judge *judge;
    struct source *source;
    struct delivery *delivery;
    const struct record *record;
    uint64_t ticket;
    bool headers_read;
    const struct record_header *headers;
    size_t header_count;
    struct tenant_answer tenant;
    bool hashed;
    uint8_t sha256[SHA256_BYTES];
    /* What was wrong first; REASON_NONE: nothing. */
    enum reason reason;
    enum dead_letter_stage stage;
    size_t event_index;
};

int judge_new(struct judge **out, const struct judge_options *options)
{
    assert(out != NULL && options->tenants != NULL && options->counters != NULL);
    AUTO(judge_free) struct judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL)
        return STATUS_NO_MEMORY;
    judge->options = *options;
    TRY(arena_new_fixed(&judge->arena, options->arena_bytes));
    *out = TAKE(&judge);
    return 0;
}

void judge_free(struct judge *judge)
{
    if (judge == NULL)
        return;
    scratch_free(judge->scratch);
    arena_free(judge->arena);
    free(judge);
}

int judge_by(struct judge *judge, const struct edition *edition, int64_t now_unix_ns)
{
    judge->edition = edition;
    judge->now_unix_ns = now_unix_ns;
    if (judge->scratch_number == edition->ruleset_number)
        return 0;
    /* By number, not by address: a new rule set may stand where a freed one stood. The old rule set
     * may be gone already; freeing its scratch does not touch it (engine.h). */
    scratch_free(TAKE(&judge->scratch));
    judge->scratch_number = 0;
    judge->counted = (struct engine_counters){0};
    TRY(scratch_new(&judge->scratch, edition->ruleset));
    judge->scratch_number = edition->ruleset_number;
    return 0;
}

static void blame(struct trial *trial, enum reason reason, enum dead_letter_stage stage,
                  size_t event_index)
{
    if (trial->reason != REASON_NONE)
        return;
    trial->reason = reason;
    trial->stage = stage;
    trial->event_index = event_index;
}

/* Headers cost an allocation inside librdkafka, so they are read only when somebody asks. */
static int read_headers(struct trial *trial)
{
    struct source *source = trial->source;
    if (trial->headers_read)
        return 0;
    TRY(source->ops->headers(source, trial->record, trial->judge->arena, &trial->headers,
                             &trial->header_count));
    trial->headers_read = true;
    return 0;
}

static bool find_tenant(struct trial *trial)
{
    const struct tenants *tenants = trial->judge->options.tenants;
    if (tenants_need_headers(tenants, trial->record->topic) && read_headers(trial) != 0) {
        blame(trial, REASON_MEMORY, DEAD_LETTER_TENANT, SIZE_MAX);
        return false;
    }
    tenant_of(&trial->tenant, tenants, trial->record->topic, trial->headers, trial->header_count);
    if (trial->tenant.reason != REASON_NONE)
        blame(trial, trial->tenant.reason, DEAD_LETTER_TENANT, SIZE_MAX);
    return trial->reason == REASON_NONE;
}

static void count_batch(struct counters *counters, const struct batch *batch)
{
    counter_add(counters, COUNTER_EVENTS_REFUSED, batch->bad_event_count);
    counter_add(counters, COUNTER_UNKNOWN_FIELDS, batch->unknown_field_count);
    counter_add(counters, COUNTER_UNKNOWN_KINDS, batch->unknown_kind_count);
}

static bool decode(struct trial *trial, struct batch *batch)
{
    struct judge *judge = trial->judge;
    const struct record *record = trial->record;
    if (!record->has_value) {
        blame(trial, REASON_EMPTY, DEAD_LETTER_DECODE, SIZE_MAX);
        return false;
    }
    const struct batch_options options = {.record_bytes_max = judge->options.record_bytes_max,
                                          .broker_time_ms = record->broker_time_ms};
    int result = batch_decode(batch, record->value, &options, judge->arena);
    if (result < 0) {
        blame(trial, REASON_MEMORY, DEAD_LETTER_DECODE, SIZE_MAX);
        return false;
    }
    count_batch(judge->options.counters, batch);
    if (result != 0)
        blame(trial, batch->reason, DEAD_LETTER_DECODE, batch->reason_event);
    return result != BATCH_UNREADABLE;
}

/* The payload must not contradict who was authenticated. */
static bool tenant_is_honest(struct trial *trial, const struct batch *batch)
{
    if (trial->tenant.from_payload && batch->tenant_id.len == UUID_BYTES) {
        memcpy(trial->tenant.id, batch->tenant_id.data, UUID_BYTES);
        return true;
    }
    if (trial->tenant.from_payload) {
        trial->reason = REASON_NONE; /* whose it is matters more than what is wrong with it */
        blame(trial, REASON_NO_TENANT, DEAD_LETTER_TENANT, SIZE_MAX);
        return false;
    }
    if (batch->tenant_id.len == 0 ||
        slice_equal(batch->tenant_id, slice_of(trial->tenant.id, UUID_BYTES)))
        return true;
    trial->reason = REASON_NONE;
    blame(trial, REASON_FORGED_TENANT, DEAD_LETTER_TENANT, SIZE_MAX);
    return false;
}

static int hash_record(struct trial *trial)
{
    if (trial->hashed)
        return 0;
    TRY(digest_sha256(trial->sha256, &trial->record->value, 1));
    trial->hashed = true;
    return 0;
}

static int make_alert(struct trial *trial, struct alert *alert, const struct match *match,
                      const struct event *event)
{
    struct judge *judge = trial->judge;
    const struct record *record = trial->record;
    TRY(hash_record(trial));
    struct finding_options options = {
        .ruleset = judge->edition->ruleset,
        .context = judge->edition->context,
        .tenant_id = slice_of(trial->tenant.id, UUID_BYTES),
        .evidence = {.topic = record->topic,
                     .partition = record->partition,
                     .offset = record->offset,
                     .broker_time_ms = record->broker_time_ms},
        .detect_time_unix_ns = judge->now_unix_ns,
    };
    memcpy(options.evidence.record_sha256, trial->sha256, SHA256_BYTES);
    return finding_make(alert, match, event, judge->scratch, &options, judge->arena);
}

static int send_output(struct trial *trial, enum output output,
                       const struct alert_envelope *envelope, const struct alert *alert)
{
    struct message message;
    int made = alert_message_make(&message, output, envelope, alert, trial->judge->arena);
    if (made < 0) {
        blame(trial, REASON_MEMORY, DEAD_LETTER_ALERT, alert->event->index);
        return 0;
    }
    int sent = delivery_send(trial->delivery, trial->ticket, &message);
    if (sent == DELIVERY_REFUSED)
        blame(trial, REASON_ALERT_UNDELIVERABLE, DEAD_LETTER_DELIVER, alert->event->index);
    return sent < 0 ? sent : 0;
}

static int send_alert(struct trial *trial, const struct alert *alert)
{
    struct judge *judge = trial->judge;
    struct alert_envelope *envelope = NULL;
    if (alert_envelope_make(&envelope, alert, trial->headers, trial->header_count, judge->arena) !=
        0) {
        blame(trial, REASON_MEMORY, DEAD_LETTER_ALERT, alert->event->index);
        return 0;
    }
    counter_bump(&judge->options.counters->alerts[alert->rule.level], 1);
    if (alert->rule.level == ALERT_INFORMATIONAL)
        return send_output(trial, OUTPUT_INFORMATIONAL, envelope, alert);
    TRY(send_output(trial, OUTPUT_ALERTS, envelope, alert));
    if (judge->options.write_ocsf)
        TRY(send_output(trial, OUTPUT_ALERTS_OCSF, envelope, alert));
    return 0;
}

static void count_match(struct judge *judge, const struct match *match)
{
    counter_add(judge->options.counters, COUNTER_MATCHES, 1);
    counter_add(judge->options.counters, COUNTER_MATCHES_UNDECIDED, match->undecided ? 1 : 0);
    tally_count(judge->options.tally,
                ruleset_rule(judge->edition->ruleset, match->rule_index)->uuid);
}

static int judge_match(struct trial *trial, const struct match *match, const struct event *event)
{
    struct judge *judge = trial->judge;
    struct alert alert;
    size_t mark = arena_mark(judge->arena);
    int result = 0;
    count_match(judge, match);
    if (make_alert(trial, &alert, match, event) != 0)
        blame(trial, REASON_MEMORY, DEAD_LETTER_ALERT, event->index);
    else
        result = send_alert(trial, &alert);
    arena_rewind(judge->arena, mark);
    return result;
}

static int judge_event(struct trial *trial, const struct event *event)
{
    struct judge *judge = trial->judge;
    struct matches matches;
    if (engine_match(&matches, judge->edition->ruleset, judge->scratch, event) != 0) {
        blame(trial, REASON_MEMORY, DEAD_LETTER_MATCH, event->index);
        counter_add(judge->options.counters, COUNTER_EVENTS_REFUSED, 1);
        return 0;
    }
    counter_add(judge->options.counters, COUNTER_EVENTS, 1);
    if (matches.count > 0 && read_headers(trial) != 0) { /* before any mark: they stay */
        blame(trial, REASON_MEMORY, DEAD_LETTER_ALERT, event->index);
        return 0;
    }
    for (size_t i = 0; i < matches.count; i++)
        TRY(judge_match(trial, &matches.items[i], event));
    return 0;
}

static int judge_events(struct trial *trial, const struct batch *batch)
{
    for (size_t i = 0; i < batch->event_count; i++) {
        if (batch->events[i].reason == REASON_NONE)
            TRY(judge_event(trial, &batch->events[i]));
    }
    return 0;
}

static int judge_payload(struct trial *trial)
{
    struct batch batch;
    if (!find_tenant(trial) || !decode(trial, &batch) || !tenant_is_honest(trial, &batch))
        return 0;
    int result = judge_events(trial, &batch);
    engine_batch_end(trial->judge->scratch);
    return result;
}

static int send_letter(struct trial *trial, enum dead_letter_form form)
{
    struct dead_letter letter = {.record = trial->record,
                                 .reason = trial->reason,
                                 .stage = trial->stage,
                                 .event_index = trial->event_index,
                                 .form = form};
    struct message message;
    arena_reset(trial->judge->arena);
    trial->headers_read = false;
    if (form != DEAD_LETTER_BARE && read_headers(trial) != 0)
        return DELIVERY_REFUSED; /* more headers than a worker has memory for */
    letter.headers = trial->headers;
    letter.header_count = trial->header_count;
    if (dead_letter_make(&message, &letter, trial->judge->arena) != 0)
        return form == DEAD_LETTER_BARE ? STATUS_NO_MEMORY : DELIVERY_REFUSED;
    return delivery_send(trial->delivery, trial->ticket, &message);
}

/* A letter that nobody takes as it is loses its value, and then all but its reason, not its place.
 */
static int send_dead_letter(struct trial *trial)
{
    counter_bump(&trial->judge->options.counters->dead_letters[trial->reason], 1);
    for (enum dead_letter_form form = DEAD_LETTER_WHOLE; form <= DEAD_LETTER_BARE; form++) {
        int sent = send_letter(trial, form);
        if (sent != DELIVERY_REFUSED)
            return sent;
    }
    return STATUS_KAFKA;
}

/* What the engine counted since the last time. */
static void count_engine(struct judge *judge)
{
    struct counters *counters = judge->options.counters;
    const struct engine_counters now = *engine_counters(judge->scratch);
    counter_add(counters, COUNTER_SCANS, now.scans - judge->counted.scans);
    counter_add(counters, COUNTER_REMEMBERED, now.remembered - judge->counted.remembered);
    counter_add(counters, COUNTER_FAILED_SCANS, now.failed_scans - judge->counted.failed_scans);
    counter_add(counters, COUNTER_SCANNED_BYTES, now.scanned_bytes - judge->counted.scanned_bytes);
    counter_add(counters, COUNTER_CANDIDATES, now.candidates - judge->counted.candidates);
    counter_add(counters, COUNTER_EVALUATIONS, now.evaluations - judge->counted.evaluations);
    counter_add(counters, COUNTER_REGEX_LIMIT_HITS,
                now.regex_limit_hits - judge->counted.regex_limit_hits);
    counter_add(counters, COUNTER_DUPLICATE_FIELDS,
                now.duplicate_fields - judge->counted.duplicate_fields);
    judge->counted = now;
}

int judge_record(struct judge *judge, struct source *source, const struct record *record,
                 struct delivery *delivery)
{
    assert(judge->edition != NULL && judge->scratch != NULL);
    struct trial trial = {.judge = judge,
                          .source = source,
                          .delivery = delivery,
                          .record = record,
                          .event_index = SIZE_MAX};
    int begun = delivery_begin(delivery, record, &trial.ticket);
    if (begun == DELIVERY_STALE)
        counter_add(judge->options.counters, COUNTER_RECORDS_STALE, 1);
    if (begun != 0)
        return begun < 0 ? begun : 0;
    counter_add(judge->options.counters, COUNTER_RECORDS, 1);
    counter_add(judge->options.counters, COUNTER_RECORD_BYTES, record->value.len);
    arena_reset(judge->arena);
    TRY(judge_payload(&trial));
    if (trial.reason != REASON_NONE)
        TRY(send_dead_letter(&trial));
    count_engine(judge);
    delivery_finish(delivery, trial.ticket);
    return 0;
}
