/* SPDX-License-Identifier: Apache-2.0 */
/* Wildcard: whether a text matches literals, `*` and `?`, anchored at both ends. */
#pragma once

#include "rules/rule.h"

/* Text is folded unless the test is cased. A `?` that begins inside a character, because a literal
 * of odd bytes ended there, takes the rest of it. Cost: length of text times length of the longest
 * piece between two `*`. */
bool wildcard_match(const struct pattern *pattern, struct slice text);
