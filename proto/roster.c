/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/roster.h"

#include <assert.h>
#include <stdlib.h>

struct roster_entry {
    uint64_t hash;
    uint32_t index;     /* 1-based; 0: free */
    size_t offset, len; /* in roster->bytes */
};

int roster_init(struct roster *roster, uint32_t number, size_t count_max)
{
    size_t size = 16;
    while (size < count_max * 2)
        size *= 2;
    *roster = (struct roster){.number = number, .entry_mask = size - 1};
    roster->entries = calloc(size, sizeof(*roster->entries));
    return roster->entries == NULL ? STATUS_NO_MEMORY : 0;
}

void roster_deinit(struct roster *roster)
{
    pack_deinit(&roster->bytes);
    pack_deinit(&roster->scratch);
    free(roster->entries);
    *roster = (struct roster){0};
}

void roster_clear(struct roster *roster)
{
    memset(roster->entries, 0, (roster->entry_mask + 1) * sizeof(*roster->entries));
    roster->bytes.len = 0;
    roster->count = 0;
}

static struct roster_entry *entry_of(struct roster *roster, struct slice bytes, uint64_t hash)
{
    for (size_t i = hash & roster->entry_mask;; i = (i + 1) & roster->entry_mask) {
        struct roster_entry *entry = &roster->entries[i];
        if (entry->index == 0)
            return entry;
        if (entry->hash == hash &&
            slice_equal(slice_of(roster->bytes.data + entry->offset, entry->len), bytes))
            return entry;
    }
}

int roster_find(struct roster *roster, const struct view *view, uint32_t *out)
{
    assert(roster->count < roster->entry_mask);
    roster->scratch.len = 0;
    TRY(pack_submessage(&roster->scratch, roster->number, view));
    struct slice bytes = slice_of(roster->scratch.data, roster->scratch.len);
    uint64_t hash = slice_hash(bytes);
    struct roster_entry *entry = entry_of(roster, bytes, hash);
    if (entry->index == 0) {
        size_t offset = roster->bytes.len;
        TRY(pack_append(&roster->bytes, bytes));
        *entry = (struct roster_entry){hash, (uint32_t)++roster->count, offset, bytes.len};
    }
    *out = entry->index;
    return 0;
}
