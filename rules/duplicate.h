/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate: values of one list that make the same test. */
#pragma once

#include "rules/draft.h"

/* Warns of values whose tests equal an earlier value's. values[g] made the draft's tests of group
 * g. O(n log n). */
MUST_USE int duplicate_report(struct draft *draft, const struct yaml_node *const *values,
                              size_t count);
