/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines: flat events as text, one JSON object a line, under Sigma field names.
 *
 * What becomes of each kind of value:
 * - null, booleans, integers, reals and text keep their type; `\u0000` in text stays a NUL byte. An
 *   integer beyond 64 bits becomes the text of its digits.
 * - An array is a list; arrays within are flattened into it.
 * - An object within is flattened with dots, as Sigma names such fields: {"id": {"resp_h": 1}} is
 *   `id.resp_h`. Values that meet under one name, as from an array of objects, become one list. An
 *   empty object is null.
 * - A key given twice in one object is refused: readers disagree on which one counts.
 * - A member `logsource` that is an object of product, category and service says what the event is,
 *   where it does not show it by itself, and is no field.
 * Empty lines are passed over, and count as lines. */
#pragma once

#include "proto/diag.h"
#include "proto/flat.h"

#include <stdio.h>

enum {
    JSONL_LINE_BYTES_MAX = 16 * 1024 * 1024,
    JSONL_DEPTH_MAX = 16,
    JSONL_FIELDS_MAX = 4096,
    JSONL_VALUES_MAX = 65536, /* elements of all arrays together */
};

struct jsonl_event {
    uint64_t line; /* 0-based */
    const struct flat_field *fields;
    size_t field_count;
    struct slice product, category, service; /* of `logsource`; empty: not said */
};

struct jsonl_reader;

/* Reads from file, which stays the caller's and may be NULL if only jsonl_parse is used; name is
 * for findings and must outlive the reader. */
MUST_USE int jsonl_reader_new(struct jsonl_reader **out, FILE *file, const char *name);
void jsonl_reader_free(struct jsonl_reader *reader);
DEFINE_AUTO(struct jsonl_reader, jsonl_reader_free)

enum { JSONL_END = 1, JSONL_BAD_LINE = 2 };
/* The next event; it is valid until the next call. JSONL_BAD_LINE: this line is no event
 * (jsonl_finding says why), the next call goes on behind it. STATUS_IO (errno). */
MUST_USE int jsonl_next(struct jsonl_reader *reader, struct jsonl_event *out);
/* What was wrong with the last bad line; until the next call. */
const struct diag *jsonl_finding(const struct jsonl_reader *reader);

/* A whole text as one event, which may then span lines. The reader's file is not read. 0 or
 * JSONL_BAD_LINE. */
MUST_USE int jsonl_parse(struct jsonl_reader *reader, struct slice text, struct jsonl_event *out);

/* A value of the field of that name that is text; empty if there is none. */
struct slice jsonl_text(const struct jsonl_event *event, struct slice name);
