/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/jsonl.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

static FILE *file_of(const char *text, size_t len)
{
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, len, file), len);
    rewind(file);
    return file;
}

/* Appends to a text of the test's own. */
struct spelling {
    char text[4000];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void spell(struct spelling *out, const char *format,
                                                        ...)
{
    va_list args;
    va_start(args, format);
    out->used +=
        (size_t)vsnprintf(out->text + out->used, sizeof out->text - out->used, format, args);
    va_end(args);
    cr_assert_lt(out->used, sizeof out->text);
}

/* Each value with its type: t:text, i:1, r:0.5, b:1, null, [..]. */
static void spell_value(struct spelling *out, const struct value *value)
{
    switch (value->type) {
    case VALUE_TEXT:
        spell(out, "t:%.*s", SLICE_PRINTF(value->text));
        return;
    case VALUE_INTEGER:
        spell(out, "i:%" PRId64, value->integer);
        return;
    case VALUE_REAL:
        spell(out, "r:%g", value->real);
        return;
    case VALUE_BOOLEAN:
        spell(out, "b:%d", value->boolean);
        return;
    case VALUE_NULL:
        spell(out, "null");
        return;
    case VALUE_LIST:
        spell(out, "[");
        for (size_t i = 0; i < value->list.count; i++) {
            spell(out, "%s", i == 0 ? "" : " ");
            spell_value(out, &value->list.items[i]);
        }
        spell(out, "]");
        return;
    case VALUE_ABSENT:
    default:
        spell(out, "absent");
    }
}

static void spell_event(struct spelling *out, const struct jsonl_event *event)
{
    for (size_t i = 0; i < event->field_count; i++) {
        spell(out, "%s%.*s=", i == 0 ? "" : " ", SLICE_PRINTF(event->fields[i].name));
        spell_value(out, &event->fields[i].value);
    }
}

/* All lines: events spelled, bad lines by their code, each behind its number. */
static void spell_all(struct spelling *out, const char *text, size_t len)
{
    FILE *file = file_of(text, len);
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, file, "events.jsonl"), 0);
    struct jsonl_event event;
    for (int result; (result = jsonl_next(reader, &event)) != JSONL_END;) {
        cr_assert_geq(result, 0);
        if (result == JSONL_BAD_LINE) {
            spell(out, "%u!%s\n", jsonl_finding(reader)->line, jsonl_finding(reader)->code);
            continue;
        }
        spell(out, "%" PRIu64 ":", event.line);
        spell_event(out, &event);
        spell(out, "\n");
    }
    fclose(file);
}

static const struct {
    const char *line, *expected;
} good_lines[] = {
    {"{\"a\":\"x\",\"b\":1,\"c\":0.5,\"d\":true,\"e\":false,\"f\":null}",
     "0:a=t:x b=i:1 c=r:0.5 d=b:1 e=b:0 f=null\n"},
    {"{\"z\":1,\"a\":2}", "0:z=i:1 a=i:2\n"},
    {"{}", "0:\n"},
    {"{\"a\":\"\"}", "0:a=t:\n"},
    {"{\"a\":9223372036854775807,\"b\":-9223372036854775808}",
     "0:a=i:9223372036854775807 b=i:-9223372036854775808\n"},
    {"{\"a\":9223372036854775808,\"b\":-9223372036854775809,\"c\":1}",
     "0:a=t:9223372036854775808 b=t:-9223372036854775809 c=i:1\n"},
    {"{\"a\\\"9\":[18446744073709551615,\"99999999999999999999\"]}",
     "0:a\"9=[t:18446744073709551615 t:99999999999999999999]\n"},
    {"{\"a\":[]}", "0:a=[]\n"},
    {"{\"a\":[1]}", "0:a=[i:1]\n"},
    {"{\"a\":[1,\"x\",null]}", "0:a=[i:1 t:x null]\n"},
    {"{\"a\":[[1,2],[],[3]]}", "0:a=[i:1 i:2 i:3]\n"},
    {"{\"a\":{}}", "0:a=null\n"},
    {"{\"a\":{\"b\":{\"c\":1}},\"d\":2}", "0:a.b.c=i:1 d=i:2\n"},
    {"{\"a\":[{\"b\":1,\"c\":2},{\"b\":3}]}", "0:a.b=[i:1 i:3] a.c=[i:2]\n"},
    {"{\"x\":0,\"a.b\":1,\"a\":{\"b\":2}}", "0:x=i:0 a.b=[i:1 i:2]\n"},
    {"{\"logsource\":\"x\"}", "0:logsource=t:x\n"},
    {"{\"logsource\":{\"product\":\"x\",\"other\":1}}",
     "0:logsource.product=t:x logsource.other=i:1\n"},
    {"  {\"a\":1}\r\n\n   \n{\"b\":2}", "0:a=i:1\n3:b=i:2\n"},
    {"\xef\xbb\xbf{\"a\":1}\n", "0:a=i:1\n"},
};

