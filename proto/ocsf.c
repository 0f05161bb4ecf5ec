/* SPDX-License-Identifier: Apache-2.0 */
/* The finding is written twice by the same code: first to measure, then into exactly the memory
 * that it needs. A growing buffer was rejected because the worker's arena gives nothing back within
 * a batch, and an alert storm would fill it with slack; so was building a tree, for its many small
 * pieces. The longer document costs a few microseconds, on one event in many thousands.
 *
 * What the schema has a place for stands there (evidences, device, finding_info); what it has none
 * for is in `unmapped`: the rule's author and licence, why it fired, the asset's context, where the
 * record stands. Source: OCSF 1.8.0, class detection_finding. */
#include "proto/ocsf.h"

#include "proto/digest.h"
#include "proto/extra.h"
#include "proto/field.h"
#include "proto/uuid.h"

#include <assert.h>

enum {
    CATEGORY_FINDINGS = 2,
    CLASS_DETECTION_FINDING = 2004,
    ACTIVITY_CREATE = 1,
    STATUS_NEW = 1,
    ANALYTIC_RULE = 1,
    TYPED_FIELDS_MAX = 96, /* of one event: no shape has half as many rows in fields.def */
};

static const char product_name[] = "Yagura";
static const char no_author[] = "not stated";

static void write_list(struct ocsf *ocsf, const char *name, const struct slice *texts, size_t count)
{
    count = trim_count(&ocsf->trim, count);
    if (count == 0)
        return;
    json_array(&ocsf->json, name);
    for (size_t i = 0; i < count; i++)
        ocsf_element(ocsf, texts[i]);
    json_end(&ocsf->json);
}

/* --- Classification and metadata --- */

static const char *const level_captions[] = {"Informational", "Low", "Medium", "High", "Critical"};

/* When the event happened; a clock that is plainly wrong, or silent, is replaced by the broker's.
 */
static int64_t event_time_ms(const struct alert *alert)
{
    const struct event *event = alert->event;
    if (event->time_unix_ns > 0 && (event->flags & EVENT_NOTE_TIME_SKEW) == 0)
        return event->time_unix_ns / 1000000;
    return alert->evidence.broker_time_ms > 0 ? alert->evidence.broker_time_ms
                                              : alert->detect_time_unix_ns / 1000000;
}

static const struct {
    const char *status; /* of Sigma */
    int id;
    const char *caption;
} confidences[] = {{"stable", 3, "High"},
                   {"test", 2, "Medium"},
                   {"experimental", 1, "Low"},
                   {"deprecated", 1, "Low"},
                   {"unsupported", 1, "Low"}};

static void write_confidence(struct ocsf *ocsf)
{
    for (size_t i = 0; i < sizeof confidences / sizeof confidences[0]; i++)
        if (slice_equal(ocsf->alert->rule.status, slice_text(confidences[i].status))) {
            json_integer(&ocsf->json, "confidence_id", confidences[i].id);
            ocsf_text(ocsf, "confidence", slice_text(confidences[i].caption));
            return;
        }
    json_integer(&ocsf->json, "confidence_id", 0);
}

static void write_classification(struct ocsf *ocsf)
{
    const struct alert *alert = ocsf->alert;
    struct json *json = &ocsf->json;
    json_integer(json, "class_uid", CLASS_DETECTION_FINDING);
    ocsf_text(ocsf, "class_name", SLICE_LITERAL("Detection Finding"));
    json_integer(json, "category_uid", CATEGORY_FINDINGS);
    ocsf_text(ocsf, "category_name", SLICE_LITERAL("Findings"));
    json_integer(json, "activity_id", ACTIVITY_CREATE);
    ocsf_text(ocsf, "activity_name", SLICE_LITERAL("Create"));
    json_integer(json, "type_uid", CLASS_DETECTION_FINDING * 100 + ACTIVITY_CREATE);
    ocsf_text(ocsf, "type_name", SLICE_LITERAL("Detection Finding: Create"));
    json_integer(json, "severity_id", alert_severity_id(alert->rule.level));
    ocsf_text(ocsf, "severity", slice_text(level_captions[alert->rule.level]));
    json_integer(json, "status_id", STATUS_NEW);
    ocsf_text(ocsf, "status", SLICE_LITERAL("New"));
    json_boolean(json, "is_alert", true);
    json_integer(json, "time", event_time_ms(alert));
    write_confidence(ocsf);
}

