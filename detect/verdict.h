/* SPDX-License-Identifier: Apache-2.0 */
/* Verdict: one test on one field's value, by the plainest means; for explain.c. */
#pragma once

#include "detect/explain.h"

struct pcre_space;

/* Truth, with a third value between for a regular expression that hit its limit. */
enum truth { TRUTH_NO, TRUTH_PERHAPS, TRUTH_YES };

struct verdict_options {
    const struct value *other; /* of the test's other field; FIELDREF only */
    struct pcre_space *pcre;
    struct arena *arena; /* growing */
};

/* out->test is set; fills in the rest. STATUS_NO_MEMORY, STATUS_BAD_INPUT (a regular expression
 * that the library refuses). */
MUST_USE int verdict_of(enum truth *truth, struct explained_test *out, const struct value *value,
                        const struct verdict_options *options);

/* A list has its elements, anything else is its own only one. */
size_t value_element_count(const struct value *value);
const struct value *value_element(const struct value *value, size_t index);
/* Text, number or boolean. */
bool value_has_text(const struct value *value);
