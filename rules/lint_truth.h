/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of truth: conditions that nothing can fulfil, and selections that decide nothing. */
#pragma once

#include "rules/draft.h"

/* condition: where the condition stands. */
MUST_USE int lint_truth(struct draft *draft, const struct rule *rule, const bool *used,
                        const struct yaml_node *condition);
