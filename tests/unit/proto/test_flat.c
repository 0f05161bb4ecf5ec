/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/flat.h"

#include "proto/cells.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"
#include "proto/field.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 5000, ARENA_BYTES = 32 * 1024 * 1024 };

struct sample {
    struct flat_encoder *encoder;
    struct arena *arena;
    struct batch batch;
    struct flat_field fields[FIELDS_MAX];
    char names[FIELDS_MAX][24];
    size_t count;
};

static struct sample *sample_new(const struct flat_origin *origin)
{
    static const struct flat_origin nowhere = {.tenant_id = {1}};
    struct sample *sample = calloc(1, sizeof *sample);
    cr_assert_not_null(sample);
    cr_assert_eq(flat_encoder_new(&sample->encoder, origin == NULL ? &nowhere : origin), 0);
    cr_assert_eq(arena_new_fixed(&sample->arena, ARENA_BYTES), 0);
    return sample;
}

static void sample_free(struct sample *sample)
{
    flat_encoder_free(sample->encoder);
    arena_free(sample->arena);
    free(sample);
}

static void add(struct sample *sample, const char *name, struct value value)
{
    cr_assert(sample->count < FIELDS_MAX);
    sample->fields[sample->count++] = (struct flat_field){slice_text(name), value};
}

static void add_text(struct sample *sample, const char *name, const char *text)
{
    add(sample, name, value_of_text(slice_text(text)));
}

static void add_sysmon(struct sample *sample, int64_t event_id)
{
    add_text(sample, "Channel", "Microsoft-Windows-Sysmon/Operational");
    add(sample, "EventID", value_of_integer(event_id));
}

/* Extras x0, x1 ... */
static void add_extras(struct sample *sample, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        snprintf(sample->names[i], sizeof sample->names[i], "x%zu", i);
        add_text(sample, sample->names[i], "y");
    }
}

static int encode(struct sample *sample)
{
    return flat_encoder_add(sample->encoder, sample->fields, sample->count, NULL);
}

static const struct event *decode(struct sample *sample)
{
    static const struct batch_options options = {0};
    struct slice bytes;
    cr_assert_eq(flat_encoder_finish(sample->encoder, &bytes), 0);
    arena_reset(sample->arena);
    cr_assert_eq(batch_decode(&sample->batch, bytes, &options, sample->arena), 0);
    return sample->batch.events;
}

static const struct event *round_trip(struct sample *sample)
{
    cr_assert_eq(encode(sample), 0);
    return decode(sample);
}

static struct value shown(struct sample *sample, const struct event *event, const char *wanted)
{
    struct field_iterator iterator;
    struct slice name;
    struct value value;
    field_iterate(&iterator, event, sample->arena);
    while (field_next(&iterator, &name, &value))
        if (slice_equal(name, slice_text(wanted)))
            return value;
    return (struct value){.type = VALUE_ABSENT};
}

static size_t extras_of(const struct event *event)
{
    const struct view *message = event->roots[ROOT_EVENT];
    return view_has(message, CELL_Event_extra) ? message->cells[CELL_Event_extra].list.count : 0;
}

Test(flat, types_a_process_start_and_its_file)
{
    struct sample *sample = sample_new(NULL);
    add_sysmon(sample, 1);
    add_text(sample, "ProcessId", "4460");
    add_text(sample, "ProcessGuid", "{FE86BE69-FC03-64B5-7B00-000000001000}");
    add_text(sample, "Hashes", "MD5=FE86BE69FC0364B57B00000000001000");
    add_text(sample, "ParentImage", "C:\\p.exe");
    const struct event *event = round_trip(sample);
    cr_expect_eq(event->shape, SHAPE_PROCESS_START);
    cr_expect_eq(extras_of(event), 0);
    cr_expect(view_has(event->roots[ROOT_PROCESS], CELL_ProcessInfo_pid));
    cr_expect(view_has(event->roots[ROOT_FILE], CELL_FileFacts_md5));
    sample_free(sample);
}

