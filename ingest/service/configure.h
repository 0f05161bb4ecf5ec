/* SPDX-License-Identifier: Apache-2.0 */
/* Configure: a config file from disk, checked, with its findings told to a person. */
#pragma once

#include "ingest/service/config.h"

/* Reads and checks the file; findings go to standard error. 0: *out is the caller's.
 * CONFIG_REFUSED: something is wrong with it, or it can't be read. */
MUST_USE int configure(struct config **out, const char *path);
