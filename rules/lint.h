/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: what a rule that can be read probably does not mean. */
#pragma once

#include "rules/draft.h"

/* Warns of selections that the condition never uses, of maps and conditions that nothing can
 * fulfil, of a condition that is true of an event without any of the rule's fields, and of fields
 * that events of the category do not have. */
MUST_USE int lint_rule(struct draft *draft, const struct rule *rule, const bool *used,
                       const struct yaml_node *condition);
