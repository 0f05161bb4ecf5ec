/* SPDX-License-Identifier: Apache-2.0 */
/* Parser: from the text of a Sigma file to rules.
 *
 * Follows the Sigma specification 2.1.0 (rules, modifiers). A rule that cannot be honoured exactly
 * is refused with the reason, never approximated. All findings of a file come at once, with line
 * and column. */
#pragma once

#include "rules/lists.h"
#include "rules/rule.h"

enum {
    RULE_FILE_BYTES_MAX = 4 * 1024 * 1024, /* SigmaHQ's longest is about 300 kB */
    RULE_YAML_DEPTH_MAX = 32,
    RULE_YAML_NODES_MAX = 200000,
    RULE_ALIASES_MAX =
        64, /* alias expansions in a file: each may not refer to a collection that holds aliases */
    RULE_DOCUMENTS_MAX = 256,
    RULE_SELECTIONS_MAX = 1024,
    RULE_VALUE_BYTES_MAX = 64 * 1024,            /* one value as written */
    RULE_TESTS_MAX = 100000,                     /* after expansion, in one rule */
    RULE_EXPANSION_BYTES_MAX = 64 * 1024 * 1024, /* worked on by the modifiers of one rule */
    RULE_FINDINGS_MAX = 1000,                    /* of one rule; further ones are not listed */
    RULE_CONDITIONS_MAX = 64,                    /* in a list of conditions */
    CONDITION_DEPTH_MAX = 64,                    /* of parentheses */
    CONDITION_NODES_MAX = 65536,
    CONDITION_BYTES_MAX = 16 * 1024,
};

struct rule_list {
    struct rule **items;
    size_t count;
    size_t capacity;
    size_t refused_count; /* documents that parser_read read and did not turn into a rule */
};
void rule_list_deinit(struct rule_list *list);                         /* drops its references */
MUST_USE int rule_list_add(struct rule_list *list, struct rule *rule); /* takes a reference */

struct parser_options {
    const struct list_set *lists; /* placeholders; NULL: none */
};

/* Parses one file's text, which may hold several documents; good rules are appended, refused ones
 * are counted in out->refused_count and explained in findings (codes: parser_codes.def). 0 even if
 * every document is refused: the findings tell. A text that is no YAML counts as one refused
 * document. Filters and correlations are refused by name. Control plane; borrows text during the
 * call. STATUS_NO_MEMORY. */
MUST_USE int parser_read(struct rule_list *out, struct slice text, const char *path,
                         const struct parser_options *options, struct diag_list *findings);
