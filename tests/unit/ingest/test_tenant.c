/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <criterion/criterion.h>

static struct rig rig;

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(tenant, .fini = close_rig);

#define OTHER "11111111-2222-4333-8444-555555555555"
#define HEADER(t)                                                                                  \
    {                                                                                              \
        SLICE_INIT("x-tenant-id"), SLICE_INIT(t), false                                            \
    }

enum { HEADERS_MAX = 3 };

static const struct {
    const char *config;
    struct record_header headers[HEADERS_MAX];
    size_t header_count;
    const char *reason; /* of the dead letter; "": the record is judged */
} cases[] = {
    /* The header is the authenticated word; the payload says RIG_TENANT. */
    {"tenant: header\n", {HEADER(RIG_TENANT)}, 1, ""},
    {"tenant: header\n", {{SLICE_INIT("X-Tenant-ID"), SLICE_INIT(RIG_TENANT), false}}, 1, ""},
    {"tenant: header\n", {HEADER(RIG_TENANT), HEADER(RIG_TENANT)}, 2, ""},
    {"tenant: header\n", {{{NULL, 0}, {NULL, 0}, true}}, 0, "no_tenant"},
    {"tenant: header\n",
     {{SLICE_INIT("x-tenant-i"), SLICE_INIT(RIG_TENANT), false}},
     1,
     "no_tenant"},
    {"tenant: header\n", {{SLICE_INIT("x-tenant-id"), {NULL, 0}, true}}, 1, "no_tenant"},
    {"tenant: header\n", {HEADER("")}, 1, "no_tenant"},
    {"tenant: header\n", {HEADER("nobody")}, 1, "no_tenant"},
    {"tenant: header\n", {HEADER(RIG_TENANT "0")}, 1, "no_tenant"},
    {"tenant: header\n", {HEADER(RIG_TENANT "\n")}, 1, "no_tenant"},
    {"tenant: header\n", {HEADER("{6ba7b810-9dad-41d1-80b4-00c04fd430c8}")}, 1, "no_tenant"},
    {"tenant: header\n", {HEADER(OTHER)}, 1, "forged_tenant"},
    {"tenant: header\n", {HEADER(RIG_TENANT), HEADER(OTHER)}, 2, "forged_tenant"},
    {"tenant: header\n", {HEADER(OTHER), HEADER(RIG_TENANT)}, 2, "forged_tenant"},
    {"tenant: header\n", {HEADER(RIG_TENANT), HEADER("x")}, 2, "forged_tenant"},
    {"tenant: header\n", {HEADER("x"), HEADER(RIG_TENANT)}, 2, "no_tenant"},
    /* One tenant for all: a header may agree. */
    {"tenant: " RIG_TENANT "\n", {{{NULL, 0}, {NULL, 0}, true}}, 0, ""},
    {"tenant: " RIG_TENANT "\n", {HEADER(RIG_TENANT)}, 1, ""},
    {"tenant: " RIG_TENANT "\n", {HEADER(OTHER)}, 1, "forged_tenant"},
    {"tenant: " RIG_TENANT "\n", {HEADER("x")}, 1, "forged_tenant"},
    {"tenant: " OTHER "\n", {{{NULL, 0}, {NULL, 0}, true}}, 0, "forged_tenant"},
    /* A topic of its own. */
    {"input: {tenants: {telemetry.raw.v1: " RIG_TENANT "}}\n",
     {{{NULL, 0}, {NULL, 0}, true}},
     0,
     ""},
    {"input: {tenants: {telemetry.raw.v1: " RIG_TENANT "}}\n", {HEADER(OTHER)}, 1, "forged_tenant"},
    {"input: {tenants: {telemetry.raw.v1: " OTHER "}}\n", {HEADER(RIG_TENANT)}, 1, "forged_tenant"},
    {"input: {tenants: {telemetry.raw.v1: " OTHER "}}\n", {HEADER(OTHER)}, 1, "forged_tenant"},
    {"tenant: " OTHER "\ninput: {tenants: {telemetry.raw.v1: " RIG_TENANT "}}\n",
     {{{NULL, 0}, {NULL, 0}, true}},
     0,
     ""},
    {"input: {tenants: {telemetry.raw.v2: " RIG_TENANT "}}\n",
     {{{NULL, 0}, {NULL, 0}, true}},
     0,
     "no_tenant"},
    /* What a file says of itself. */
    {"tenant: payload\n", {HEADER(OTHER)}, 1, ""},
};

static void check_case(size_t i)
{
    const char *const lines[] = {"whoami", NULL};
    bool judged = *cases[i].reason == '\0';
    rig_open(&rig, &(struct rig_options){.config = cases[i].config});
    struct memory_record *record = rig_add_starts(&rig, lines);
    record->headers = cases[i].headers;
    record->header_count = cases[i].header_count;
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), 0, "case %zu", i);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), judged ? 1 : 0, "case %zu", i);
    cr_assert_eq(rig_count(&rig, OUTPUT_DEAD_LETTERS), judged ? 0 : 1, "case %zu", i);
    if (judged) {
        cr_assert(rig_header_is(rig_message(&rig, OUTPUT_ALERTS, 0), "x-tenant-id", RIG_TENANT),
                  "case %zu", i);
        return;
    }
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 0);
    cr_assert(rig_header_is(letter, "x-dlq-reason", cases[i].reason), "case %zu", i);
    cr_assert(rig_header_is(letter, "x-dlq-stage", "tenant"), "case %zu", i);
    cr_assert_eq(rig_counter(&rig, COUNTER_EVENTS), 0, "case %zu: nothing of it is judged", i);
}

Test(tenant, is_what_header_topic_or_config_say_and_never_what_a_sender_says)
{
    size_t count = sizeof cases / sizeof *cases;
    for (size_t i = 0; i < count; i++) {
        check_case(i);
        if (i + 1 < count)
            rig_close(&rig);
    }
}

Test(tenant, must_be_said_by_somebody_even_in_a_file)
{
    const char *const lines[] = {"whoami"};
    const struct starts_options nobody = {.command_lines = lines, .count = 1};
    rig_open(&rig, &(struct rig_options){.config = "tenant: payload\n"});
    rig_add(&rig, starts_batch(&nobody, rig.arena));
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 0);
    cr_assert_eq(rig_letters(&rig, REASON_NO_TENANT), 1);
}

Test(tenant, of_a_forger_matters_more_than_what_else_is_wrong)
{
    const char *const lines[] = {"whoami", "whoami"};
    const struct starts_options forged = {.command_lines = lines,
                                          .count = 2,
                                          .tenant_id = SLICE_INIT("sixteen-bytes-id"),
                                          .bad_event = 1};
    rig_open(&rig, &(struct rig_options){0});
    rig_add(&rig, starts_batch(&forged, rig.arena));
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_letters(&rig, REASON_FORGED_TENANT), 1);
    cr_assert_eq(rig_letters(&rig, REASON_INDEX_RANGE), 0);
    cr_assert_eq(rig_header(rig_message(&rig, OUTPUT_DEAD_LETTERS, 0), "x-dlq-event-index").len, 0);
}
