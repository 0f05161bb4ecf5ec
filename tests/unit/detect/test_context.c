/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/context.h"

#include "proto/uuid.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define TENANT "3033dcd3-56d7-b340-78fc-aaa7a3058454"
#define ONE    "e4a46410-190e-6e52-9235-03c71c402e6d"
#define TWO    "e4a46410-190e-6e52-9235-03c71c402e6e"
#define NOBODY "e4a46410-190e-6e52-9235-03c71c402e6f"
#define HEADER "tenant_id,endpoint_id,hostname,owner,criticality\n"
#define A_ROW  TENANT "," ONE ",pc-1,\"Sato, Taro\",High\n"

enum { NOW = 1790000000, DAY = 86400 };

static struct context *context;
static struct diag_list *findings;

static void setup(void)
{
    cr_assert_eq(context_new(&context), 0);
    cr_assert_eq(diag_list_new(&findings), 0);
}

static void teardown(void)
{
    context_free(context);
    diag_list_free(findings);
}

TestSuite(context, .init = setup, .fini = teardown);

static int add_at(const char *text, enum context_format format, int64_t as_of)
{
    const struct context_options options = {.as_of_unix_s = as_of, .stale_after_s = DAY};
    return context_add_assets(context, slice_text(text), format, "assets", &options, findings);
}

static int add(const char *text, enum context_format format)
{
    return add_at(text, format, NOW);
}

static struct alert_asset look_up(const char *endpoint)
{
    uint8_t tenant_id[UUID_BYTES], endpoint_id[UUID_BYTES];
    struct alert_asset asset;
    cr_assert(uuid_parse(tenant_id, slice_text(TENANT)));
    cr_assert(uuid_parse(endpoint_id, slice_text(endpoint)));
    context_asset(&asset, context, slice_of(tenant_id, sizeof tenant_id),
                  slice_of(endpoint_id, sizeof endpoint_id), NOW);
    return asset;
}

#define EXPECT_TEXT(slice, text)                                                                   \
    cr_expect(slice_equal((slice), slice_text(text)), "%.*s", SLICE_PRINTF(slice))

Test(context, finds_an_endpoint_of_a_csv_table)
{
    cr_assert_eq(add(HEADER A_ROW TENANT "," TWO ",,,\n", CONTEXT_CSV), 0);
    cr_expect_eq(context_asset_count(context), 2);
    struct alert_asset asset = look_up(ONE);
    cr_expect(asset.known && !asset.stale);
    EXPECT_TEXT(asset.hostname, "pc-1");
    EXPECT_TEXT(asset.owner, "Sato, Taro");
    cr_expect_eq(asset.criticality, 3);
    asset = look_up(TWO);
    cr_expect(asset.known);
    cr_expect_eq(asset.owner.len, 0);
    cr_expect_eq(asset.criticality, 0);
}

Test(context, finds_an_endpoint_of_a_yaml_list)
{
    cr_assert_eq(add("- tenant_id: " TENANT "\n  endpoint_id: '{" ONE "}'\n  role: server\n"
                     "  criticality: critical\n",
                     CONTEXT_YAML),
                 0);
    struct alert_asset asset = look_up(ONE);
    cr_expect(asset.known);
    EXPECT_TEXT(asset.role, "server");
    cr_expect_eq(asset.criticality, 4);
}

Test(context, marks_an_endpoint_without_an_entry)
{
    cr_expect_not(look_up(ONE).known);
    cr_assert_eq(add(HEADER A_ROW, CONTEXT_CSV), 0);
    struct alert_asset asset = look_up(NOBODY);
    cr_expect(!asset.known && !asset.stale);
    cr_expect_eq(asset.hostname.len, 0);
}

Test(context, does_not_find_another_tenants_endpoint)
{
    cr_assert_eq(add("tenant_id,endpoint_id\n" NOBODY "," ONE "\n", CONTEXT_CSV), 0);
    cr_expect_not(look_up(ONE).known);
}

Test(context, knows_no_endpoint_without_an_id)
{
    struct alert_asset asset;
    cr_assert_eq(add(HEADER A_ROW, CONTEXT_CSV), 0);
    context_asset(&asset, context, (struct slice){NULL, 0}, (struct slice){NULL, 0}, NOW);
    cr_expect_not(asset.known);
}

Test(context, marks_a_stale_table_one_second_past_its_age)
{
    cr_assert_eq(add_at(HEADER A_ROW, CONTEXT_CSV, NOW - DAY), 0);
    cr_expect_not(look_up(ONE).stale);
    context_free(context);
    cr_assert_eq(context_new(&context), 0);
    cr_assert_eq(add_at(HEADER A_ROW, CONTEXT_CSV, NOW - DAY - 1), 0);
    cr_expect(look_up(ONE).known && look_up(ONE).stale);
    cr_expect(!look_up(NOBODY).known && look_up(NOBODY).stale);
}

Test(context, takes_the_age_that_a_yaml_table_states)
{

    cr_assert_eq(add("as_of: 2026-09-01T00:00:00Z\nassets:\n  - tenant_id: " TENANT
                     "\n    endpoint_id: " ONE "\n",
                     CONTEXT_YAML),
                 0);
    cr_expect(look_up(ONE).stale);
}

Test(context, joins_tables_and_refuses_an_endpoint_of_two)
{
    cr_assert_eq(add(HEADER A_ROW, CONTEXT_CSV), 0);
    cr_assert_eq(add(HEADER TENANT "," TWO ",pc-2,,\n", CONTEXT_CSV), 0);
    cr_expect_eq(add(HEADER TENANT "," NOBODY ",,,\n" A_ROW, CONTEXT_CSV), CONTEXT_REFUSED);
    cr_expect_eq(context_asset_count(context), 2);
    cr_expect(look_up(ONE).known && look_up(TWO).known);
    cr_expect_not(look_up(NOBODY).known, "a table is refused whole");
}