Test(flat, keeps_what_is_spelled_otherwise_as_an_extra)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"ProcessId", "04460"},
        {"ProcessGuid", "{fe86be69-fc03-64b5-7b00-00000000100}"},
        {"ProcessGuid", "{Fe86bE69-fC03-64b5-7b00-000000001000}"},
        {"Hashes", "MD5=fe86be69fc0364b57b00000000001000"},
        {"Hashes", "MD5=FE86BE69FC0364B57B00000000001000,SHA1=00"},
        {"IntegrityLevel", "HIGH"},
        {"LogonId", "0x3E7"},
        {"LogonId", "0x03e7"},
        {"UtcTime", "2025-11-27 07:40:10.13"},
        {"UtcTime", "2025-02-30 07:40:10.132"},
        {"UtcTimeCreated", "2025-11-27T07:40:10.100000Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample *sample = sample_new(NULL);
        add_sysmon(sample, 1);
        add_text(sample, rows[i].name, rows[i].text);
        const struct event *event = round_trip(sample);
        struct value value = shown(sample, event, rows[i].name);
        cr_expect(value.type == VALUE_TEXT && slice_equal(value.text, slice_text(rows[i].text)),
                  "row %zu", i);
        cr_expect_eq(extras_of(event), 1, "row %zu: %s", i, rows[i].text);
        sample_free(sample);
    }
}

Test(flat, keeps_types_that_a_home_does_not_have)
{
    struct sample *sample = sample_new(NULL);
    add_sysmon(sample, 1);
    add(sample, "Image", value_of_integer(7));
    add(sample, "CommandLine", (struct value){.type = VALUE_NULL});
    add(sample, "User", (struct value){.type = VALUE_BOOLEAN, .boolean = true});
    add(sample, "ProcessId", (struct value){.type = VALUE_REAL, .real = 1.5});
    const struct event *event = round_trip(sample);
    cr_expect_eq(extras_of(event), 4);
    cr_expect_eq(shown(sample, event, "Image").type, VALUE_INTEGER);
    cr_expect_eq(shown(sample, event, "CommandLine").type, VALUE_NULL);
    cr_expect_eq(shown(sample, event, "User").type, VALUE_BOOLEAN);
    cr_expect_eq(shown(sample, event, "ProcessId").type, VALUE_REAL);
    sample_free(sample);
}

Test(flat, keeps_nul_and_invalid_utf8)
{
    static const uint8_t hostile[] = {'c', 0, 0xff, 0xc0, '\n'};
    struct sample *sample = sample_new(NULL);
    add_sysmon(sample, 1);
    add(sample, "CommandLine", value_of_text(slice_of(hostile, sizeof hostile)));
    struct value value = shown(sample, round_trip(sample), "CommandLine");
    cr_expect(slice_equal(value.text, slice_of(hostile, sizeof hostile)));
    sample_free(sample);
}

Test(flat, shares_processes_and_sources_that_say_the_same)
{
    struct sample *sample = sample_new(NULL);
    add_sysmon(sample, 11);
    add_text(sample, "Image", "C:\\a.exe");
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(encode(sample), 0);
    add_text(sample, "User", "SYSTEM"); /* says more: another entry */
    cr_assert_eq(encode(sample), 0);
    decode(sample);
    cr_expect_eq(sample->batch.event_count, 4);
    cr_expect_eq(sample->batch.process_count, 2);
    cr_expect_eq(sample->batch.source_count, 1);
    sample_free(sample);
}

Test(flat, reads_a_name_that_occurs_twice_as_an_array)
{
    struct sample *sample = sample_new(NULL);
    add_sysmon(sample, 1);
    add_text(sample, "Image", "C:\\a.exe");
    add_text(sample, "Image", "C:\\b.exe");
    struct value value = shown(sample, round_trip(sample), "Image");
    cr_expect(value.type == VALUE_LIST && value.list.count == 2);
    sample_free(sample);
}

Test(flat, stays_typed_with_as_many_extras_as_an_event_may_have)
{
    struct sample *sample = sample_new(NULL);
    add_sysmon(sample, 1);
    add_extras(sample, EVENT_EXTRAS_MAX);
    cr_expect_eq(round_trip(sample)->shape, SHAPE_PROCESS_START);
    add_text(sample, "one more", "");
    const struct event *event = round_trip(sample);
    struct logsource_set set;
    event_logsources(&set, event);
    cr_expect_eq(event->shape, SHAPE_GENERIC);
    cr_expect(slice_equal(set.categories[0], SLICE_LITERAL("process_creation")));
    cr_expect_eq(shown(sample, event, "one more").type, VALUE_TEXT);
    sample_free(sample);
}

