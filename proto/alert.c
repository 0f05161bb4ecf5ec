/* SPDX-License-Identifier: Apache-2.0 */
/* An alert is packed by protobuf-c from structs that live in the arena: the hand-written decoder
 * has no counterpart for writing, because alerts are rare and their schema will grow. The event's
 * batch is not made of structs: it is spliced in as bytes, so that what the endpoint sent stays as
 * it was.
 */
#include "proto/alert.h"

#include "proto/digest.h"
#include "proto/evidence.h"
#include "proto/fold.h"
#include "proto/trim.h"

#include "proto/alert.pb-c.h"

#include <assert.h>

/* 9f5a1c52-6f0b-4c59-9e0e-5d1f6a7f2b31, made at random once. Changing it would change every id. */
static const uint8_t alert_namespace[16] = {0x9f, 0x5a, 0x1c, 0x52, 0x6f, 0x0b, 0x4c, 0x59,
                                            0x9e, 0x0e, 0x5d, 0x1f, 0x6a, 0x7f, 0x2b, 0x31};

static void put_big_endian(uint8_t *out, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
}

int alert_id_make(uint8_t out[16], const uint8_t tenant_id[16], const uint8_t rule_id[16],
                  struct slice topic, int32_t partition, int64_t offset, uint32_t event_index)
{
    uint8_t place[16]; /* partition, offset, index */
    put_big_endian(place, (uint32_t)partition, 4);
    put_big_endian(place + 4, (uint64_t)offset, 8);
    put_big_endian(place + 12, event_index, 4);
    const struct slice pieces[] = {slice_of(alert_namespace, sizeof alert_namespace),
                                   slice_of(tenant_id, 16), slice_of(rule_id, 16), topic,
                                   slice_of(place, sizeof place)};
    uint8_t digest[SHA1_BYTES];
    TRY(digest_sha1(digest, pieces, sizeof pieces / sizeof pieces[0]));
    memcpy(out, digest, 16);
    out[6] = (uint8_t)((out[6] & 0x0F) | 0x50); /* version 5 */
    out[8] = (uint8_t)((out[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
    return 0;
}

struct packer {
    const struct alert *alert;
    struct arena *arena;
    struct trim trim;
};

/* protobuf-c's structs point to bytes that they could change; packing does not. */
static uint8_t *unconst(const uint8_t *bytes)
{
    union {
        const uint8_t *in;
        uint8_t *out;
    } pointer = {bytes};
    return pointer.out;
}

static ProtobufCBinaryData binary(struct slice bytes)
{
    return (ProtobufCBinaryData){.len = bytes.len, .data = unconst(bytes.data)};
}

/* A `string` ends at its first NUL and must be valid UTF-8, or readers in some languages refuse the
 * whole alert: U+FFFD stands for NUL and for bytes that are none. */
static size_t put_string(char *out, struct slice text)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        unsigned length = 1;
        bool good = text.data[at] != 0 && utf8_decode(text, at, &length) != UTF8_INVALID;
        memcpy(out + len, good ? (const char *)text.data + at : "\xEF\xBF\xBD", good ? length : 3);
        len += good ? length : 3;
        at += length;
    }
    out[len] = '\0';
    return len;
}

/* NULL, which is absent, for an empty text and when the arena is full. */
static char *string(const struct packer *packer, struct slice text)
{
    text = trim_text(&packer->trim, text);
    char *copy = text.len == 0 ? NULL : arena_take_bytes(packer->arena, 3 * text.len + 1);
    if (copy != NULL)
        (void)put_string(copy, text);
    return copy;
}

/* An array of pointers to count messages of `size` bytes each; *count is 0 when the arena is full.
 */
static void **messages(const struct packer *packer, size_t *count, size_t size)
{
    void **pointers = arena_array(packer->arena, void *, *count);
    uint8_t *objects = arena_take_zeroed(packer->arena, *count, size);
    if (pointers == NULL || objects == NULL)
        *count = 0;
    for (size_t i = 0; i < *count; i++)
        pointers[i] = objects + i * size;
    return pointers;
}

/* Empty texts are left out: a list has no absent elements. *count: given, then kept. */
static char **strings(const struct packer *packer, const struct slice *texts, size_t *count)
{
    size_t given = trim_count(&packer->trim, *count);
    char **copies = arena_array(packer->arena, char *, given);
    *count = 0;
    for (size_t i = 0; copies != NULL && i < given; i++) {
        copies[*count] = string(packer, texts[i]);
        *count += copies[*count] != NULL;
    }
    return copies;
}

#define PRESENT(message, field, value) ((message)->has_##field = true, (message)->field = (value))

static Yagura__V1__Attack **pack_attacks(const struct packer *packer, size_t *count)
{
    const struct alert_rule *rule = &packer->alert->rule;
    *count = trim_count(&packer->trim, rule->attack_count);
    Yagura__V1__Attack **attacks =
        (Yagura__V1__Attack **)messages(packer, count, sizeof(Yagura__V1__Attack));
    for (size_t i = 0; i < *count; i++) {
        yagura__v1__attack__init(attacks[i]);
        attacks[i]->technique_id = string(packer, rule->attacks[i].technique_id);
        attacks[i]->technique_name = string(packer, rule->attacks[i].technique_name);
        attacks[i]->tactic_id = string(packer, rule->attacks[i].tactic_id);
        attacks[i]->tactic_name = string(packer, rule->attacks[i].tactic_name);
    }
    return attacks;
}

static void pack_rule(Yagura__V1__Rule *out, const struct packer *packer)
{
    const struct alert_rule *rule = &packer->alert->rule;
    yagura__v1__rule__init(out);
    out->id = string(packer, rule->id);
    out->title = string(packer, rule->title);
    out->description = string(packer, rule->description);
    out->author = string(packer, rule->author);
    out->status = string(packer, rule->status);
    out->date = string(packer, rule->date);
    out->modified = string(packer, rule->modified);
    out->license = string(packer, rule->license);
    out->path = string(packer, rule->path);
    out->product = string(packer, rule->product);
    out->category = string(packer, rule->category);
    out->service = string(packer, rule->service);
    out->attack_version = string(packer, rule->attack_version);
    PRESENT(out, level, (Yagura__V1__Level)(rule->level + 1));
    PRESENT(out, sha256, binary(slice_of(rule->sha256, sizeof rule->sha256)));
    PRESENT(out, ruleset_sha256, binary(slice_of(packer->alert->ruleset_sha256, SHA256_BYTES)));
    out->n_references = rule->reference_count;
    out->references = strings(packer, rule->references, &out->n_references);
    out->n_false_positives = rule->false_positive_count;
    out->false_positives = strings(packer, rule->false_positives, &out->n_false_positives);
    out->n_tags = rule->tag_count;
    out->tags = strings(packer, rule->tags, &out->n_tags);
    out->attacks = pack_attacks(packer, &out->n_attacks);
}

static void pack_explanation(Yagura__V1__Explanation *out, const struct packer *packer,
                             const struct alert_reason *reason)
{
    yagura__v1__explanation__init(out);
    out->selection = string(packer, reason->selection);
    out->field = string(packer, reason->field);
    out->modifiers = string(packer, reason->modifier);
    PRESENT(out, pattern, binary(trim_text(&packer->trim, reason->pattern)));
    struct slice shown = trim_around(&packer->trim, reason->value, reason->from, reason->to);
    PRESENT(out, value, binary(shown));
    if (shown.len < reason->value.len) {
        PRESENT(out, value_bytes, (uint32_t)reason->value.len);
        PRESENT(out, value_from, (uint32_t)(shown.data - reason->value.data));
    }
    if (reason->has_span) {
        PRESENT(out, from, reason->from);
        PRESENT(out, to, reason->to);
    }
    if (reason->undecided)
        PRESENT(out, undecided, true);
}

static void pack_explanations(Yagura__V1__Alert *out, const struct packer *packer)
{
    const struct alert *alert = packer->alert;
    out->n_explanations = trim_count(&packer->trim, alert->reason_count);
    out->explanations = (Yagura__V1__Explanation **)messages(packer, &out->n_explanations,
                                                             sizeof(Yagura__V1__Explanation));
    for (size_t i = 0; i < out->n_explanations; i++)
        pack_explanation(out->explanations[i], packer, &alert->reasons[i]);
    if (alert->reasons_truncated || out->n_explanations < alert->reason_count)
        PRESENT(out, explanations_truncated, true);
}

static void pack_asset(Yagura__V1__Asset *out, const struct packer *packer)
{
    const struct alert_asset *asset = &packer->alert->asset;
    yagura__v1__asset__init(out);
    PRESENT(out, known, asset->known);
    PRESENT(out, stale, asset->stale);
    out->hostname = string(packer, asset->hostname);
    out->owner = string(packer, asset->owner);
    out->department = string(packer, asset->department);
    out->role = string(packer, asset->role);
    out->contact = string(packer, asset->contact);
    out->region = string(packer, asset->region);
    out->tenant_name = string(packer, asset->tenant_name);
    if (asset->criticality > 0)
        PRESENT(out, criticality, asset->criticality);
}

static void pack_ancestry(Yagura__V1__Alert *out, const struct packer *packer)
{
    struct ancestor chain[ANCESTRY_MAX];
    out->n_ancestry = ancestry_collect(chain, packer->alert->event);
    out->ancestry =
        (Yagura__V1__Ancestor **)messages(packer, &out->n_ancestry, sizeof(Yagura__V1__Ancestor));
    for (size_t i = 0; i < out->n_ancestry; i++) {
        Yagura__V1__Ancestor *process = out->ancestry[i];
        yagura__v1__ancestor__init(process);
        if (chain[i].has_pid)
            PRESENT(process, pid, chain[i].pid);
        PRESENT(process, process_guid, binary(trim_text(&packer->trim, chain[i].guid)));
        PRESENT(process, image, binary(trim_text(&packer->trim, chain[i].image)));
        PRESENT(process, command_line, binary(trim_text(&packer->trim, chain[i].command_line)));
        PRESENT(process, user, binary(trim_text(&packer->trim, chain[i].user)));
        process->has_process_guid = chain[i].guid.len > 0;
        process->has_image = chain[i].image.len > 0;
        process->has_command_line = chain[i].command_line.len > 0;
        process->has_user = chain[i].user.len > 0;
    }
}

static void pack_evidence(Yagura__V1__Evidence *out, const struct packer *packer)
{
    const struct alert_evidence *evidence = &packer->alert->evidence;
    const struct event *event = packer->alert->event;
    yagura__v1__evidence__init(out);
    out->topic = string(packer, evidence->topic);
    PRESENT(out, partition, evidence->partition);
    PRESENT(out, offset, evidence->offset);
    PRESENT(out, event_index, (uint32_t)event->index);
    if (evidence->broker_time_ms != 0)
        PRESENT(out, broker_time_unix_ms, evidence->broker_time_ms);
    PRESENT(out, record_sha256, binary(slice_of(evidence->record_sha256, SHA256_BYTES)));
    if (!packer->trim.evidence)
        PRESENT(out, dropped, true);
    if ((event->flags & EVENT_NOTE_TIME_SKEW) != 0)
        PRESENT(out, time_skewed, true);
    if ((event->flags & EVENT_NOTE_TEXT_TRUNCATED) != 0)
        PRESENT(out, text_truncated, true);
    if ((event->flags & EVENT_NOTE_UNKNOWN_KIND) != 0)
        PRESENT(out, kind_unknown, true);
}

/* The small members that an Alert always has. */
struct parts {
    Yagura__V1__Rule rule;
    Yagura__V1__Asset asset;
    Yagura__V1__Evidence evidence;
};

static void pack_alert(Yagura__V1__Alert *out, struct parts *parts, const struct packer *packer,
                       struct slice batch)
{
    const struct alert *alert = packer->alert;
    const struct event *event = alert->event;
    yagura__v1__alert__init(out);
    PRESENT(out, alert_id, binary(slice_of(alert->alert_id, sizeof alert->alert_id)));
    PRESENT(out, tenant_id, binary(alert->tenant_id));
    PRESENT(out, endpoint_id, binary(event->batch->endpoint_id));
    out->has_endpoint_id = event->batch->endpoint_id.len > 0;
    PRESENT(out, event_time_unix_ns, (uint64_t)event->time_unix_ns);
    out->has_event_time_unix_ns = event->time_unix_ns != 0;
    PRESENT(out, detect_time_unix_ns, (uint64_t)alert->detect_time_unix_ns);
    out->has_detect_time_unix_ns = alert->detect_time_unix_ns != 0;
    PRESENT(out, severity_id, alert_severity_id(alert->rule.level));
    PRESENT(out, hostname, binary(trim_text(&packer->trim, event->batch->hostname)));
    out->has_hostname = event->batch->hostname.len > 0;
    PRESENT(out, event_batch, binary(batch));
    out->has_event_batch = packer->trim.evidence;
    pack_rule(out->rule = &parts->rule, packer);
    pack_asset(out->asset = &parts->asset, packer);
    pack_evidence(out->evidence = &parts->evidence, packer);
    pack_explanations(out, packer);
    pack_ancestry(out, packer);
}

unsigned alert_severity_id(enum alert_level level)
{
    assert(level <= ALERT_CRITICAL);
    return (unsigned)level + 1;
}

int alert_encode_protobuf(struct slice *out, const struct alert *alert, struct arena *arena)
{
    assert(alert->event != NULL && alert->tenant_id.len == 16);
    struct slice batch;
    TRY(evidence_make(&batch, alert->event, arena));
    for (unsigned step = 0; step < TRIM_STEPS; step++) {
        struct packer packer = {alert, arena, trim_step(step)};
        Yagura__V1__Alert message;
        struct parts parts;
        pack_alert(&message, &parts, &packer, batch);
        if (step > 0)
            PRESENT(&message, truncated, true);
        if (arena_overflowed(arena))
            return STATUS_LIMIT;
        size_t bytes = yagura__v1__alert__get_packed_size(&message);
        if (bytes > ALERT_BYTES_MAX)
            continue;
        uint8_t *packed = arena_take_bytes(arena, bytes);
        if (packed == NULL)
            return STATUS_LIMIT;
        *out = slice_of(packed, yagura__v1__alert__pack(&message, packed));
        return 0;
    }
    return STATUS_LIMIT;
}
