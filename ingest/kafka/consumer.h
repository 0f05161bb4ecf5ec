/* SPDX-License-Identifier: Apache-2.0 */
/* Consumer: Kafka as a source. */
#pragma once

#include "ingest/service/config.h"
#include "ingest/service/log.h"
#include "ingest/source.h"

struct consumer_options {
    const struct config *config;
    const char *instance;
    unsigned worker;
    struct log *log;
};

/* Joins the group. STATUS_KAFKA: the log says why. */
MUST_USE int consumer_new(struct source **out, const struct consumer_options *options);