Test(flat, refuses_more_fields_than_a_log_may_have)
{
    struct sample *sample = sample_new(NULL);
    add_extras(sample, EVENT_FIELDS_MAX);
    cr_expect_eq(encode(sample), 0);
    add_text(sample, "one more", "");
    cr_expect_eq(encode(sample), STATUS_LIMIT);
    cr_expect_eq(flat_encoder_count(sample->encoder), 1);
    sample_free(sample);
}

Test(flat, is_full_at_the_limit_of_events)
{
    struct sample *sample = sample_new(NULL);
    add_text(sample, "x", "y");
    for (size_t i = 0; i < BATCH_EVENTS_MAX; i++)
        cr_assert_eq(encode(sample), 0);
    cr_expect_eq(encode(sample), FLAT_BATCH_FULL);
    cr_expect_eq(flat_encoder_count(sample->encoder), BATCH_EVENTS_MAX);
    decode(sample);
    cr_expect_eq(sample->batch.event_count, BATCH_EVENTS_MAX);
    cr_expect_eq(encode(sample), 0);
    sample_free(sample);
}

Test(flat, is_full_before_a_record_is_too_large)
{
    static char text[300 * 1024];
    struct sample *sample = sample_new(NULL);
    memset(text, 'a', sizeof text);
    add(sample, "x", value_of_text(slice_of(text, sizeof text)));
    cr_expect_eq(encode(sample), 0);
    cr_expect_eq(encode(sample), 0);
    cr_expect_eq(encode(sample), FLAT_BATCH_FULL);
    sample_free(sample);
}

Test(flat, is_full_before_the_process_table_overflows)
{
    struct sample *sample = sample_new(NULL);
    char image[32];
    size_t added = 0;
    int outcome = 0;
    add_sysmon(sample, 11);
    add_text(sample, "Image", "");
    while (outcome == 0 && added < 2 * BATCH_PROCESSES_MAX) {
        snprintf(image, sizeof image, "C:\\%zu.exe", added);
        sample->fields[sample->count - 1].value = value_of_text(slice_text(image));
        outcome = encode(sample);
        added += outcome == 0;
    }
    cr_expect_eq(outcome, FLAT_BATCH_FULL);
    cr_expect_geq(added, BATCH_PROCESSES_MAX - 3);
    decode(sample);
    cr_expect_eq(sample->batch.process_count, added);
    sample_free(sample);
}

Test(flat, types_events_without_a_channel_by_their_stated_category)
{
    static const struct flat_origin linux_host = {.product = SLICE_INIT("linux"),
                                                  .category = SLICE_INIT("process_creation")};
    struct sample *sample = sample_new(&linux_host);
    add_text(sample, "Image", "/bin/sh");
    const struct event *event = round_trip(sample);
    struct logsource_set set;
    event_logsources(&set, event);
    cr_expect_eq(event->shape, SHAPE_PROCESS_START);
    cr_expect(slice_equal(set.product, SLICE_LITERAL("linux")));
    sample_free(sample);
}

Test(flat, types_web_servers_and_antivirus_but_no_proxy)
{
    static const struct {
        struct flat_origin source;
        const char *name;
        enum shape shape;
    } cases[] = {
        {{.category = SLICE_INIT("webserver")}, "cs-uri-stem", SHAPE_HTTP_WEBSERVER},
        {{.category = SLICE_INIT("antivirus")}, "Signature", SHAPE_THREAT},
        {{.category = SLICE_INIT("proxy")}, "c-uri", SHAPE_GENERIC},
        {{.category = SLICE_INIT("webserver"), .service = SLICE_INIT("iis")},
         "cs-uri-stem",
         SHAPE_GENERIC},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sample *sample = sample_new(&cases[i].source);
        add_text(sample, cases[i].name, "/shell.jsp");
        add_text(sample, "vendor-field", "kept");
        const struct event *event = round_trip(sample);
        struct logsource_set set;
        event_logsources(&set, event);
        cr_expect_eq(event->shape, cases[i].shape, "case %zu", i);
        cr_expect(slice_equal(set.categories[0], cases[i].source.category), "case %zu", i);
        sample_free(sample);
    }
}

