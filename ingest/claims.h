/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: which file's rule is in the set under which id.
 *
 * Each rule that a file contributes claims its id. When two claim the same, the one whose file held
 * the id in the set before keeps it; else the first by name of file, then by place in the file.
 * Never both. */
#pragma once

#include "ingest/rule_file.h"

struct claim {
    struct rule *rule;            /* a reference of its own */
    const struct rule_file *file; /* borrowed; of earlier claims only compared, never read */
    size_t file_index;
    bool held_before;
    size_t order;
};

struct claims {
    struct claim *items; /* once settled: one for each id, in order of id */
    size_t count;
};

void claims_deinit(struct claims *claims);
/* Claims of the files that are present. Losers are named in findings. */
MUST_USE int claims_make(struct claims *out, struct rule_file *const files[], size_t file_count,
                         const struct claims *before, struct diag_list *findings);
/* The same rules in the same versions. */
bool claims_same_rules(const struct claims *a, const struct claims *b);
/* Drops one that is settled; the others move up. */
void claims_drop(struct claims *claims, size_t index);
