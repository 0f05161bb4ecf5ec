/* SPDX-License-Identifier: Apache-2.0 */
/* Edition: what is published together: a rule set and the context tables of one moment.
 *
 * Immutable once published. Editions share rule sets and contexts that did not change between them;
 * the references are counted by the control thread alone. */
#pragma once

#include "detect/context.h"
#include "detect/ruleset.h"

struct shared_ruleset;
struct shared_context;

struct edition {
    const struct ruleset *ruleset;
    const struct context *context;
    uint64_t number;         /* 1, 2, ...: never used twice in a process */
    uint64_t ruleset_number; /* the same in editions that share the rule set, never used twice */
    char ruleset_hex[65];    /* content hash of the rule set */
    int64_t loaded_unix_s;
    struct shared_ruleset *shared_ruleset;
    struct shared_context *shared_context;
    struct edition *next_retired; /* publication.c */
};

/* Takes the ruleset (the context) on 0; the reference count is 1. STATUS_NO_MEMORY. */
MUST_USE int shared_ruleset_new(struct shared_ruleset **out, struct ruleset *ruleset,
                                uint64_t number);
void shared_ruleset_unref(struct shared_ruleset *shared);
DEFINE_AUTO(struct shared_ruleset, shared_ruleset_unref)
MUST_USE int shared_context_new(struct shared_context **out, struct context *context);
void shared_context_unref(struct shared_context *shared);
DEFINE_AUTO(struct shared_context, shared_context_unref)

struct edition_options {
    struct shared_ruleset *ruleset; /* referenced */
    struct shared_context *context; /* referenced */
    uint64_t number;
    int64_t loaded_unix_s;
};
MUST_USE int edition_new(struct edition **out, const struct edition_options *options);
void edition_free(struct edition *edition);
DEFINE_AUTO(struct edition, edition_free)
