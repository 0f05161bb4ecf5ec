/* SPDX-License-Identifier: Apache-2.0 */
/* Steps: the modifiers of a chain that make other patterns of a value, run in order. */
#pragma once

#include "rules/expansion.h"

/* out: the patterns that the whole chain makes of the node's text. */
MUST_USE int steps_run(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                       const struct modifier_chain *chain);
