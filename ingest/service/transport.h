/* SPDX-License-Identifier: Apache-2.0 */
/* Transport: the source and the sink that the config names, for one worker. */
#pragma once

#include "ingest/service/config.h"
#include "ingest/service/log.h"
#include "ingest/sink.h"
#include "ingest/source.h"

struct transport {
    const struct config *config;
    const char *instance;
    struct log *log;
};

/* A transport_fn (worker.h); owner is a struct transport. */
MUST_USE int transport_open(void *owner, unsigned worker, struct source **source,
                            struct sink **sink);
