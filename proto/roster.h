/* SPDX-License-Identifier: Apache-2.0 */
/* Roster: one of a batch's tables while it is made: processes or log sources, each entry once.
 *
 * Two entries are the same if their bytes are, so an entry says to every event that points to it
 * exactly what that event said. */
#pragma once

#include "proto/pack.h"

struct roster {
    uint32_t number;   /* field number of EventBatch */
    struct pack bytes; /* the entries as fields of EventBatch */
    struct pack scratch;
    struct roster_entry *entries; /* open addressing by hash */
    size_t entry_mask;
    size_t count;
};

/* count_max entries; the table is twice as large. */
MUST_USE int roster_init(struct roster *roster, uint32_t number, size_t count_max);
void roster_deinit(struct roster *roster);
void roster_clear(struct roster *roster);
/* *out: 1-based index of the entry, added if it is new. The caller keeps count below count_max. */
MUST_USE int roster_find(struct roster *roster, const struct view *view, uint32_t *out);
