/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/field.h"
#include "proto/flat.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 300 };

/* One flat event, encoded, decoded and projected. */
struct bench {
    struct flat_encoder *encoder;
    struct arena *arena;
    struct batch batch;
    struct projection *projection;
    struct projected *projected;
    struct flat_field fields[FIELDS_MAX];
    size_t field_count;
    struct projection_name names[64];
    size_t name_count;
};

static void add(struct bench *bench, const char *name, struct value value)
{
    cr_assert(bench->field_count < FIELDS_MAX);
    bench->fields[bench->field_count++] = (struct flat_field){slice_text(name), value};
}

static void add_text(struct bench *bench, const char *name, const char *text)
{
    add(bench, name, value_of_text(slice_text(text)));
}

static unsigned ask(struct bench *bench, const char *name, enum field_view view)
{
    bench->names[bench->name_count] = (struct projection_name){slice_text(name), view};
    return (unsigned)bench->name_count++;
}

static void run_with_text(struct bench *bench, size_t text_bytes_max)
{
    static const struct flat_origin origin = {.tenant_id = {1}};
    static const struct batch_options options = {0};
    struct slice bytes;
    cr_assert_eq(flat_encoder_new(&bench->encoder, &origin), 0);
    cr_assert_eq(arena_new_fixed(&bench->arena, 1024 * 1024), 0);
    cr_assert_eq(flat_encoder_add(bench->encoder, bench->fields, bench->field_count, NULL), 0);
    cr_assert_eq(flat_encoder_finish(bench->encoder, &bytes), 0);
    cr_assert_eq(batch_decode(&bench->batch, bytes, &options, bench->arena), 0);
    cr_assert_eq(projection_new(&bench->projection, bench->names, bench->name_count), 0);
    cr_assert_eq(projected_new(&bench->projected, bench->projection, text_bytes_max), 0);
    projected_begin(bench->projected, &bench->batch.events[0]);
}

static void run(struct bench *bench)
{
    run_with_text(bench, 16 * 1024);
}

static void done(struct bench *bench)
{
    projected_free(bench->projected);
    projection_free(bench->projection);
    arena_free(bench->arena);
    flat_encoder_free(bench->encoder);
}

static bool reads(struct bench *bench, unsigned slot, const char *text)
{
    const struct value *value = projected_get(bench->projected, slot);
    return value->type == VALUE_TEXT && slice_equal(value->text, slice_text(text));
}

static enum value_type type_of(struct bench *bench, unsigned slot)
{
    return projected_get(bench->projected, slot)->type;
}

static void add_4688(struct bench *bench)
{
    add_text(bench, "Channel", "Security");
    add(bench, "EventID", value_of_integer(4688));
    add_text(bench, "ParentProcessName", "C:\\parent.exe");
    add_text(bench, "CommandLine", "child /x");
}

static void add_sysmon(struct bench *bench, int64_t event_id)
{
    add_text(bench, "Channel", "Microsoft-Windows-Sysmon/Operational");
    add(bench, "EventID", value_of_integer(event_id));
}

Test(projection, reads_a_4688_under_either_name_by_view)
{
    struct bench bench = {0};
    add_4688(&bench);
    add_text(&bench, "NewProcessName", "C:\\child.exe");
    unsigned native = ask(&bench, "NewProcessName", FIELD_VIEW_NATIVE);
    unsigned image = ask(&bench, "Image", FIELD_VIEW_CATEGORY);
    unsigned parent = ask(&bench, "ParentImage", FIELD_VIEW_CATEGORY);
    unsigned native_image = ask(&bench, "Image", FIELD_VIEW_NATIVE);
    unsigned both = ask(&bench, "NewProcessName", FIELD_VIEW_CATEGORY);
    run(&bench);
    cr_expect_eq(bench.batch.events[0].shape, SHAPE_PROCESS_START_SECURITY);
    cr_expect(reads(&bench, native, "C:\\child.exe"));
    cr_expect(reads(&bench, image, "C:\\child.exe"));
    cr_expect(reads(&bench, both, "C:\\child.exe"));
    cr_expect(reads(&bench, parent, "C:\\parent.exe"));
    cr_expect_eq(type_of(&bench, native_image), VALUE_ABSENT);
    done(&bench);
}

