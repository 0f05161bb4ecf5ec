/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: from Yagura's config to librdkafka's: defaults that suit Yagura, then what the operator
 * passes through, then what a promise of delivery rests on and nobody may change. */
#pragma once

#include "ingest/service/config.h"

#include <librdkafka/rdkafka.h>

/* Settings that librdkafka refuses, each where it was written. */
void kafka_settings_check(const struct config *config, struct diag_list *findings);

/* For worker number `worker`. *out is the caller's until rd_kafka_new takes it. STATUS_KAFKA. */
MUST_USE int kafka_settings_consumer(rd_kafka_conf_t **out, const struct config *config,
                                     const char *instance, unsigned worker);
MUST_USE int kafka_settings_producer(rd_kafka_conf_t **out, const struct config *config,
                                     const char *instance, unsigned worker);
