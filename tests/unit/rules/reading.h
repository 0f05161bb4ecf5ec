/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: what the parser makes of a text, in a short notation that tables of cases can hold.
 *
 * Tests: `*<lit>*` pattern (ANY is *, ONE is ?; c: before it if cased), `/regex/i`, `v4
 * 0a000000/8`,
 * `=5`, `>=5`, `ref = Other`, `null`, `exists true`, `true`, `hour >= 8`. Tests of one group are
 * joined by " | ", groups by ", ". Items: `Field: tests`, `Field all: `, `Field not: `; maps join
 * items by " & ", selections join maps by " OR ". */
#pragma once

#include "rules/parser.h"

enum { READING_TEXT_BYTES = 64 * 1024 };

struct reading {
    struct rule_list rules;
    struct diag_list *findings;
    char text[READING_TEXT_BYTES]; /* of what was asked last */
    size_t used;
};

struct reading *read_slice(struct slice text, const struct list_set *lists);
struct reading *read_text(const char *text);
/* A rule around a detection, whose lines are indented by two spaces; the first is line 6. */
struct reading *read_detection(const char *detection, const struct list_set *lists);
/* A selection of one item, in the YAML of one line (7, from column 5): `F|contains: x`. */
struct reading *read_item(const char *item, const struct list_set *lists);
void reading_free(struct reading *reading);

/* "refused" if there is not exactly one rule. */
const char *selection_text(struct reading *reading);
const char *condition_text(struct reading *reading);
/* "6:5 unknown-modifier; 7:1 ..." in the order found. */
const char *findings_text(struct reading *reading);

/* Tables of cases: an item of one line, and the selection or the findings that follow. */
struct reading_case {
    const char *item;
    const char *expected;
};

/* The first selection of each case, or its findings if the rule is refused. */
void check_selections(const struct reading_case *cases, size_t count, const struct list_set *lists);
/* All findings of each case. */
void check_findings(const struct reading_case *cases, size_t count, const struct list_set *lists);
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
