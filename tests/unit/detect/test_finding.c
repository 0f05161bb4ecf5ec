/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way of an alert: a rule's text and a flat event in, protobuf and OCSF out. */
#include "detect/finding.h"

#include "detect/attack.h"
#include "ocsf_check.h"
#include "proto/flat.h"
#include "proto/uuid.h"
#include "rules/parser.h"

#include <criterion/criterion.h>

static const char rule_text[] = "title: A command nobody types\n"
                                "id: 6f1d2c3b-4a5e-4f60-8b7c-9d0e1f2a3b4c\n"
                                "status: test\n"
                                "author: Hanako Yamada, Taro Sato\n"
                                "level: high\n"
                                "tags:\n"
                                "  - attack.execution\n"
                                "  - attack.t1059.001\n"
                                "references:\n"
                                "  - https://example.org/why\n"
                                "falsepositives:\n"
                                "  - None known\n"
                                "logsource:\n"
                                "  product: windows\n"
                                "  category: process_creation\n"
                                "detection:\n"
                                "  selection:\n"
                                "    CommandLine|contains: ' -enc '\n"
                                "  condition: selection\n";

static const char asset_table[] = "tenant_id,endpoint_id,owner,criticality\n"
                                  "00000000-0000-0000-0000-000000000001,"
                                  "00000000-0000-0000-0000-000000000002,Taro Sato,critical\n";

static const struct flat_origin origin = {.tenant_id = {[15] = 1},
                                          .endpoint_id = {[15] = 2},
                                          .boot_id = {[15] = 3},
                                          .hostname = SLICE_INIT("pc-1"),
                                          .product = SLICE_INIT("windows"),
                                          .category = SLICE_INIT("process_creation")};

enum { NOW = 1790000000, DAY = 86400 };

static struct arena *arena;
static struct diag_list *findings;
static struct rule_list rules;
static struct ruleset *ruleset;
static struct scratch *scratch;
static struct context *context;
static struct flat_encoder *encoder;
static struct batch batch;
static struct matches matches;
static struct finding_options options;

static void setup(void)
{
    const struct parser_options parser = {.lists = NULL};
    const struct ruleset_options build = {.memory_bytes_max = 0};
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(parser_read(&rules, slice_text(rule_text), "r.yml", &parser, findings), 0);
    cr_assert_eq(rules.count, 1);
    cr_assert_eq(ruleset_build(&ruleset, rules.items, rules.count, &build, findings), 0);
    cr_assert_eq(scratch_new(&scratch, ruleset), 0);
    cr_assert_eq(context_new(&context), 0);
    cr_assert_eq(flat_encoder_new(&encoder, &origin), 0);
    options = (struct finding_options){
        .ruleset = ruleset,
        .context = context,
        .tenant_id = slice_of(origin.tenant_id, sizeof origin.tenant_id),
        .evidence = {.topic = SLICE_LITERAL("telemetry.raw.v1"),
                     .partition = 3,
                     .offset = 77,
                     .broker_time_ms = NOW * INT64_C(1000)},
    };
}

static void teardown(void)
{
    flat_encoder_free(encoder);
    context_free(context);
    scratch_free(scratch);
    ruleset_free(ruleset);
    rule_list_deinit(&rules);
    diag_list_free(findings);
    arena_free(arena);
}

TestSuite(finding, .init = setup, .fini = teardown);

/* Judges one process start, which must match once. */
static void judge(const char *command_line)
{
    struct slice payload;
    const struct flat_field fields[] = {
        {SLICE_LITERAL("Image"), value_of_text(SLICE_LITERAL("C:\\Windows\\a.exe"))},
        {SLICE_LITERAL("CommandLine"), value_of_text(slice_text(command_line))},
        {SLICE_LITERAL("ProcessId"), value_of_integer(4711)},
        {SLICE_LITERAL("ParentProcessId"), value_of_integer(12)},
        {SLICE_LITERAL("ParentImage"), value_of_text(SLICE_LITERAL("C:\\Windows\\b.exe"))}};
    cr_assert_eq(flat_encoder_add(encoder, fields, sizeof fields / sizeof fields[0], NULL), 0);
    cr_assert_eq(flat_encoder_finish(encoder, &payload), 0);
    payload = arena_copy(arena, payload);
    cr_assert_eq(batch_decode(&batch, payload, &(struct batch_options){0}, arena), 0);
    cr_assert_eq(engine_match(&matches, ruleset, scratch, &batch.events[0]), 0);
}

static struct alert make(void)
{
    struct alert alert;
    cr_assert_eq(matches.count, 1);
    cr_assert_eq(
        finding_make(&alert, &matches.items[0], &batch.events[0], scratch, &options, arena), 0);
    return alert;
}

#define EXPECT_TEXT(slice, text)                                                                   \
    cr_expect(slice_equal((slice), slice_text(text)), "%.*s", SLICE_PRINTF(slice))

