/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates are counted where they are evaluated. Which triggers fired is not noted while they
 * fire, for that is the hottest line there is: it is read afterwards from the stamps that the
 * scratch leaves, for all triggers of the event's lanes. So the walk is paid by those who
 * profile, and not having one costs next to nothing.
 *
 * Reading a clock takes as long as evaluating a simple condition. Timing them all would disturb
 * what it measures; timing one in so many would say nothing of a rule that is rarely a candidate.
 * So a rule's first are all timed, and a share of the others, each of which stands for as many as
 * were passed over. By chance, because streams have periods. */
#include "detect/profile.h"

#include "detect/compiled.h"
#include "detect/scratch.h"

#include <assert.h>
#include <stdlib.h>

enum { CLOCK_TRIALS = 32 };

struct counts {
    uint64_t hits, vain;
};

struct profile {
    const struct ruleset *ruleset;
    struct profile_options options;
    uint64_t clock_ticks; /* between two readings with nothing between them */
    uint64_t chance;
    uint64_t event_count;
    struct profile_rule *rules;
    uint64_t *matched;       /* per rule: number of the event that it matched last */
    struct counts *triggers; /* by id */
};

/* --- New and free --- */

static uint64_t read_clock(const struct profile *profile)
{
    return profile->options.clock(profile->options.context);
}

/* The least of several: whatever interrupted one of them is no part of the clock. */
static uint64_t measure_clock(const struct profile *profile)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < CLOCK_TRIALS; i++) {
        uint64_t start = read_clock(profile);
        uint64_t ticks = read_clock(profile) - start;
        least = ticks < least ? ticks : least;
    }
    return least;
}

int profile_new(struct profile **out, const struct ruleset *ruleset,
                const struct profile_options *options)
{
    assert(out != NULL && ruleset != NULL);
    assert(options->clock != NULL);
    AUTO(profile_free) struct profile *profile = calloc(1, sizeof *profile);
    if (profile == NULL)
        return STATUS_NO_MEMORY;
    profile->ruleset = ruleset;
    profile->options = *options;
    profile->chance = 1;
    profile->rules = calloc(ruleset->rule_count + 1, sizeof *profile->rules);
    profile->matched = calloc(ruleset->rule_count + 1, sizeof *profile->matched);
    profile->triggers = calloc((size_t)ruleset->trigger_count + 1, sizeof *profile->triggers);
    if (profile->rules == NULL || profile->matched == NULL || profile->triggers == NULL)
        return STATUS_NO_MEMORY;
    profile->clock_ticks = measure_clock(profile);
    *out = TAKE(&profile);
    return 0;
}

void profile_free(struct profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->rules);
    free(profile->matched);
    free(profile->triggers);
    free(profile);
}

void engine_profile(struct scratch *scratch, struct profile *profile)
{
    assert(profile == NULL || profile->ruleset == scratch->ruleset);
    scratch->profile = profile;
}

/* --- Counting --- */

/* xorshift64: good enough to be out of step with any stream. */
static uint64_t draw(struct profile *profile)
{
    profile->chance ^= profile->chance << 13;
    profile->chance ^= profile->chance >> 7;
    profile->chance ^= profile->chance << 17;
    return profile->chance;
}

/* How many candidates the one at hand stands for in the time; 0: it is not timed. */
static uint64_t weight_of(struct profile *profile, const struct profile_rule *counts)
{
    if (counts->candidates < PROFILE_TIMED_FIRST)
        return 1;
    return draw(profile) % PROFILE_TIMED_ONE_IN == 0 ? PROFILE_TIMED_ONE_IN : 0;
}

enum answer profile_evaluate(struct profile *profile, struct scratch *scratch, uint32_t rule)
{
    struct profile_rule *counts = &profile->rules[rule];
    uint32_t root = profile->ruleset->roots[rule];
    uint64_t evaluations = scratch->judge.evaluations;
    uint64_t weight = weight_of(profile, counts);
    uint64_t start = weight == 0 ? 0 : read_clock(profile);
    enum answer answer = program_evaluate(&scratch->judge, root);
    if (weight > 0) {
        uint64_t ticks = read_clock(profile) - start;
        counts->ticks += ticks > profile->clock_ticks ? (ticks - profile->clock_ticks) * weight : 0;
        counts->timed++;
    }
    counts->candidates++;
    counts->evaluations += scratch->judge.evaluations - evaluations;
    return answer;
}

