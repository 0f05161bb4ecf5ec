/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: a writer of one document (RFC 8259) into a buffer that somebody else owns.
 *
 * It counts even where there is no buffer, so a document can be measured first and then written
 * into exactly the memory that it needs. Output is always valid JSON and valid UTF-8, whatever the
 * bytes: a byte that is no UTF-8 becomes U+FFFD; control characters, and those that turn the order
 * of others around or are not seen, become \uXXXX. */
#pragma once

#include "proto/slice.h"

enum {
    JSON_DEPTH_MAX = 16,
    JSON_PATH_BYTES_MAX = 256,
};
/* Beyond this a reader that keeps numbers as doubles (RFC 7493, section 2.2) would round. */
#define JSON_INTEGER_MAX INT64_C(9007199254740992)

struct json_level {
    struct slice name; /* the member being written, or was last */
    size_t index;      /* the element being written, in an array */
    bool array;
    bool started; /* a member or element was written: the next one needs a comma */
};

struct json {
    uint8_t *out; /* NULL: measure only */
    size_t capacity;
    size_t len; /* bytes that the document needs so far, whether they fitted or not */
    unsigned depth;
    bool named; /* json_name was just called: a value follows */
    struct json_level levels[JSON_DEPTH_MAX];
};

/* capacity 0 and out NULL: measure. */
void json_start(struct json *json, uint8_t *out, size_t capacity);
/* Everything fitted and every object and array was ended. */
bool json_complete(const struct json *json);

/* A member's name that is not a constant; the value follows with name NULL. NUL becomes U+FFFD,
 * too. */
void json_name(struct json *json, struct slice name);
/* False: some byte of the name would be lost. Two such names may become one; numbered, with ~number
 * behind them, they stay two. */
bool json_keeps_name(struct slice name);
void json_name_numbered(struct json *json, struct slice name, size_t number);

/* Values. name: of the member, a constant; NULL in an array, for the document itself, and behind
 * json_name. */
void json_object(struct json *json, const char *name);
void json_array(struct json *json, const char *name);
void json_end(struct json *json);
/* False: some byte was no valid UTF-8 and is lost; json_base64 can carry the original. */
bool json_text(struct json *json, const char *name, struct slice text);
void json_base64(struct json *json, const char *name, struct slice bytes);
/* Lower-case hexadecimal digits. */
void json_hex(struct json *json, const char *name, struct slice bytes);
/* As a number up to JSON_INTEGER_MAX in either direction, beyond as a text of decimal digits. */
void json_integer(struct json *json, const char *name, int64_t number);
/* Shortest form that reads back the same; what JSON has no number for becomes a text ("nan"). */
void json_real(struct json *json, const char *name, double number);
void json_boolean(struct json *json, const char *name, bool value);
void json_null(struct json *json, const char *name);

/* Where the value written last stands: "evidences[0].process.cmd_line", cut at the end if longer.
 * Returns the length. */
size_t json_path(const struct json *json, char out[JSON_PATH_BYTES_MAX]);