Test(finding, says_whose_rule_it_is_and_why_it_fired)
{
    judge("a.exe -enc AAAA");
    struct alert alert = make();
    EXPECT_TEXT(alert.rule.author, "Hanako Yamada, Taro Sato");
    EXPECT_TEXT(alert.rule.title, "A command nobody types");
    EXPECT_TEXT(alert.rule.category, "process_creation");
    EXPECT_TEXT(alert.rule.references[0], "https://example.org/why");
    EXPECT_TEXT(alert.rule.false_positives[0], "None known");
    EXPECT_TEXT(alert.rule.attack_version, ATTACK_VERSION);
    cr_assert_eq(alert.rule.attack_count, 1);
    EXPECT_TEXT(alert.rule.attacks[0].technique_name, "PowerShell");
    EXPECT_TEXT(alert.rule.attacks[0].tactic_name, "Execution");
    cr_expect_eq(alert.rule.level, ALERT_HIGH);
    cr_expect_arr_eq(alert.rule.sha256, rules.items[0]->sha256, sizeof alert.rule.sha256);
    cr_expect_arr_eq(alert.ruleset_sha256, ruleset_sha256(ruleset), sizeof alert.ruleset_sha256);
    cr_assert_eq(alert.reason_count, 1);
    EXPECT_TEXT(alert.reasons[0].selection, "selection");
    EXPECT_TEXT(alert.reasons[0].field, "CommandLine");
    EXPECT_TEXT(alert.reasons[0].value, "a.exe -enc AAAA");
    cr_expect(alert.reasons[0].has_span);
    cr_expect_eq(alert.reasons[0].from, 5);
    cr_expect_eq(alert.reasons[0].to, 11);
}

Test(finding, makes_nothing_of_an_event_that_does_not_match)
{
    judge("a.exe -dec AAAA");
    cr_expect_eq(matches.count, 0);
}

Test(finding, has_the_id_of_tenant_rule_and_place)
{
    uint8_t id[16];
    judge("a.exe -enc AAAA");
    struct alert alert = make();
    cr_assert_eq(alert_id_make(id, origin.tenant_id, rules.items[0]->uuid,
                               SLICE_LITERAL("telemetry.raw.v1"), 3, 77, 0),
                 0);
    cr_expect_arr_eq(alert.alert_id, id, sizeof id);
    options.evidence.offset = 78;
    alert = make();
    cr_expect_arr_neq(alert.alert_id, id, sizeof id);
}

static void add_assets(int64_t as_of)
{
    const struct context_options table = {.as_of_unix_s = as_of, .stale_after_s = DAY};
    cr_assert_eq(context_add_assets(context, slice_text(asset_table), CONTEXT_CSV, "a.csv", &table,
                                    findings),
                 0);
}

Test(finding, carries_the_endpoints_asset)
{
    add_assets(NOW);
    judge("a.exe -enc AAAA");
    struct alert alert = make();
    cr_expect(alert.asset.known && !alert.asset.stale);
    EXPECT_TEXT(alert.asset.owner, "Taro Sato");
    cr_expect_eq(alert.asset.criticality, 4);
}

Test(finding, marks_a_stale_table_by_the_time_that_is_handed_in)
{
    add_assets(NOW - DAY - 1);
    judge("a.exe -enc AAAA");
    cr_expect(make().asset.stale, "by the broker's time");
    options.detect_time_unix_ns = (NOW - 1) * INT64_C(1000000000);
    cr_expect_not(make().asset.stale, "by the service's own");
}

Test(finding, marks_an_endpoint_that_no_table_knows)
{
    judge("a.exe -enc AAAA");
    cr_expect_not(make().asset.known);
    add_assets(NOW);
    static const uint8_t other_tenant[16] = {[15] = 9};
    options.tenant_id = slice_of(other_tenant, sizeof other_tenant);
    cr_expect_not(make().asset.known, "not even another tenant's endpoint of the same id");
    options.context = NULL;
    cr_expect_not(make().asset.known);
}

Test(finding, becomes_valid_ocsf_with_process_and_parent)
{
    char report[2048];
    struct slice text;
    add_assets(NOW);
    judge("a.exe -enc AAAA\xFF");
    struct alert alert = make();
    cr_assert_eq(alert_encode_ocsf(&text, &alert, arena), 0);
    cr_expect_eq(ocsf_check(text, report, sizeof report), 0, "%s", report);
    cr_expect_neq(slice_find(text, SLICE_LITERAL("\"process\":{\"pid\":4711")), SIZE_MAX);
    cr_expect_neq(slice_find(text, SLICE_LITERAL("\"parent_process\":{\"pid\":12")), SIZE_MAX);
    cr_expect_neq(slice_find(text, SLICE_LITERAL("\"author\":\"Hanako Yamada, Taro Sato\"")),
                  SIZE_MAX);
    cr_assert_eq(alert_encode_protobuf(&text, &alert, arena), 0);
}

Test(finding, says_when_the_arena_is_full)
{
    struct arena *small;
    struct alert alert;
    judge("a.exe -enc AAAA");
    cr_assert_eq(arena_new_fixed(&small, 16), 0);
    cr_expect_eq(
        finding_make(&alert, &matches.items[0], &batch.events[0], scratch, &options, small),
        STATUS_LIMIT);
    arena_free(small);
}
