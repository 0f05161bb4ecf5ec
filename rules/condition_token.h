/* SPDX-License-Identifier: Apache-2.0 */
/* Condition token: the words and parentheses of a condition.
 *
 * A word is anything between white space and parentheses: real rules name selections
 * `filter_main_mdadm.conf` and `select_tree_execution|endswith`. */
#pragma once

#include "proto/slice.h"

enum token_kind {
    TOKEN_END,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_OF,
    TOKEN_WORD,
};

struct token {
    enum token_kind kind;
    struct slice text;
    size_t offset; /* in the condition */
};

/* The token that starts at or behind `offset`. */
struct token token_at(struct slice condition, size_t offset);
/* The one behind it. */
struct token token_after(struct slice condition, struct token token);
/* Does name match a pattern in which `*` stands for any text? */
bool token_matches(struct slice pattern, struct slice name);
