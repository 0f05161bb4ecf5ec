/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/config_help.h"
#include "ingest/service/option.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct diag_list *findings;
static struct config *config;
static int result;

static void open_list(void)
{
    cr_assert_eq(diag_list_new(&findings), 0);
}

static void close_list(void)
{
    config_free(config);
    diag_list_free(findings);
}

TestSuite(config, .init = open_list, .fini = close_list);

static void parse_bytes(struct slice text)
{
    config_free(config);
    config = NULL;
    diag_clear(findings);
    result = config_parse(&config, text, "yagurad.yaml", findings);
}

static void parse(const char *text)
{
    parse_bytes(slice_text(text));
}

/* Writes an option's key and value the way the file wants it: b inside a. */
static void parse_option(const struct option_row *row, const char *value)
{
    char text[1024];
    const char *dot = strchr(row->key, '.');
    if (dot == NULL)
        snprintf(text, sizeof text, "%s: %s\n", row->key, value);
    else
        snprintf(text, sizeof text, "%.*s:\n  %s: %s\n", (int)(dot - row->key), row->key, dot + 1,
                 value);
    parse(text);
}

static unsigned line_of(const struct option_row *row)
{
    return strchr(row->key, '.') == NULL ? 1 : 2;
}

static void expect_refusal(const struct option_row *row, const char *value, const char *hint)
{
    parse_option(row, value);
    cr_assert_eq(result, CONFIG_REFUSED, "%s: %s", row->key, value);
    cr_assert_eq(config, NULL, "%s: %s", row->key, value);
    cr_assert_geq(diag_count(findings), 1, "%s: %s", row->key, value);
    const struct diag *finding = diag_at(findings, 0);
    cr_expect_str_eq(finding->file, "yagurad.yaml");
    cr_expect_geq(finding->line, line_of(row), "%s: %s", row->key, value);
    cr_expect(strstr(finding->message, row->key) != NULL ||
                  strstr(finding->message, "setting") != NULL,
              "%s: %s", row->key, finding->message);
    cr_expect(finding->hint != NULL && strstr(finding->hint, hint) != NULL, "%s: hint %s", row->key,
              finding->hint == NULL ? "none" : finding->hint);
}

static uint64_t number_in(const struct option_row *row)
{
    return *(const uint64_t *)((const char *)config + row->offset);
}

/* --- Every option --- */

Test(config, has_a_default_for_every_option_that_is_missing)
{
    static const char *const nothing[] = {"", "~\n", "# only a comment\n", "---\n", "kafka:\n"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        parse(nothing[i]);
        cr_assert_eq(result, 0, "%s", nothing[i]);
        cr_assert_eq(config->worker_count, 1);
        cr_assert_str_eq(config->tenant, "header");
        cr_assert(config->rule_watch);
        cr_assert_eq(config->delivery_mode, DELIVERY_AT_LEAST_ONCE);
        cr_assert_eq(config->rule_paths.count, 0);
        cr_assert_eq(config->at[OPTION_worker_count].line, 0, "not written");
    }
}

Test(config, takes_every_number_at_its_bounds_and_none_beyond)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        char text[32];
        if (row->type != OPTION_NUMBER)
            continue;
        const uint64_t good[] = {row->low, row->high, row->initial_number};
        for (size_t n = 0; n < 3; n++) {
            snprintf(text, sizeof text, "%" PRIu64, good[n]);
            parse_option(row, text);
            cr_assert_eq(result, 0, "%s: %s", row->key, text);
            cr_assert_eq(number_in(row), good[n], "%s: %s", row->key, text);
            cr_assert_eq(config->at[i].line, line_of(row), "%s", row->key);
        }
        snprintf(text, sizeof text, "%" PRIu64, row->high + 1);
        expect_refusal(row, text, row->unit);
        if (row->low > 0) {
            snprintf(text, sizeof text, "%" PRIu64, row->low - 1);
            expect_refusal(row, text, row->unit);
        }
    }
}

Test(config, refuses_what_is_no_number)
{
    static const char *const wrong[] = {"many",
                                        "-1",
                                        "1.5",
                                        "0x10",
                                        "1e3",
                                        "1_000",
                                        "+1",
                                        "''",
                                        "~",
                                        "[1]",
                                        "{a: 1}",
                                        "1 2",
                                        "99999999999999999999999",
                                        "18446744073709551617",
                                        "' 1'"};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        for (size_t n = 0; option_rows[i].type == OPTION_NUMBER && n < sizeof wrong / sizeof *wrong;
             n++)
            expect_refusal(&option_rows[i], wrong[n], "write a number of");
    }
}

