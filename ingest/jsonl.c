/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines: see jsonl.h. jansson parses one line at a time; its tree is kept until the next line,
 * and the fields' text points into it.
 *
 * An integer beyond 64 bits, which jansson refuses, is no reason to lose an event: its digits are
 * put in quotes and the line is parsed again. */
#include "ingest/jsonl.h"

#include "ingest/lines.h"
#include "proto/array.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

enum {
    EVENT_BLOCK_BYTES = 256 * 1024,
    EVENT_MEMORY_MAX = 256 * 1024 * 1024,
    INTEGER_DIGITS_SAFE = 18, /* any integer of so many digits fits 64 bits */
    MESSAGE_BYTES_MAX = 512,
};

/* A scalar as the tree holds it, before values that meet under one name are brought together. */
struct found {
    struct slice name;
    struct value value; /* VALUE_ABSENT: an array without elements */
    size_t order;
    bool is_element; /* of an array */
};

struct jsonl_reader {
    const char *name;
    struct lines *lines;
    uint64_t line_count;
    json_t *tree;
    struct arena *arena; /* of the event at hand */
    struct found *found;
    size_t found_count, found_capacity;
    bool may_meet; /* arrays or flattened names: values may belong together */
    struct diag finding;
    char message[MESSAGE_BYTES_MAX];
};

int jsonl_reader_new(struct jsonl_reader **out, FILE *file, const char *name)
{
    assert(out != NULL && name != NULL);
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return STATUS_NO_MEMORY;
    reader->name = name;
    if (file != NULL)
        TRY(lines_new(&reader->lines, file, JSONL_LINE_BYTES_MAX));
    TRY(arena_new_growing(&reader->arena, EVENT_BLOCK_BYTES, EVENT_MEMORY_MAX));
    *out = TAKE(&reader);
    return 0;
}

void jsonl_reader_free(struct jsonl_reader *reader)
{
    if (reader == NULL)
        return;
    json_decref(reader->tree);
    arena_free(reader->arena);
    free(reader->found);
    lines_free(reader->lines);
    free(reader);
}

const struct diag *jsonl_finding(const struct jsonl_reader *reader)
{
    return &reader->finding;
}

__attribute__((format(printf, 5, 6))) static int refuse(struct jsonl_reader *reader,
                                                        unsigned column, const char *code,
                                                        const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(reader->message, sizeof reader->message, format, args);
    va_end(args);
    reader->finding = (struct diag){
        .severity = DIAG_ERROR,
        .file = reader->name,
        .line = (unsigned)reader->line_count,
        .column = column,
        .code = code,
        .message = reader->message,
        .hint = hint,
    };
    return JSONL_BAD_LINE;
}

/* --- From the tree to scalars --- */

static int add_found(struct jsonl_reader *reader, struct slice name, struct value value,
                     bool is_element)
{
    if (reader->found_count == JSONL_VALUES_MAX)
        return refuse(reader, 0, "event-too-large", "split the event", "more than %d values",
                      JSONL_VALUES_MAX);
    TRY(array_room(&reader->found, &reader->found_capacity, reader->found_count,
                   sizeof *reader->found));
    reader->found[reader->found_count] = (struct found){
        .name = name, .value = value, .order = reader->found_count, .is_element = is_element};
    reader->found_count++;
    return 0;
}

static struct value scalar_of(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_STRING:
        return value_of_text(slice_of(json_string_value(json), json_string_length(json)));
    case JSON_INTEGER:
        return value_of_integer(json_integer_value(json));
    case JSON_REAL:
        return (struct value){.type = VALUE_REAL, .real = json_real_value(json)};
    case JSON_TRUE:
    case JSON_FALSE:
        return (struct value){.type = VALUE_BOOLEAN, .boolean = json_is_true(json)};
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
    default:
        return (struct value){.type = VALUE_NULL};
    }
}

