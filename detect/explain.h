/* SPDX-License-Identifier: Apache-2.0 */
/* Explain: one rule on one event, every selection and item, true or false, with the value seen: for
 * `yagura explain`.
 *
 * A slow and obvious evaluation of the parsed rule that knows nothing of databases or triggers, so
 * it is also the yardstick that the engine's tests compare with. */
#pragma once

#include "proto/event.h"
#include "rules/rule.h"

struct explained_test {
    const struct test *test;
    bool result;
    bool has_span;
    uint32_t from, to;
};

struct explained_item {
    const struct selection *selection;
    size_t map_index;
    const struct item *item;
    bool result;
    struct value seen; /* VALUE_ABSENT: field missing */
    const struct explained_test *tests;
    size_t test_count;
};

struct explanation {
    bool applies;                       /* the rule's log source is one of the event's */
    bool result;                        /* the condition, whether or not the rule applies */
    const struct explained_item *items; /* in the rule's order */
    size_t item_count;
    const bool *selections; /* per rule->selections */
};

/* Memory from arena (growing). */
MUST_USE int explain_rule(struct explanation *out, const struct rule *rule,
                          const struct event *event, struct arena *arena);
