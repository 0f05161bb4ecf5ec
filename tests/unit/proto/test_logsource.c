/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/logsource.h"

#include "proto/cells.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"
#include "views.h"

#include <criterion/criterion.h>

/* An event of a kind, with a channel and a number where they are given. */
struct sample {
    struct arena *arena;
    struct batch batch;
    struct event event;
    struct view *message, *kind, *source;
};

static struct sample sample_new(unsigned kind, const char *channel, uint64_t event_id)
{
    struct sample sample = {.arena = views_arena()};
    sample.message = views_message(sample.arena, &yagura__v1__event__descriptor);
    sample.kind =
        views_message(sample.arena, yagura__v1__event__descriptor.fields[kind].descriptor);
    views_set(sample.message, kind)->message = sample.kind;
    sample.event.roots[ROOT_EVENT] = sample.message;
    sample.event.roots[ROOT_KIND] = sample.kind;
    if (event_id != 0)
        views_set(sample.message, CELL_Event_event_id)->u64 = event_id;
    if (channel == NULL)
        return sample;
    sample.source = views_message(sample.arena, &yagura__v1__log_source__descriptor);
    views_set(sample.source, CELL_LogSource_channel)->bytes = slice_text(channel);
    sample.event.roots[ROOT_SOURCE] = sample.source;
    return sample;
}

static struct logsource_set logsources(struct sample *sample)
{
    struct logsource_set set;
    sample->event.batch = &sample->batch;
    sample->event.shape = event_shape_find(&sample->event);
    event_logsources(&set, &sample->event);
    return set;
}

static void add_generic_field(struct sample *sample, const char *key, const char *text)
{
    struct view *field = views_message(sample->arena, &yagura__v1__key_value__descriptor);
    union view_cell *items = arena_array(sample->arena, union view_cell, 1);
    views_set(field, CELL_KeyValue_key)->bytes = slice_text(key);
    views_set(field, CELL_KeyValue_text)->bytes = slice_text(text);
    items[0].message = field;
    views_set(sample->kind, CELL_GenericLog_fields)->list = (struct view_list){items, 1};
}

static bool has(const struct slice items[], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(items[i], slice_text(name)))
            return true;
    return false;
}

#define HAS_CATEGORY(set, name) has((set).categories, (set).category_count, name)
#define HAS_SERVICE(set, name)  has((set).services, (set).service_count, name)

Test(logsource, knows_a_sysmon_process_start_by_category_and_service)
{
    struct sample sample =
        sample_new(CELL_Event_process_start, "Microsoft-Windows-Sysmon/Operational", 1);
    struct logsource_set set = logsources(&sample);
    cr_expect_eq(sample.event.shape, SHAPE_PROCESS_START);
    cr_expect(HAS_CATEGORY(set, "process_creation"));
    cr_expect(HAS_SERVICE(set, "sysmon"));
    cr_expect(slice_equal(set.product, SLICE_LITERAL("windows")));
    arena_free(sample.arena);
}

Test(logsource, gives_a_4688_a_shape_of_its_own)
{
    struct sample typed = sample_new(CELL_Event_process_start, "SECURITY", 4688);
    struct logsource_set set = logsources(&typed);
    cr_expect_eq(typed.event.shape, SHAPE_PROCESS_START_SECURITY);
    cr_expect(HAS_CATEGORY(set, "process_creation"));
    cr_expect(HAS_SERVICE(set, "security"));
    struct sample generic = sample_new(CELL_Event_generic, "Security", 4688);
    set = logsources(&generic);
    cr_expect_eq(generic.event.shape, SHAPE_GENERIC_4688);
    cr_expect(HAS_CATEGORY(set, "process_creation"));
    arena_free(typed.arena);
    arena_free(generic.arena);
}

Test(logsource, gives_other_security_numbers_no_category)
{
    struct sample sample = sample_new(CELL_Event_generic, "Security", 4624);
    struct logsource_set set = logsources(&sample);
    cr_expect_eq(sample.event.shape, SHAPE_GENERIC);
    cr_expect_eq(set.category_count, 0);
    cr_expect(HAS_SERVICE(set, "security"));
    arena_free(sample.arena);
}

Test(logsource, takes_the_product_of_typed_kinds_without_a_channel_from_the_platform)
{
    static const struct {
        uint32_t platform;
        const char *product;
    } rows[] = {
        {YAGURA__V1__PLATFORM__PLATFORM_WINDOWS, "windows"},
        {YAGURA__V1__PLATFORM__PLATFORM_LINUX, "linux"},
        {YAGURA__V1__PLATFORM__PLATFORM_MACOS, "macos"},
        {YAGURA__V1__PLATFORM__PLATFORM_CLOUD, ""},
        {YAGURA__V1__PLATFORM__PLATFORM_UNSPECIFIED, ""},
        {99, ""},
    };
    struct sample sample = sample_new(CELL_Event_process_start, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sample.batch.platform = rows[i].platform;
        struct logsource_set set = logsources(&sample);
        cr_expect(slice_equal(set.product, slice_text(rows[i].product)), "row %zu", i);
        cr_expect(HAS_CATEGORY(set, "process_creation"));
        cr_expect_eq(set.service_count, 0);
    }
    arena_free(sample.arena);
}

