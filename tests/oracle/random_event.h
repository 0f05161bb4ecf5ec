/* SPDX-License-Identifier: Apache-2.0 */
/* Random event: flat events that almost match a rule: values made from its own tests, then changed
 * at their borders. */
#pragma once

#include "dice.h"
#include "proto/flat.h"
#include "rules/rule.h"

enum { RANDOM_EVENT_FIELDS_MAX = 8 };

struct random_event {
    struct flat_field fields[RANDOM_EVENT_FIELDS_MAX];
    size_t count;
    struct flat_origin source; /* what it says of its log source */
    bool starts_batch;
};

struct random_world;

/* before: an event whose process this one may share, or NULL. Memory from arena (growing). */
void random_event(struct random_event *out, const struct rule *rule,
                  const struct random_world *world, const struct random_event *before,
                  struct dice *dice, struct arena *arena);
