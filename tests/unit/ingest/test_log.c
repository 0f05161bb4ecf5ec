/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/log.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 1 << 20 };

static FILE *file;
static struct log *log_;
static char *text;

static void open_log(enum log_level level, unsigned lines_per_minute)
{
    file = tmpfile();
    cr_assert_neq(file, NULL);
    const struct log_options options = {fileno(file), level, lines_per_minute};
    cr_assert_eq(log_new(&log_, &options), 0);
}

static void close_log(void)
{
    log_free(log_);
    fclose(file);
    free(text);
}

TestSuite(log, .fini = close_log);

static const char *logged(void)
{
    free(text);
    text = calloc(1, TEXT_BYTES_MAX);
    cr_assert_neq(text, NULL);
    cr_assert_geq(pread(fileno(file), text, TEXT_BYTES_MAX - 1, 0), 0);
    return text;
}

/* The only line, which must be one JSON object. */
static json_t *line(void)
{
    const char *all = logged();
    const char *end = strchr(all, '\n');
    cr_assert(end != NULL && end[1] == '\0', "one line: %s", all);
    json_t *object = json_loads(all, JSON_ALLOW_NUL, NULL);
    cr_assert_neq(object, NULL, "%s", all);
    return object;
}

static void log_value(struct slice value)
{
    LOG(log_, LOG_WARNING, "a fixed sentence", log_slice("value", value), log_number("n", -7));
}

Test(log, writes_a_line_of_json)
{
    open_log(LOG_INFO, 10);
    log_value(slice_text("x"));
    json_t *object = line();
    cr_expect_str_eq(json_string_value(json_object_get(object, "message")), "a fixed sentence");
    cr_expect_str_eq(json_string_value(json_object_get(object, "level")), "warning");
    cr_expect_str_eq(json_string_value(json_object_get(object, "value")), "x");
    cr_expect_eq(json_integer_value(json_object_get(object, "n")), -7);
    cr_expect_eq(strlen(json_string_value(json_object_get(object, "time"))), 24);
    json_decref(object);
}

static const struct {
    const char *value;
    size_t len;
    const char *written; /* inside the JSON text */
} hostile[] = {
    {"a\nb", 3, "\"a\\nb\""},
    {"a\r\n{\"level\":\"error\"}", 20, "\"a\\r\\n{\\\"level\\\":\\\"error\\\"}\""},
    {"\x1b[31mred", 8, "[31mred\""},
    {"a\0b", 3, "\"a\\u0000b\""},
    {"\x7f", 1, "\"<U+007F>\""},
    {"\xc2\x9b", 2, "\"<U+009B>\""},
    {"\xe2\x80\xae"
     "cod.exe",
     10, "\"<U+202E>cod.exe\""},
    {"\xe2\x80\xa8", 3, "\"<U+2028>\""},
    {"\xe2\x81\xa6", 3, "\"<U+2066>\""},
    {"\xef\xbb\xbf", 3, "\"<U+FEFF>\""},
    {"\xd8\x9c", 2, "\"<U+061C>\""},
    {"\xe3\x81\x82", 3, "\"\xe3\x81\x82\""},
};

Test(log, tames_what_a_terminal_would_obey_and_what_turns_text_around)
{
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        open_log(LOG_INFO, 10);
        struct log_site site = {0};
        const struct log_field field =
            log_slice("value", slice_of(hostile[i].value, hostile[i].len));
        log_write(log_, &site, LOG_INFO, "s", &field, 1);
        json_t *object = line();
        cr_expect(strstr(logged(), hostile[i].written) != NULL, "case %zu: %s", i, logged());
        cr_expect_eq(strchr(logged(), 0x1b), NULL, "case %zu", i);
        json_decref(object);
        if (i + 1 < sizeof hostile / sizeof *hostile)
            close_log(), text = NULL;
    }
}

Test(log, stays_valid_utf8_whatever_the_bytes)
{
    static const char bytes[] = "\xff\xfe\xc0\x80\xed\xa0\x80\xf8\x88\xe2\x80";
    open_log(LOG_INFO, 10);
    log_value(slice_of(bytes, sizeof bytes - 1));
    json_decref(line());
}

Test(log, cuts_a_long_value_and_says_so)
{
    static char value[LOG_VALUE_BYTES_MAX * 4];
    memset(value, 'x', sizeof value);
    open_log(LOG_INFO, 10);
    log_value(slice_of(value, sizeof value));
    json_t *object = line();
    const char *written = json_string_value(json_object_get(object, "value"));
    cr_expect_leq(strlen(written), LOG_VALUE_BYTES_MAX);
    cr_expect(strstr(written, "<cut>") != NULL);
    cr_expect_eq(json_integer_value(json_object_get(object, "n")), -7);
    json_decref(object);
}

Test(log, leaves_fields_out_that_a_line_has_no_room_for_and_counts_them)
{
    static char value[LOG_VALUE_BYTES_MAX];
    struct log_field fields[LOG_FIELDS_MAX];
    struct log_site site = {0};
    memset(value, '\n', sizeof value);
    for (size_t i = 0; i < LOG_FIELDS_MAX; i++)
        fields[i] = log_slice("k", slice_of(value, sizeof value));
    open_log(LOG_INFO, 10);
    log_write(log_, &site, LOG_INFO, "s", fields, LOG_FIELDS_MAX);
    json_t *object = line();
    cr_expect_gt(json_integer_value(json_object_get(object, "fields_left_out")), 0);
    cr_expect_leq(strlen(logged()), LOG_LINE_BYTES_MAX + 1);
    json_decref(object);
}

Test(log, writes_nothing_below_its_level)
{
    open_log(LOG_ERROR, 10);
    log_value(slice_text("x"));
    cr_expect_str_eq(logged(), "");
}

Test(log, holds_back_what_one_place_writes_beyond_its_limit_and_no_other)
{
    struct log_site loud = {0}, quiet = {0};
    const struct log_field field = log_text("k", "v");
    open_log(LOG_INFO, 3);
    for (size_t i = 0; i < 100; i++)
        log_write(log_, &loud, LOG_INFO, "loud", &field, 1);
    log_write(log_, &quiet, LOG_INFO, "quiet", &field, 1);
    size_t lines = 0;
    for (const char *at = logged(); (at = strstr(at, "\"loud\"")) != NULL; at++)
        lines++;
    cr_expect(lines >= 3 && lines <= 6, "%zu lines (a minute may have turned)", lines);
    cr_expect(strstr(text, "\"quiet\"") != NULL);
}

Test(log, says_in_the_next_minute_how_much_it_held_back)
{
    struct log_site site = {.held_back = 5};
    const struct log_field field = log_text("k", "v");
    open_log(LOG_INFO, 3);
    log_write(log_, &site, LOG_INFO, "s", &field, 1);
    json_t *object = line();
    cr_expect_eq(json_integer_value(json_object_get(object, "held_back")), 5);
    json_decref(object);
}
