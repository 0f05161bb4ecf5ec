/* SPDX-License-Identifier: Apache-2.0 */
/* Pattern: from a Sigma string with wildcards to the parts that a value must consist of.
 *
 * `*` is any length, `?` one character. A backslash escapes `*`, `?` and itself; before anything
 * else, and at the end, it is itself. While modifiers are worked out, literals are as the author
 * wrote them; pattern_finish folds them. */
#pragma once

#include "rules/rule.h"

/* Where in the value the author's text stands. */
enum operator_kind { OPERATOR_EXACT, OPERATOR_CONTAINS, OPERATOR_STARTS, OPERATOR_ENDS };

/* Literals are unescaped and not folded. Memory from arena. STATUS_NO_MEMORY. */
MUST_USE int pattern_parse(struct pattern *out, struct slice text, struct arena *arena);
/* One literal (borrowed), no wildcards; the empty text gives no part. */
MUST_USE int pattern_of_text(struct pattern *out, struct slice text, struct arena *arena);
/* Puts the operator's wildcards around it, merges neighbours, folds unless cased. The result's
 * memory is arena's alone; scratch is used on the way. */
MUST_USE int pattern_finish(struct pattern *out, const struct pattern *draft,
                            enum operator_kind operator, bool cased, struct arena *arena,
                            struct arena *scratch);
/* The text of a pattern without wildcards, in arena (data NULL: full). */
struct slice pattern_text(const struct pattern *pattern, struct arena *arena);
bool pattern_has_wildcards(const struct pattern *pattern);
/* Bytes of all literals. */
size_t pattern_bytes(const struct pattern *pattern);
bool pattern_equal(const struct pattern *a, const struct pattern *b);
