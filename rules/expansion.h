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

/* All the steps of a chain. */
MUST_USE int expansion_run(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                           const struct modifier_chain *chain);

/* expand (placeholder.c): %name% becomes each value of its list, read with their wildcards. */
MUST_USE int placeholder_step(struct expansion *out, struct draft *draft,
                              const struct yaml_node *node, const struct pattern *in);
/* windash (windash.c): each dash or slash that starts an option becomes each of five characters. */
MUST_USE int windash_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                          const struct pattern *in);
/* base64, base64offset (base64.c). The text has no wildcards. */
MUST_USE int base64_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                         struct slice text);
MUST_USE int base64_offset_step(struct expansion *out, struct draft *draft,
                                const struct yaml_node *node, struct slice text);
/* wide, utf16le, utf16be, utf16 (utf16.c). */
MUST_USE int utf16_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                        struct slice text, enum utf16_form form);
