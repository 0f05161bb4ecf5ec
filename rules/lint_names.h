/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of names: keys, fields and categories that nobody knows, so that a slip of the pen does not
 * make a rule that silently never fires. */
#pragma once

#include "rules/draft.h"

/* Warns of items whose field has no home in events of the rule's category, of the first fifty or
 * so. Keywords have no field; without a category, or with one that the schema does not know, any
 * field may exist. */
void lint_names(struct draft *draft, const struct rule *rule);
/* Warns if no event has that category (in lower case), and one is spelt almost like it. Others may
 * exist: a GenericLog says its own category. */
void lint_category(struct draft *draft, struct diag_position at, struct slice category);
/* Warns of each key of the rule that is almost one of the specification's: one slip in a short
 * word, two in a longer one. */
void lint_keys(struct draft *draft, const struct yaml_node *root);
