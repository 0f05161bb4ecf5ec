/* SPDX-License-Identifier: Apache-2.0 */
/* Finding: from a match to an alert: rule identity, explanation, context, evidence, id. */
#pragma once

#include "detect/context.h"
#include "detect/engine.h"

struct finding_options {
    const struct ruleset *ruleset;
    const struct context *context; /* may be NULL */
    struct slice tenant_id;        /* authenticated, 16 bytes */
    struct alert_evidence evidence;
    int64_t detect_time_unix_ns;
};

/* Fills an alert for one match of the event judged last; slices point into rule set, context, event
 * and arena. STATUS_LIMIT: arena full. */
MUST_USE int finding_make(struct alert *out, const struct match *match, const struct event *event,
                          struct scratch *scratch, const struct finding_options *options,
                          struct arena *arena);
