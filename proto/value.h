/* SPDX-License-Identifier: Apache-2.0 */
/* Value: what one Sigma field of one event holds.
 *
 * Absent, null, empty and zero are four different things, and rules can ask for each. */
#pragma once

#include "proto/slice.h"

enum value_type {
    VALUE_ABSENT, /* the event has no such field */
    VALUE_NULL,   /* the field is there and says "nothing" */
    VALUE_TEXT,   /* bytes, UTF-8 by convention only */
    VALUE_INTEGER,
    VALUE_REAL,
    VALUE_BOOLEAN,
    VALUE_LIST, /* an array: a test is true if it is true of any element; may be empty; never nested
                 */
};

struct value {
    enum value_type type;
    union {
        struct slice text;
        int64_t integer;
        double real;
        bool boolean;
        struct {
            const struct value *items;
            size_t count;
        } list;
    };
};

enum {
    VALUE_TEXT_BYTES_MAX = 32
}; /* what value_text needs at most for a scalar that is not text */

static inline struct value value_of_text(struct slice text)
{
    return (struct value){.type = VALUE_TEXT, .text = text};
}

static inline struct value value_of_integer(int64_t integer)
{
    return (struct value){.type = VALUE_INTEGER, .integer = integer};
}

/* A scalar as text: text itself, a number in decimal (shortest form that reads back the same),
 * "true" or "false"; absent, null and lists give an empty slice. buffer (VALUE_TEXT_BYTES_MAX
 * bytes) is used where a text has to be made. */
struct slice value_text(const struct value *value, char *buffer);
/* Exactly the same type and content. */
bool value_equal(const struct value *a, const struct value *b);
