/* SPDX-License-Identifier: Apache-2.0 */
/* Profile: what each rule and each trigger costs, counted while events are judged.
 *
 * A scratch that was given one (engine_profile) counts into it; one that was not pays a comparison
 * per candidate. Each event that is counted costs time in proportion to the triggers of its lanes.
 * Time is read from a clock that is handed in, for a share of the evaluations. One per scratch;
 * worker thread only. */
#pragma once

#include "detect/engine.h"
#include "detect/program.h"

struct profile;

/* Now, in a unit of the caller's that never goes back. */
typedef uint64_t profile_clock_fn(void *context);

struct profile_options {
    profile_clock_fn *clock;
    void *context; /* handed to clock */
};

/* A rule's first evaluations are all timed, then one in so many, by chance. */
enum { PROFILE_TIMED_FIRST = 64, PROFILE_TIMED_ONE_IN = 16 };

/* What an evaluation costs is charged to the rule that asks: a test that several candidates of one
 * event share is answered for the first of them, and free for the others. */
struct profile_rule {
    uint64_t candidates;  /* events in which its condition was evaluated */
    uint64_t evaluations; /* tests that were answered for it */
    uint64_t matches;
    uint64_t timed; /* candidates that the clock saw */
    uint64_t ticks; /* of all candidates, projected from those; without the clock's own */
};

struct profile_trigger {
    uint64_t hits;              /* events in which it fired */
    uint64_t vain;              /* of those: events in which none of its rules matched */
    struct logsource logsource; /* of the rules that wait for it */
    struct slice field;         /* empty: keywords */
    const char *finding; /* "contains", "startswith", "endswith", "equals"; "satisfies", "fails" of
                            a test that is asked; "lacks" of a field that is missing */
    struct slice text;   /* folded; of a test: as its rule has it */
    const uint32_t *rules; /* indices: ruleset_rule */
    size_t rule_count;
};

/* Everything 0; borrows the rule set. Reads the clock a few times to know what that costs.
 * STATUS_NO_MEMORY. */
MUST_USE int profile_new(struct profile **out, const struct ruleset *ruleset,
                         const struct profile_options *options);
void profile_free(struct profile *profile);
DEFINE_AUTO(struct profile, profile_free)

/* Counts from now on what the scratch judges, which must be of the same rule set; NULL: no more.
 * The profile must outlive that. */
void engine_profile(struct scratch *scratch, struct profile *profile);

uint64_t profile_event_count(const struct profile *profile);
const struct profile_rule *profile_rule(const struct profile *profile, size_t rule_index);
size_t profile_trigger_count(const struct profile *profile);
void profile_trigger(struct profile_trigger *out, const struct profile *profile, size_t index);

/* --- For the engine --- */

struct route;
/* program_evaluate for one candidate of the scratch's event, counted. */
enum answer profile_evaluate(struct profile *profile, struct scratch *scratch, uint32_t rule);
/* Behind the evaluations of an event: its matches, and which of its triggers led to none. */
void profile_judged(struct profile *profile, const struct scratch *scratch,
                    const struct route *route);
