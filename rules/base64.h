/* SPDX-License-Identifier: Apache-2.0 */
/* Base64: the modifiers base64 and base64offset. The text has no wildcards. */
#pragma once

#include "rules/expansion.h"

MUST_USE int base64_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                         struct slice text);
MUST_USE int base64_offset_step(struct expansion *out, struct draft *draft,
                                const struct yaml_node *node, struct slice text);