static void write_metadata(struct ocsf *ocsf)
{
    const struct alert *alert = ocsf->alert;
    struct json *json = &ocsf->json;
    json_object(json, "metadata");
    ocsf_text(ocsf, "version", SLICE_LITERAL("1.8.0"));
    ocsf_uuid(ocsf, "uid", slice_of(alert->alert_id, sizeof alert->alert_id));
    ocsf_uuid(ocsf, "tenant_uid", alert->tenant_id);
    json_object(json, "product");
    ocsf_text(ocsf, "name", slice_text(product_name));
    ocsf_text(ocsf, "vendor_name", slice_text(product_name));
    ocsf_text(ocsf, "version", slice_text(YAGURA_VERSION));
    json_end(json);
    ocsf_text(ocsf, "event_code", ocsf_field_text(ocsf, "EventID"));
    ocsf_text(ocsf, "log_name", ocsf_field_text(ocsf, "Channel"));
    ocsf_text(ocsf, "log_provider", ocsf_field_text(ocsf, "Provider_Name"));
    if (alert->evidence.broker_time_ms > 0)
        json_integer(json, "logged_time", alert->evidence.broker_time_ms);
    if (alert->detect_time_unix_ns > 0)
        json_integer(json, "processed_time", alert->detect_time_unix_ns / 1000000);
    if (ocsf->truncated) {
        json_boolean(json, "is_truncated", true);
        json_integer(json, "untruncated_size", (int64_t)ocsf->untruncated_bytes);
    }
    json_end(json);
}

/* --- The rule --- */

static void write_named(struct ocsf *ocsf, const char *name, struct slice uid, struct slice title)
{
    json_object(&ocsf->json, name);
    ocsf_text(ocsf, "uid", uid);
    ocsf_text(ocsf, "name", title);
    json_end(&ocsf->json);
}

static void write_attack(struct ocsf *ocsf, const struct alert_attack *attack)
{
    size_t dot = slice_find(attack->technique_id, SLICE_LITERAL("."));
    if (attack->technique_id.len + attack->tactic_name.len == 0)
        return;
    json_object(&ocsf->json, NULL);
    ocsf_text(ocsf, "version", ocsf->alert->rule.attack_version);
    if (attack->tactic_name.len > 0)
        write_named(ocsf, "tactic", attack->tactic_id, attack->tactic_name);
    if (attack->technique_id.len > 0 && dot == SIZE_MAX)
        write_named(ocsf, "technique", attack->technique_id, attack->technique_name);
    if (dot != SIZE_MAX) {
        write_named(ocsf, "technique", slice_of(attack->technique_id.data, dot),
                    (struct slice){NULL, 0});
        write_named(ocsf, "sub_technique", attack->technique_id, attack->technique_name);
    }
    json_end(&ocsf->json);
}

static void write_analytic(struct ocsf *ocsf)
{
    const struct alert_rule *rule = &ocsf->alert->rule;
    json_object(&ocsf->json, "analytic");
    json_integer(&ocsf->json, "type_id", ANALYTIC_RULE);
    ocsf_text(ocsf, "type", SLICE_LITERAL("Rule"));
    ocsf_text(ocsf, "uid", rule->id);
    ocsf_text(ocsf, "name", rule->title);
    ocsf_text(ocsf, "category", rule->category.len > 0 ? rule->category : rule->service);
    ocsf_text(ocsf, "version", rule->modified.len > 0 ? rule->modified : rule->date);
    json_end(&ocsf->json);
}

