/* SPDX-License-Identifier: Apache-2.0 */
/* Atom: one test on one slot. The same test on the same slot is the same atom, whichever rules ask
 * it, and is answered once per event. */
#pragma once

#include "detect/regex.h"
#include "detect/subject.h"
#include "rules/rule.h"

enum atom_kind {
    ATOM_EXACT, /* EXACT to CONTAINS: one literal, without `?` */
    ATOM_PREFIX,
    ATOM_SUFFIX,
    ATOM_CONTAINS,
    ATOM_PATTERN, /* anything else with `*` and `?` */
    ATOM_REGEX,
    ATOM_CIDR,
    ATOM_NUMBER,
    ATOM_COMPARE,
    ATOM_FIELDREF,
    ATOM_NULL,
    ATOM_EXISTS,
    ATOM_BOOLEAN,
    ATOM_TIME,
};

struct atom {
    const struct test *test; /* of one of the rules that ask it */
    struct slice literal;    /* EXACT to CONTAINS; folded unless cased */
    const struct regex *regex;
    enum atom_kind kind;
    bool cased;
    bool on_keywords;
    uint16_t slot;
    uint16_t other_slot; /* FIELDREF */
};

/* Kind and literal as the test's pattern says. */
void atom_init(struct atom *atom, const struct test *test, uint16_t slot);
/* Whether both ask the same. Regular expressions and slots included. */
bool atom_equal(const struct atom *a, const struct atom *b);
uint64_t atom_hash(const struct atom *atom);

/* The answer for the subject's event. */
enum answer atom_evaluate(const struct atom *atom, struct subject *subject,
                          const struct regex_space *space);
/* Whether it is true of this one text of the slot's: for spans. Text kinds only (EXACT to REGEX);
 * false for others. */
bool atom_is_textual(const struct atom *atom);
enum answer atom_answer_text(const struct atom *atom, const struct subject_text *text,
                             const struct regex_space *space);
