/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/route.h"
#include "proto/cells.h"
#include "proto/event.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct logsource lanes[] = {
    {.product = SLICE_INIT("windows")},
    {.product = SLICE_INIT("linux")},
    {.product = SLICE_INIT("windows"), .category = SLICE_INIT("process_creation")},
    {.product = SLICE_INIT("linux"), .category = SLICE_INIT("process_creation")},
    {.product = SLICE_INIT("windows"), .service = SLICE_INIT("sysmon")},
    {.product = SLICE_INIT("windows"), .service = SLICE_INIT("security")},
    {.category = SLICE_INIT("file_event")},
};
enum { LANES = sizeof lanes / sizeof lanes[0], EVENTS = 5000 };

static struct arena *arena;
static struct route_map *map;
static struct view *source;

static void set_up(void)
{
    cr_assert_eq(arena_new_growing(&arena, 64 * 1024, 0), 0);
    cr_assert_eq(route_map_new(&map, lanes, LANES, arena), 0);
    source = calloc(1, sizeof *source + VIEW_CELLS_MAX * sizeof(union view_cell));
    cr_assert_not_null(source);
}

static void tear_down(void)
{
    arena_free(arena);
    free(source);
}

TestSuite(route, .init = set_up, .fini = tear_down);

static struct event event_of(struct batch *batch, unsigned shape, struct slice channel)
{
    source->present = channel.len > 0 ? UINT64_C(1) << CELL_LogSource_channel : 0;
    source->cells[CELL_LogSource_channel].bytes = channel;
    return (struct event){
        .batch = batch, .shape = shape, .roots = {[ROOT_SOURCE] = channel.len > 0 ? source : NULL}};
}

static bool has_lane(const struct route *route, uint32_t lane)
{
    for (size_t i = 0; i < route->lane_count; i++) {
        if (route->lanes[i] == lane)
            return true;
    }
    return false;
}

Test(route, leads_to_the_lanes_that_name_nothing_else)
{
    struct route_cache *cache = calloc(1, sizeof *cache);
    struct batch batch = {.platform = platform_of_product(SLICE_LITERAL("linux"))};
    struct event event = event_of(&batch, SHAPE_PROCESS_START, (struct slice){NULL, 0});
    const struct route *route = route_find(cache, map, &event);
    cr_expect_eq(route->lane_count, 2);
    cr_expect(has_lane(route, 1) && has_lane(route, 3));
    event =
        event_of(&batch, SHAPE_FILE_CREATE, SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational"));
    route = route_find(cache, map, &event);
    cr_expect_eq(route->lane_count, 3);
    cr_expect(has_lane(route, 0) && has_lane(route, 4) && has_lane(route, 6));
    free(cache);
}

/* What the cache says against what an empty one says. */
Test(route, is_never_stale_however_sources_change)
{
    static const char longest[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    static const unsigned shapes[] = {SHAPE_PROCESS_START, SHAPE_FILE_CREATE, SHAPE_REGISTRY_SET,
                                      SHAPE_DNS_QUERY};
    const struct slice channels[] = {
        {NULL, 0},
        SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational"),
        SLICE_LITERAL("Security"),
        slice_of(longest, ROUTE_CHANNEL_BYTES_MAX),
        slice_of(longest, ROUTE_CHANNEL_BYTES_MAX + 1),
    };
    struct route_cache *cache = calloc(1, sizeof *cache);
    struct route_cache *empty = malloc(sizeof *empty);
    uint32_t state = 1;
    for (size_t i = 0; i < EVENTS; i++) {
        state = state * 1664525 + 1013904223;
        struct batch batch = {.platform = (state >> 8) % (2 * ROUTE_PLATFORMS)};
        struct event event = event_of(&batch, shapes[state >> 30], channels[(state >> 16) % 5]);
        memset(empty, 0, sizeof *empty);
        const struct route *fresh = route_find(empty, map, &event);
        const struct route *route = route_find(cache, map, &event);
        cr_assert_eq(route->lane_count, fresh->lane_count, "event %zu", i);
        for (size_t j = 0; j < fresh->lane_count; j++)
            cr_assert_eq(route->lanes[j], fresh->lanes[j], "event %zu", i);
    }
    free(cache);
    free(empty);
}

Test(route, takes_no_short_way_for_what_states_its_own_sources)
{
    struct batch batch = {.platform = 1};
    static const unsigned generic[] = {SHAPE_NONE, SHAPE_GENERIC, SHAPE_GENERIC_4688,
                                       SHAPE_GENERIC_DEFENDER};
    for (size_t i = 0; i < sizeof generic / sizeof generic[0]; i++) {
        struct event event = event_of(&batch, generic[i], (struct slice){NULL, 0});
        cr_expect_not(event_logsources_repeat(&event), "shape %u", generic[i]);
    }
    struct event typed = event_of(&batch, SHAPE_PIPE, (struct slice){NULL, 0});
    cr_expect(event_logsources_repeat(&typed));
}