static void write_finding_info(struct ocsf *ocsf)
{
    const struct alert *alert = ocsf->alert;
    const struct slice sources[] = {alert->rule.product, alert->rule.category, alert->rule.service};
    json_object(&ocsf->json, "finding_info");
    ocsf_uuid(ocsf, "uid", slice_of(alert->alert_id, sizeof alert->alert_id));
    ocsf_text(ocsf, "title", alert->rule.title);
    ocsf_text(ocsf, "desc", alert->rule.description);
    json_array(&ocsf->json, "types");
    ocsf_element(ocsf, SLICE_LITERAL("Sigma rule match"));
    json_end(&ocsf->json);
    json_array(&ocsf->json, "data_sources");
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (sources[i].len > 0)
            ocsf_element(ocsf, sources[i]);
    json_end(&ocsf->json);
    write_analytic(ocsf);
    size_t count = trim_count(&ocsf->trim, alert->rule.attack_count);
    if (count > 0) {
        json_array(&ocsf->json, "attacks");
        for (size_t i = 0; i < count; i++)
            write_attack(ocsf, &alert->rule.attacks[i]);
        json_end(&ocsf->json);
    }
    if (alert->detect_time_unix_ns > 0)
        json_integer(&ocsf->json, "created_time", alert->detect_time_unix_ns / 1000000);
    json_end(&ocsf->json);
}

/* --- What OCSF has no place for --- */

static void write_rule(struct ocsf *ocsf)
{
    const struct alert_rule *rule = &ocsf->alert->rule;
    struct json *json = &ocsf->json;
    json_object(json, "rule");
    ocsf_text(ocsf, "author", rule->author.len > 0 ? rule->author : slice_text(no_author));
    ocsf_text(ocsf, "license", rule->license);
    ocsf_text(ocsf, "level", slice_text(level_captions[rule->level]));
    ocsf_text(ocsf, "status", rule->status);
    ocsf_text(ocsf, "date", rule->date);
    ocsf_text(ocsf, "modified", rule->modified);
    ocsf_text(ocsf, "path", rule->path);
    json_hex(json, "sha256", slice_of(rule->sha256, sizeof rule->sha256));
    json_hex(json, "ruleset_sha256", slice_of(ocsf->alert->ruleset_sha256, SHA256_BYTES));
    write_list(ocsf, "references", rule->references, rule->reference_count);
    write_list(ocsf, "false_positives", rule->false_positives, rule->false_positive_count);
    write_list(ocsf, "tags", rule->tags, rule->tag_count);
    json_end(json);
}

static void write_reason(struct ocsf *ocsf, const struct alert_reason *reason)
{
    struct json *json = &ocsf->json;
    json_object(json, NULL);
    ocsf_free_text(ocsf, "selection", reason->selection);
    if (reason->field.len > 0)
        ocsf_free_text(ocsf, "field", reason->field);
    if (reason->modifier.len > 0)
        ocsf_free_text(ocsf, "modifiers", reason->modifier);
    ocsf_free_text(ocsf, "pattern", reason->pattern);
    struct slice shown = trim_around(&ocsf->trim, reason->value, reason->from, reason->to);
    ocsf_free_text(ocsf, "value", shown);
    if (shown.len < reason->value.len) {
        json_integer(json, "value_bytes", (int64_t)reason->value.len);
        json_integer(json, "value_from", shown.data - reason->value.data);
    }
    if (reason->has_span) {
        json_integer(json, "from", reason->from);
        json_integer(json, "to", reason->to);
    }
    if (reason->undecided)
        json_boolean(json, "undecided", true);
    json_end(json);
}