Test(flat, keeps_a_product_that_is_no_platform)
{
    static const struct flat_origin freebsd = {.product = SLICE_INIT("freebsd"),
                                               .category = SLICE_INIT("process_creation")};
    struct sample *sample = sample_new(&freebsd);
    add_text(sample, "Image", "/bin/sh");
    const struct event *event = round_trip(sample);
    struct logsource_set set;
    event_logsources(&set, event);
    cr_expect(slice_equal(set.product, SLICE_LITERAL("freebsd")));
    cr_expect(slice_equal(set.categories[0], SLICE_LITERAL("process_creation")));
    sample_free(sample);
}

Test(flat, states_log_sources_that_have_no_kind)
{
    static const struct flat_origin aws = {.product = SLICE_INIT("aws"),
                                           .service = SLICE_INIT("cloudtrail")};
    struct sample *sample = sample_new(&aws);
    add_text(sample, "eventName", "DeleteTrail");
    const struct event *event = round_trip(sample);
    struct logsource_set set;
    event_logsources(&set, event);
    cr_expect_eq(event->shape, SHAPE_GENERIC);
    cr_expect(slice_equal(set.product, SLICE_LITERAL("aws")));
    cr_expect(slice_equal(set.services[0], SLICE_LITERAL("cloudtrail")));
    static const struct flat_origin proxy = {.category = SLICE_INIT("proxy")};
    cr_assert_eq(flat_encoder_add(sample->encoder, sample->fields, sample->count, &proxy), 0);
    event_logsources(&set, decode(sample));
    cr_expect(slice_equal(set.categories[0], SLICE_LITERAL("proxy")));
    cr_expect(slice_equal(set.product, SLICE_LITERAL("aws")));
    sample_free(sample);
}

Test(flat, says_no_more_than_the_event_where_two_names_share_a_home)
{
    static const struct flat_origin access = {.product = SLICE_INIT("windows"),
                                              .category = SLICE_INIT("file_access")};
    struct sample *sample = sample_new(&access);
    add_text(sample, "FileName", "C:\\sam");
    const struct event *event = round_trip(sample);
    cr_expect_eq(shown(sample, event, "TargetFilename").type, VALUE_ABSENT);
    cr_expect_eq(shown(sample, event, "FileName").type, VALUE_TEXT);
    sample_free(sample);
}

Test(flat, names_the_host_once)
{
    static const struct flat_origin named = {.hostname = SLICE_INIT("PC01")};
    struct sample *sample = sample_new(&named);
    add_sysmon(sample, 1);
    add_text(sample, "Computer", "PC01");
    const struct event *event = round_trip(sample);
    cr_expect_not(view_has(event->roots[ROOT_SOURCE], CELL_LogSource_computer));
    cr_expect_eq(shown(sample, event, "Computer").type, VALUE_TEXT);
    sample->fields[sample->count - 1].value = value_of_text(SLICE_LITERAL("PC02"));
    struct value computer = shown(sample, round_trip(sample), "Computer");
    cr_expect(slice_equal(computer.text, SLICE_LITERAL("PC02")));
    sample_free(sample);
}

