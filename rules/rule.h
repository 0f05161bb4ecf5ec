/* SPDX-License-Identifier: Apache-2.0 */
/* Rule: one Sigma rule, read, checked and with its modifiers worked out.
 *
 * After parsing only a handful of primitive tests remain (enum test_kind): base64, UTF-16, windash,
 * placeholders are already expanded into patterns. The tree keeps the rule's shape - condition,
 * selections, maps, items - so that "why" can be said in the author's own terms. Immutable after
 * parsing; everything lives in the rule's own arena. */
#pragma once

#include "proto/arena.h"
#include "proto/diag.h"
#include "proto/value.h"

enum rule_level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };

struct logsource {
    struct slice product, category, service; /* empty: the rule does not name it; lower case */
};

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

/* One line of a map: field|modifiers: values. */
struct item {
    struct slice field; /* empty: keyword, tested on every value of the event and its raw message */
    struct slice modifiers; /* "contains|all" as written, "" if none */
    const struct test *tests;
    size_t test_count;
    bool require_all; /* every group must be true, else any */
    bool negate;      /* neq: not (any); true if the field is absent */
    struct diag_position at;
};

struct item_map { /* all items must be true */
    const struct item *items;
    size_t item_count;
};

struct selection { /* any of its maps; keywords are maps of one keyword item */
    struct slice name;
    const struct item_map *maps;
    size_t map_count;
    struct diag_position at;
};

/* --- Condition --- */
enum condition_kind {
    CONDITION_SELECTION, /* leaf */
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_NOT,
    CONDITION_AT_LEAST, /* at least `count` of the children ("2 of filter_*") */
};

struct condition {
    enum condition_kind kind;
    const struct selection *selection;
    const struct condition *const *children;
    size_t child_count;
    unsigned count;
};

struct rule {
    struct slice id; /* canonical lower-case UUID text as given; required */
    uint8_t uuid[16];
    struct slice title, name, description, author, status, date, modified, license;
    enum rule_level level; /* medium if the rule says none */
    struct logsource logsource;
    const struct slice *references;
    size_t reference_count;
    const struct slice *false_positives;
    size_t false_positive_count;
    const struct slice *tags; /* "attack.t1059.001" */
    size_t tag_count;
    const struct slice *fields;
    size_t field_count;

    const struct selection *selections;
    size_t selection_count;
    const struct condition *condition; /* a list of conditions is one OR */

    struct slice path; /* file as the user named it */
    struct slice text; /* the document's own YAML bytes */
    uint8_t
        sha256[32]; /* of text and of the values of its placeholders: equal hash, equal behaviour */
    struct arena *arena;
    unsigned references_held; /* rule_ref, rule_unref: control plane only */
};

struct rule *rule_ref(struct rule *rule);
void rule_unref(struct rule *rule); /* NULL is fine */
DEFINE_AUTO(struct rule, rule_unref)
const char *rule_level_text(enum rule_level level);
