/* SPDX-License-Identifier: Apache-2.0 */
/* Trigger: a text that must occur in a slot for an atom to be true.
 *
 * Triggers are what is searched for in every event; an atom is evaluated only for rules whose
 * triggers were found. Losing none is what makes that exact: a trigger may fire in vain, but an
 * atom is never true without one of its triggers. */
#pragma once

#include "detect/atom.h"
#include "detect/literal.h"

enum trigger_anchor {
    ANCHOR_NONE,
    ANCHOR_START,
    ANCHOR_END,
    ANCHOR_BOTH, /* the whole text: looked up, not searched for */
};

enum { TRIGGER_BYTES_MAX = 256, TRIGGERS_PER_ATOM_MAX = LITERAL_ALTERNATIVES_MAX };

struct trigger {
    struct slice bytes; /* folded; at most TRIGGER_BYTES_MAX, and not empty, unless ANCHOR_BOTH */
    enum trigger_anchor anchor;
    bool equivalent; /* the atom is true if and only if this fires */
};

struct trigger_set {
    struct trigger items[TRIGGERS_PER_ATOM_MAX];
    size_t count; /* 0: the atom has none, its rule must be evaluated always */
};

/* Texts point into the atom's test or come from the arena. STATUS_NO_MEMORY. */
MUST_USE int trigger_set_of(struct trigger_set *out, const struct atom *atom, struct arena *arena);