/* name.key; data NULL if memory is out. */
static struct slice join_names(struct arena *arena, struct slice name, struct slice key)
{
    uint8_t *joined = arena_take_bytes(arena, name.len + 1 + key.len);
    if (joined == NULL)
        return slice_of(NULL, 0);
    memcpy(joined, name.data, name.len);
    joined[name.len] = '.';
    memcpy(joined + name.len + 1, key.data, key.len);
    return slice_of(joined, name.len + 1 + key.len);
}

struct place {
    struct slice name;
    unsigned depth;
    bool is_element;
};

static int walk(struct jsonl_reader *reader, json_t *json, struct place at);

static int walk_array(struct jsonl_reader *reader, const json_t *array, struct place at)
{
    reader->may_meet = true;
    if (json_array_size(array) == 0 && !at.is_element)
        return add_found(reader, at.name, (struct value){.type = VALUE_ABSENT}, true);
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct place inner = {at.name, at.depth + 1, true};
        int result = walk(reader, json_array_get(array, i), inner);
        if (result != 0)
            return result;
    }
    return 0;
}

static int walk_object(struct jsonl_reader *reader, json_t *object, struct place at)
{
    reader->may_meet = true;
    if (json_object_size(object) == 0)
        return add_found(reader, at.name, scalar_of(object), at.is_element);
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        struct place inner = {
            join_names(reader->arena, at.name, slice_text(json_object_iter_key(i))), at.depth + 1,
            at.is_element};
        if (inner.name.data == NULL)
            return STATUS_NO_MEMORY;
        int result = walk(reader, json_object_iter_value(i), inner);
        if (result != 0)
            return result;
    }
    return 0;
}

static int walk(struct jsonl_reader *reader, json_t *json, struct place at)
{
    if (at.depth > JSONL_DEPTH_MAX)
        return refuse(reader, 0, "event-too-deep", "flatten the event before",
                      "objects and arrays within each other are more than %d deep",
                      JSONL_DEPTH_MAX);
    if (json_is_array(json))
        return walk_array(reader, json, at);
    if (json_is_object(json))
        return walk_object(reader, json, at);
    return add_found(reader, at.name, scalar_of(json), at.is_element);
}

/* --- From scalars to fields --- */

static int compare_found(const void *a, const void *b)
{
    const struct found *x = a;
    const struct found *y = b;
    int order = slice_compare(x->name, y->name);
    if (order != 0)
        return order;
    return x->order < y->order ? -1 : 1;
}

static int compare_order(const void *a, const void *b)
{
    const struct found *x = a;
    const struct found *y = b;
    return x->order < y->order ? -1 : 1;
}

/* One value for count values under one name. */
static int bring_together(struct found *out, struct arena *arena, const struct found *same,
                          size_t count)
{
    *out = same[0];
    if (count == 1 && !same[0].is_element)
        return 0;
    struct value *items = arena_array(arena, struct value, count);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    size_t item_count = 0;
    for (size_t i = 0; i < count; i++)
        if (same[i].value.type != VALUE_ABSENT)
            items[item_count++] = same[i].value;
    out->value = (struct value){.type = VALUE_LIST, .list = {items, item_count}};
    return 0;
}

static int make_lists(struct jsonl_reader *reader)
{
    if (!reader->may_meet || reader->found_count == 0)
        return 0;
    qsort(reader->found, reader->found_count, sizeof *reader->found, compare_found);
    size_t made = 0;
    for (size_t i = 0, next; i < reader->found_count; i = next) {
        for (next = i + 1; next < reader->found_count; next++)
            if (!slice_equal(reader->found[i].name, reader->found[next].name))
                break;
        struct found one;
        TRY(bring_together(&one, reader->arena, &reader->found[i], next - i));
        reader->found[made++] = one;
    }
    reader->found_count = made;
    qsort(reader->found, made, sizeof *reader->found, compare_order);
    return 0;
}

