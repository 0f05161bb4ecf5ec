/* SPDX-License-Identifier: Apache-2.0 */
/* Operand: one value of an item, turned into tests under the item's modifiers. */
#pragma once

#include "rules/modifier.h"

struct operand_context {
    const struct modifier_chain *chain;
    struct slice field; /* empty: keyword */
    uint32_t group;     /* of the tests that this value makes */
};

/* Adds the tests to the draft's current item. A value that cannot be honoured is an error at its
 * place. */
MUST_USE int operand_read(struct draft *draft, const struct operand_context *context,
                          const struct yaml_node *node);