Test(jsonl, keeps_types_and_flattens_what_is_nested)
{
    for (size_t i = 0; i < sizeof good_lines / sizeof good_lines[0]; i++) {
        struct spelling spelled = {0};
        spell_all(&spelled, good_lines[i].line, strlen(good_lines[i].line));
        cr_expect_str_eq(spelled.text, good_lines[i].expected, "line %zu: %s", i, spelled.text);
    }
}

static const struct {
    const char *lines, *expected;
} bad_lines[] = {
    {"{\"a\":1\n{\"b\":2}", "1!bad-json\n1:b=i:2\n"},
    {"[1]", "1!no-object\n"},
    {"1", "1!no-object\n"},
    {"{\"a\":1}{\"b\":2}", "1!bad-json\n"},
    {"{\"a\":1,\"a\":2}", "1!bad-json\n"},
    {"{\"a\":\"\xff\"}", "1!bad-json\n"},
    {"{\"a\":1e999}", "1!bad-json\n"},
    {"{\"a\\u0000b\":1}", "1!bad-json\n"},
    {"\xff\xfe{", "1!bad-json\n"},
    {"{\"a\":\"\x01\"}", "1!bad-json\n"},
    {"{\"a\":99999999999999999999", "1!bad-json\n"},
};

Test(jsonl, refuses_a_bad_line_by_number_and_goes_on)
{
    for (size_t i = 0; i < sizeof bad_lines / sizeof bad_lines[0]; i++) {
        struct spelling spelled = {0};
        spell_all(&spelled, bad_lines[i].lines, strlen(bad_lines[i].lines));
        cr_expect_str_eq(spelled.text, bad_lines[i].expected, "line %zu: %s", i, spelled.text);
    }
}

Test(jsonl, says_what_to_do_about_a_bad_line)
{
    FILE *file = file_of("{\"a\":1,\"a\":2}", 13);
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, file, "events.jsonl"), 0);
    struct jsonl_event event;
    cr_assert_eq(jsonl_next(reader, &event), JSONL_BAD_LINE);
    const struct diag *finding = jsonl_finding(reader);
    cr_assert_str_eq(finding->file, "events.jsonl");
    cr_assert_not_null(strstr(finding->hint, "each key once"));
    fclose(file);
}

Test(jsonl, keeps_a_nul_in_text)
{
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, NULL, "event.json"), 0);
    struct jsonl_event event;
    cr_assert_eq(jsonl_parse(reader, SLICE_LITERAL("{\"a\":\"x\\u0000y\"}"), &event), 0);
    cr_assert(slice_equal(event.fields[0].value.text, slice_of("x\0y", 3)));
}

Test(jsonl, takes_the_log_source_out_of_the_fields)
{
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, NULL, "event.json"), 0);
    struct jsonl_event event;
    struct slice text = SLICE_LITERAL("{\"logsource\":{\"product\":\"linux\",\"service\":\"sshd\"},"
                                      "\n\"a\":\"x\"}");
    cr_assert_eq(jsonl_parse(reader, text, &event), 0);
    cr_assert(slice_equal(event.product, SLICE_LITERAL("linux")));
    cr_assert(slice_equal(event.service, SLICE_LITERAL("sshd")));
    cr_assert_eq(event.category.len, 0);
    cr_assert_eq(event.field_count, 1);
    cr_assert(slice_equal(jsonl_text(&event, SLICE_LITERAL("a")), SLICE_LITERAL("x")));
    cr_assert_eq(jsonl_text(&event, SLICE_LITERAL("b")).len, 0);
}

