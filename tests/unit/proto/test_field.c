/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile sensor can put into an event by hand: duplicates, keys without values, marks. */
#include "proto/field.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"
#include "proto/extra.h"
#include "proto/pack.h"
#include "views.h"

#include <criterion/criterion.h>

enum { EXTRAS_MAX = 8 };

/* A process start with an image and extras, as a decoded event. */
struct sample {
    struct arena *arena;
    struct batch batch;
    struct event event;
    struct view *message, *process;
    union view_cell extras[EXTRAS_MAX];
    size_t extra_count;
};

static void sample_init(struct sample *sample)
{
    *sample = (struct sample){.arena = views_arena()};
    sample->message = views_message(sample->arena, &yagura__v1__event__descriptor);
    struct view *kind = views_message(sample->arena, &yagura__v1__process_start__descriptor);
    sample->process = views_message(sample->arena, &yagura__v1__process_info__descriptor);
    views_set(sample->message, CELL_Event_process_start)->message = kind;
    views_set(sample->process, CELL_ProcessInfo_image)->bytes = SLICE_LITERAL("C:\\evil.exe");
    sample->event = (struct event){.batch = &sample->batch, .shape = SHAPE_PROCESS_START};
    sample->event.roots[ROOT_EVENT] = sample->message;
    sample->event.roots[ROOT_KIND] = kind;
    sample->event.roots[ROOT_PROCESS] = sample->process;
}

static struct view *add_extra(struct sample *sample, const char *key, const char *text)
{
    struct view *extra = views_message(sample->arena, &yagura__v1__key_value__descriptor);
    if (key != NULL)
        views_set(extra, CELL_KeyValue_key)->bytes = slice_text(key);
    if (text != NULL)
        views_set(extra, CELL_KeyValue_text)->bytes = slice_text(text);
    cr_assert(sample->extra_count < EXTRAS_MAX);
    sample->extras[sample->extra_count++].message = extra;
    views_set(sample->message, CELL_Event_extra)->list =
        (struct view_list){sample->extras, sample->extra_count};
    return extra;
}

static struct value read_one(struct sample *sample, const char *name, uint64_t *duplicates)
{
    struct projection_name names[] = {{slice_text(name), FIELD_VIEW_CATEGORY}};
    struct projection *projection;
    struct projected *projected;
    cr_assert_eq(projection_new(&projection, names, 1), 0);
    cr_assert_eq(projected_new(&projected, projection, 4096), 0);
    projected_begin(projected, &sample->event);
    struct value value = *projected_get(projected, 0);
    if (value.type == VALUE_TEXT)
        value.text = arena_copy(sample->arena, value.text);
    if (duplicates != NULL)
        *duplicates = projected_duplicate_count(projected);
    projected_free(projected);
    projection_free(projection);
    return value;
}

static size_t count_shown(struct sample *sample, const char *wanted, struct value *out)
{
    struct field_iterator iterator;
    struct slice name;
    struct value value;
    size_t count = 0;
    field_iterate(&iterator, &sample->event, sample->arena);
    while (field_next(&iterator, &name, &value)) {
        if (!slice_equal(name, slice_text(wanted)))
            continue;
        *out = value;
        count++;
    }
    return count;
}

Test(field, does_not_let_an_extra_overwrite_a_typed_value)
{
    struct sample sample;
    struct value shown;
    uint64_t duplicates;
    sample_init(&sample);
    add_extra(&sample, "Image", "C:\\harmless.exe");
    struct value value = read_one(&sample, "Image", &duplicates);
    cr_expect(slice_equal(value.text, SLICE_LITERAL("C:\\evil.exe")));
    cr_expect_eq(duplicates, 1);
    cr_expect_eq(count_shown(&sample, "Image", &shown), 1);
    cr_expect(slice_equal(shown.text, SLICE_LITERAL("C:\\evil.exe")));
    arena_free(sample.arena);
}

Test(field, counts_no_duplicate_where_the_typed_value_is_absent)
{
    struct sample sample;
    uint64_t duplicates;
    sample_init(&sample);
    add_extra(&sample, "CommandLine", "evil /x");
    struct value value = read_one(&sample, "CommandLine", &duplicates);
    cr_expect(slice_equal(value.text, SLICE_LITERAL("evil /x")));
    cr_expect_eq(duplicates, 0);
    arena_free(sample.arena);
}

Test(field, reads_repeated_keys_as_one_array_wherever_they_stand)
{
    struct sample sample;
    struct value shown;
    sample_init(&sample);
    add_extra(&sample, "Tag", "one");
    add_extra(&sample, "Other", "x");
    add_extra(&sample, "Tag", "two");
    cr_expect_eq(count_shown(&sample, "Tag", &shown), 1);
    cr_expect_eq(shown.type, VALUE_LIST);
    cr_expect_eq(shown.list.count, 2);
    cr_expect(slice_equal(shown.list.items[1].text, SLICE_LITERAL("two")));
    arena_free(sample.arena);
}

