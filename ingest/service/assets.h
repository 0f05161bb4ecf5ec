/* SPDX-License-Identifier: Apache-2.0 */
/* Assets: the asset tables that the config names, read from their files into a context.
 *
 * A table that breaks is used as it last was, and is reported. Control thread only. */
#pragma once

#include "detect/context.h"
#include "ingest/service/config.h"

struct assets;

MUST_USE int assets_new(struct assets **out, const struct config_list *paths,
                        int64_t stale_after_s);
void assets_free(struct assets *assets);
DEFINE_AUTO(struct assets, assets_free)

enum { ASSETS_UNCHANGED = 1 };
/* Reads the files and builds a context; on 0 *out is the caller's. ASSETS_UNCHANGED: as at the last
 * successful load; never the first time. Findings name what is wrong. */
MUST_USE int assets_load(struct context **out, struct assets *assets, struct diag_list *findings);