Test(projection, reads_a_category_name_of_a_4688_even_if_the_value_is_an_extra)
{
    struct bench bench = {0};
    add_4688(&bench);
    add(&bench, "NewProcessName", value_of_integer(7)); /* no text: no typed home */
    unsigned image = ask(&bench, "Image", FIELD_VIEW_CATEGORY);
    run(&bench);
    cr_expect_eq(type_of(&bench, image), VALUE_INTEGER);
    done(&bench);
}

Test(projection, does_not_mistake_an_extra_image_for_the_one_of_a_4688)
{
    struct bench bench = {0};
    add_4688(&bench);
    add_text(&bench, "NewProcessName", "C:\\evil.exe");
    add_text(&bench, "Image", "C:\\harmless.exe");
    unsigned image = ask(&bench, "Image", FIELD_VIEW_CATEGORY);
    unsigned native = ask(&bench, "Image", FIELD_VIEW_NATIVE);
    run(&bench);
    cr_expect(reads(&bench, image, "C:\\evil.exe"));
    cr_expect(reads(&bench, native, "C:\\harmless.exe"));
    done(&bench);
}

Test(projection, renames_the_fields_of_windows_defender_for_category_antivirus)
{
    struct bench bench = {0};
    add_text(&bench, "Channel", "Microsoft-Windows-Windows Defender/Operational");
    add(&bench, "EventID", value_of_integer(1116));
    add_text(&bench, "ThreatName", "Virus:Test");
    add_text(&bench, "Path", "C:\\eicar.com");
    unsigned signature = ask(&bench, "Signature", FIELD_VIEW_CATEGORY);
    unsigned filename = ask(&bench, "Filename", FIELD_VIEW_CATEGORY);
    unsigned native = ask(&bench, "Signature", FIELD_VIEW_NATIVE);
    run(&bench);
    cr_expect(reads(&bench, signature, "Virus:Test"));
    cr_expect(reads(&bench, filename, "C:\\eicar.com"));
    cr_expect_eq(type_of(&bench, native), VALUE_ABSENT);
    done(&bench);
}

Test(projection, tells_absent_null_empty_and_zero_apart)
{
    struct bench bench = {0};
    add_sysmon(&bench, 22);
    add_text(&bench, "QueryName", "");
    add(&bench, "QueryStatus", value_of_integer(0));
    add(&bench, "QueryResults", (struct value){.type = VALUE_NULL});
    add(&bench, "Other", (struct value){.type = VALUE_NULL});
    unsigned name = ask(&bench, "QueryName", FIELD_VIEW_CATEGORY);
    unsigned status = ask(&bench, "QueryStatus", FIELD_VIEW_CATEGORY);
    unsigned results = ask(&bench, "QueryResults", FIELD_VIEW_CATEGORY);
    unsigned other = ask(&bench, "Other", FIELD_VIEW_CATEGORY);
    unsigned nothing = ask(&bench, "Image", FIELD_VIEW_CATEGORY);
    run(&bench);
    cr_expect_eq(bench.batch.events[0].shape, SHAPE_DNS_QUERY);
    cr_expect(reads(&bench, name, ""));
    cr_expect_eq(type_of(&bench, status), VALUE_INTEGER);
    cr_expect_eq(type_of(&bench, results), VALUE_NULL);
    cr_expect_eq(type_of(&bench, other), VALUE_NULL);
    cr_expect_eq(type_of(&bench, nothing), VALUE_ABSENT);
    done(&bench);
}

Test(projection, gives_arrays_of_any_length_as_lists)
{
    static const struct value items[] = {{.type = VALUE_TEXT, .text = SLICE_INIT("a")},
                                         {.type = VALUE_NULL},
                                         {.type = VALUE_INTEGER, .integer = -3}};
    struct bench bench = {0};
    unsigned slots[4];
    add_sysmon(&bench, 99);
    static const char *const names[] = {"none", "one", "two", "three"};
    for (size_t i = 0; i < 4; i++) {
        add(&bench, names[i], (struct value){.type = VALUE_LIST, .list = {items, i}});
        slots[i] = ask(&bench, names[i], FIELD_VIEW_NATIVE);
    }
    run(&bench);
    for (size_t i = 0; i < 4; i++)
        cr_expect(value_equal(projected_get(bench.projected, slots[i]), &bench.fields[i + 2].value),
                  "list of %zu", i);
    done(&bench);
}

Test(projection, is_case_sensitive_in_names)
{
    struct bench bench = {0};
    add_sysmon(&bench, 22);
    add_text(&bench, "QueryName", "a.example");
    unsigned wrong = ask(&bench, "queryname", FIELD_VIEW_CATEGORY);
    run(&bench);
    cr_expect_eq(type_of(&bench, wrong), VALUE_ABSENT);
    done(&bench);
}

