/* SPDX-License-Identifier: Apache-2.0 */
/* Route: from the log sources that an event belongs to to the lanes whose rules apply.
 *
 * A lane applies if each of product, category and service that it names is one that the event has.
 * Names compare without ASCII case. */
#pragma once

#include "proto/arena.h"
#include "proto/logsource.h"
#include "rules/rule.h"

struct event;

enum {
    ROUTE_LANES_MAX = 2 * (LOGSOURCE_CATEGORIES_MAX + 1) * (LOGSOURCE_SERVICES_MAX + 1),
    ROUTE_NAME_BYTES_MAX = 128, /* longer names apply to nothing */
};

struct route_map; /* immutable */

/* logsources[i] is lane i, each once. Memory from arena. STATUS_NO_MEMORY. */
MUST_USE int route_map_new(struct route_map **out, const struct logsource logsources[],
                           size_t count, struct arena *arena);
/* Lanes that apply, each once; returns how many. */
size_t route_lanes(uint32_t out[ROUTE_LANES_MAX], const struct route_map *map,
                   const struct logsource_set *set);

/* --- What one worker saw before: most events come from few sources. --- */
enum { ROUTE_CACHE_ENTRIES = 64, ROUTE_KEY_BYTES_MAX = 320 };

struct route {
    uint32_t lanes[ROUTE_LANES_MAX];
    size_t lane_count;
};

struct route_known {
    uint8_t key[ROUTE_KEY_BYTES_MAX];
    size_t key_len; /* 0: empty */
    struct route route;
};

/* Of events whose shape, platform and channel decide: no need to spell their sources out. */
enum { ROUTE_CHANNEL_BYTES_MAX = 64, ROUTE_PLATFORMS = 8 /* a power of two */ };
struct route_quick {
    bool known;
    uint32_t platform;
    uint8_t channel[ROUTE_CHANNEL_BYTES_MAX];
    size_t channel_len;
    struct route route;
};

struct route_cache {
    struct route_known known[ROUTE_CACHE_ENTRIES];
    struct route_quick quick[SHAPE_COUNT][ROUTE_PLATFORMS];
};
/* Lanes that apply to the event, through the cache (zeroed at first); valid until the next call. */
const struct route *route_find(struct route_cache *cache, const struct route_map *map,
                               const struct event *event);
