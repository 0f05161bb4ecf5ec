/* SPDX-License-Identifier: Apache-2.0 */
/* Producer: Kafka as a sink. */
#pragma once

#include "ingest/service/config.h"
#include "ingest/service/log.h"
#include "ingest/sink.h"

struct producer_options {
    const struct config *config;
    const char *instance;
    unsigned worker;
    struct log *log;
};

/* Connects and makes sure that every output topic exists and may be written. STATUS_KAFKA: the log
 * says which does not. */
MUST_USE int producer_new(struct sink **out, const struct producer_options *options);
