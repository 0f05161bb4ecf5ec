/* SPDX-License-Identifier: Apache-2.0 */
/* Model: what the rules in a folder ought to make live, kept beside it by somebody who knows
 * nothing of how the service does it.
 *
 * Each file holds one rule, in one of some versions; a version is true of some kinds of events. One
 * more rule, the anchor, is true of all, so that every judged event has an alert that names the
 * rule set. */
#pragma once

#include "folder.h"
#include "proto/slice.h"

enum {
    MODEL_FILES = 6,
    MODEL_VERSIONS = 3,
    MODEL_KINDS = 6,
    MODEL_ANCHOR = MODEL_FILES, /* the anchor's number */
    MODEL_RULES,
};

/* Which version of each rule is live; 0: none. */
struct model_state {
    unsigned char live[MODEL_FILES];
};

struct model {
    struct folder *folder;   /* rules lie in its folder "rules" */
    struct model_state disk; /* the last good versions */
    bool broken[MODEL_RULES];
    uint64_t dice;
};

/* Writes the first rules. */
void model_start(struct model *model, struct folder *folder, uint64_t seed);
/* What one step did, in words; and what the service must say of it. */
struct model_step {
    const char *what;
    char file[32]; /* that must be named in a finding; "": nothing may be wrong with this step */
};
/* Changes one file at random - writes, breaks, removes, copies it - in one atomic move. */
void model_step(struct model *model, struct model_step *step);

const char *model_command_line(unsigned kind);
/* Bit r: rule r must alert about an event of this kind. */
unsigned model_mask(const struct model_state *state, unsigned kind);
/* Live rules, the anchor among them. */
size_t model_rule_count(const struct model_state *state);
/* The rule's number by its id; MODEL_RULES: no rule of the model. */
unsigned model_rule(const char *id);
