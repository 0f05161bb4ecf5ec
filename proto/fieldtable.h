/* SPDX-License-Identifier: Apache-2.0 */
/* Field table: fields.def and aliases.def as arrays, for projection, iteration, linter and encoder.
 */
#pragma once

#include "proto/logsource.h"
#include "proto/render.h"

struct field_row {
    struct slice name;
    uint64_t shapes;     /* bit s: the row holds for enum shape s */
    const char *message; /* of event.proto, for tests */
    uint8_t root;        /* enum root */
    uint8_t cell;        /* of that message */
    uint8_t rendering;   /* enum rendering */
};
extern const struct field_row field_rows[];
extern const size_t field_row_count;

/* In these shapes, rules of a category that read `name` mean `native`. */
struct field_alias {
    struct slice name, native;
    uint64_t shapes;
};
extern const struct field_alias field_aliases[];
extern const size_t field_alias_count;

static inline bool field_row_has(const struct field_row *row, unsigned shape)
{
    return (row->shapes >> shape & 1) != 0;
}

struct event;
/* SourceForm bits of the event's log source. */
uint32_t event_forms(const struct event *event);
/* 1-based index, in the batch's table, of the process that a root is or belongs to; 0: none. */
uint32_t event_process_index(const struct event *event, enum root root);
