/* SPDX-License-Identifier: Apache-2.0 */
/* Cover: answers of atoms of which at least one is given whenever a rule is true.
 *
 * Found from the condition by construction, so nothing can be lost: of an "and" the cover of one
 * child suffices (the rarest is taken), of an "or" all children's are needed, and "not" asks when
 * its child is false. */
#pragma once

#include "rules/rule.h"

/* A rule together with the atoms of its tests, in the rule's order: selections, maps, items, tests.
 */
struct rule_atoms {
    const struct rule *rule;
    const uint32_t *atoms;
    const size_t *selection_starts; /* per selection: index of its first test in atoms */
};

/* How often there is evidence that an atom is false, and that it is true: [false], [true].
 * INFINITY: none that could be found without evaluating the rule. */
struct cover_rates {
    double of[2];
};

enum { COVER_NONE = 1 };

/* Calls add for each atom of the rarest cover (an atom may come twice), with the answer that is
 * evidence. rates: per atom. COVER_NONE: no cover; the rule must always be evaluated. Negative:
 * what add returned. arena: working memory, growing. */
typedef int cover_add_fn(uint32_t atom, bool answer, void *context);
MUST_USE int cover_find(const struct rule_atoms *rule, const struct cover_rates rates[],
                        cover_add_fn *add, void *context, struct arena *arena);
