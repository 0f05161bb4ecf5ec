/* SPDX-License-Identifier: Apache-2.0 */
/* Expansion: the patterns that modifiers make of one value, step by step.
 *
 * A step takes one pattern and adds those it makes of it. What cannot be honoured is an error at
 * the value's place and adds nothing. All memory is the draft's scratch arena. */
#pragma once

#include "rules/modifier.h"

struct expansion {
    struct pattern *items;
    size_t count, capacity;
};

/* Past RULE_TESTS_MAX patterns, or too much text: an error, and nothing is added. */
MUST_USE int expansion_add(struct expansion *expansion, struct draft *draft,
                           const struct yaml_node *node, const struct pattern *pattern);
/* Adds a pattern that is one text. */
MUST_USE int expansion_add_text(struct expansion *expansion, struct draft *draft,
                                const struct yaml_node *node, struct slice text);
