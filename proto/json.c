/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include "proto/deceptive.h"
#include "proto/fold.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

static void put(struct json *json, const void *bytes, size_t count)
{
    if (json->len <= json->capacity && count <= json->capacity - json->len && count > 0)
        memcpy(json->out + json->len, bytes, count);
    json->len += count;
}

static void put_byte(struct json *json, uint8_t byte)
{
    put(json, &byte, 1);
}

static void put_text(struct json *json, const char *text)
{
    put(json, text, strlen(text));
}

static void put_unit(struct json *json, unsigned unit)
{
    char code[8];
    put(json, code, (size_t)snprintf(code, sizeof code, "\\u%04x", unit & 0xffff));
}

/* What RFC 8259 section 7 wants escaped, and DEL, which terminals obey. */
static void put_escaped(struct json *json, uint8_t byte)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof names; i += 2)
        if ((uint8_t)names[i] == byte) {
            put_byte(json, '\\');
            put_byte(json, (uint8_t)names[i + 1]);
            return;
        }
    put_unit(json, byte);
}

static void put_deceptive(struct json *json, uint32_t character)
{
    if (character < 0x10000) {
        put_unit(json, character);
        return;
    }
    put_unit(json, 0xD800 + ((character - 0x10000) >> 10));
    put_unit(json, 0xDC00 + ((character - 0x10000) & 0x3FF));
}

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

/* Bytes from `at` on that go out as they are: the long runs of ordinary text in one copy. */
static size_t plain_run(struct slice text, size_t at)
{
    size_t end = at;
    while (end < text.len && is_plain(text.data[end]))
        end++;
    return end - at;
}

/* Characters of a string without its quotes; false: some byte was no UTF-8. */
static bool put_characters(struct json *json, struct slice text)
{
    bool clean = true;
    for (size_t at = 0; at < text.len;) {
        size_t run = plain_run(text, at);
        put(json, text.data + at, run);
        at += run;
        if (at == text.len)
            break;
        if (text.data[at] < 0x80) {
            put_escaped(json, text.data[at++]);
            continue;
        }
        unsigned length = 1;
        uint32_t character = utf8_decode(text, at, &length);
        if (character == UTF8_INVALID)
            put_text(json, replacement);
        else if (is_deceptive(character))
            put_deceptive(json, character);
        else
            put(json, text.data + at, length);
        clean = clean && character != UTF8_INVALID;
        at += length;
    }
    return clean;
}

static bool put_string(struct json *json, struct slice text)
{
    put_byte(json, '"');
    bool clean = put_characters(json, text);
    put_byte(json, '"');
    return clean;
}

/* Many readers keep names as C strings, and refuse a document with a NUL in one. */
static void put_name(struct json *json, struct slice name)
{
    while (name.len > 0) {
        const uint8_t *nul = memchr(name.data, 0, name.len);
        size_t run = nul == NULL ? name.len : (size_t)(nul - name.data);
        (void)put_characters(json, slice_of(name.data, run));
        if (nul != NULL)
            put_text(json, replacement);
        name = slice_from(name, nul == NULL ? run : run + 1);
    }
}

static void descend(struct json *json, bool array)
{
    assert(json->depth < JSON_DEPTH_MAX);
    json->levels[json->depth++] = (struct json_level){.array = array};
}

void json_start(struct json *json, uint8_t *out, size_t capacity)
{
    assert(out != NULL || capacity == 0);
    *json = (struct json){.out = out, .capacity = capacity};
}

bool json_complete(const struct json *json)
{
    return json->depth == 0 && json->len > 0 && json->len <= json->capacity;
}

static void begin_name(struct json *json, struct slice name)
{
    assert(json->depth > 0 && !json->named);
    struct json_level *level = &json->levels[json->depth - 1];
    assert(!level->array);
    if (level->started)
        put_byte(json, ',');
    level->started = true;
    level->name = name;
    put_byte(json, '"');
    put_name(json, name);
}

static void end_name(struct json *json)
{
    put_text(json, "\":");
    json->named = true;
}

void json_name(struct json *json, struct slice name)
{
    begin_name(json, name);
    end_name(json);
}

bool json_keeps_name(struct slice name)
{
    return name.len == 0 ||
           (utf8_valid_prefix(name) == name.len && memchr(name.data, 0, name.len) == NULL);
}