static void write_explanation(struct ocsf *ocsf)
{
    const struct alert *alert = ocsf->alert;
    size_t count = trim_count(&ocsf->trim, alert->reason_count);
    json_array(&ocsf->json, "explanation");
    for (size_t i = 0; i < count; i++)
        write_reason(ocsf, &alert->reasons[i]);
    json_end(&ocsf->json);
    if (alert->reasons_truncated || count < alert->reason_count)
        json_boolean(&ocsf->json, "explanation_truncated", true);
}

static const char *const criticalities[] = {NULL, "low", "medium", "high", "critical"};

static void write_asset(struct ocsf *ocsf)
{
    const struct alert_asset *asset = &ocsf->alert->asset;
    json_object(&ocsf->json, "asset");
    json_boolean(&ocsf->json, "known", asset->known);
    json_boolean(&ocsf->json, "context_stale", asset->stale);
    ocsf_text(ocsf, "role", asset->role);
    ocsf_text(ocsf, "contact", asset->contact);
    if (asset->criticality > 0 && asset->criticality <= 4)
        ocsf_text(ocsf, "criticality", slice_text(criticalities[asset->criticality]));
    json_end(&ocsf->json);
}

static void write_record(struct ocsf *ocsf)
{
    const struct alert_evidence *evidence = &ocsf->alert->evidence;
    const struct event *event = ocsf->alert->event;
    struct json *json = &ocsf->json;
    json_object(json, "record");
    ocsf_free_text(ocsf, "topic", evidence->topic);
    json_integer(json, "partition", evidence->partition);
    json_integer(json, "offset", evidence->offset);
    json_integer(json, "event_index", (int64_t)event->index);
    json_hex(json, "sha256", slice_of(evidence->record_sha256, SHA256_BYTES));
    json_boolean(json, "evidence_dropped", !ocsf->trim.evidence);
    json_boolean(json, "time_skewed", (event->flags & EVENT_NOTE_TIME_SKEW) != 0);
    json_boolean(json, "text_truncated", (event->flags & EVENT_NOTE_TEXT_TRUNCATED) != 0);
    json_boolean(json, "kind_unknown", (event->flags & EVENT_NOTE_UNKNOWN_KIND) != 0);
    json_end(json);
}

/* Last, when every text has been written. */
static void write_lossy(struct ocsf *ocsf)
{
    size_t kept = ocsf->lossy_count < OCSF_LOSSY_MAX ? ocsf->lossy_count : OCSF_LOSSY_MAX;
    size_t lost = ocsf->lossy_count - kept;
    if (kept == 0)
        return;
    json_array(&ocsf->json, "original_bytes");
    for (size_t i = 0; i < kept; i++) {
        json_object(&ocsf->json, NULL);
        (void)json_text(&ocsf->json, "path", slice_text(ocsf->lossy[i].path));
        json_base64(&ocsf->json, "base64", ocsf->lossy[i].bytes);
        json_end(&ocsf->json);
    }
    json_end(&ocsf->json);
    if (lost > 0)
        json_integer(&ocsf->json, "original_bytes_omitted", (int64_t)lost);
}

/* --- The whole --- */

/* "Title (rule by Author)": whoever reads nothing else reads whose rule it is. */
static int make_message(struct slice *out, const struct alert *alert, const struct trim *trim,
                        struct arena *arena)
{
    const struct alert_rule *rule = &alert->rule;
    const struct slice pieces[] = {
        trim_text(trim, rule->title), SLICE_LITERAL(" (rule by "),
        trim_text(trim, rule->author.len > 0 ? rule->author : slice_text(no_author)),
        SLICE_LITERAL(")")};
    size_t len = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        len += pieces[i].len;
    uint8_t *text = arena_take_bytes(arena, len);
    if (text == NULL)
        return STATUS_LIMIT;
    *out = slice_of(text, len);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        if (pieces[i].len > 0)
            memcpy(text, pieces[i].data, pieces[i].len);
        text += pieces[i].len;
    }
    return 0;
}

