/* SPDX-License-Identifier: Apache-2.0 */
/* Lane: the rules of one log source, and what to search for in an event to learn which of them
 * could be true.
 *
 * Per slot there is one scan: a database of literals to search for, a table of whole texts to look
 * up, and a few atoms to ask where neither will do. A trigger that fires names rules, which become
 * candidates. Immutable once built. */
#pragma once

#include "detect/trigger.h"

struct hs_database;

enum { LANE_NO_ATOM = UINT32_MAX };

/* How a trigger is found in the texts of its slot. */
enum lane_finding {
    FIND_LITERAL, /* searched for */
    FIND_WHOLE,   /* looked up */
    FIND_PROBE,   /* by asking an atom, where there is nothing to search for */
};

/* What a probe fires on. */
enum lane_probe {
    PROBE_TRUE,  /* a text of which the atom is, or might be, true */
    PROBE_FALSE, /* a text of which it is not; and no text at all */
    PROBE_NONE,  /* no text at all, or a list, of which elements may be missing */
};

struct lane_trigger {
    uint32_t id;       /* within the rule set */
    uint32_t atom;     /* true if and only if this fires; LANE_NO_ATOM: only perhaps */
    uint32_t from, to; /* rules: lane->postings[from..to) */
    enum trigger_anchor anchor;
};

/* Triggers that share their text: lane->triggers[from..to). */
struct lane_text {
    struct slice bytes;
    uint32_t from, to;
    uint16_t slot;
    bool on_keywords;
    enum lane_finding finding;
    enum lane_probe probe; /* FIND_PROBE only, as is the next */
    uint32_t probe_atom;
};

struct lane_scan {
    uint32_t id; /* within the rule set */
    uint16_t slot;
    bool on_keywords;
    struct hs_database *filter;   /* of keywords (keyword.h); NULL: always search */
    struct hs_database *database; /* NULL: nothing to search for; ids index literals */
    const struct lane_text *literals;
    size_t literal_count;
    const struct lane_text *wholes; /* texts to look up */
    size_t whole_count;
    const uint32_t *buckets; /* index into wholes plus one, by hash; 0: empty */
    size_t bucket_mask;
    size_t whole_bytes_max; /* longer texts need not be looked up */
    const struct lane_text *probes;
    size_t probe_count;
};

struct lane {
    struct logsource logsource;
    struct lane_scan *scans;
    size_t scan_count;
    const struct lane_trigger *triggers;
    size_t trigger_count;
    const uint32_t *postings;
    const uint32_t *always; /* rules without a trigger */
    size_t always_count;
};

/* --- Building --- */

struct lane_use { /* a rule becomes a candidate when this fires */
    struct trigger trigger;
    uint32_t atom;
    uint32_t rule;
    uint16_t slot;
    bool on_keywords;
    enum lane_finding finding; /* a probe has no text */
    enum lane_probe probe;
    uint32_t probe_atom;
};

struct lane_plan {
    struct logsource logsource;
    struct lane_use *uses; /* heap */
    size_t use_count, use_capacity;
    uint32_t *always; /* heap */
    size_t always_count, always_capacity;
};

MUST_USE int lane_plan_use(struct lane_plan *plan, const struct lane_use *use);
MUST_USE int lane_plan_always(struct lane_plan *plan, uint32_t rule);
void lane_plan_deinit(struct lane_plan *plan);

/* Compiles. Everything but the databases lives in arena; texts are borrowed from the uses.
 * *trigger_count is the rule set's running number. STATUS_NO_MEMORY, STATUS_LIBRARY. */
MUST_USE int lane_build(struct lane *out, struct lane_plan *plan, uint32_t *trigger_count,
                        struct arena *arena);
void lane_deinit(struct lane *lane);

/* The triggers of a whole text, or NULL. */
const struct lane_text *lane_look_up(const struct lane_scan *scan, struct slice text);
