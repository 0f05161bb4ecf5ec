/* SPDX-License-Identifier: Apache-2.0 */
/* Detection: a rule's selections and the condition that combines them. */
#pragma once

#include "rules/draft.h"

MUST_USE int detection_read(struct rule *rule, struct draft *draft, const struct yaml_node *root);