Test(flat, tells_registry_events_apart_without_inventing_an_event_type)
{
    static const struct {
        int64_t event_id;
        const char *event_type;
        enum shape shape;
    } rows[] = {
        {12, "CreateKey", SHAPE_REGISTRY_ADD},    {12, "createkey", SHAPE_REGISTRY_ADD},
        {12, "DeleteKey", SHAPE_REGISTRY_DELETE}, {12, "INFO", SHAPE_REGISTRY_OTHER},
        {12, NULL, SHAPE_REGISTRY_OTHER},         {12, "SetValue", SHAPE_REGISTRY_OTHER},
        {13, "SetValue", SHAPE_REGISTRY_SET},     {13, "INFO", SHAPE_REGISTRY_SET},
        {13, NULL, SHAPE_REGISTRY_SET},           {13, "CreateKey", SHAPE_REGISTRY_SET},
        {14, "RenameKey", SHAPE_REGISTRY_RENAME}, {14, "RenameValue", SHAPE_REGISTRY_RENAME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample *sample = sample_new(NULL);
        add_sysmon(sample, rows[i].event_id);
        if (rows[i].event_type != NULL)
            add_text(sample, "EventType", rows[i].event_type);
        const struct event *event = round_trip(sample);
        struct logsource_set set;
        struct value value = shown(sample, event, "EventType");
        event_logsources(&set, event);
        cr_expect(event->shape == rows[i].shape || event->shape == SHAPE_GENERIC, "row %zu", i);
        cr_expect_eq(set.category_count, rows[i].shape == SHAPE_REGISTRY_OTHER ? 1 : 2, "row %zu",
                     i);
        cr_expect_eq(value.type, rows[i].event_type == NULL ? VALUE_ABSENT : VALUE_TEXT, "row %zu",
                     i);
        if (rows[i].event_type != NULL)
            cr_expect(slice_equal(value.text, slice_text(rows[i].event_type)), "row %zu", i);
        sample_free(sample);
    }
}

Test(flat, gives_events_a_time_however_it_is_spelled)
{
    static const struct {
        const char *channel, *name, *text;
        int64_t seconds;
    } rows[] = {
        {"Security", "UtcTimeCreated", "2025-11-27T07:40:10.132Z", 1764229210},
        {"Security", "UtcTimeCreated", "2025-11-27 07:40:10.132", 1764229210},
        {"Microsoft-Windows-Sysmon/Operational", "UtcTime", "2025-11-27 07:40:10.132", 1764229210},
        {"Microsoft-Windows-Sysmon/Operational", "UtcTimeCreated", "2025-11-27T07:40:10.132Z",
         1764229210},
        {"Security", "UtcTimeCreated", "yesterday", 0},
        {"Security", "Other", "2025-11-27 07:40:10.132", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample *sample = sample_new(NULL);
        add_text(sample, "Channel", rows[i].channel);
        add(sample, "EventID", value_of_integer(3));
        add_text(sample, rows[i].name, rows[i].text);
        const struct event *event = round_trip(sample);
        struct value value = shown(sample, event, rows[i].name);
        cr_expect_eq(event->time_unix_ns / 1000000000, rows[i].seconds, "row %zu", i);
        cr_expect(slice_equal(value.text, slice_text(rows[i].text)), "row %zu", i);
        sample_free(sample);
    }
}

Test(flat, numbers_events_from_batch_to_batch)
{
    struct sample *sample = sample_new(NULL);
    add_text(sample, "x", "y");
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(encode(sample), 0);
    decode(sample);
    cr_expect_eq(sample->batch.message->cells[CELL_EventBatch_first_sequence].u64, 0);
    round_trip(sample);
    cr_expect_eq(sample->batch.message->cells[CELL_EventBatch_first_sequence].u64, 3);
    sample_free(sample);
}

/* protobuf-c reads what is packed here, and packs it the same. */
Test(flat, writes_what_protobuf_c_reads)
{
    struct sample *sample = sample_new(NULL);
    struct slice bytes;
    add_sysmon(sample, 1);
    add_text(sample, "Image", "C:\\a.exe");
    add(sample, "n", value_of_integer(-5));
    add(sample, "r", (struct value){.type = VALUE_REAL, .real = -0.5});
    cr_assert_eq(encode(sample), 0);
    cr_assert_eq(flat_encoder_finish(sample->encoder, &bytes), 0);
    Yagura__V1__EventBatch *batch = yagura__v1__event_batch__unpack(NULL, bytes.len, bytes.data);
    cr_assert_not_null(batch);
    cr_expect_eq(yagura__v1__event_batch__get_packed_size(batch), bytes.len);
    cr_expect_eq(batch->n_events, 1);
    cr_expect_eq(batch->events[0]->event_id, 1);
    cr_expect_eq(batch->events[0]->extra[0]->integer, -5);
    cr_expect_eq(batch->events[0]->extra[1]->real, -0.5);
    yagura__v1__event_batch__free_unpacked(batch, NULL);
    sample_free(sample);
}
