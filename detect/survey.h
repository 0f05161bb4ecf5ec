/* SPDX-License-Identifier: Apache-2.0 */
/* Survey: what a set of rules asks: its slots, its atoms and its regular expressions, each once. */
#pragma once

#include "detect/atom.h"
#include "detect/cover.h"

enum {
    SURVEY_REFUSED = 1,
    SURVEY_SLOTS_MAX = 65000, /* what a projection can hold, with room for the keywords' slot */
    SURVEY_ATOMS_MAX = 0x1FFFFFFF,
};

struct survey_index { /* open addressing: item number plus one, 0 is empty */
    uint32_t *buckets;
    size_t size;
};

struct survey {
    struct arena *arena; /* of the rule set to be; borrowed */
    struct projection_name *names;
    size_t name_count, name_capacity;
    struct atom *atoms;
    size_t atom_count, atom_capacity;
    struct regex **regexes;
    struct slice *expressions; /* of regexes[i] */
    unsigned *regex_flags;
    size_t regex_count, regex_capacity, expression_capacity, flags_capacity;
    struct survey_index by_name, by_atom;
};

void survey_init(struct survey *survey, struct arena *arena);
void survey_deinit(struct survey *survey);

/* Adds what a rule asks; out's arrays are in the arena. The rule must outlive the survey's atoms.
 * SURVEY_REFUSED: a library or a limit refuses it (`findings` says why) and nothing was added. */
MUST_USE int survey_add(struct rule_atoms *out, struct survey *survey, const struct rule *rule,
                        struct diag_list *findings);
/* Gives the keywords their slot, behind all others. After the last rule. */
void survey_finish(struct survey *survey);
