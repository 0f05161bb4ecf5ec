/* SPDX-License-Identifier: Apache-2.0 */
/* Asset: what the operator's tables say of endpoints, read from CSV or YAML.
 *
 * CSV has a header line that names the columns of asset.def, in any order. YAML is a list of maps
 * with those keys, or a map with `assets` (that list) and `as_of` (when the table was made: UTC, as
 * 2026-01-31 or 2026-01-31T10:00:00Z). */
#pragma once

#include "detect/context.h"
#include "proto/arena.h"

enum { ASSET_KEY_BYTES = 32 };

struct asset {
    uint8_t key[ASSET_KEY_BYTES]; /* tenant, endpoint */
    struct alert_asset facts;     /* texts in the list's arena */
    unsigned line, column;
};

struct asset_list {
    struct arena *arena;
    struct asset *items;
    size_t count;
    size_t capacity;
    int64_t as_of_unix_s; /* what the table states; 0: nothing */
};

void asset_list_deinit(struct asset_list *list);

/* Appends what the table says; findings tell everything that is wrong with it, and after an error
 * the list is not to be used. STATUS_NO_MEMORY. */
MUST_USE int asset_read(struct asset_list *list, struct slice text, enum context_format format,
                        const char *path, struct diag_list *findings);
