/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-16: the modifiers wide, utf16le, utf16be and utf16. The text has no wildcards. */
#pragma once

#include "rules/expansion.h"

MUST_USE int utf16_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                        struct slice text, enum utf16_form form);
