/* SPDX-License-Identifier: Apache-2.0 */
/* Moments: from what happens to the message that a sensor sends of it. */
#pragma once

#include "gen/processes.h"

enum { SOURCES_MAX = 4 };

/* Everything that the events of one batch are built in and from. */
struct builder {
    struct arena *arena;
    const struct endpoint *endpoint;
    struct processes processes;
    Yagura__V1__LogSource *sources[SOURCES_MAX];
    size_t source_count;
};

/* Fills the kind, actor and log of an event. STATUS_NO_MEMORY. */
MUST_USE int moment_build(Yagura__V1__Event *event, struct builder *builder,
                          const struct moment *moment, uint64_t episode);
