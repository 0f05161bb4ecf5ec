/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: what each rule waits for, and in which lane. Working memory of a rule set's build. */
#pragma once

#include "detect/cover.h"
#include "detect/lane.h"
#include "detect/survey.h"

struct plan {
    struct arena *working;
    const struct survey *survey;
    struct cover_rates *rates; /* per atom */
    bool *asked;               /* per atom: a probe stands for its triggers */
    uint32_t *rule_lanes;      /* per rule: its lane */
    struct lane_plan *lanes;   /* in the order of their log sources */
    size_t lane_count;
    size_t always_count; /* rules that must be evaluated whenever their lane applies */
};

/* Texts of triggers come from arena, which must outlive what is built from the plan. rules: in
 * order of id. STATUS_NO_MEMORY. */
MUST_USE int plan_init(struct plan *plan, const struct survey *survey,
                       const struct rule_atoms rules[], size_t rule_count, struct arena *arena);
void plan_deinit(struct plan *plan);
