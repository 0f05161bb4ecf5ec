/* SPDX-License-Identifier: Apache-2.0 */
/* Test: one primitive question about one value.
 *
 * Whatever modifiers a rule uses, only these remain after parsing. */
#pragma once

#include "proto/value.h"

/* --- Patterns --- */
enum pattern_part_kind {
    PART_LITERAL,
    PART_ANY, /* '*': any length, newlines too */
    PART_ONE, /* '?': one UTF-8 character, or one byte that is no valid UTF-8 */
};

struct pattern_part {
    enum pattern_part_kind kind;
    struct slice literal; /* folded (fold.h) unless the test is cased */
};

/* A whole value matches the sequence of parts, anchored at both ends: `contains` is ANY x ANY.
 * Neighbouring ANYs and literals are merged; no parts: the empty value. */
struct pattern {
    const struct pattern_part *parts;
    size_t part_count;
};

/* --- Tests --- */
enum test_kind {
    TEST_PATTERN,  /* the value's text matches pattern; numbers and booleans by their text */
    TEST_REGEX,    /* regex found anywhere in the value's text */
    TEST_CIDR,     /* the value is an address inside the network */
    TEST_NUMBER,   /* the value equals a number, as number or as its text */
    TEST_COMPARE,  /* the value as a number stands in `comparison` to number */
    TEST_FIELDREF, /* the value stands in `comparison` (equal, starts, ends, contains) to another
                      field's */
    TEST_NULL,     /* the field is absent or null */
    TEST_EXISTS,   /* the field is present (null included) == boolean */
    TEST_BOOLEAN,  /* true, 1, yes caseless against true; false, 0, no against false */
    TEST_TIME,     /* a part of the value read as a date equals, or compares to, number */
};

enum comparison {
    COMPARE_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL,
    COMPARE_STARTS,
    COMPARE_ENDS,
    COMPARE_CONTAINS,
};

enum time_part { TIME_MINUTE, TIME_HOUR, TIME_DAY, TIME_WEEK, TIME_MONTH, TIME_YEAR };

enum { REGEX_CASELESS = 1, REGEX_MULTILINE = 2, REGEX_DOTALL = 4 };

struct test {
    enum test_kind kind;
    bool cased; /* PATTERN, FIELDREF: compare without folding */
    enum comparison comparison;
    struct slice
        source; /* as the author wrote the value; after expansion still the author's text */
    struct pattern pattern;
    struct slice regex; /* without flags */
    unsigned regex_flags;
    struct slice other_field; /* FIELDREF */
    struct value number;      /* NUMBER, COMPARE, TIME: VALUE_INTEGER or VALUE_REAL */
    bool boolean;             /* EXISTS, BOOLEAN */
    enum time_part time_part;
    bool cidr_v6;
    uint8_t cidr_address[16]; /* IPv4 in the first 4 bytes; bits beyond the prefix are 0 */
    uint8_t cidr_bits;
    /* windash, base64offset and expand make several tests of one value: equal group numbers are
     * alternatives (OR) even when the item says `all`. */
    uint32_t group;
};
