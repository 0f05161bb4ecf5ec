/* SPDX-License-Identifier: Apache-2.0 */
/* Scratch: the engine's working memory for one thread and one rule set; for the files that judge
 * and explain. Arrays are as long as the rule set can ever need. */
#pragma once

#include "detect/engine.h"
#include "detect/keyword.h"
#include "detect/memo.h"
#include "detect/program.h"
#include "detect/route.h"

struct scratch {
    const struct ruleset *ruleset;
    const struct event *judged; /* last; NULL: none, or its batch is over */
    struct judge judge;
    uint32_t *fired;      /* per trigger: epoch in which it fired last */
    uint32_t *seen;       /* per rule: epoch in which it was a candidate last */
    uint32_t *candidates; /* rules */
    size_t candidate_count;
    struct match *matches;
    size_t match_count;
    struct route_cache *routes;
    struct keyword_memory keywords;
    struct memo *memo;
    struct profile *profile; /* NULL: nothing is counted per rule; borrowed */
    struct engine_counters counters;
};
