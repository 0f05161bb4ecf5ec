/* SPDX-License-Identifier: Apache-2.0 */
/* A rule waits for the rarest answers that one of its atoms must give (cover.c), and those are
 * noticed in one of three ways, in the order of what they cost:
 *   - a text of the atom's is searched for, or looked up, among all others of the field
 * (trigger.c);
 *   - a field is missing;
 *   - the atom is asked about each text that was not seen before: an expression without a literal,
 *     or evidence that something is not there.
 * What none of these can notice (two fields compared, a number compared) leaves its rule on the
 * list of those that are always evaluated. */
#include "detect/plan.h"

#include "detect/rarity.h"

#include <math.h>
#include <stdlib.h>

enum { WORKING_BLOCK_BYTES = 64 * 1024 };

struct planner {
    struct plan *plan;
    const struct rule_atoms *rules;
    size_t rule_count;
    struct arena *arena; /* of the rule set */
    uint32_t rule;       /* the one being planned */
};

/* --- How rare --- */

/* An atom can be asked about each text that was not seen before. That is dearer than searching, so
 * it must be rarer by something to be chosen. */
static const double PROBE_PENALTY = 0.1;
static const double PROBE_RATE = 0.02; /* of a text to hold what nothing is known about */
static const double ABSENT_RATE = 0.2; /* of a field to be missing */

static bool can_be_asked(const struct atom *atom)
{
    return atom_is_textual(atom) && !atom->on_keywords;
}

static bool needs_absence(const struct atom *atom)
{
    return !atom->on_keywords &&
           (atom->kind == ATOM_NULL || (atom->kind == ATOM_EXISTS && !atom->test->boolean));
}

/* Whether asking tells more than the triggers do, which only say what the atom needs. */
static bool is_better_asked(const struct atom *atom, const struct trigger_set *set, double rate)
{
    bool exact = set->count > 0;
    for (size_t i = 0; i < set->count; i++)
        exact = exact && set->items[i].equivalent;
    return can_be_asked(atom) && !exact && (set->count == 0 || rate > PROBE_RATE + PROBE_PENALTY);
}

static double rate_of_triggers(const struct survey *survey, const struct atom *atom,
                               const struct trigger_set *set)
{
    struct slice field =
        atom->on_keywords ? (struct slice){NULL, 0} : survey->names[atom->slot].name;
    return rarity_of(set, field);
}

static int rate_atom(struct planner *planner, uint32_t index)
{
    const struct survey *survey = planner->plan->survey;
    const struct atom *atom = &survey->atoms[index];
    struct cover_rates *out = &planner->plan->rates[index];
    struct trigger_set set;
    *out = (struct cover_rates){{INFINITY, INFINITY}};
    TRY(trigger_set_of(&set, atom, planner->plan->working));
    double rate = rate_of_triggers(survey, atom, &set);
    planner->plan->asked[index] = is_better_asked(atom, &set, rate);
    if (planner->plan->asked[index])
        out->of[true] = PROBE_RATE + PROBE_PENALTY;
    else if (set.count > 0)
        out->of[true] = rate;
    else if (needs_absence(atom))
        out->of[true] = ABSENT_RATE;
    if (set.count > 0 && can_be_asked(atom)) /* hits are rare events: none of them comes so often */
        out->of[false] = exp(-rate) + PROBE_PENALTY;
    return 0;
}

static int rate_atoms(struct planner *planner)
{
    for (size_t i = 0; i < planner->plan->survey->atom_count; i++)
        TRY(rate_atom(planner, (uint32_t)i));
    return 0;
}

/* --- Lanes --- */

static int order_by_logsource(const void *left, const void *right, void *context)
{
    const struct rule_atoms *rules = context;
    const struct logsource *a = &rules[*(const uint32_t *)left].rule->logsource;
    const struct logsource *b = &rules[*(const uint32_t *)right].rule->logsource;
    int order = slice_compare(a->product, b->product);
    order = order != 0 ? order : slice_compare(a->category, b->category);
    return order != 0 ? order : slice_compare(a->service, b->service);
}

