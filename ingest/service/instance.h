/* SPDX-License-Identifier: Apache-2.0 */
/* Instance: the name of this process in its consumer group.
 *
 * It must be one process's alone: two with one name throw each other out of the group for ever. On
 * one host that is found out at the start. */
#pragma once

#include "ingest/service/config.h"

/* The name from the config, or the host's. STATUS_IO (errno), STATUS_LIMIT. */
MUST_USE int instance_name(char out[INSTANCE_BYTES_MAX + 1], const struct config *config);

enum { INSTANCE_TAKEN = 1 };
/* Holds the name on this host, for this group and these brokers, until *fd is closed.
 * INSTANCE_TAKEN: another process does. STATUS_IO (errno). */
MUST_USE int instance_hold(int *fd, const struct config *config, const char *name);
