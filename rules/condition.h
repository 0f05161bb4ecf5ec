/* SPDX-License-Identifier: Apache-2.0 */
/* Condition: how a rule's selections are combined, "selection and not 1 of filter_*".
 *
 * From low to high: or, and, not, of, parentheses; operators in either case. `1 of`, `any of`,
 * `all of`, and `N of` an identifier, a pattern with `*` anywhere, or `them`. Identifiers that
 * start with `_` are hidden from `them` and from patterns that do not. */
#pragma once

#include "rules/draft.h"

struct condition_scope {
    const struct selection *selections;
    size_t count;
    bool *used; /* one per selection; set when the condition refers to it */
};

/* node: the value of `condition`, a text or a list of texts (one OR). *out is NULL when an error
 * was added. The tree is in the rule's arena. */
MUST_USE int condition_read(const struct condition **out, struct draft *draft,
                            const struct condition_scope *scope, const struct yaml_node *node);
