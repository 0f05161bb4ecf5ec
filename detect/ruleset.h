/* SPDX-License-Identifier: Apache-2.0 */
/* Ruleset: everything the engine needs to judge an event.
 *
 * Built by the control plane from parsed rules, then immutable and shared by all workers. It is
 * named by the hash of its content (the rules' own hashes in order of id), which is the same on
 * every machine. */
#pragma once

#include "proto/diag.h"
#include "rules/rule.h"

struct ruleset;

struct ruleset_options {
    size_t memory_bytes_max; /* refuse to build beyond this; 0: no limit */
};

/* Compiles rules, taking a reference to each. A rule that the libraries refuse (a regular
 * expression too large, say) is left out and named in findings as an error with its file; the rest
 * is built. A second rule with an id already taken is left out and named. 0 rules give a valid,
 * empty set. Thread: control plane; may take seconds. */
MUST_USE int ruleset_build(struct ruleset **out, struct rule *const rules[], size_t rule_count,
                           const struct ruleset_options *options, struct diag_list *findings);
void ruleset_free(struct ruleset *ruleset);
DEFINE_AUTO(struct ruleset, ruleset_free)

size_t ruleset_rule_count(const struct ruleset *ruleset);
/* In order of id. */
const struct rule *ruleset_rule(const struct ruleset *ruleset, size_t index);
const uint8_t *ruleset_sha256(const struct ruleset *ruleset); /* 32 bytes */
size_t ruleset_memory_bytes(const struct ruleset *ruleset);

struct ruleset_stats {
    size_t rule_count, lane_count, field_count, atom_count, literal_count, regex_count,
        always_count;
    size_t database_bytes;
};
void ruleset_stats(struct ruleset_stats *out, const struct ruleset *ruleset);
