/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/alert.h"

#include "proto/alert.pb-c.h"
#include "proto/digest.h"
#include "proto/event.pb-c.h"
#include "proto/field.h"
#include "proto/uuid.h"
#include "sample.h"

#include <criterion/criterion.h>

enum { KIND_PROCESS_START = 6, SEEDS = 300 };

static struct arena *arena;
static struct batch batch;
static struct alert alert;
static struct slice bytes;

static const struct batch_options wide = {.record_bytes_max = 8 * 1024 * 1024};

static void setup(void)
{
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(alert, .init = setup, .fini = teardown);

static void make(const struct sample_options *options)
{
    struct slice payload = sample_batch(options, arena);
    cr_assert_eq(batch_decode(&batch, payload, &wide, arena), 0);
    sample_alert(&alert, &batch.events[batch.event_count - 1], SLICE_LITERAL("aa -enc b"), arena);
}

static Yagura__V1__Alert *encode(void)
{
    cr_assert_eq(alert_encode_protobuf(&bytes, &alert, arena), 0);
    cr_expect_leq(bytes.len, ALERT_BYTES_MAX);
    Yagura__V1__Alert *decoded = yagura__v1__alert__unpack(NULL, bytes.len, bytes.data);
    cr_assert_not_null(decoded);
    cr_expect_eq(decoded->base.n_unknown_fields, 0);
    return decoded;
}

static struct slice slice_of_binary(ProtobufCBinaryData data)
{
    return slice_of(data.data, data.len);
}

/* --- Identity --- */

static const uint8_t tenant_id[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const uint8_t rule_id[16] = {16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static void id_text(char out[UUID_TEXT_BYTES + 1], struct slice topic, int32_t partition,
                    int64_t offset, uint32_t event_index)
{
    uint8_t id[16];
    cr_assert_eq(alert_id_make(id, tenant_id, rule_id, topic, partition, offset, event_index), 0);
    uuid_format(out, id);
}

/* Computed with Python's hashlib from RFC 9562 section 5.5:
 *     d = bytearray(sha1(namespace + tenant + rule + topic + pack('>iqI', partition, offset,
 * index)) .digest()[:16]); d[6] = d[6] & 15 | 0x50; d[8] = d[8] & 63 | 0x80 */
Test(alert, has_the_id_that_others_compute)
{
    char text[UUID_TEXT_BYTES + 1];
    id_text(text, SLICE_LITERAL("telemetry.raw.v1"), 7, 123456789, 42);
    cr_expect_str_eq(text, "ca0d2b7d-93d3-5e7d-9c77-31b883bb3296");
    id_text(text, SLICE_LITERAL("file:a.bin"), -1, -2, UINT32_MAX);
    cr_expect_str_eq(text, "6a053546-a82b-555a-95fc-c519d51c6340");
}

Test(alert, has_another_id_when_any_part_differs)
{
    char one[UUID_TEXT_BYTES + 1], other[UUID_TEXT_BYTES + 1];
    id_text(one, SLICE_LITERAL("t"), 1, 2, 3);
    id_text(other, SLICE_LITERAL("u"), 1, 2, 3);
    cr_expect_str_neq(one, other);
    id_text(other, SLICE_LITERAL("t"), 2, 2, 3);
    cr_expect_str_neq(one, other);
    id_text(other, SLICE_LITERAL("t"), 1, 3, 3);
    cr_expect_str_neq(one, other);
    id_text(other, SLICE_LITERAL("t"), 1, 2, 4);
    cr_expect_str_neq(one, other);
    id_text(other, SLICE_LITERAL("t"), 1, 2, 3);
    cr_expect_str_eq(one, other);
}

/* --- Content --- */

Test(alert, comes_back_as_it_went)
{
    make(&(struct sample_options){.seed = 5, .kind = KIND_PROCESS_START});
    Yagura__V1__Alert *decoded = encode();
    cr_expect_str_eq(decoded->rule->author, "Hanako Yamada");
    cr_expect_str_eq(decoded->rule->title, "A shell nobody asked for");
    cr_expect_eq(decoded->rule->level, YAGURA__V1__LEVEL__LEVEL_HIGH);
    cr_expect_eq(decoded->rule->n_references, 2);
    cr_expect_str_eq(decoded->rule->attacks[1]->technique_name, "PowerShell");
    cr_expect_null(decoded->rule->attacks[0]->technique_id);
    cr_expect_eq(decoded->rule->sha256.len, SHA256_BYTES);
    cr_expect_eq(decoded->severity_id, 4);
    cr_expect_eq(decoded->n_explanations, 1);
    cr_expect_str_eq(decoded->explanations[0]->field, "CommandLine");
    cr_expect_str_eq(decoded->explanations[0]->modifiers, "contains|all");
    cr_expect_eq(decoded->explanations[0]->to, 9);
    cr_expect_not(decoded->explanations[0]->has_value_bytes);
    cr_expect_str_eq(decoded->asset->department, "Accounts");
    cr_expect_eq(decoded->asset->criticality, 3);
    cr_expect_str_eq(decoded->evidence->topic, "telemetry.raw.v1");
    cr_expect_eq(decoded->evidence->offset, 123456789);
    cr_expect_eq(decoded->evidence->event_index, alert.event->index);
    cr_expect_not(decoded->has_truncated);
    cr_expect(slice_equal(slice_of_binary(decoded->tenant_id), batch.tenant_id));
    cr_expect(slice_equal(slice_of_binary(decoded->endpoint_id), batch.endpoint_id));
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

Test(alert, leaves_out_what_is_not_known)
{
    make(&(struct sample_options){.seed = 5});
    alert.rule = (struct alert_rule){.id = SLICE_LITERAL("x")};
    alert.asset = (struct alert_asset){.known = false};
    alert.reason_count = 0;
    alert.detect_time_unix_ns = 0;
    Yagura__V1__Alert *decoded = encode();
    cr_expect_null(decoded->rule->author);
    cr_expect_eq(decoded->rule->n_tags, 0);
    cr_expect(decoded->asset->has_known && !decoded->asset->known);
    cr_expect_null(decoded->asset->owner);
    cr_expect_not(decoded->asset->has_criticality);
    cr_expect_not(decoded->has_detect_time_unix_ns);
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

Test(alert, is_the_same_bytes_for_the_same_alert)
{
    for (uint64_t seed = 1; seed < SEEDS; seed++) {
        make(&(struct sample_options){.seed = seed, .hostile = seed % 2 == 0});
        cr_assert_eq(alert_encode_protobuf(&bytes, &alert, arena), 0);
        struct slice first = bytes;
        cr_assert_eq(alert_encode_protobuf(&bytes, &alert, arena), 0);
        cr_expect(slice_equal(first, bytes), "seed %lu", seed);
        arena_reset(arena);
    }
}

Test(alert, keeps_hostile_bytes_and_makes_strings_of_rules_valid)
{
    make(&(struct sample_options){.seed = 5});
    sample_alert(&alert, alert.event, slice_of("\xFF\0x", 3), arena);
    alert.rule.title = SLICE_LITERAL("a\0b\xFF");
    Yagura__V1__Alert *decoded = encode();
    cr_expect(
        slice_equal(slice_of_binary(decoded->explanations[0]->value), slice_of("\xFF\0x", 3)));
    cr_expect_str_eq(decoded->rule->title, "a\xEF\xBF\xBD"
                                           "b\xEF\xBF\xBD");
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

/* --- Evidence --- */

/* Every field of both events, by name and value. */
static void expect_same_fields(const struct event *a, const struct event *b, uint64_t seed)
{
    struct field_iterator left, right;
    struct slice left_name, right_name;
    struct value left_value, right_value;
    field_iterate(&left, a, arena);
    field_iterate(&right, b, arena);
    while (field_next(&left, &left_name, &left_value)) {
        cr_assert(field_next(&right, &right_name, &right_value), "seed %lu", seed);
        cr_expect(slice_equal(left_name, right_name), "seed %lu", seed);
        cr_expect(value_equal(&left_value, &right_value), "seed %lu: %.*s", seed,
                  SLICE_PRINTF(left_name));
    }
    cr_expect_not(field_next(&right, &right_name, &right_value), "seed %lu", seed);
}

Test(alert, carries_an_event_that_can_be_judged_again)
{
    for (uint64_t seed = 1; seed < SEEDS; seed++) {
        struct batch again;
        make(&(struct sample_options){.seed = seed, .hostile = seed % 2 == 0});
        Yagura__V1__Alert *decoded = encode();
        cr_assert(decoded->has_event_batch);
        cr_assert_eq(batch_decode(&again, slice_of_binary(decoded->event_batch), &wide, arena), 0,
                     "seed %lu: %s", seed, reason_label(again.reason));
        cr_assert_eq(again.event_count, 1);
        cr_expect(slice_equal(again.events[0].bytes, alert.event->bytes), "byte for byte");
        cr_expect(slice_equal(again.tenant_id, batch.tenant_id));
        cr_expect_eq(again.events[0].shape, alert.event->shape);
        expect_same_fields(alert.event, &again.events[0], seed);
        yagura__v1__alert__free_unpacked(decoded, NULL);
        arena_reset(arena);
    }
}

Test(alert, carries_no_process_that_the_event_does_not_point_to)
{
    make(&(struct sample_options){.seed = 2, .kind = KIND_PROCESS_START});
    Yagura__V1__Alert *decoded = encode();
    struct batch again;
    cr_assert_eq(batch_decode(&again, slice_of_binary(decoded->event_batch), &wide, arena), 0);
    for (size_t i = 0; i < again.process_count; i++) {
        bool needed = again.processes[i] == again.events[0].roots[ROOT_PROCESS] ||
                      again.processes[i] == again.events[0].roots[ROOT_ACTOR];
        cr_expect_eq(again.processes[i]->bytes.len > 0, needed, "process %zu", i);
    }
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

Test(alert, has_the_sequence_number_of_its_own_event)
{
    make(&(struct sample_options){.seed = 2}); /* three events, the first is number 1000 */
    cr_assert_eq(alert.event->index, 2);
    Yagura__V1__Alert *decoded = encode();
    Yagura__V1__EventBatch *again =
        yagura__v1__event_batch__unpack(NULL, decoded->event_batch.len, decoded->event_batch.data);
    cr_assert_not_null(again);
    cr_expect_eq(again->first_sequence, 1002);
    yagura__v1__event_batch__free_unpacked(again, NULL);
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

/* --- Size --- */

static size_t bytes_with_value(size_t value_bytes)
{
    uint8_t *value = arena_take_bytes(arena, value_bytes + 1);
    memset(value, 'v', value_bytes);
    sample_alert(&alert, alert.event, slice_of(value, value_bytes), arena);
    cr_assert_eq(alert_encode_protobuf(&bytes, &alert, arena), 0);
    return bytes.len;
}

Test(alert, fits_its_limit_to_the_byte_and_gives_up_evidence_one_byte_later)
{
    make(&(struct sample_options){.seed = 5});
    size_t spare = ALERT_BYTES_MAX - bytes_with_value(100000);
    cr_expect_eq(bytes_with_value(100000 + spare), ALERT_BYTES_MAX);
    Yagura__V1__Alert *decoded = yagura__v1__alert__unpack(NULL, bytes.len, bytes.data);
    cr_expect(decoded->has_event_batch && !decoded->has_truncated);
    yagura__v1__alert__free_unpacked(decoded, NULL);
    cr_expect_lt(bytes_with_value(100001 + spare), ALERT_BYTES_MAX);
    decoded = yagura__v1__alert__unpack(NULL, bytes.len, bytes.data);
    cr_expect(!decoded->has_event_batch && decoded->truncated && decoded->evidence->dropped);
    cr_expect_eq(decoded->explanations[0]->value.len, 100001 + spare);
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

Test(alert, cuts_the_longest_values_when_evidence_was_not_enough)
{
    make(&(struct sample_options){.seed = 5});
    (void)bytes_with_value(ALERT_BYTES_MAX);
    Yagura__V1__Alert *decoded = yagura__v1__alert__unpack(NULL, bytes.len, bytes.data);
    cr_expect(decoded->truncated);
    cr_expect_eq(decoded->explanations[0]->value.len, 64 * 1024);
    cr_expect_eq(decoded->explanations[0]->value_bytes, ALERT_BYTES_MAX);
    cr_expect_str_eq(decoded->rule->author, "Hanako Yamada");
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

Test(alert, cuts_a_value_around_what_matched)
{
    make(&(struct sample_options){.seed = 5});
    (void)bytes_with_value(2 * ALERT_BYTES_MAX);
    struct alert_reason reason = alert.reasons[0];
    uint8_t *value = (uint8_t *)(uintptr_t)reason.value.data;
    reason.from = ALERT_BYTES_MAX;
    reason.to = ALERT_BYTES_MAX + 6;
    memcpy(value + reason.from, "needle", 6);
    alert.reasons = &reason;
    Yagura__V1__Alert *decoded = encode();
    const Yagura__V1__Explanation *why = decoded->explanations[0];
    cr_assert(why->has_value_from);
    cr_expect_eq(why->from, ALERT_BYTES_MAX, "spans count in the whole value");
    cr_expect_arr_eq(why->value.data + (why->from - why->value_from), "needle", 6);
    cr_expect_eq(why->value.len, 64 * 1024);
    yagura__v1__alert__free_unpacked(decoded, NULL);
}

Test(alert, says_when_the_arena_is_too_small)
{
    make(&(struct sample_options){.seed = 5});
    for (size_t size = 64; size < 2048; size *= 2) {
        struct arena *small;
        cr_assert_eq(arena_new_fixed(&small, size), 0);
        cr_expect_eq(alert_encode_protobuf(&bytes, &alert, small), STATUS_LIMIT, "%zu", size);
        arena_free(small);
    }
}
