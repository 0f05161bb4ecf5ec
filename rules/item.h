/* SPDX-License-Identifier: Apache-2.0 */
/* Item: one line of a selection's map, "field|modifiers: values". */
#pragma once

#include "rules/draft.h"

MUST_USE int item_read(struct item *out, struct draft *draft, const struct yaml_pair *pair);
/* Keywords: scalars of a list, looked for in every value. at: where they start. */
MUST_USE int item_read_keywords(struct item *out, struct draft *draft,
                                const struct yaml_node *const *values, size_t count);