/* Each table has one thing wrong, with its place. */
static const struct {
    const char *text;
    enum context_format format;
    const char *code;
    unsigned line, column;
} refused[] = {
    {"", CONTEXT_CSV, "table-empty", 1, 0},
    {"tenant_id,hostname\n", CONTEXT_CSV, "table-missing-column", 1, 1},
    {"tenant_id,endpoint_id,tenant_id\n", CONTEXT_CSV, "table-duplicate-column", 1, 23},
    {HEADER "x," ONE ",,,\n", CONTEXT_CSV, "table-bad-id", 2, 1},
    {HEADER TENANT ",,,,\n", CONTEXT_CSV, "table-bad-id", 2, 38},
    {HEADER TENANT "," ONE ",,,huge\n", CONTEXT_CSV, "table-bad-criticality", 2, 77},
    {HEADER TENANT "," ONE ",,\n", CONTEXT_CSV, "table-cell-count", 2, 1},
    {HEADER TENANT "," ONE ",,,,\n", CONTEXT_CSV, "table-cell-count", 2, 1},
    {HEADER TENANT "," ONE ",\"pc,,\n", CONTEXT_CSV, "table-csv-syntax", 3, 1},
    {HEADER TENANT "," ONE ",\x01,,\n", CONTEXT_CSV, "table-text-not-utf8", 2, 75},
    {HEADER TENANT "," ONE ",\xFF,,\n", CONTEXT_CSV, "table-text-not-utf8", 2, 75},
    {HEADER A_ROW A_ROW, CONTEXT_CSV, "table-duplicate-endpoint", 3, 1},
    {"- a\n", CONTEXT_YAML, "table-wrong-type", 1, 3},
    {"a: b\n", CONTEXT_YAML, "table-wrong-type", 1, 1},
    {"- owner: x\n", CONTEXT_YAML, "table-bad-id", 1, 3},
    {"as_of: soon\nassets: []\n", CONTEXT_YAML, "table-bad-time", 1, 8},
    {"as_of: 2026-13-01\nassets: []\n", CONTEXT_YAML, "table-bad-time", 1, 8},
    {"- tenant_id: " TENANT "\n  endpoint_id: " ONE "\n  colour: red\n", CONTEXT_YAML,
     "table-unknown-column", 3, 3},
    {"- tenant_id: " TENANT "\n  endpoint_id: " ONE "\n  owner: [a]\n", CONTEXT_YAML,
     "table-wrong-type", 3, 3},
};

static bool found(const char *code, unsigned line, unsigned column)
{
    for (size_t i = 0; i < diag_count(findings); i++) {
        const struct diag *diag = diag_at(findings, i);
        if (strcmp(diag->code, code) == 0 && diag->line == line && diag->column == column)
            return true;
    }
    return false;
}

Test(context, refuses_a_table_with_an_error_and_says_where)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        diag_clear(findings);
        cr_expect_eq(add(refused[i].text, refused[i].format), CONTEXT_REFUSED, "table %zu", i);
        cr_expect(found(refused[i].code, refused[i].line, refused[i].column), "table %zu: %s", i,
                  diag_count(findings) == 0 ? "-" : diag_at(findings, 0)->code);
        cr_expect_eq(context_asset_count(context), 0);
    }
}

Test(context, warns_of_a_csv_column_that_it_does_not_read)
{
    cr_expect_eq(add("tenant_id,endpoint_id,colour\n" TENANT "," ONE ",red\n", CONTEXT_CSV), 0);
    cr_expect(found("table-unknown-column", 1, 23));
    cr_expect_eq(diag_count_of(findings, DIAG_ERROR), 0);
}

Test(context, is_not_put_off_by_errors_of_another_file)
{
    diag_add(findings, DIAG_ERROR, (struct diag_position){"other", 1, 1}, "x", NULL, "y");
    cr_expect_eq(add(HEADER A_ROW, CONTEXT_CSV), 0);
    cr_expect(look_up(ONE).known);
}

static void cell_of(char *table, size_t size, size_t cell_bytes)
{
    int length = snprintf(table, size, HEADER TENANT "," ONE ",%0*d,,\n", (int)cell_bytes, 0);
    cr_assert(length > 0 && (size_t)length < size);
}

Test(context, takes_a_cell_as_long_as_its_limit_and_not_one_longer)
{
    char table[CONTEXT_TEXT_BYTES_MAX + 256];
    cell_of(table, sizeof table, CONTEXT_TEXT_BYTES_MAX + 1);
    cr_expect_eq(add(table, CONTEXT_CSV), CONTEXT_REFUSED);
    cell_of(table, sizeof table, CONTEXT_TEXT_BYTES_MAX);
    cr_expect_eq(add(table, CONTEXT_CSV), 0);
}

Test(context, finds_each_of_many)
{
    enum { MANY = 5000, LINE = 80 };
    char *table = malloc(MANY * LINE + LINE);
    cr_assert_not_null(table);
    int at = snprintf(table, LINE, "endpoint_id,tenant_id\n");
    for (int i = 0; i < MANY; i++)
        at += snprintf(table + at, LINE, "00000000-0000-0000-0000-%012d," TENANT "\n", i);
    cr_assert_eq(add(table, CONTEXT_CSV), 0);
    for (int i = 0; i < MANY; i++) {
        char endpoint[UUID_TEXT_BYTES + 1];
        (void)snprintf(endpoint, sizeof endpoint, "00000000-0000-0000-0000-%012d", i);
        cr_expect(look_up(endpoint).known);
    }
    cr_expect_not(look_up("00000000-0000-0000-0000-000000005000").known);
    free(table);
}
