/* SPDX-License-Identifier: Apache-2.0 */
/* Service: everything that runs, from start to end. */
#pragma once

#include "ingest/service/config.h"
#include "ingest/service/exits.h"

/* Runs until a signal, or until every source has ended. The main thread, before any other thread
 * exists. Returns how the process should exit. */
enum exit_code service_run(const struct config *config);
