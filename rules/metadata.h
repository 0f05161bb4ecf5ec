/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata: what a rule says about itself: id, title, level, author, tags ..., and its log source.
 */
#pragma once

#include "rules/draft.h"

/* Reads everything but the detection into the rule. root is a mapping. */
MUST_USE int metadata_read(struct rule *rule, struct draft *draft, const struct yaml_node *root);