Test(config, takes_true_and_false_and_nothing_else_for_a_switch)
{
    static const char *const wrong[] = {"yes",  "no", "on",     "1", "TRUE",
                                        "True", "''", "[true]", "{}"};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->type != OPTION_SWITCH)
            continue;
        for (size_t n = 0; n < sizeof wrong / sizeof *wrong; n++)
            expect_refusal(row, wrong[n], "write true or false");
        parse_option(row, "true");
        cr_assert(*(const bool *)((const char *)config + row->offset), "%s", row->key);
        parse_option(row, "false");
        cr_assert_not(*(const bool *)((const char *)config + row->offset), "%s", row->key);
    }
}

Test(config, takes_only_the_words_of_a_choice)
{
    static const char *const wrong[] = {"nonsense", "''", "~", "[]", "earliest latest", "{}"};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->type != OPTION_CHOICE)
            continue;
        for (size_t n = 0; n < sizeof wrong / sizeof *wrong; n++)
            expect_refusal(row, wrong[n], row->choices);
        parse_option(row, row->initial);
        cr_assert_eq(result, 0, "%s", row->key);
    }
}

Test(config, refuses_wrong_shapes_of_texts_lists_and_maps)
{
    static const struct {
        enum option_type type;
        const char *value, *hint;
    } cases[] = {
        {OPTION_TEXT, "[a]", "write one text"},
        {OPTION_TEXT, "{a: b}", "write one text"},
        {OPTION_TEXT, "\"a\\0b\"", "write one text"},
        {OPTION_LIST, "a", "write a list"},
        {OPTION_LIST, "~", "write a list"},
        {OPTION_LIST, "{a: b}", "write a list"},
        {OPTION_LIST, "[a, '']", "write a list"},
        {OPTION_LIST, "[[a]]", "write a list"},
        {OPTION_PAIRS, "[a]", "write"},
        {OPTION_PAIRS, "a", "write"},
        {OPTION_PAIRS, "{a: [b]}", "write one text"},
    };
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
            if (option_rows[i].type == cases[n].type)
                expect_refusal(&option_rows[i], cases[n].value, cases[n].hint);
        }
    }
}

Test(config, takes_a_text_of_the_longest_length_and_none_longer)
{
    enum { KEY_BYTES = 10 };
    static char text[KEY_BYTES + CONFIG_TEXT_BYTES_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "instance: ", KEY_BYTES);
    parse_bytes(slice_of(text, KEY_BYTES + CONFIG_TEXT_BYTES_MAX));
    cr_assert_eq(result, 0);
    cr_assert_eq(strlen(config->instance), CONFIG_TEXT_BYTES_MAX);
    parse_bytes(slice_of(text, KEY_BYTES + CONFIG_TEXT_BYTES_MAX + 1));
    cr_assert_eq(result, CONFIG_REFUSED);
}

/* --- Keys --- */

Test(config, passes_kafkas_settings_through_and_keeps_its_own_sections_out)
{
    parse("kafka:\n  bootstrap.servers: a:1\n  sasl.password: 'x: y'\n  consumer:\n"
          "    fetch.wait.max.ms: 5\n  producer: {linger.ms: '1'}\n");
    cr_assert_eq(result, 0);
    cr_assert_eq(config->kafka.count, 2);
    cr_assert_str_eq(config->kafka.items[1].key, "sasl.password");
    cr_assert_str_eq(config->kafka.items[1].value, "x: y");
    cr_assert_eq(config->kafka.items[1].at.line, 3);
    cr_assert_eq(config->kafka_consumer.count, 1);
    cr_assert_str_eq(config_setting(config, OPTION_kafka_consumer, "fetch.wait.max.ms")->value,
                     "5");
    cr_assert_eq(config_setting(config, OPTION_kafka_producer, "fetch.wait.max.ms"), NULL);
    cr_assert_str_eq(config_setting(config, OPTION_kafka_producer, "bootstrap.servers")->value,
                     "a:1");
}

