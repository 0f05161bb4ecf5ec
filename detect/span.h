/* SPDX-License-Identifier: Apache-2.0 */
/* Span: where in a value the test matched, for people to see. */
#pragma once

#include "detect/atom.h"

struct span {
    size_t from, to; /* bytes of the raw text */
};

/* The atom must be textual and true of the text. False: unknown, because a regular expression hit
 * its limit. */
bool span_find(struct span *out, const struct atom *atom, const struct subject_text *text,
               const struct regex_space *space);