static bool leads_to_match(const struct profile *profile, const struct lane *lane,
                           const struct lane_trigger *trigger)
{
    for (uint32_t i = trigger->from; i < trigger->to; i++) {
        if (profile->matched[lane->postings[i]] == profile->event_count)
            return true;
    }
    return false;
}

static void count_triggers(struct profile *profile, const struct scratch *scratch,
                           const struct lane *lane)
{
    for (size_t i = 0; i < lane->trigger_count; i++) {
        const struct lane_trigger *trigger = &lane->triggers[i];
        if (scratch->fired[trigger->id] != scratch->judge.epoch)
            continue;
        profile->triggers[trigger->id].hits++;
        profile->triggers[trigger->id].vain += !leads_to_match(profile, lane, trigger);
    }
}

void profile_judged(struct profile *profile, const struct scratch *scratch,
                    const struct route *route)
{
    profile->event_count++;
    for (size_t i = 0; i < scratch->match_count; i++) {
        profile->rules[scratch->matches[i].rule_index].matches++;
        profile->matched[scratch->matches[i].rule_index] = profile->event_count;
    }
    for (size_t i = 0; i < route->lane_count; i++)
        count_triggers(profile, scratch, &profile->ruleset->lanes[route->lanes[i]]);
}

/* --- Reading --- */

uint64_t profile_event_count(const struct profile *profile)
{
    return profile->event_count;
}

const struct profile_rule *profile_rule(const struct profile *profile, size_t rule_index)
{
    assert(rule_index < profile->ruleset->rule_count);
    return &profile->rules[rule_index];
}

size_t profile_trigger_count(const struct profile *profile)
{
    return profile->ruleset->trigger_count;
}

/* Triggers are numbered lane after lane. */
static const struct lane *lane_of(const struct ruleset *ruleset, size_t *index)
{
    const struct lane *lane = ruleset->lanes;
    for (; *index >= lane->trigger_count; lane++)
        *index -= lane->trigger_count;
    assert(lane < ruleset->lanes + ruleset->lane_count);
    return lane;
}

/* A scan's texts stand together, whichever way they are found, in the order of their triggers. */
static const struct lane_text *text_of(const struct lane *lane, size_t index)
{
    const struct lane_scan *scan = lane->scans;
    size_t count = scan->literal_count + scan->whole_count + scan->probe_count;
    while (index >= scan->literals[count - 1].to) {
        scan++;
        count = scan->literal_count + scan->whole_count + scan->probe_count;
    }
    assert(scan < lane->scans + lane->scan_count);
    size_t low = 0;
    for (size_t high = count - 1; low < high;) {
        size_t middle = (low + high) / 2;
        if (index < scan->literals[middle].to)
            high = middle;
        else
            low = middle + 1;
    }
    return &scan->literals[low];
}

static const char *word_for(const struct lane_text *text, enum trigger_anchor anchor)
{
    static const char *const anchors[] = {[ANCHOR_NONE] = "contains",
                                          [ANCHOR_START] = "startswith",
                                          [ANCHOR_END] = "endswith",
                                          [ANCHOR_BOTH] = "equals"};
    static const char *const probes[] = {
        [PROBE_TRUE] = "satisfies", [PROBE_FALSE] = "fails", [PROBE_NONE] = "lacks"};
    return text->finding == FIND_PROBE ? probes[text->probe] : anchors[anchor];
}

void profile_trigger(struct profile_trigger *out, const struct profile *profile, size_t index)
{
    assert(index < profile_trigger_count(profile));
    const struct survey *survey = &profile->ruleset->survey;
    const struct counts *counts = &profile->triggers[index];
    const struct lane *lane = lane_of(profile->ruleset, &index);
    const struct lane_trigger *trigger = &lane->triggers[index];
    const struct lane_text *text = text_of(lane, index);
    *out = (struct profile_trigger){
        .hits = counts->hits,
        .vain = counts->vain,
        .logsource = lane->logsource,
        .field = text->on_keywords ? (struct slice){0} : survey->names[text->slot].name,
        .finding = word_for(text, trigger->anchor),
        .text = text->finding == FIND_PROBE ? survey->atoms[text->probe_atom].test->source
                                            : text->bytes,
        .rules = lane->postings + trigger->from,
        .rule_count = trigger->to - trigger->from,
    };
}
