/* SPDX-License-Identifier: Apache-2.0 */
/* Draft: a rule while it is being read.
 *
 * The parts of the parser share it: where the rule's memory comes from, where findings go, and what
 * the rule has cost so far. They return 0 also when they added an error, so that the rest is read
 * and all findings come at once; a draft with errors never becomes a rule. */
#pragma once

#include "rules/codes.h"
#include "rules/parser.h"
#include "rules/yaml.h"

struct draft {
    struct arena *arena;   /* the rule's own */
    struct arena *scratch; /* reset for every value */
    const struct list_set *lists;
    const char *path;
    struct diag_list *findings;
    size_t error_count, finding_count;
    size_t test_count;     /* of the whole rule */
    size_t expanded_bytes; /* text that modifiers made */
    struct test *tests;    /* of the item being read */
    size_t item_test_count, item_test_capacity;
    struct slice *placeholders; /* names used, each once, in order of first use */
    size_t placeholder_count, placeholder_capacity;
};

/* Ready for the next rule; keeps the buffers. arena is the new rule's. */
void draft_begin(struct draft *draft, struct arena *arena);
void draft_deinit(struct draft *draft);

void draft_error(struct draft *draft, struct diag_position at, enum parser_code code,
                 const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));
void draft_warning(struct draft *draft, struct diag_position at, enum parser_code code,
                   const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));
struct diag_position draft_at(const struct draft *draft, const struct yaml_node *node);

/* Copies into the rule. */
MUST_USE int draft_copy(struct draft *draft, struct slice *out, struct slice text);
/* Adds a test to the item being read. Past RULE_TESTS_MAX: an error once, and nothing is added. */
MUST_USE int draft_add_test(struct draft *draft, const struct yaml_node *node,
                            const struct test *test);
/* Charges text that modifiers made; false past RULE_EXPANSION_BYTES_MAX, with an error. */
bool draft_charge(struct draft *draft, const struct yaml_node *node, size_t bytes);
/* A limit was passed: reading on would only cost time. */
bool draft_is_full(const struct draft *draft);
MUST_USE int draft_note_placeholder(struct draft *draft, struct slice name);
