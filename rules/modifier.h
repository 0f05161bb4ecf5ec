/* SPDX-License-Identifier: Apache-2.0 */
/* Modifier: what stands behind a field's name, "|contains|all", read and checked as a whole.
 *
 * A chain boils down to what the values are (subject), where they stand (operator), the steps that
 * rewrite a text in the order written, and a few switches. Which modifiers go together is one table
 * (modifier.c); everything else is refused with both names. */
#pragma once

#include "rules/draft.h"
#include "rules/pattern.h"

enum modifier_class {
    CLASS_CONTAINS,
    CLASS_EDGE, /* startswith, endswith */
    CLASS_ALL,
    CLASS_CASED,
    CLASS_NEQ,
    CLASS_EXISTS,
    CLASS_REGEX,
    CLASS_REGEX_FLAG,
    CLASS_CIDR,
    CLASS_FIELDREF,
    CLASS_EXPAND,
    CLASS_DASH,
    CLASS_BASE64,
    CLASS_UNICODE,
    CLASS_COMPARE,
    CLASS_TIME,
    CLASS_COUNT,
};

enum utf16_form { UTF16_LE, UTF16_BE, UTF16_BOM };

enum modifier {
#define MODIFIER(name, text, class_name, argument, help) MODIFIER_##name,
#include "rules/modifier.def"
#undef MODIFIER
    MODIFIER_COUNT
};

/* What a chain's values are. */
enum modifier_subject {
    SUBJECT_VALUE, /* text with wildcards, number, boolean, null */
    SUBJECT_REGEX,
    SUBJECT_CIDR,
    SUBJECT_FIELDREF,
    SUBJECT_EXISTS,
    SUBJECT_COMPARE,
    SUBJECT_TIME,
};

enum { MODIFIER_CHAIN_MAX = 8 }; /* no sensible chain is longer: each class but `re`'s flags once */

struct modifier_chain {
    enum modifier_subject subject;
    enum operator_kind operator;
    enum comparison comparison; /* COMPARE; TIME: COMPARE_EQUAL if the chain has none */
    enum time_part time_part;
    unsigned regex_flags;
    bool has_operator, require_all, negate, cased, expands;
    enum modifier steps[MODIFIER_CHAIN_MAX]; /* expand, windash, base64 ..., in order */
    size_t step_count;
};

/* Reads the modifiers of a key: its text from byte `start` on, without the first bar. Nothing after
 * the bar is a finding. On errors (counted by the draft) the chain is not to be used. */
void modifier_chain_read(struct modifier_chain *out, struct draft *draft,
                         const struct yaml_node *key, size_t start);
const char *modifier_text(enum modifier modifier);
/* Encodes into bytes rather than text: wildcards cannot pass. */
bool modifier_encodes(enum modifier modifier);
unsigned modifier_argument(enum modifier modifier);