Test(projection, says_which_process_a_value_comes_from)
{
    struct bench bench = {0};
    add_sysmon(&bench, 10);
    add_text(&bench, "SourceImage", "C:\\a.exe");
    add_text(&bench, "TargetImage", "C:\\b.exe");
    add_text(&bench, "CallTrace", "ntdll");
    unsigned source = ask(&bench, "SourceImage", FIELD_VIEW_CATEGORY);
    unsigned target = ask(&bench, "TargetImage", FIELD_VIEW_CATEGORY);
    unsigned trace = ask(&bench, "CallTrace", FIELD_VIEW_CATEGORY);
    unsigned absent = ask(&bench, "SourceUser", FIELD_VIEW_CATEGORY);
    run(&bench);
    uint32_t from = projected_process(bench.projected, source);
    uint32_t to = projected_process(bench.projected, target);
    cr_expect(from >= 1 && from <= 2 && to >= 1 && to <= 2 && from != to);
    cr_expect_eq(projected_process(bench.projected, trace), 0);
    cr_expect_eq(projected_process(bench.projected, absent), 0);
    done(&bench);
}

Test(projection, says_so_when_rendered_text_does_not_fit)
{
    struct bench bench = {0};
    add_sysmon(&bench, 10);
    add_text(&bench, "GrantedAccess", "0x1fffff");
    unsigned access = ask(&bench, "GrantedAccess", FIELD_VIEW_CATEGORY);
    run_with_text(&bench, 8); /* exactly */
    cr_expect(reads(&bench, access, "0x1fffff"));
    cr_expect_not(projected_overflowed(bench.projected));
    done(&bench);
    bench.projected = NULL;
    run_with_text(&bench, 7);
    cr_expect_eq(type_of(&bench, access), VALUE_ABSENT);
    cr_expect(projected_overflowed(bench.projected));
    projected_begin(bench.projected, &bench.batch.events[0]);
    cr_expect_not(projected_overflowed(bench.projected));
    done(&bench);
}

Test(projection, forgets_the_event_before)
{
    struct bench bench = {0};
    add_sysmon(&bench, 22);
    add_text(&bench, "Odd", "1");
    unsigned odd = ask(&bench, "Odd", FIELD_VIEW_CATEGORY);
    run(&bench);
    cr_expect(reads(&bench, odd, "1"));
    struct event bare = bench.batch.events[0];
    bare.roots[ROOT_EVENT] = NULL;
    projected_begin(bench.projected, &bare);
    cr_expect_eq(type_of(&bench, odd), VALUE_ABSENT);
    done(&bench);
}

Test(projection, knows_where_a_field_can_be_typed)
{
    struct bench bench = {0};
    unsigned image = ask(&bench, "Image", FIELD_VIEW_CATEGORY);
    unsigned native = ask(&bench, "Image", FIELD_VIEW_NATIVE);
    unsigned odd = ask(&bench, "Odd", FIELD_VIEW_CATEGORY);
    cr_assert_eq(projection_new(&bench.projection, bench.names, bench.name_count), 0);
    cr_expect(projection_is_typed(bench.projection, image, SHAPE_PROCESS_START));
    cr_expect(projection_is_typed(bench.projection, image, SHAPE_PROCESS_START_SECURITY));
    cr_expect_not(projection_is_typed(bench.projection, native, SHAPE_PROCESS_START_SECURITY));
    cr_expect_not(projection_is_typed(bench.projection, image, SHAPE_PROCESS_ACCESS));
    cr_expect_not(projection_is_typed(bench.projection, odd, SHAPE_PROCESS_START));
    projection_free(bench.projection);
}

Test(projection, may_be_empty)
{
    struct projection *projection;
    struct projected *projected;
    cr_assert_eq(projection_new(&projection, NULL, 0), 0);
    cr_assert_eq(projected_new(&projected, projection, 0), 0);
    projected_free(projected);
    projection_free(projection);
}

Test(projection, refuses_more_names_than_slots)
{
    enum { TOO_MANY = 65536 };
    struct projection_name *names = calloc(TOO_MANY, sizeof *names);
    struct projection *projection;
    cr_expect_eq(projection_new(&projection, names, TOO_MANY), STATUS_LIMIT);
    free(names);
}
