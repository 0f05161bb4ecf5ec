/* SPDX-License-Identifier: Apache-2.0 */
/* Explained: what became of a rule on an event, as people and as machines read it. */
#pragma once

#include "detect/explain.h"
#include "ingest/command/console.h"

struct explained {
    const struct rule *rule;
    const struct explanation *explanation;
    const struct event *event;
    struct arena *arena; /* for what is shown */
};

/* Lines for people. */
void explained_print(struct console *console, const struct explained *explained);
/* One JSON object: a console_json_fn on a struct explained. */
void explained_write(struct json *json, const void *explained);
