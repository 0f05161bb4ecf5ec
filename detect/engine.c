/* SPDX-License-Identifier: Apache-2.0 */
/* An event's way: its log sources choose lanes; each lane's scans search the event's values for
 * triggers (search.c); triggers that fire make rules candidates and answer atoms; candidates'
 * programs decide. An event that triggers nothing costs its searches and nothing per rule. */
#include "detect/engine.h"

#include "detect/compiled.h"
#include "detect/hs.h"
#include "detect/pcre.h"
#include "detect/profile.h"
#include "detect/scratch.h"
#include "detect/search.h"

#include <assert.h>
#include <stdlib.h>

/* --- Scratch --- */

static int allocate_tables(struct scratch *scratch, const struct ruleset *ruleset)
{
    scratch->judge.answers = calloc(ruleset->survey.atom_count + 1, sizeof(uint32_t));
    scratch->fired = calloc((size_t)ruleset->trigger_count + 1, sizeof(uint32_t));
    scratch->seen = calloc(ruleset->rule_count + 1, sizeof(uint32_t));
    scratch->candidates = calloc(ruleset->rule_count + 1, sizeof(uint32_t));
    scratch->matches = calloc(ruleset->rule_count + 1, sizeof(struct match));
    scratch->routes = calloc(1, sizeof *scratch->routes);
    bool full = scratch->judge.answers == NULL || scratch->fired == NULL || scratch->seen == NULL ||
                scratch->candidates == NULL || scratch->matches == NULL || scratch->routes == NULL;
    return full ? STATUS_NO_MEMORY : 0;
}

int scratch_new(struct scratch **out, const struct ruleset *ruleset)
{
    assert(out != NULL && ruleset != NULL);
    AUTO(scratch_free) struct scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL)
        return STATUS_NO_MEMORY;
    scratch->ruleset = ruleset;
    TRY(allocate_tables(scratch, ruleset));
    struct judge *judge = &scratch->judge;
    TRY(memo_new(&scratch->memo, ruleset->scan_count));
    TRY(subject_new(&judge->subject, ruleset->projection, ruleset->survey.name_count));
    if (ruleset->space != NULL)
        TRY(hs_space_clone(&judge->space.hs, ruleset->space));
    TRY(pcre_space_new(&judge->space.pcre));
    judge->code = &ruleset->code;
    judge->atoms = ruleset->survey.atoms;
    *out = TAKE(&scratch);
    return 0;
}

void scratch_free(struct scratch *scratch)
{
    if (scratch == NULL)
        return;
    memo_free(scratch->memo);
    subject_free(scratch->judge.subject);
    hs_space_free(scratch->judge.space.hs);
    pcre_space_free(scratch->judge.space.pcre);
    free(scratch->judge.answers);
    free(scratch->fired);
    free(scratch->seen);
    free(scratch->candidates);
    free(scratch->matches);
    free(scratch->routes);
    free(scratch);
}

void engine_batch_end(struct scratch *scratch)
{
    assert(scratch != NULL);
    keyword_forget(&scratch->keywords);
    scratch->judged = NULL; /* its memory is given back: nothing may be explained any more */
}

const struct engine_counters *engine_counters(const struct scratch *scratch)
{
    return &scratch->counters;
}

/* --- One event after the other --- */

static void forget_all(struct scratch *scratch)
{
    const struct ruleset *ruleset = scratch->ruleset;
    memset(scratch->judge.answers, 0, ruleset->survey.atom_count * sizeof(uint32_t));
    memset(scratch->fired, 0, (size_t)ruleset->trigger_count * sizeof(uint32_t));
    memset(scratch->seen, 0, ruleset->rule_count * sizeof(uint32_t));
    scratch->judge.epoch = 1;
}

static void begin(struct scratch *scratch, const struct event *event)
{
    if (++scratch->judge.epoch > JUDGE_EPOCH_MAX)
        forget_all(scratch);
    scratch->judged = event;
    search_begin(scratch);
    scratch->match_count = 0;
    scratch->counters.events++;
    subject_begin(scratch->judge.subject, event);
}

/* --- Judging --- */

static enum answer evaluate(struct scratch *scratch, uint32_t rule)
{
    if (scratch->profile != NULL)
        return profile_evaluate(scratch->profile, scratch, rule);
    return program_evaluate(&scratch->judge, scratch->ruleset->roots[rule]);
}

static void evaluate_candidates(struct scratch *scratch)
{
    for (size_t i = 0; i < scratch->candidate_count; i++) {
        uint32_t rule = scratch->candidates[i];
        enum answer answer = evaluate(scratch, rule);
        if (answer == ANSWER_NO)
            continue;
        scratch->matches[scratch->match_count++] =
            (struct match){.rule_index = rule, .undecided = answer == ANSWER_UNDECIDED};
    }
    scratch->counters.candidates += scratch->candidate_count;
    scratch->counters.evaluations = scratch->judge.evaluations;
    scratch->counters.matches += scratch->match_count;
    scratch->counters.regex_limit_hits = scratch->judge.limit_hits;
    scratch->counters.duplicate_fields = subject_duplicate_count(scratch->judge.subject);
}

/* Shell sort: few items as a rule, never worse than some thousands, and no memory. */
static void sort_matches(struct match items[], size_t count)
{
    for (size_t gap = count / 2; gap > 0; gap /= 2) {
        for (size_t i = gap; i < count; i++) {
            struct match item = items[i];
            size_t at = i;
            for (; at >= gap && items[at - gap].rule_index > item.rule_index; at -= gap)
                items[at] = items[at - gap];
            items[at] = item;
        }
    }
}

int engine_match(struct matches *out, const struct ruleset *ruleset, struct scratch *scratch,
                 const struct event *event)
{
    assert(scratch->ruleset == ruleset);
    assert(event->reason == REASON_NONE);
    begin(scratch, event);
    const struct route *route = route_find(scratch->routes, ruleset->routes, event);
    for (size_t i = 0; i < route->lane_count; i++)
        search_lane(scratch, &ruleset->lanes[route->lanes[i]]);
    evaluate_candidates(scratch);
    if (subject_overflowed(scratch->judge.subject))
        return STATUS_LIMIT;
    if (scratch->profile != NULL)
        profile_judged(scratch->profile, scratch, route);
    sort_matches(scratch->matches, scratch->match_count);
    *out = (struct matches){scratch->matches, scratch->match_count};
    return 0;
}
