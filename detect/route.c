/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/route.h"

#include "proto/cells.h"
#include "proto/event.h"

#include <assert.h>
#include <xxhash.h>

struct route_map {
    const struct logsource *logsources;
    const uint32_t *buckets; /* lane plus one; 0: empty */
    size_t mask;
};

enum { NAME_LEN_BYTES = 2, TRIPLE_BYTES_MAX = 3 * (ROUTE_NAME_BYTES_MAX + NAME_LEN_BYTES) };

/* --- The map --- */

/* Appends the name in lower case behind its length, so that no two lists of names read alike. */
static size_t put_name(uint8_t *out, size_t len, struct slice name)
{
    out[len++] = (uint8_t)(name.len >> 8);
    out[len++] = (uint8_t)name.len;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        out[len++] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
    }
    return len;
}

static uint64_t hash_of(const struct logsource *triple)
{
    uint8_t text[TRIPLE_BYTES_MAX];
    size_t len = put_name(text, 0, triple->product);
    len = put_name(text, len, triple->category);
    len = put_name(text, len, triple->service);
    return XXH3_64bits(text, len);
}

static bool is_short(struct slice name)
{
    return name.len <= ROUTE_NAME_BYTES_MAX;
}

int route_map_new(struct route_map **out, const struct logsource logsources[], size_t count,
                  struct arena *arena)
{
    size_t size = 16;
    while (size < count * 2)
        size *= 2;
    struct route_map *map = arena_new(arena, struct route_map);
    uint32_t *buckets = arena_array(arena, uint32_t, size);
    if (map == NULL || buckets == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct logsource *triple = &logsources[i];
        if (!is_short(triple->product) || !is_short(triple->category) || !is_short(triple->service))
            continue;
        size_t at = hash_of(triple) & (size - 1);
        while (buckets[at] != 0)
            at = (at + 1) & (size - 1);
        buckets[at] = (uint32_t)i + 1;
    }
    *map = (struct route_map){logsources, buckets, size - 1};
    *out = map;
    return 0;
}

static bool triples_equal(const struct logsource *a, const struct logsource *b)
{
    return slice_equal_ascii_caseless(a->product, b->product) &&
           slice_equal_ascii_caseless(a->category, b->category) &&
           slice_equal_ascii_caseless(a->service, b->service);
}

static size_t add_lane(uint32_t out[], size_t count, const struct route_map *map,
                       const struct logsource *triple)
{
    for (size_t at = hash_of(triple) & map->mask; map->buckets[at] != 0;
         at = (at + 1) & map->mask) {
        uint32_t lane = map->buckets[at] - 1;
        if (!triples_equal(&map->logsources[lane], triple))
            continue;
        for (size_t i = 0; i < count; i++) {
            if (out[i] == lane)
                return count;
        }
        out[count] = lane;
        return count + 1;
    }
    return count;
}

/* Name i of a rule: none, or the event's (i - 1)th. False: an event without, or one too long. */
static bool choose(struct slice *out, const struct slice names[], size_t i)
{
    *out = i == 0 ? (struct slice){NULL, 0} : names[i - 1];
    return i == 0 || (out->len > 0 && is_short(*out));
}

size_t route_lanes(uint32_t out[ROUTE_LANES_MAX], const struct route_map *map,
                   const struct logsource_set *set)
{
    assert(set->category_count <= LOGSOURCE_CATEGORIES_MAX);
    assert(set->service_count <= LOGSOURCE_SERVICES_MAX);
    size_t count = 0;
    struct logsource triple;
    for (size_t p = 0; p <= 1; p++) {
        if (!choose(&triple.product, &set->product, p))
            continue;
        for (size_t c = 0; c <= set->category_count; c++) {
            if (!choose(&triple.category, set->categories, c))
                continue;
            for (size_t s = 0; s <= set->service_count; s++) {
                if (choose(&triple.service, set->services, s))
                    count = add_lane(out, count, map, &triple);
            }
        }
    }
    return count;
}

/* --- The cache --- */

/* The set as one text; 0 if it is too long to keep. */
static size_t key_of(uint8_t out[ROUTE_KEY_BYTES_MAX], const struct logsource_set *set)
{
    size_t names = 1 + set->category_count + set->service_count;
    size_t bytes = 1 + names * NAME_LEN_BYTES + set->product.len;
    for (size_t i = 0; i < set->category_count; i++)
        bytes += set->categories[i].len;
    for (size_t i = 0; i < set->service_count; i++)
        bytes += set->services[i].len;
    if (bytes > ROUTE_KEY_BYTES_MAX)
        return 0;
    size_t len = put_name(out, 0, set->product);
    out[len++] = (uint8_t)set->category_count;
    for (size_t i = 0; i < set->category_count; i++)
        len = put_name(out, len, set->categories[i]);
    for (size_t i = 0; i < set->service_count; i++)
        len = put_name(out, len, set->services[i]);
    return len;
}

static struct slice event_channel(const struct event *event)
{
    const struct view *source = event->roots[ROOT_SOURCE];
    return view_has(source, CELL_LogSource_channel) ? source->cells[CELL_LogSource_channel].bytes
                                                    : (struct slice){NULL, 0};
}

static const struct route *find_by_sources(struct route_cache *cache, const struct route_map *map,
                                           const struct event *event)
{
    struct logsource_set set;
    event_logsources(&set, event);
    uint8_t key[ROUTE_KEY_BYTES_MAX];
    key[0] = 0; /* gcc 12 does not see that nothing is read where len is 0 */
    size_t len = key_of(key, &set);
    struct route_known *known = &cache->known[XXH3_64bits(key, len) % ROUTE_CACHE_ENTRIES];
    if (len > 0 && known->key_len == len && memcmp(known->key, key, len) == 0)
        return &known->route;
    memcpy(known->key, key, len);
    known->key_len = len;
    known->route.lane_count = route_lanes(known->route.lanes, map, &set);
    return &known->route;
}

const struct route *route_find(struct route_cache *cache, const struct route_map *map,
                               const struct event *event)
{
    struct slice channel = event_channel(event);
    if (!event_logsources_repeat(event) || channel.len > ROUTE_CHANNEL_BYTES_MAX)
        return find_by_sources(cache, map, event);
    uint32_t platform = event->batch->platform;
    struct route_quick *quick = &cache->quick[event->shape][platform % ROUTE_PLATFORMS];
    if (quick->known && quick->platform == platform &&
        slice_equal(slice_of(quick->channel, quick->channel_len), channel))
        return &quick->route;
    struct logsource_set set;
    event_logsources(&set, event);
    quick->known = true;
    quick->platform = platform;
    quick->channel_len = channel.len;
    if (channel.len > 0)
        memcpy(quick->channel, channel.data, channel.len);
    quick->route.lane_count = route_lanes(quick->route.lanes, map, &set);
    return &quick->route;
}