static int make_fields(struct jsonl_event *out, struct jsonl_reader *reader)
{
    TRY(make_lists(reader));
    if (reader->found_count > JSONL_FIELDS_MAX)
        return refuse(reader, 0, "event-too-large", "split the event", "more than %d fields",
                      JSONL_FIELDS_MAX);
    struct flat_field *fields = arena_array(reader->arena, struct flat_field, reader->found_count);
    if (fields == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < reader->found_count; i++)
        fields[i] = (struct flat_field){reader->found[i].name, reader->found[i].value};
    out->fields = fields;
    out->field_count = reader->found_count;
    return 0;
}

/* --- Events --- */

static bool take_logsource(struct jsonl_event *out, const json_t *member)
{
    static const char *const names[] = {"product", "category", "service"};
    struct slice *const slots[] = {&out->product, &out->category, &out->service};
    size_t taken = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *part = json_object_get(member, names[i]);
        if (!json_is_string(part))
            continue;
        *slots[i] = slice_of(json_string_value(part), json_string_length(part));
        taken++;
    }
    return json_is_object(member) && taken == json_object_size(member);
}

static int take_members(struct jsonl_event *out, struct jsonl_reader *reader)
{
    json_t *tree = reader->tree;
    for (void *i = json_object_iter(tree); i != NULL; i = json_object_iter_next(tree, i)) {
        struct slice key = slice_text(json_object_iter_key(i));
        json_t *member = json_object_iter_value(i);
        if (slice_equal(key, SLICE_LITERAL("logsource")) && take_logsource(out, member))
            continue;
        int result = walk(reader, member, (struct place){.name = key, .depth = 1});
        if (result != 0)
            return result;
    }
    return make_fields(out, reader);
}

/* --- Large integers --- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Length of the number at the text's begin, 0 if there is none. */
static size_t number_length(struct slice text)
{
    size_t len = 0;
    while (len < text.len && (is_digit(text.data[len]) || memchr("+-.eE", text.data[len], 5)))
        len++;
    return len > 0 && (is_digit(text.data[0]) || text.data[0] == '-') ? len : 0;
}

static bool is_large_integer(struct slice number)
{
    struct slice digits = number.data[0] == '-' ? slice_from(number, 1) : number;
    for (size_t i = 0; i < digits.len; i++)
        if (!is_digit(digits.data[i]))
            return false;
    if (digits.len != INTEGER_DIGITS_SAFE + 1)
        return digits.len > INTEGER_DIGITS_SAFE;
    struct slice largest = number.data[0] == '-' ? SLICE_LITERAL("9223372036854775808")
                                                 : SLICE_LITERAL("9223372036854775807");
    return slice_compare(digits, largest) > 0;
}

/* Length of the text literal that begins with a quote. */
static size_t literal_length(struct slice text)
{
    size_t len = 1;
    while (len < text.len && text.data[len] != '"')
        len += text.data[len] == '\\' ? 2 : 1;
    return len < text.len ? len + 1 : text.len;
}

/* The text with each integer that does not fit 64 bits in quotes. malloc'ed; data NULL: no memory.
 */
static struct slice quote_large_integers(struct slice text)
{
    uint8_t *out = malloc(text.len + 2 * (text.len / INTEGER_DIGITS_SAFE) + 1);
    size_t used = 0;
    for (size_t at = 0; out != NULL && at < text.len;) {
        struct slice rest = slice_from(text, at);
        size_t number = number_length(rest);
        size_t len = rest.data[0] == '"' ? literal_length(rest) : number > 0 ? number : 1;
        bool quoted = number > 0 && is_large_integer(slice_of(rest.data, number));
        if (quoted)
            out[used++] = '"';
        memcpy(out + used, rest.data, len);
        used += len;
        if (quoted)
            out[used++] = '"';
        at += len;
    }
    return slice_of(out, used);
}

/* --- Parsing --- */

static json_t *parse_text(struct slice text, json_error_t *error)
{
    return json_loadb((const char *)text.data, text.len,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, error);
}

static json_t *parse_with_large_integers(struct slice text, json_error_t *error)
{
    struct slice quoted = quote_large_integers(text);
    json_t *tree = quoted.data == NULL ? NULL : parse_text(quoted, error);
    free((void *)(uintptr_t)quoted.data);
    return tree;
}

