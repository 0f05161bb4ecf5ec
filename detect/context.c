/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of all assets, open addressing, at most half full: built while tables are added, and
 * never changed once workers can see it. A sorted array with binary search was the alternative; at
 * a million endpoints its look-up misses the cache twenty times, this one once or twice.
 *
 * The hash needs no secret: keys come from the operator's tables, and looking up an endpoint's own
 * choice of id cannot lengthen a chain. */
#include "detect/context.h"

#include "detect/asset.h"
#include "proto/uuid.h"

#include <assert.h>
#include <stdlib.h>

enum { TABLES_MAX = 64, SLOTS_MIN = 64 };

struct table {
    struct asset_list list;
    int64_t as_of_unix_s;
    int64_t stale_after_s;
};

/* asset NULL: free. */
struct slot {
    const struct asset *asset;
    const struct table *table;
};

struct context {
    struct table tables[TABLES_MAX];
    size_t table_count;
    struct slot *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t asset_count;
};

int context_new(struct context **out)
{
    assert(out != NULL);
    struct context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return STATUS_NO_MEMORY;
    *out = context;
    return 0;
}

void context_free(struct context *context)
{
    if (context == NULL)
        return;
    for (size_t i = 0; i < context->table_count; i++)
        asset_list_deinit(&context->tables[i].list);
    free(context->slots);
    free(context);
}

/* The last step of MurmurHash3 over the key's words: every bit of the key reaches every bit of it.
 */
static uint64_t hash_of(const uint8_t key[ASSET_KEY_BYTES])
{
    uint64_t hash = 0;
    for (size_t at = 0; at < ASSET_KEY_BYTES; at += sizeof hash) {
        uint64_t word;
        memcpy(&word, key + at, sizeof word);
        hash ^= word;
        hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
        hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
        hash ^= hash >> 33;
    }
    return hash;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *slot_of(struct slot *slots, size_t slot_count,
                            const uint8_t key[ASSET_KEY_BYTES])
{
    size_t at = (size_t)hash_of(key) & (slot_count - 1);
    while (slots[at].asset != NULL && memcmp(slots[at].asset->key, key, ASSET_KEY_BYTES) != 0)
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

static int make_slots(struct slot **out, size_t *slot_count, const struct context *old,
                      size_t asset_count)
{
    *slot_count = SLOTS_MIN;
    while (*slot_count < 2 * asset_count)
        *slot_count *= 2;
    struct slot *slots = calloc(*slot_count, sizeof *slots);
    if (slots == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < old->slot_count; i++)
        if (old->slots[i].asset != NULL)
            *slot_of(slots, *slot_count, old->slots[i].asset->key) = old->slots[i];
    *out = slots;
    return 0;
}

/* False: some endpoint is there already, and the findings say which. */
static bool fill_slots(struct slot *slots, size_t slot_count, const struct table *table,
                       const char *path, struct diag_list *findings)
{
    bool good = true;
    for (size_t i = 0; i < table->list.count; i++) {
        const struct asset *asset = &table->list.items[i];
        struct slot *slot = slot_of(slots, slot_count, asset->key);
        if (slot->asset == NULL) {
            *slot = (struct slot){asset, table};
            continue;
        }
        good = false;
        diag_add(findings, DIAG_ERROR, (struct diag_position){path, asset->line, asset->column},
                 "table-duplicate-endpoint", "an endpoint stands in one place of one table",
                 "this endpoint was there before, in line %u%s", slot->asset->line,
                 slot->table == table ? "" : " of another table");
    }
    return good;
}

/* Takes over the list; the table is part of the context only if everything went well. */
static int add_table(struct context *context, struct table *table, const char *path,
                     struct diag_list *findings)
{
    struct slot *slots;
    size_t slot_count;
    size_t asset_count = context->asset_count + table->list.count;
    struct table *place = &context->tables[context->table_count];
    TRY(make_slots(&slots, &slot_count, context, asset_count));
    *place = *table;
    if (!fill_slots(slots, slot_count, place, path, findings)) {
        free(slots);
        return CONTEXT_REFUSED;
    }
    free(context->slots);
    context->slots = slots;
    context->slot_count = slot_count;
    context->asset_count = asset_count;
    context->table_count++;
    return 0;
}

static int read_table(struct context *context, struct table *table, struct slice text,
                      enum context_format format, const char *path, struct diag_list *findings)
{
    if (context->table_count == TABLES_MAX) {
        diag_add(findings, DIAG_ERROR, (struct diag_position){path, 0, 0}, "too-many-tables",
                 "join some of them", "more than %d tables", TABLES_MAX);
        return CONTEXT_REFUSED;
    }
    size_t errors = diag_count_of(findings, DIAG_ERROR);
    TRY(asset_read(&table->list, text, format, path, findings));
    if (diag_count_of(findings, DIAG_ERROR) > errors)
        return CONTEXT_REFUSED;
    if (context->asset_count + table->list.count > CONTEXT_ASSETS_MAX) {
        diag_add(findings, DIAG_ERROR, (struct diag_position){path, 0, 0}, "table-too-long", NULL,
                 "more than %d assets in all tables", CONTEXT_ASSETS_MAX);
        return CONTEXT_REFUSED;
    }
    if (table->list.as_of_unix_s != 0)
        table->as_of_unix_s = table->list.as_of_unix_s;
    return add_table(context, table, path, findings);
}

int context_add_assets(struct context *context, struct slice text, enum context_format format,
                       const char *path, const struct context_options *options,
                       struct diag_list *findings)
{
    assert(context != NULL && options != NULL && findings != NULL);
    struct table table = {.as_of_unix_s = options->as_of_unix_s,
                          .stale_after_s = options->stale_after_s};
    int result = read_table(context, &table, text, format, path, findings);
    if (result != 0)
        asset_list_deinit(&table.list);
    return result;
}

size_t context_asset_count(const struct context *context)
{
    return context->asset_count;
}

static bool is_stale(const struct table *table, int64_t now_unix_s)
{
    return table->stale_after_s > 0 && now_unix_s - table->as_of_unix_s > table->stale_after_s;
}

static bool any_is_stale(const struct context *context, int64_t now_unix_s)
{
    for (size_t i = 0; i < context->table_count; i++)
        if (is_stale(&context->tables[i], now_unix_s))
            return true;
    return false;
}

void context_asset(struct alert_asset *out, const struct context *context, struct slice tenant_id,
                   struct slice endpoint_id, int64_t now_unix_s)
{
    const struct slot *slot = NULL;
    if (context->slot_count > 0 && tenant_id.len == UUID_BYTES && endpoint_id.len == UUID_BYTES) {
        uint8_t key[ASSET_KEY_BYTES];
        memcpy(key, tenant_id.data, UUID_BYTES);
        memcpy(key + UUID_BYTES, endpoint_id.data, UUID_BYTES);
        slot = slot_of(context->slots, context->slot_count, key);
    }
    if (slot == NULL || slot->asset == NULL) {
        *out = (struct alert_asset){.known = false, .stale = any_is_stale(context, now_unix_s)};
        return;
    }
    *out = slot->asset->facts;
    out->stale = is_stale(slot->table, now_unix_s);
}