static const struct {
    const char *text;
    unsigned line, column;
    const char *code, *message, *hint;
} unknown[] = {
    {"worker: 1\n", 1, 1, "unknown-key", "there is no option worker", "'workers'"},
    {"workers:\n  counts: 1\n", 2, 3, "unknown-key", "workers.counts", "'count'"},
    {"\nxyzzy: 1\n", 2, 1, "unknown-key", "xyzzy", "--help-config"},
    {"workers.count: 1\n", 1, 1, "unknown-key", "workers.count", ""},
    {"? ''\n: 1\n", 1, 0, "unknown-key", "there is no option", ""},
    {"workers: 3\n", 1, 10, "bad-value", "a section holds options", "indented"},
    {"- a\n", 1, 1, "bad-value", "a config is a map", "--example-config"},
    {"workers: {count: 1}\nworkers: {count: 2}\n", 2, 0, "", "workers", ""},
    {"workers:\n  count: 1\n  count: 2\n", 3, 0, "", "count", ""},
    {"workers: {count: 1\n", 0, 0, "", "", ""},
    {"a: &x [*x]\n", 1, 0, "", "", ""},
    {"--- {}\n--- {}\n", 0, 0, "", "", ""},
};

Test(config, names_a_key_that_does_not_exist_with_its_line_and_the_nearest_one)
{
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        parse(unknown[i].text);
        cr_assert_eq(result, CONFIG_REFUSED, "case %zu", i);
        const struct diag *finding = diag_at(findings, 0);
        cr_expect(unknown[i].line == 0 || finding->line == unknown[i].line, "case %zu: line %u", i,
                  finding->line);
        cr_expect(unknown[i].column == 0 || finding->column == unknown[i].column,
                  "case %zu: column %u", i, finding->column);
        cr_expect(*unknown[i].code == '\0' || strcmp(finding->code, unknown[i].code) == 0,
                  "case %zu: %s", i, finding->code);
        cr_expect(strstr(finding->message, unknown[i].message) != NULL, "case %zu: %s", i,
                  finding->message);
        cr_expect(*unknown[i].hint == '\0' || strstr(finding->hint, unknown[i].hint) != NULL,
                  "case %zu: %s", i, finding->hint);
    }
}

Test(config, tells_everything_that_is_wrong_at_once)
{
    parse("workers: {count: 0, pin: maybe}\nnonsense: 1\nrules:\n  paths: x\n");
    cr_assert_eq(result, CONFIG_REFUSED);
    cr_assert_eq(diag_count_of(findings, DIAG_ERROR), 4);
}

Test(config, refuses_a_file_that_is_too_large)
{
    size_t size = CONFIG_BYTES_MAX + 1;
    char *text = malloc(size);
    cr_assert_neq(text, NULL);
    memset(text, '#', size);
    parse_bytes(slice_of(text, size));
    cr_expect_eq(result, CONFIG_REFUSED);
    parse_bytes(slice_of(text, size - 1));
    cr_expect_eq(result, 0);
    free(text);
}

/* --- Help --- */

static char *written(void (*write)(FILE *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    cr_assert_neq(out, NULL);
    write(out);
    fclose(out);
    return text;
}

Test(config, help_tells_of_every_option)
{
    char *text = written(config_help_write);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        cr_expect(strstr(text, option_rows[i].key) != NULL, "%s", option_rows[i].key);
    free(text);
}

Test(config, example_is_good_as_it_stands_and_says_the_defaults)
{
    char *text = written(config_example_write);
    parse(text);
    cr_assert_eq(result, 0, "%s", diag_count(findings) == 0 ? "" : diag_at(findings, 0)->message);
    config_check(config, findings);
    cr_assert_not(diag_has_errors(findings));
    cr_assert_eq(config->rule_paths.count, 1);
    cr_assert_eq(config->kafka.count, 1);
    free(text);
}

Test(config, example_shows_values_that_are_good)
{
    static const char *const forms[] = {
        [OPTION_TEXT] = "\"%s\"", [OPTION_NUMBER] = "%s", [OPTION_SWITCH] = "%s",
        [OPTION_CHOICE] = "%s",   [OPTION_LIST] = "[%s]", [OPTION_PAIRS] = "{%s}"};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char value[512];
        int len = 0;
        const char *form = forms[option_rows[i].type], *at = strchr(form, '%');
        len = snprintf(value, sizeof value, "%.*s%s%s", (int)(at - form), form,
                       option_rows[i].initial, at + 2);
        cr_assert(len > 0 && (size_t)len < sizeof value);
        parse_option(&option_rows[i], value);
        cr_expect_eq(result, 0, "%s: %s", option_rows[i].key, value);
    }
}
