/* SPDX-License-Identifier: Apache-2.0 */
/* Trial: rules on the events of a file, on the service's own path; for the commands that judge. */
#pragma once

#include "detect/engine.h"
#include "ingest/command/arguments.h"
#include "ingest/command/console.h"

struct trial {
    struct console *console;
    const char *path; /* of the events: the first operand */
    struct ruleset *ruleset;
    struct scratch *scratch;
    size_t rules_refused_count;
    uint64_t event_count, hit_count;
    uint64_t bad_count;   /* lines that are no event, or too large a one */
    bool has_seen_source; /* an event that says what it is */
};

/* Compiles what --rules and --lists name; a rule that is refused is named, and the others stay.
 * Positive: a yagura_exit, of which the console was told why. *trial is for trial_deinit either
 * way. */
MUST_USE int trial_init(struct trial *trial, const struct arguments *arguments,
                        struct console *console);
void trial_deinit(struct trial *trial);

typedef int trial_fn(void *context, const struct event *event, const struct matches *matches,
                     uint64_t line);
/* Judges every event and tells answer of each, flushing as events come from a pipe; answer NULL:
 * nobody. Takes --product, --category and --service. Positive: a yagura_exit. */
MUST_USE int trial_run(struct trial *trial, const struct arguments *arguments, trial_fn *answer,
                       void *context);
/* Says what was wrong with the events. The yagura_exit of it. */
MUST_USE int trial_finish(const struct trial *trial);
