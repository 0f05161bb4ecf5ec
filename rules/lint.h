/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: what a rule that can be read probably does not mean. */
#pragma once

#include "rules/draft.h"

/* Warns of selections that the condition never uses, and of a condition that is true of an event
 * without any of the rule's fields. */
void lint_rule(struct draft *draft, const struct rule *rule, const bool *used,
               const struct yaml_node *condition);
