/* SPDX-License-Identifier: Apache-2.0 */
/* Engine: which rules are true of an event. A pure function of (rule set, event); a scratch is its
 * working memory. */
#pragma once

#include "detect/ruleset.h"
#include "proto/alert.h"
#include "proto/event.h"

struct scratch;

/* Working memory for one thread and one rule set. No allocation after this. */
MUST_USE int scratch_new(struct scratch **out, const struct ruleset *ruleset);
void scratch_free(struct scratch *scratch);
DEFINE_AUTO(struct scratch, scratch_free)

struct match {
    size_t rule_index; /* ruleset_rule */
    bool undecided;    /* a regular expression hit its limit and counts as true */
};

struct matches {
    const struct match
        *items; /* ascending rule_index (so: ascending id); in the scratch, until its next use */
    size_t count;
};

/* Events of one batch come one after the other: what was computed for a process of its table is
 * kept until the batch changes. Tell the engine when the memory of a batch is given back. Worker
 * thread only. */
void engine_batch_end(struct scratch *scratch);

/* Judges one event whose reason is REASON_NONE. 0 always holds for valid arguments but
 * STATUS_LIMIT: the event's rendered values do not fit the scratch (a dead letter with
 * REASON_MEMORY). */
MUST_USE int engine_match(struct matches *out, const struct ruleset *ruleset,
                          struct scratch *scratch, const struct event *event);

/* Why a rule is true of the event that was judged last with this scratch: its true tests with
 * fields, patterns and spans, at most ALERT_REASONS_MAX; memory from arena. */
MUST_USE int engine_explain(const struct alert_reason **out, size_t *count, bool *truncated,
                            const struct ruleset *ruleset, struct scratch *scratch,
                            size_t rule_index, const struct event *event, struct arena *arena);

struct engine_counters { /* cumulative since scratch_new */
    uint64_t events, remembered, scans, scanned_bytes, candidates, evaluations, matches,
        regex_limit_hits;
    uint64_t failed_scans;     /* by the library: searched without it */
    uint64_t duplicate_fields; /* extras that lost to a typed field of their name */
};
const struct engine_counters *engine_counters(const struct scratch *scratch);