static const char *hint_for(enum json_error_code code, struct slice text)
{
    if (text.len > 1 && (text.data[0] == 0xff || text.data[0] == 0xfe))
        return "this looks like UTF-16; convert it: iconv -f UTF-16 -t UTF-8";
    switch ((int)code) {
    case json_error_duplicate_key:
        return "write each key once; for several values use an array";
    case json_error_invalid_utf8:
        return "JSON is UTF-8; convert the file, for instance with iconv";
    case json_error_end_of_input_expected:
        return "write one object a line";
    case json_error_premature_end_of_input:
        return "the object does not end here; write each event on one line";
    case json_error_numeric_overflow:
        return "no 64-bit number is so large; write it as text, in quotes";
    case json_error_stack_overflow:
        return "flatten the event before";
    case json_error_null_byte_in_key:
        return "a field's name cannot hold a NUL";
    default:
        return "write one JSON object with Sigma field names, for instance "
               "{\"EventID\": 1, \"Image\": \"C:\\\\a.exe\"}";
    }
}

static int refuse_json(struct jsonl_reader *reader, const json_error_t *error, struct slice text)
{
    int result = refuse(reader, error->column > 0 ? (unsigned)error->column : 0, "bad-json",
                        hint_for(json_error_code(error), text), "no JSON: %s", error->text);
    if (error->line > 1)
        reader->finding.line += (unsigned)error->line - 1;
    return result;
}

static void forget_event(struct jsonl_reader *reader)
{
    json_decref(reader->tree);
    reader->tree = NULL;
    arena_reset(reader->arena);
    reader->found_count = 0;
    reader->may_meet = false;
}

static int read_event(struct jsonl_reader *reader, struct slice text, struct jsonl_event *out)
{
    forget_event(reader);
    json_error_t error;
    reader->tree = parse_text(text, &error);
    if (reader->tree == NULL && json_error_code(&error) == json_error_numeric_overflow)
        reader->tree = parse_with_large_integers(text, &error);
    if (reader->tree == NULL)
        return refuse_json(reader, &error, text);
    if (!json_is_object(reader->tree))
        return refuse(reader, 1, "no-object", "write an object: {\"field\": \"value\", ...}",
                      "an event is a JSON object, and this is none");
    *out = (struct jsonl_event){.line = reader->line_count - 1};
    return take_members(out, reader);
}

int jsonl_parse(struct jsonl_reader *reader, struct slice text, struct jsonl_event *out)
{
    assert(reader != NULL && out != NULL);
    reader->line_count = 1;
    return read_event(reader, text, out);
}

static int refuse_long_line(struct jsonl_reader *reader)
{
    return refuse(reader, 0, "line-too-long", "is this a file of one event a line?",
                  "the line is longer than %d MiB", JSONL_LINE_BYTES_MAX / 1024 / 1024);
}

int jsonl_next(struct jsonl_reader *reader, struct jsonl_event *out)
{
    assert(reader != NULL && reader->lines != NULL && out != NULL);
    for (;;) {
        struct slice line;
        int result = lines_next(reader->lines, &line);
        if (result == LINES_END)
            return JSONL_END;
        TRY(result);
        reader->line_count++;
        if (result == LINES_TOO_LONG)
            return refuse_long_line(reader);
        if (reader->line_count == 1 && slice_starts_with(line, SLICE_LITERAL("\xef\xbb\xbf")))
            line = slice_from(line, 3);
        if (slice_trim(line).len > 0)
            return read_event(reader, line, out);
    }
}

struct slice jsonl_text(const struct jsonl_event *event, struct slice name)
{
    for (size_t i = 0; i < event->field_count; i++)
        if (slice_equal(event->fields[i].name, name) && event->fields[i].value.type == VALUE_TEXT)
            return event->fields[i].value.text;
    return slice_of(NULL, 0);
}
