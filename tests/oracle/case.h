/* SPDX-License-Identifier: Apache-2.0 */
/* Case: rules as text and the events they are put to, batch by batch. It is judged twice, by the
 * engine and by explain.c, which should agree on every pair of a rule and an event. */
#pragma once

#include "random_event.h"
#include "rules/parser.h"

#include <stdio.h>

struct oracle_case {
    struct slice rules;          /* YAML, one document or more */
    struct random_event *events; /* in this order; the first starts a batch, whatever it says */
    size_t event_count;
};

struct oracle_pair {
    const struct oracle_case *of;
    const struct rule *rule;
    size_t event_index;
    bool typed; /* the event's log sources repeat: it was given a typed home */
    bool slow, fast;
};
/* Called for every pair, event by event. */
typedef void oracle_pair_fn(void *context, const struct oracle_pair *pair);

/* Rules of a text, with the list of random_rule.h; what is refused is left out. */
void oracle_rules_read(struct rule_list *out, struct slice text);
/* False: no rule is left to judge, or an event cannot be encoded. A new engine each time. */
bool oracle_case_judge(const struct oracle_case *of, oracle_pair_fn *pair, void *context);
/* Rules as YAML and events as JSON lines, as `yagura match` reads them; what JSON cannot say (bytes
 * that are no UTF-8) is told behind the line as a C string. */
void oracle_case_print(FILE *out, const struct oracle_case *of);