Test(field, reads_a_key_without_a_value_as_null_and_a_value_without_a_key_not_at_all)
{
    struct sample sample;
    struct value shown;
    sample_init(&sample);
    add_extra(&sample, "Nothing", NULL);
    add_extra(&sample, NULL, "orphan");
    struct view *marked = add_extra(&sample, "Null", NULL);
    views_set(marked, CELL_KeyValue_mark)->u64 = YAGURA__V1__MARK__MARK_NULL;
    struct view *unknown = add_extra(&sample, "Future", NULL);
    views_set(unknown, CELL_KeyValue_mark)->u64 = 77;
    cr_expect_eq(read_one(&sample, "Nothing", NULL).type, VALUE_NULL);
    cr_expect_eq(read_one(&sample, "Null", NULL).type, VALUE_NULL);
    cr_expect_eq(read_one(&sample, "Future", NULL).type, VALUE_NULL);
    cr_expect_eq(read_one(&sample, "", NULL).type, VALUE_ABSENT);
    cr_expect_eq(count_shown(&sample, "", &shown), 0);
    arena_free(sample.arena);
}

Test(field, reads_a_mark_as_an_array_of_what_follows)
{
    struct sample sample;
    struct value shown;
    sample_init(&sample);
    struct view *mark = add_extra(&sample, "Empty", NULL);
    views_set(mark, CELL_KeyValue_mark)->u64 = YAGURA__V1__MARK__MARK_ARRAY;
    mark = add_extra(&sample, "One", NULL);
    views_set(mark, CELL_KeyValue_mark)->u64 = YAGURA__V1__MARK__MARK_ARRAY;
    add_extra(&sample, "One", "x");
    cr_expect_eq(count_shown(&sample, "Empty", &shown), 1);
    cr_expect(shown.type == VALUE_LIST && shown.list.count == 0);
    cr_expect_eq(count_shown(&sample, "One", &shown), 1);
    cr_expect(shown.type == VALUE_LIST && shown.list.count == 1);
    arena_free(sample.arena);
}

Test(field, reads_every_type_of_value)
{
    struct sample sample;
    sample_init(&sample);
    views_set(add_extra(&sample, "i", NULL), CELL_KeyValue_integer)->i64 = INT64_MIN;
    views_set(add_extra(&sample, "r", NULL), CELL_KeyValue_real)->real = 2.5;
    views_set(add_extra(&sample, "b", NULL), CELL_KeyValue_boolean)->u64 = 1;
    cr_expect_eq(read_one(&sample, "i", NULL).integer, INT64_MIN);
    cr_expect_eq(read_one(&sample, "r", NULL).real, 2.5);
    cr_expect_eq(read_one(&sample, "b", NULL).boolean, true);
    arena_free(sample.arena);
}

Test(field, takes_an_unrenderable_typed_value_for_absent)
{
    struct sample sample;
    struct value shown;
    sample_init(&sample);
    views_set(sample.process, CELL_ProcessInfo_integrity_level)->u64 = 99;
    add_extra(&sample, "IntegrityLevel", "Cosmic");
    struct value value = read_one(&sample, "IntegrityLevel", NULL);
    cr_expect(slice_equal(value.text, SLICE_LITERAL("Cosmic")));
    cr_expect_eq(count_shown(&sample, "IntegrityLevel", &shown), 1);
    arena_free(sample.arena);
}

Test(field, shows_an_event_of_no_kind_by_its_extras)
{
    struct sample sample;
    struct value shown;
    sample_init(&sample);
    sample.message->present = 0;
    sample.event = (struct event){.batch = &sample.batch, .shape = SHAPE_NONE};
    sample.event.roots[ROOT_EVENT] = sample.message;
    add_extra(&sample, "Image", "C:\\x.exe");
    cr_expect_eq(count_shown(&sample, "Image", &shown), 1);
    cr_expect(slice_equal(read_one(&sample, "Image", NULL).text, SLICE_LITERAL("C:\\x.exe")));
    arena_free(sample.arena);
}

Test(field, has_a_raw_message_only_in_a_generic_log)
{
    struct sample sample;
    sample_init(&sample);
    cr_expect_eq(event_raw(&sample.event).len, 0);
    sample.message->present = 0;
    struct view *log = views_message(sample.arena, &yagura__v1__generic_log__descriptor);
    views_set(sample.message, CELL_Event_generic)->message = log;
    sample.event.roots[ROOT_KIND] = log;
    cr_expect_eq(event_raw(&sample.event).len, 0);
    views_set(log, CELL_GenericLog_raw)->bytes = SLICE_LITERAL("line");
    cr_expect(slice_equal(event_raw(&sample.event), SLICE_LITERAL("line")));
    arena_free(sample.arena);
}
