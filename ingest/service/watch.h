/* SPDX-License-Identifier: Apache-2.0 */
/* Watch: whether anything changed below some folders (inotify).
 *
 * It says that something changed, not what: the library finds that out by itself, and a watch that
 * misses nothing is simpler than one that understands everything. Control thread only. */
#pragma once

#include "proto/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { WATCH_FOLDERS_MAX = 8192 };

struct watch;

/* Files are watched through their folders, so that editors which replace a file are seen. */
MUST_USE int watch_new(struct watch **out, const char *const paths[], size_t count);
void watch_free(struct watch *watch);
DEFINE_AUTO(struct watch, watch_free)

/* To poll for POLLIN. */
int watch_fd(const struct watch *watch);
/* Takes what has happened; true: something that may matter. */
bool watch_take(struct watch *watch);
/* Looks for new folders below the paths. STATUS_IO: some folder can't be watched (errno), the
 * others are; STATUS_LIMIT. */
MUST_USE int watch_refresh(struct watch *watch);