Test(jsonl, names_the_line_of_an_event_that_spans_lines)
{
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, NULL, "event.json"), 0);
    struct jsonl_event event;
    cr_assert_eq(jsonl_parse(reader, SLICE_LITERAL("{\"a\":1,\n\n\"b\"}"), &event), JSONL_BAD_LINE);
    cr_assert_eq(jsonl_finding(reader)->line, 3);
}

/* {"a":"xxx…"} of exactly that many bytes, and {"b":1} on the next line. */
static void spell_long_line(struct spelling *out, size_t line_bytes)
{
    char *text = malloc(line_bytes + 10);
    cr_assert_not_null(text);
    memset(text, 'x', line_bytes);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + line_bytes - 2, "\"}\n{\"b\":1}", 10);
    spell_all(out, text, line_bytes + 8);
    free(text);
}

Test(jsonl, skips_a_line_one_byte_too_long)
{
    struct spelling spelled = {0};
    spell_long_line(&spelled, (size_t)JSONL_LINE_BYTES_MAX + 1);
    cr_assert_str_eq(spelled.text, "1!line-too-long\n1:b=i:1\n");
}

Test(jsonl, reads_a_line_of_the_longest_length)
{
    FILE *file = tmpfile();
    char *text = malloc(JSONL_LINE_BYTES_MAX);
    memset(text, 'x', JSONL_LINE_BYTES_MAX);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + JSONL_LINE_BYTES_MAX - 2, "\"}", 2);
    cr_assert_eq(fwrite(text, 1, JSONL_LINE_BYTES_MAX, file), JSONL_LINE_BYTES_MAX);
    free(text);
    rewind(file);
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, file, "events.jsonl"), 0);
    struct jsonl_event event;
    cr_assert_eq(jsonl_next(reader, &event), 0);
    cr_assert_eq(event.fields[0].value.text.len, JSONL_LINE_BYTES_MAX - 8);
    cr_assert_eq(jsonl_next(reader, &event), JSONL_END);
    fclose(file);
}

/* {"a":[[[…]]]} with that many arrays. */
static int depth_result(unsigned depth)
{
    struct spelling text = {0};
    spell(&text, "{\"a\":");
    for (unsigned i = 0; i < depth; i++)
        spell(&text, "[");
    spell(&text, "1");
    for (unsigned i = 0; i < depth; i++)
        spell(&text, "]");
    spell(&text, "}");
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, NULL, "event.json"), 0);
    struct jsonl_event event;
    return jsonl_parse(reader, slice_text(text.text), &event);
}

Test(jsonl, bounds_the_depth)
{
    cr_assert_eq(depth_result(JSONL_DEPTH_MAX - 1), 0);
    cr_assert_eq(depth_result(JSONL_DEPTH_MAX), JSONL_BAD_LINE);
}

/* An object of that many fields, or of one array of that many values. */
static int count_result(unsigned count, bool in_array)
{
    size_t size = count * 16 + 32;
    char *text = malloc(size);
    cr_assert_not_null(text);
    size_t used = (size_t)snprintf(text, size, "%s", in_array ? "{\"a\":[" : "{");
    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, in_array ? "%s%u" : "%s\"%u\":1",
                                 i == 0 ? "" : ",", i);
    used += (size_t)snprintf(text + used, size - used, "%s", in_array ? "]}" : "}");
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    cr_assert_eq(jsonl_reader_new(&reader, NULL, "event.json"), 0);
    struct jsonl_event event;
    int result = jsonl_parse(reader, slice_of(text, used), &event);
    free(text);
    return result;
}

Test(jsonl, bounds_the_number_of_fields_and_of_values)
{
    cr_assert_eq(count_result(JSONL_FIELDS_MAX, false), 0);
    cr_assert_eq(count_result(JSONL_FIELDS_MAX + 1, false), JSONL_BAD_LINE);
    cr_assert_eq(count_result(JSONL_VALUES_MAX, true), 0);
    cr_assert_eq(count_result(JSONL_VALUES_MAX + 1, true), JSONL_BAD_LINE);
}
