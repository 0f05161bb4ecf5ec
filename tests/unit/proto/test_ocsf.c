/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/alert.h"
#include "proto/flat.h"

#include "ocsf_check.h"
#include "sample.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>

/* Field numbers of Event's kinds (event.proto). */
enum { KIND_PROCESS_START = 6, KIND_NETWORK = 9, KIND_DNS = 10, KIND_INTERACTION = 19 };
enum { SEEDS = 800, REPORT_BYTES = 4096 };

static struct arena *arena;
static struct batch batch;
static struct alert alert;
static struct slice text;
static char report[REPORT_BYTES];

static void setup(void)
{
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(ocsf, .init = setup, .fini = teardown);

/* An alert about the first event of a sample. */
static void make(const struct sample_options *options)
{
    struct slice payload = sample_batch(options, arena);
    const struct batch_options limits = {.record_bytes_max = 8 * 1024 * 1024};
    int decoded = batch_decode(&batch, payload, &limits, arena);
    cr_assert_eq(decoded, 0, "seed %lu: %s", options->seed, reason_label(batch.reason));
    sample_alert(&alert, &batch.events[0], SLICE_LITERAL("a.exe -enc AAAA"), arena);
}

static void encode(void)
{
    cr_assert_eq(alert_encode_ocsf(&text, &alert, arena), 0);
    size_t violations = ocsf_check(text, report, sizeof report);
    cr_expect_eq(violations, 0, "%s", report);
}

/* The member at a path such as "device.owner.name" or "evidences.0.data"; NULL if there is none. */
static json_t *member(const json_t *root, const char *path)
{
    char copy[256];
    char *rest = copy;
    const json_t *at = root;
    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *name = strsep(&rest, "."); name != NULL && at != NULL; name = strsep(&rest, "."))
        at = json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10))
                               : json_object_get(at, name);
    return (json_t *)(uintptr_t)at;
}

static json_t *parse(void)
{
    json_error_t error;
    json_t *root = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, &error);
    cr_assert_not_null(root, "%s", error.text);
    return root;
}

static void expect_text(const json_t *root, const char *path, const char *expected)
{
    const char *seen = json_string_value(member(root, path));
    cr_assert_not_null(seen, "%s is missing", path);
    cr_expect_str_eq(seen, expected, "%s", path);
}

Test(ocsf, is_valid_for_events_of_every_kind)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        make(&(struct sample_options){.seed = seed});
        encode();
        arena_reset(arena);
    }
}

Test(ocsf, is_valid_whatever_bytes_an_endpoint_sends)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        make(&(struct sample_options){.seed = seed, .hostile = true, .text_bytes_max = 80});
        encode();
        arena_reset(arena);
    }
}

Test(ocsf, is_the_same_bytes_for_the_same_alert)
{
    for (uint64_t seed = 1; seed < 200; seed++) {
        make(&(struct sample_options){.seed = seed, .hostile = seed % 2 == 0});
        encode();
        struct slice first = text;
        encode();
        cr_expect(slice_equal(first, text), "seed %lu", seed);
        arena_reset(arena);
    }
}

/* Where the facts that people act on must stand. */
static const struct {
    const char *path;
    const char *value;
} places[] = {
    {"unmapped.rule.author", "Hanako Yamada"},
    {"message", "A shell nobody asked for (rule by Hanako Yamada)"},
    {"finding_info.title", "A shell nobody asked for"},
    {"finding_info.analytic.uid", "3f2b6c8e-1a4d-4e5f-9b7a-0c1d2e3f4a5b"},
    {"finding_info.analytic.version", "2026-03-04"},
    {"finding_info.attacks.0.tactic.uid", "TA0002"},
    {"finding_info.attacks.1.technique.uid", "T1059"},
    {"finding_info.attacks.1.sub_technique.name", "PowerShell"},
    {"finding_info.attacks.1.version", "19.0"},
    {"severity", "High"},
    {"confidence", "Medium"},
    {"metadata.version", "1.8.0"},
    {"device.owner.name", "Taro Sato"},
    {"device.org.name", "Sato & Co"},
    {"device.org.ou_name", "Accounts"},
    {"device.region", "Kanto"},
    {"device.type", "rental-pc"},
    {"unmapped.asset.criticality", "high"},
    {"unmapped.asset.contact", "soc@example.org"},
    {"unmapped.explanation.0.selection", "selection_cli"},
    {"unmapped.explanation.0.field", "CommandLine"},
    {"unmapped.explanation.0.modifiers", "contains|all"},
    {"unmapped.explanation.0.pattern", " -enc "},
    {"unmapped.explanation.0.value", "a.exe -enc AAAA"},
    {"unmapped.record.topic", "telemetry.raw.v1"},
    {"unmapped.rule.license", "DRL-1.1"},
    {"unmapped.rule.references.1", "https://example.org/b"},
    {"unmapped.rule.sha256", "0102030000000000000000000000000000000000000000000000000000000000"},
};

