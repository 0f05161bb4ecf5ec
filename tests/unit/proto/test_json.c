/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include <criterion/criterion.h>
#include <math.h>

static uint8_t buffer[512];
static struct json json;

static void start(void)
{
    json_start(&json, buffer, sizeof buffer);
}

static void expect(const char *expected)
{
    cr_assert_leq(json.len, sizeof buffer);
    cr_expect(slice_equal(slice_of(buffer, json.len), slice_text(expected)), "%.*s", (int)json.len,
              (const char *)buffer);
}

Test(json, writes_objects_arrays_and_commas)
{
    start();
    json_object(&json, NULL);
    json_integer(&json, "a", 1);
    json_array(&json, "b");
    json_boolean(&json, NULL, true);
    json_null(&json, NULL);
    json_object(&json, NULL);
    json_end(&json);
    json_array(&json, NULL);
    json_end(&json);
    json_end(&json);
    json_name(&json, SLICE_LITERAL("c\"d"));
    json_text(&json, NULL, SLICE_LITERAL("e"));
    json_end(&json);
    expect("{\"a\":1,\"b\":[true,null,{},[]],\"c\\\"d\":\"e\"}");
    cr_expect(json_complete(&json));
}

static const struct {
    struct slice text;
    const char *written;
    bool clean;
} texts[] = {
    {SLICE_INIT(""), "\"\"", true},
    {SLICE_INIT("plain"), "\"plain\"", true},
    {SLICE_INIT("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"", true},
    {SLICE_INIT("a\0b"), "\"a\\u0000b\"", true},
    {SLICE_INIT("\x01\x1f\x7f"), "\"\\u0001\\u001f\\u007f\"", true},
    {SLICE_INIT("\xE3\x81\x82\xF0\x9F\x8F\xAF"), "\"\xE3\x81\x82\xF0\x9F\x8F\xAF\"", true},
    {SLICE_INIT("a\xFF"), "\"a\xEF\xBF\xBD\"", false},
    {SLICE_INIT("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", false},                 /* overlong */
    {SLICE_INIT("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", false}, /* surrogate */
    {SLICE_INIT("\xE3\x81"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", false},                 /* cut short */
    {SLICE_INIT("\xEF\xBF\xBD"), "\"\xEF\xBF\xBD\"", true},
    {SLICE_INIT("\x1b[31m"), "\"\\u001b[31m\"", true},
    {SLICE_INIT("\xC2\x9B"
                "31m"),
     "\"\\u009b31m\"", true},                                             /* CSI in one character */
    {SLICE_INIT("\xE2\x80\xAEgpj.exe"), "\"\\u202egpj.exe\"", true},      /* right to left */
    {SLICE_INIT("\xE2\x81\xA6\xE2\x81\xA9"), "\"\\u2066\\u2069\"", true}, /* isolates */
    {SLICE_INIT("a\xE2\x80\x8B\xEF\xBB\xBF"), "\"a\\u200b\\ufeff\"", true}, /* not seen */
    {SLICE_INIT("\xE2\x80\xA8"), "\"\\u2028\"", true},            /* ends a line in JavaScript */
    {SLICE_INIT("\xF3\xA0\x80\xA1"), "\"\\udb40\\udc21\"", true}, /* tag of an exclamation mark */
    {SLICE_INIT("\xC2\xA0\xE2\x80\x90\xE2\x80\xAF"), "\"\xC2\xA0\xE2\x80\x90\xE2\x80\xAF\"",
     true}, /* neighbours of those */
};

Test(json, escapes_what_must_be_and_replaces_what_is_no_utf8)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        start();
        cr_expect_eq(json_text(&json, NULL, texts[i].text), texts[i].clean, "text %zu", i);
        expect(texts[i].written);
    }
}

static const struct {
    int64_t number;
    const char *written;
} integers[] = {
    {0, "0"},
    {-1, "-1"},
    {JSON_INTEGER_MAX, "9007199254740992"},
    {JSON_INTEGER_MAX + 1, "\"9007199254740993\""},
    {-JSON_INTEGER_MAX, "-9007199254740992"},
    {-JSON_INTEGER_MAX - 1, "\"-9007199254740993\""},
    {INT64_MAX, "\"9223372036854775807\""},
    {INT64_MIN, "\"-9223372036854775808\""},
};

Test(json, writes_a_number_that_a_double_would_round_as_text)
{
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        start();
        json_integer(&json, NULL, integers[i].number);
        expect(integers[i].written);
    }
}

static const struct {
    double number;
    const char *written;
} reals[] = {
    {0.1, "0.1"},     {1.0 / 3, "0.3333333333333333"}, {1e300, "1e+300"},      {-2.5, "-2.5"},
    {NAN, "\"nan\""}, {INFINITY, "\"inf\""},           {-INFINITY, "\"-inf\""}};

Test(json, writes_reals_short_and_exactly)
{
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        start();
        json_real(&json, NULL, reals[i].number);
        expect(reals[i].written);
    }
}

/* RFC 4648 section 10. */
static const char *const base64[][2] = {{"", "\"\""},
                                        {"f", "\"Zg==\""},
                                        {"fo", "\"Zm8=\""},
                                        {"foo", "\"Zm9v\""},
                                        {"foob", "\"Zm9vYg==\""},
                                        {"fooba", "\"Zm9vYmE=\""},
                                        {"foobar", "\"Zm9vYmFy\""}};

Test(json, writes_base64_as_rfc_4648_shows_it)
{
    for (size_t i = 0; i < sizeof base64 / sizeof base64[0]; i++) {
        start();
        json_base64(&json, NULL, slice_text(base64[i][0]));
        expect(base64[i][1]);
    }
    start();
    json_base64(&json, NULL, slice_of("\xFB\xFF\xBF", 3));
    expect("\"+/+/\"");
    start();
    json_hex(&json, NULL, slice_of("\x00\xAB", 2));
    expect("\"00ab\"");
}

Test(json, never_puts_nul_into_a_name_and_keeps_lossy_names_apart)
{
    start();
    json_object(&json, NULL);
    cr_expect_not(json_keeps_name(SLICE_LITERAL("a\0")));
    cr_expect_not(json_keeps_name(SLICE_LITERAL("a\xFF")));
    cr_expect(json_keeps_name(SLICE_LITERAL("a\xE3\x81\x82")));
    cr_expect(json_keeps_name((struct slice){NULL, 0}));
    json_name(&json, SLICE_LITERAL("a\0"));
    json_null(&json, NULL);
    json_name_numbered(&json, SLICE_LITERAL("b\xFF"), 7);
    json_null(&json, NULL);
    json_end(&json);
    expect("{\"a\xEF\xBF\xBD\":null,\"b\xEF\xBF\xBD~7\":null}");
}

static void write_small(void)
{
    json_object(&json, NULL);
    json_text(&json, "name", SLICE_LITERAL("value\n"));
    json_end(&json);
}

Test(json, measures_what_it_then_writes_and_stops_at_the_capacity)
{
    json_start(&json, NULL, 0);
    write_small();
    size_t bytes = json.len;
    cr_expect_not(json_complete(&json), "nothing was written");
    memset(buffer, '#', sizeof buffer);
    json_start(&json, buffer, bytes);
    write_small();
    cr_expect(json_complete(&json));
    cr_expect_eq(buffer[bytes], '#');
    json_start(&json, buffer, bytes - 1);
    buffer[bytes - 1] = '#';
    write_small();
    cr_expect_not(json_complete(&json));
    cr_expect_eq(json.len, bytes, "it says what it would have needed");
    cr_expect_eq(buffer[bytes - 1], '#');
}

Test(json, knows_the_path_of_what_it_wrote_last)
{
    char path[JSON_PATH_BYTES_MAX];
    start();
    json_object(&json, NULL);
    json_array(&json, "list");
    json_null(&json, NULL);
    json_object(&json, NULL);
    json_text(&json, "inner", SLICE_LITERAL(""));
    cr_expect_eq(json_path(&json, path), strlen("list[1].inner"));
    cr_expect_str_eq(path, "list[1].inner");
}

Test(json, cuts_a_path_that_is_too_long)
{
    char path[JSON_PATH_BYTES_MAX];
    static uint8_t name[2 * JSON_PATH_BYTES_MAX];
    memset(name, 'n', sizeof name);
    start();
    json_object(&json, NULL);
    json_name(&json, slice_of(name, sizeof name));
    json_null(&json, NULL);
    cr_expect_eq(json_path(&json, path), JSON_PATH_BYTES_MAX - 1);
    cr_expect_eq(strlen(path), JSON_PATH_BYTES_MAX - 1);
}