static void write_finding(struct ocsf *ocsf, struct slice message)
{
    struct json *json = &ocsf->json;
    ocsf->lossy_count = 0;
    json_object(json, NULL);
    write_classification(ocsf);
    ocsf_text(ocsf, "message", message);
    write_metadata(ocsf);
    write_finding_info(ocsf);
    ocsf_write_device(ocsf);
    ocsf_write_evidences(ocsf);
    ocsf_write_observables(ocsf);
    if (ocsf->trim.evidence) {
        json_base64(json, "raw_data", ocsf->batch);
        json_integer(json, "raw_data_size", (int64_t)ocsf->batch.len);
    }
    json_object(json, "unmapped");
    write_rule(ocsf);
    write_explanation(ocsf);
    write_asset(ocsf);
    write_record(ocsf);
    if (event_raw(ocsf->alert->event).len > 0)
        ocsf_free_text(ocsf, "message", event_raw(ocsf->alert->event));
    write_lossy(ocsf);
    json_end(json);
    json_end(json);
}

/* Every field of the event, with scalars as text too. */
static int collect_fields(struct ocsf *ocsf, struct arena *arena)
{
    struct field_iterator iterator;
    size_t capacity = TYPED_FIELDS_MAX + event_extra_count(ocsf->alert->event);
    struct ocsf_field *fields = arena_array(arena, struct ocsf_field, capacity);
    if (fields == NULL)
        return STATUS_LIMIT;
    field_iterate(&iterator, ocsf->alert->event, arena);
    size_t count = 0;
    while (count < capacity && field_next(&iterator, &fields[count].name, &fields[count].value)) {
        struct ocsf_field *field = &fields[count++];
        char *buffer =
            field->value.type == VALUE_TEXT ? NULL : arena_take_bytes(arena, VALUE_TEXT_BYTES_MAX);
        if (field->value.type != VALUE_TEXT && buffer == NULL)
            return STATUS_LIMIT;
        field->text = value_text(&field->value, buffer);
    }
    ocsf->fields = fields;
    ocsf->field_count = count;
    return arena_overflowed(arena) ? STATUS_LIMIT : 0;
}

/* The document at one step of trimming. OCSF_TOO_LONG: another step is needed. */
enum { OCSF_TOO_LONG = 1 };

static int write_step(struct slice *out, struct ocsf *ocsf, unsigned step, struct arena *arena)
{
    struct slice message;
    ocsf->trim = trim_step(step);
    ocsf->truncated = step > 0;
    TRY(make_message(&message, ocsf->alert, &ocsf->trim, arena));
    json_start(&ocsf->json, NULL, 0);
    write_finding(ocsf, message);
    size_t bytes = ocsf->json.len;
    if (step == 0)
        ocsf->untruncated_bytes = bytes;
    if (bytes > ALERT_BYTES_MAX)
        return OCSF_TOO_LONG;
    uint8_t *text = arena_take_bytes(arena, bytes);
    if (text == NULL)
        return STATUS_LIMIT;
    json_start(&ocsf->json, text, bytes);
    write_finding(ocsf, message);
    assert(json_complete(&ocsf->json) && ocsf->json.len == bytes);
    *out = slice_of(text, bytes);
    return 0;
}

int alert_encode_ocsf(struct slice *out, const struct alert *alert, struct arena *arena)
{
    assert(alert->event != NULL && alert->tenant_id.len == UUID_BYTES);
    struct ocsf ocsf = {.alert = alert};
    TRY(collect_fields(&ocsf, arena));
    TRY(evidence_make(&ocsf.batch, alert->event, arena));
    ocsf.ancestor_count = ancestry_collect(ocsf.ancestry, alert->event);
    int result = OCSF_TOO_LONG;
    for (unsigned step = 0; step < TRIM_STEPS && result == OCSF_TOO_LONG; step++)
        result = write_step(out, &ocsf, step, arena);
    return result == OCSF_TOO_LONG ? STATUS_LIMIT : result;
}