Test(ocsf, has_every_fact_in_its_place)
{
    make(&(struct sample_options){.seed = 5, .kind = KIND_PROCESS_START});
    encode();
    json_t *root = parse();
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        expect_text(root, places[i].path, places[i].value);
    cr_expect_eq(json_integer_value(member(root, "unmapped.record.offset")), 123456789);
    cr_expect_eq(json_integer_value(member(root, "unmapped.record.partition")), 7);
    cr_expect_eq(json_integer_value(member(root, "unmapped.explanation.0.to")), 9);
    cr_expect(json_is_true(member(root, "unmapped.asset.known")));
    cr_expect(json_is_false(member(root, "unmapped.asset.context_stale")));
    cr_expect_not_null(member(root, "raw_data"));
    json_decref(root);
}

/* An alert about a process start that Sysmon logged. */
static void make_start(struct slice command_line)
{
    AUTO(flat_encoder_free) struct flat_encoder *encoder = NULL;
    const struct flat_field fields[] = {
        {SLICE_LITERAL("Channel"),
         value_of_text(SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational"))},
        {SLICE_LITERAL("EventID"), value_of_integer(1)},
        {SLICE_LITERAL("ProcessGuid"),
         value_of_text(SLICE_LITERAL("{fe86be69-fc03-64b5-7b00-000000001000}"))},
        {SLICE_LITERAL("ProcessId"), value_of_integer(4460)},
        {SLICE_LITERAL("Image"), value_of_text(SLICE_LITERAL("C:\\Windows\\System32\\cmd.exe"))},
        {SLICE_LITERAL("CommandLine"), value_of_text(command_line)},
        {SLICE_LITERAL("User"), value_of_text(SLICE_LITERAL("SATO\\taro"))},
        {SLICE_LITERAL("ParentProcessId"), value_of_integer(812)},
        {SLICE_LITERAL("ParentImage"), value_of_text(SLICE_LITERAL("C:\\Office\\winword.exe"))},
        {SLICE_LITERAL("ParentCommandLine"), value_of_text(SLICE_LITERAL("winword /n bill.docx"))},
    };
    const struct flat_origin origin = {.tenant_id = "tenant 012345678",
                                       .endpoint_id = {0xe0, 1, 2, 3, 4, 5, 6, 7},
                                       .hostname = SLICE_LITERAL("pc-017")};
    struct slice packed;
    cr_assert_eq(flat_encoder_new(&encoder, &origin), 0);
    cr_assert_eq(flat_encoder_add(encoder, fields, sizeof fields / sizeof fields[0], NULL), 0);
    cr_assert_eq(flat_encoder_finish(encoder, &packed), 0);
    struct slice payload = arena_copy(arena, packed);
    cr_assert_eq(batch_decode(&batch, payload, &(struct batch_options){0}, arena), 0);
    sample_alert(&alert, &batch.events[0], command_line, arena);
}

static const struct {
    const char *path;
    const char *value;
} facts_of_start[] = {
    {"evidences.0.process.uid", "{fe86be69-fc03-64b5-7b00-000000001000}"},
    {"evidences.0.process.name", "cmd.exe"},
    {"evidences.0.process.file.path", "C:\\Windows\\System32\\cmd.exe"},
    {"evidences.0.process.cmd_line", "cmd /c whoami"},
    {"evidences.0.process.user.name", "SATO\\taro"},
    {"evidences.0.process.parent_process.name", "winword.exe"},
    {"evidences.0.process.parent_process.cmd_line", "winword /n bill.docx"},
    {"metadata.tenant_uid", "74656e61-6e74-2030-3132-333435363738"},
    {"metadata.event_code", "1"},
    {"device.uid", "e0010203-0405-0607-0000-000000000000"},
};

Test(ocsf, says_who_did_it_where_and_by_whose_hand)
{
    make_start(SLICE_LITERAL("cmd /c whoami"));
    encode();
    json_t *root = parse();
    for (size_t i = 0; i < sizeof facts_of_start / sizeof facts_of_start[0]; i++)
        expect_text(root, facts_of_start[i].path, facts_of_start[i].value);
    cr_expect_eq(json_integer_value(member(root, "evidences.0.process.pid")), 4460);
    cr_expect_eq(json_integer_value(member(root, "evidences.0.process.parent_process.pid")), 812);
    cr_expect_eq(json_integer_value(member(root, "unmapped.record.event_index")), 0);
    cr_expect_str_eq(json_string_value(member(root, "metadata.uid")),
                     json_string_value(member(root, "finding_info.uid")));
    json_decref(root);
}

Test(ocsf, shows_nobody_what_an_endpoint_wants_them_to_see)
{
    static const struct slice hostile = SLICE_INIT("a\0b \x1b[2J \xC2\x9B"
                                                   "2J \xE2\x80\xAE"
                                                   "exe.fdp");
    static const struct slice hidden[] = {SLICE_INIT("\0"), SLICE_INIT("\x1b"),
                                          SLICE_INIT("\xC2\x9B"), SLICE_INIT("\xE2\x80\xAE")};
    make_start(hostile);
    encode();
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        cr_expect_eq(slice_find(text, hidden[i]), SIZE_MAX, "bytes %zu", i);
    json_t *root = parse();
    const json_t *seen = member(root, "evidences.0.process.cmd_line");
    struct slice back = slice_of(json_string_value(seen), json_string_length(seen));
    cr_expect(slice_equal(back, hostile), "readers get it back");
    json_decref(root);
}

Test(ocsf, states_the_author_even_of_a_rule_without_one)
{
    make(&(struct sample_options){.seed = 5});
    alert.rule.author = (struct slice){NULL, 0};
    encode();
    json_t *root = parse();
    expect_text(root, "unmapped.rule.author", "not stated");
    json_decref(root);
}

Test(ocsf, is_valid_for_an_alert_that_knows_next_to_nothing)
{
    make(&(struct sample_options){.seed = 5});
    alert.rule = (struct alert_rule){.id = SLICE_LITERAL("x"), .title = SLICE_LITERAL("t")};
    alert.asset = (struct alert_asset){.known = false, .stale = true};
    alert.reasons = NULL;
    alert.reason_count = 0;
    alert.evidence = (struct alert_evidence){.topic = SLICE_LITERAL("file:a")};
    alert.detect_time_unix_ns = 0;
    encode();
    json_t *root = parse();
    cr_expect(json_is_false(member(root, "unmapped.asset.known")));
    cr_expect(json_is_true(member(root, "unmapped.asset.context_stale")));
    cr_expect_eq(json_integer_value(member(root, "confidence_id")), 0);
    json_decref(root);
}

Test(ocsf, keeps_the_original_of_a_value_that_is_no_text)
{
    make(&(struct sample_options){.seed = 5});
    sample_alert(&alert, &batch.events[0], slice_of("a\xFF\0b", 4), arena);
    encode();
    json_t *root = parse();
    const json_t *value = member(root, "unmapped.explanation.0.value");
    cr_expect_eq(json_string_length(value), 6);
    cr_expect_arr_eq(json_string_value(value), "a\xEF\xBF\xBD\0b", 6);
    expect_text(root, "unmapped.explanation.0.value_base64", "Yf8AYg==");
    json_decref(root);
}

Test(ocsf, keeps_the_original_of_a_host_name_under_its_path)
{
    make(&(struct sample_options){.seed = 5});
    batch.hostname = SLICE_LITERAL("pc\xFE");
    encode();
    json_t *root = parse();
    expect_text(root, "device.hostname", "pc\xEF\xBF\xBD");
    expect_text(root, "unmapped.original_bytes.0.path", "device.hostname");
    expect_text(root, "unmapped.original_bytes.0.base64", "cGP+");
    json_decref(root);
}

Test(ocsf, takes_the_brokers_time_where_the_endpoints_is_wrong)
{
    make(&(struct sample_options){.seed = 5});
    struct event event = batch.events[0];
    alert.event = &event;
    event.time_unix_ns = 1700000000123456789;
    event.flags = 0;
    encode();
    json_t *root = parse();
    cr_expect_eq(json_integer_value(member(root, "time")), 1700000000123);
    json_decref(root);
    event.flags = EVENT_NOTE_TIME_SKEW;
    encode();
    root = parse();
    cr_expect_eq(json_integer_value(member(root, "time")), 1790000000000);
    cr_expect(json_is_true(member(root, "unmapped.record.time_skewed")));
    json_decref(root);
}

/* --- Size --- */

static bool is_truncated(const json_t *root)
{
    return json_is_true(member(root, "metadata.is_truncated"));
}

/* Bytes of the finding whose one explanation has a value of that length. */
static size_t bytes_with_value(size_t value_bytes)
{
    uint8_t *value = arena_take_bytes(arena, value_bytes + 1);
    memset(value, 'v', value_bytes);
    sample_alert(&alert, &batch.events[0], slice_of(value, value_bytes), arena);
    encode();
    return text.len;
}

Test(ocsf, fits_its_limit_to_the_byte_and_gives_up_evidence_one_byte_later)
{
    make(&(struct sample_options){.seed = 5, .kind = KIND_DNS});
    size_t spare = ALERT_BYTES_MAX - bytes_with_value(1000);
    cr_expect_eq(bytes_with_value(1000 + spare), ALERT_BYTES_MAX);
    json_t *root = parse();
    cr_expect_not(is_truncated(root));
    cr_expect_not_null(member(root, "raw_data"));
    json_decref(root);
    cr_expect_lt(bytes_with_value(1001 + spare), ALERT_BYTES_MAX);
    root = parse();
    cr_expect(is_truncated(root));
    cr_expect_null(member(root, "raw_data"));
    cr_expect(json_is_true(member(root, "unmapped.record.evidence_dropped")));
    cr_expect_eq(json_integer_value(member(root, "metadata.untruncated_size")),
                 ALERT_BYTES_MAX + 1);
    cr_expect_eq(json_string_length(member(root, "unmapped.explanation.0.value")), 1001 + spare);
    json_decref(root);
}

Test(ocsf, cuts_the_longest_values_when_evidence_was_not_enough)
{
    make(&(struct sample_options){.seed = 5});
    (void)bytes_with_value(ALERT_BYTES_MAX);
    json_t *root = parse();
    cr_expect(is_truncated(root));
    cr_expect_eq(json_string_length(member(root, "unmapped.explanation.0.value")), 64 * 1024);
    cr_expect_eq(json_integer_value(member(root, "unmapped.explanation.0.value_bytes")),
                 ALERT_BYTES_MAX);
    expect_text(root, "unmapped.rule.author", "Hanako Yamada");
    json_decref(root);
}

Test(ocsf, cuts_a_value_around_what_matched)
{
    make(&(struct sample_options){.seed = 5});
    (void)bytes_with_value(2 * ALERT_BYTES_MAX);
    struct alert_reason reason = alert.reasons[0];
    uint8_t *value = (uint8_t *)(uintptr_t)reason.value.data;
    reason.from = ALERT_BYTES_MAX;
    reason.to = ALERT_BYTES_MAX + 6;
    memcpy(value + reason.from, "needle", 6);
    alert.reasons = &reason;
    encode();
    json_t *root = parse();
    json_int_t skipped = json_integer_value(member(root, "unmapped.explanation.0.value_from"));
    const char *shown = json_string_value(member(root, "unmapped.explanation.0.value"));
    cr_assert_gt(skipped, 0);
    cr_expect_eq(strncmp(shown + ALERT_BYTES_MAX - skipped, "needle", 6), 0);
    json_decref(root);
}

Test(ocsf, stays_within_its_limit_whatever_comes)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        make(&(struct sample_options){.seed = seed, .hostile = true, .text_bytes_max = 30000});
        encode();
        cr_expect_leq(text.len, ALERT_BYTES_MAX);
        json_t *root = parse();
        expect_text(root, "unmapped.rule.author", "Hanako Yamada");
        json_decref(root);
        arena_reset(arena);
    }
}

Test(ocsf, says_when_the_arena_is_too_small)
{
    struct arena *small;
    make(&(struct sample_options){.seed = 5});
    for (size_t bytes = 64; bytes < 8192; bytes *= 2) {
        cr_assert_eq(arena_new_fixed(&small, bytes), 0);
        cr_expect_eq(alert_encode_ocsf(&text, &alert, small), STATUS_LIMIT);
        arena_free(small);
    }
}