/* Numbers the lanes in the order of their log sources; each rule's lane follows. */
static int find_lanes(struct planner *planner)
{
    struct plan *plan = planner->plan;
    uint32_t *order = arena_array(plan->working, uint32_t, planner->rule_count);
    if (order == NULL)
        return STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < planner->rule_count; i++)
        order[i] = i;
    qsort_r(order, planner->rule_count, sizeof *order, order_by_logsource,
            (void *)(uintptr_t)planner->rules);
    for (size_t i = 0; i < planner->rule_count; i++) {
        if (i == 0 ||
            order_by_logsource(&order[i - 1], &order[i], (void *)(uintptr_t)planner->rules) != 0)
            plan->lanes[plan->lane_count++].logsource = planner->rules[order[i]].rule->logsource;
        plan->rule_lanes[order[i]] = (uint32_t)plan->lane_count - 1;
    }
    return 0;
}

static struct lane_plan *lane_of(struct planner *planner)
{
    return &planner->plan->lanes[planner->plan->rule_lanes[planner->rule]];
}

/* --- What a rule waits for --- */

static int use_triggers(struct planner *planner, const struct trigger_set *set, uint32_t atom)
{
    const struct atom *of = &planner->plan->survey->atoms[atom];
    for (size_t i = 0; i < set->count; i++) {
        struct lane_use use = {
            .trigger = set->items[i],
            .atom = set->items[i].equivalent ? atom : LANE_NO_ATOM,
            .rule = planner->rule,
            .slot = of->slot,
            .on_keywords = of->on_keywords,
            .finding = set->items[i].anchor == ANCHOR_BOTH ? FIND_WHOLE : FIND_LITERAL,
        };
        TRY(lane_plan_use(lane_of(planner), &use));
    }
    return 0;
}

static int use_probe(struct planner *planner, enum lane_probe probe, uint32_t atom)
{
    struct lane_use use = {
        .atom = LANE_NO_ATOM,
        .rule = planner->rule,
        .slot = planner->plan->survey->atoms[atom].slot,
        .finding = FIND_PROBE,
        .probe = probe,
        .probe_atom = atom,
    };
    return lane_plan_use(lane_of(planner), &use);
}

static int use_atom(uint32_t atom, bool answer, void *context)
{
    struct planner *planner = context;
    const struct atom *of = &planner->plan->survey->atoms[atom];
    if (!answer)
        return use_probe(planner, PROBE_FALSE, atom);
    if (planner->plan->asked[atom])
        return use_probe(planner, PROBE_TRUE, atom);
    struct trigger_set set;
    TRY(trigger_set_of(&set, of, planner->arena));
    if (set.count == 0)
        return use_probe(planner, PROBE_NONE, atom);
    return use_triggers(planner, &set, atom);
}

static int plan_rule(struct planner *planner)
{
    struct plan *plan = planner->plan;
    int result =
        cover_find(&planner->rules[planner->rule], plan->rates, use_atom, planner, plan->working);
    if (result != COVER_NONE)
        return result;
    plan->always_count++;
    return lane_plan_always(lane_of(planner), planner->rule);
}

/* --- Public --- */

static int allocate(struct planner *planner)
{
    struct plan *plan = planner->plan;
    TRY(arena_new_growing(&plan->working, WORKING_BLOCK_BYTES, 0));
    plan->rates = arena_array(plan->working, struct cover_rates, plan->survey->atom_count);
    plan->asked = arena_array(plan->working, bool, plan->survey->atom_count);
    plan->rule_lanes = arena_array(plan->working, uint32_t, planner->rule_count);
    plan->lanes = arena_array(plan->working, struct lane_plan, planner->rule_count);
    bool full = plan->rates == NULL || plan->asked == NULL || plan->rule_lanes == NULL ||
                plan->lanes == NULL;
    return full ? STATUS_NO_MEMORY : 0;
}

static int fill(struct planner *planner)
{
    TRY(allocate(planner));
    TRY(rate_atoms(planner));
    TRY(find_lanes(planner));
    for (planner->rule = 0; planner->rule < planner->rule_count; planner->rule++)
        TRY(plan_rule(planner));
    return 0;
}

int plan_init(struct plan *plan, const struct survey *survey, const struct rule_atoms rules[],
              size_t rule_count, struct arena *arena)
{
    *plan = (struct plan){.survey = survey};
    struct planner planner = {plan, rules, rule_count, arena, 0};
    int status = fill(&planner);
    if (status != 0)
        plan_deinit(plan);
    return status;
}

void plan_deinit(struct plan *plan)
{
    for (size_t i = 0; i < plan->lane_count; i++)
        lane_plan_deinit(&plan->lanes[i]);
    arena_free(plan->working);
    *plan = (struct plan){.working = NULL};
}