Test(logsource, decides_by_action_before_number)
{
    struct sample sample = sample_new(CELL_Event_file, "Microsoft-Windows-Sysmon/Operational", 11);
    views_set(sample.kind, CELL_FileActivity_action)->u64 =
        YAGURA__V1__FILE_ACTION__FILE_ACTION_DELETE;
    cr_expect_eq(event_shape_find(&sample.event), SHAPE_FILE_DELETE);
    views_set(sample.kind, CELL_FileActivity_action)->u64 = 0;
    cr_expect_eq(event_shape_find(&sample.event), SHAPE_FILE_CREATE);
    sample.kind->present = 0;
    cr_expect_eq(event_shape_find(&sample.event), SHAPE_FILE_CREATE);
    views_set(sample.kind, CELL_FileActivity_action)->u64 = 77;
    cr_expect_eq(event_shape_find(&sample.event), SHAPE_FILE_OTHER);
    arena_free(sample.arena);
}

Test(logsource, does_not_let_a_number_change_the_kind)
{
    struct sample sample = sample_new(CELL_Event_file, "Microsoft-Windows-Sysmon/Operational", 1);
    struct logsource_set set = logsources(&sample);
    cr_expect_eq(sample.event.shape, SHAPE_FILE_OTHER);
    cr_expect_eq(set.category_count, 0);
    arena_free(sample.arena);
}

Test(logsource, tells_registry_events_apart_by_their_type_in_generic_logs_too)
{
    static const struct {
        const char *event_type, *category;
    } rows[] = {{"CreateKey", "registry_add"},
                {"createkey", "registry_add"},
                {"DeleteKey", "registry_delete"},
                {"DeleteValue", "registry_delete"},
                {"INFO", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample sample =
            sample_new(CELL_Event_generic, "Microsoft-Windows-Sysmon/Operational", 12);
        add_generic_field(&sample, "EventType", rows[i].event_type);
        struct logsource_set set = logsources(&sample);
        cr_expect(HAS_CATEGORY(set, "registry_event"), "row %zu", i);
        cr_expect_eq(set.category_count, rows[i].category == NULL ? 1 : 2, "row %zu", i);
        if (rows[i].category != NULL)
            cr_expect(HAS_CATEGORY(set, rows[i].category), "row %zu", i);
        arena_free(sample.arena);
    }
}

Test(logsource, reads_a_number_that_a_generic_log_spells_as_text)
{
    static const struct {
        const char *text;
        size_t categories;
    } rows[] = {{"1", 1}, {"1x", 0}, {"", 0}, {"99999999999", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample sample =
            sample_new(CELL_Event_generic, "Microsoft-Windows-Sysmon/Operational", 0);
        add_generic_field(&sample, "EventID", rows[i].text);
        cr_expect_eq(logsources(&sample).category_count, rows[i].categories, "row %zu", i);
        arena_free(sample.arena);
    }
}

Test(logsource, adds_what_a_generic_log_states_to_what_its_channel_shows)
{
    struct sample sample =
        sample_new(CELL_Event_generic, "Microsoft-Windows-Sysmon/Operational", 3);
    views_set(sample.kind, CELL_GenericLog_product)->bytes = SLICE_LITERAL("zeek");
    views_set(sample.kind, CELL_GenericLog_category)->bytes = SLICE_LITERAL("firewall");
    views_set(sample.kind, CELL_GenericLog_service)->bytes = SLICE_LITERAL("conn");
    struct logsource_set set = logsources(&sample);
    cr_expect(slice_equal(set.product, SLICE_LITERAL("zeek")));
    cr_expect(HAS_CATEGORY(set, "firewall") && HAS_CATEGORY(set, "network_connection"));
    cr_expect(HAS_SERVICE(set, "conn") && HAS_SERVICE(set, "sysmon"));
    arena_free(sample.arena);
}

Test(logsource, has_no_shape_for_an_event_without_a_kind)
{
    struct sample sample = sample_new(CELL_Event_dns, NULL, 0);
    sample.message->present = 0;
    struct logsource_set set = logsources(&sample);
    cr_expect_eq(sample.event.shape, SHAPE_NONE);
    cr_expect_eq(set.category_count + set.service_count, 0);
    arena_free(sample.arena);
}

Test(logsource, states_every_action_so_that_it_is_found_again)
{
    for (unsigned s = SHAPE_NONE + 1; s < SHAPE_COUNT; s++) {
        unsigned cell;
        uint64_t action;
        if (!shape_action((enum shape)s, &cell, &action))
            continue;
        struct sample sample = sample_new(shape_kind((enum shape)s), NULL, 0);
        views_set(sample.kind, cell)->u64 = action;
        cr_expect_eq(event_shape_find(&sample.event), s, "%s", shape_name((enum shape)s));
        arena_free(sample.arena);
    }
}

Test(logsource, names_the_category_of_each_shape)
{
    cr_expect(slice_equal(shape_category(SHAPE_PROCESS_START), SLICE_LITERAL("process_creation")));
    cr_expect_eq(shape_category(SHAPE_NONE).len, 0);
    cr_expect_eq(shape_category(SHAPE_AUTHENTICATION).len, 0);
    for (unsigned shape = 1; shape < SHAPE_COUNT; shape++) {
        struct slice category = shape_category((enum shape)shape);
        cr_expect(category.len == 0 || (category_shapes(category) >> shape & 1) != 0, "%u", shape);
    }
}