void json_name_numbered(struct json *json, struct slice name, size_t number)
{
    char suffix[24];
    begin_name(json, name);
    put(json, suffix, (size_t)snprintf(suffix, sizeof suffix, "~%zu", number));
    end_name(json);
}

/* What stands before a value: a comma behind the one before, and the member's name. */
static void before_value(struct json *json, const char *name)
{
    if (json->named) {
        assert(name == NULL);
        json->named = false;
        return;
    }
    if (json->depth == 0) {
        assert(name == NULL && json->len == 0);
        return;
    }
    struct json_level *level = &json->levels[json->depth - 1];
    assert(level->array == (name == NULL));
    if (!level->array) {
        json_name(json, slice_text(name));
        json->named = false;
        return;
    }
    if (level->started) {
        put_byte(json, ',');
        level->index++;
    }
    level->started = true;
}

void json_object(struct json *json, const char *name)
{
    before_value(json, name);
    put_byte(json, '{');
    descend(json, false);
}

void json_array(struct json *json, const char *name)
{
    before_value(json, name);
    put_byte(json, '[');
    descend(json, true);
}

void json_end(struct json *json)
{
    assert(json->depth > 0 && !json->named);
    put_byte(json, json->levels[--json->depth].array ? ']' : '}');
}

bool json_text(struct json *json, const char *name, struct slice text)
{
    before_value(json, name);
    return put_string(json, text);
}

void json_base64(struct json *json, const char *name, struct slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    before_value(json, name);
    put_byte(json, '"');
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        uint32_t group = (uint32_t)bytes.data[at] << 16 |
                         (left > 1 ? (uint32_t)bytes.data[at + 1] << 8 : 0) |
                         (left > 2 ? bytes.data[at + 2] : 0);
        const char text[4] = {digits[group >> 18], digits[group >> 12 & 63],
                              left > 1 ? digits[group >> 6 & 63] : '=',
                              left > 2 ? digits[group & 63] : '='};
        put(json, text, sizeof text);
    }
    put_byte(json, '"');
}

void json_hex(struct json *json, const char *name, struct slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    before_value(json, name);
    put_byte(json, '"');
    for (size_t i = 0; i < bytes.len; i++) {
        put_byte(json, (uint8_t)digits[bytes.data[i] >> 4]);
        put_byte(json, (uint8_t)digits[bytes.data[i] & 15]);
    }
    put_byte(json, '"');
}

void json_integer(struct json *json, const char *name, int64_t number)
{
    bool exact = number <= JSON_INTEGER_MAX && number >= -JSON_INTEGER_MAX;
    char text[32];
    int length = snprintf(text, sizeof text, exact ? "%" PRId64 : "\"%" PRId64 "\"", number);
    before_value(json, name);
    put(json, text, (size_t)length);
}

/* 17 digits always read back the same; fewer are nicer to read. */
static int format_real(char *text, size_t size, double number)
{
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, size, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return length;
}

void json_real(struct json *json, const char *name, double number)
{
    char text[40];
    if (!isfinite(number)) {
        (void)json_text(json, name,
                        slice_text(isnan(number) ? "nan"
                                   : number < 0  ? "-inf"
                                                 : "inf"));
        return;
    }
    before_value(json, name);
    put(json, text, (size_t)format_real(text, sizeof text, number));
}

void json_boolean(struct json *json, const char *name, bool value)
{
    before_value(json, name);
    put_text(json, value ? "true" : "false");
}

void json_null(struct json *json, const char *name)
{
    before_value(json, name);
    put_text(json, "null");
}

static size_t path_put(char out[JSON_PATH_BYTES_MAX], size_t at, struct slice text)
{
    size_t room = JSON_PATH_BYTES_MAX - 1 - at;
    size_t count = text.len < room ? text.len : room;
    if (count > 0)
        memcpy(out + at, text.data, count);
    return at + count;
}

size_t json_path(const struct json *json, char out[JSON_PATH_BYTES_MAX])
{
    size_t at = 0;
    for (unsigned i = 0; i < json->depth; i++) {
        const struct json_level *level = &json->levels[i];
        char index[24];
        if (level->array) {
            (void)snprintf(index, sizeof index, "[%zu]", level->index);
            at = path_put(out, at, slice_text(index));
            continue;
        }
        if (at > 0)
            at = path_put(out, at, slice_text("."));
        at = path_put(out, at, level->name);
    }
    out[at] = '\0';
    return at;
}
