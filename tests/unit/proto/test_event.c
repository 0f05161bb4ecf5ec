/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch says; what is refused and flagged is in test_event_limits.c. */
#include "batch_fixture.h"

Test(event, batch_knows_where_it_comes_from)
{
    FIXTURE;
    ENCODING origin = encoding_new();
    encode_bytes(origin, ORIGIN(tenant_id), slice_of(some_id, ID_BYTES));
    encode_bytes(origin, ORIGIN(boot_id), slice_of(some_id, ID_BYTES));
    encode_bytes(origin, ORIGIN(hostname), SLICE_LITERAL("host\0name"));
    encode_varint(origin, ORIGIN(platform), YAGURA__V1__PLATFORM__PLATFORM_MACOS);
    ENCODING record = encoding_new();
    encode_message(record, BATCH(origin), origin);
    encode_bytes(record, BATCH(events), SLICE_LITERAL("\x52\x00"));
    cr_assert_eq(decode_bytes(&f, encoded(record)), 0);
    cr_assert(slice_equal(f.batch.tenant_id, slice_of(some_id, ID_BYTES)));
    cr_assert(slice_equal(f.batch.boot_id, slice_of(some_id, ID_BYTES)));
    cr_assert_eq(f.batch.endpoint_id.len, 0, "not said");
    cr_assert(slice_equal(f.batch.hostname, SLICE_LITERAL("host\0name")));
    cr_assert_eq(f.batch.platform, YAGURA__V1__PLATFORM__PLATFORM_MACOS);
    cr_assert_eq(f.batch.events[0].roots[ROOT_ORIGIN], f.batch.origin);
    cr_assert_not(f.batch.framed);
    cr_assert_eq(f.batch.reason, REASON_NONE);
    cr_assert_eq(f.batch.reason_event, SIZE_MAX);
}

Test(event, batch_keeps_its_events_in_order_with_their_bytes)
{
    FIXTURE;
    for (uint32_t i = 0; i < 100; i++) {
        ENCODING event = encoding_new();
        encode_fixed64(event, EVENT(time_unix_nanos), i + 1);
        encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
        encode_message(f.record, BATCH(events), event);
    }
    cr_assert_eq(decode(&f), 0);
    cr_assert_eq(f.batch.event_count, 100);
    for (size_t i = 0; i < 100; i++) {
        const struct event *event = &f.batch.events[i];
        cr_assert_eq(event->index, i);
        cr_assert_eq(event->batch, &f.batch);
        cr_assert_eq(event->time_unix_ns, (int64_t)i + 1);
        cr_assert_eq(event->bytes.len, 11);
        cr_assert_eq(event->roots[ROOT_EVENT]->bytes.data, event->bytes.data);
        cr_assert_eq(event->shape, SHAPE_DNS_QUERY);
    }
}

Test(event, batch_takes_confluent_framing_off)
{
    FIXTURE;
    add_event(&f, EVENT(dns));
    ENCODING framed = encoding_new();
    encode_raw(framed, SLICE_LITERAL("\0\0\0\1\2\0"));
    encode_raw(framed, encoded(f.record));
    cr_assert_eq(decode_bytes(&f, encoded(framed)), 0);
    cr_assert(f.batch.framed);
    cr_assert_eq(f.batch.schema_id, 258);
    cr_assert(slice_equal(f.batch.payload, encoded(f.record)));
    cr_assert_eq(f.batch.event_count, 1);
}

Test(event, points_to_its_processes_and_its_source)
{
    FIXTURE;
    add_process(&f, "actor");
    add_process(&f, "target");
    ENCODING source = encoding_new();
    encode_bytes(source, NUMBER(log_source, LogSource, channel), SLICE_LITERAL("Some/Channel"));
    encode_message(f.record, BATCH(sources), source);
    ENCODING interaction = encoding_new();
    encode_varint(interaction, NUMBER(process_interaction, ProcessInteraction, target), 2);
    ENCODING event = encoding_new();
    encode_varint(event, EVENT(source), 1);
    encode_varint(event, EVENT(actor), 1);
    encode_message(event, EVENT(interaction), interaction);
    encode_message(f.record, BATCH(events), event);
    cr_assert_eq(decode(&f), 0);
    const struct view *const *roots = f.batch.events[0].roots;
    assert_image(roots[ROOT_ACTOR], "actor");
    assert_image(roots[ROOT_TARGET], "target");
    cr_assert_null(roots[ROOT_PROCESS]);
    cr_assert_null(roots[ROOT_FILE]);
    cr_assert(view_has(roots[ROOT_SOURCE], CELL_LogSource_channel));
}

Test(event, of_a_started_process_has_its_file)
{
    FIXTURE;
    ENCODING facts = encoding_new();
    encode_bytes(facts, NUMBER(file_facts, FileFacts, company), SLICE_LITERAL("a company"));
    ENCODING process = encoding_new();
    encode_message(process, PROCESS(file), facts);
    encode_message(f.record, BATCH(processes), process);
    static const uint32_t kinds[] = {6, 12}; /* start, stop */
    for (size_t i = 0; i < 2; i++) {
        ENCODING event = encoding_new();
        encode_bytes(event, kinds[i], SLICE_LITERAL("\x08\x01"));
        encode_message(f.record, BATCH(events), event);
    }
    cr_assert_eq(decode(&f), 0);
    const struct event *started = &f.batch.events[0];
    const struct event *stopped = &f.batch.events[1];
    cr_assert_eq(started->roots[ROOT_PROCESS], f.batch.processes[0]);
    cr_assert_not_null(started->roots[ROOT_FILE]);
    cr_assert(view_has(started->roots[ROOT_FILE], CELL_FileFacts_company));
    cr_assert_eq(stopped->roots[ROOT_PROCESS], f.batch.processes[0]);
    cr_assert_null(stopped->roots[ROOT_FILE], "the file says nothing of the end");
}

Test(event, index_of_zero_points_nowhere)
{
    FIXTURE;
    ENCODING event = encoding_new();
    encode_varint(event, EVENT(source), 0);
    encode_varint(event, EVENT(actor), 0);
    encode_bytes(event, EVENT(process_start), SLICE_LITERAL("\x08\x00"));
    encode_message(f.record, BATCH(events), event);
    assert_verdict(&f, REASON_NONE, "zero");
    cr_assert_null(f.batch.events[0].roots[ROOT_ACTOR]);
    cr_assert_null(f.batch.events[0].roots[ROOT_PROCESS]);
    cr_assert_null(f.batch.events[0].roots[ROOT_SOURCE]);
}

/* The number of the singular FileFacts field of a kind's message; 0: it has none. */
static uint32_t file_field(const ProtobufCMessageDescriptor *kind)
{
    for (unsigned i = 0; i < kind->n_fields; i++)
        if (kind->fields[i].descriptor == &yagura__v1__file_facts__descriptor &&
            kind->fields[i].label != PROTOBUF_C_LABEL_REPEATED)
            return kind->fields[i].id;
    return 0;
}

Test(event, of_every_kind_has_its_message_its_file_and_a_shape)
{
    FIXTURE;
    const ProtobufCMessageDescriptor *type = &yagura__v1__event__descriptor;
    unsigned kind_count = 0;
    for (unsigned i = 0; i < type->n_fields; i++) {
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
            continue;
        const ProtobufCMessageDescriptor *kind = type->fields[i].descriptor;
        ENCODING message = encoding_new();
        if (file_field(kind) != 0)
            encode_bytes(message, file_field(kind), SLICE_LITERAL(""));
        ENCODING event = encoding_new();
        encode_message(event, type->fields[i].id, message);
        ENCODING record = encoding_new();
        encode_message(record, BATCH(events), event);
        cr_assert_eq(decode_bytes(&f, encoded(record)), BATCH_BAD, "no origin");
        const struct event *decoded = &f.batch.events[0];
        cr_assert_eq(decoded->reason, REASON_NONE, "%s", kind->name);
        cr_assert_not_null(decoded->roots[ROOT_KIND], "%s", kind->name);
        cr_assert_eq(decoded->roots[ROOT_KIND]->descriptor, kind);
        cr_assert_eq(decoded->roots[ROOT_FILE] != NULL, file_field(kind) != 0, "%s", kind->name);
        cr_assert_neq(decoded->shape, SHAPE_NONE, "%s", kind->name);
        kind_count++;
    }
    cr_assert_geq(kind_count, 31);
}

/* Every uint32 of a kind whose name says that it points to a process does so. */
Test(event, of_every_kind_resolves_its_indexes)
{
    FIXTURE;
    static const struct {
        uint32_t kind, field;
        enum root root;
    } rows[] = {{6, 1, ROOT_PROCESS}, {12, 1, ROOT_PROCESS}, {19, 2, ROOT_TARGET}};
    add_process(&f, "it");
    for (size_t i = 0; i < 3; i++) {
        ENCODING kind = encoding_new();
        encode_varint(kind, rows[i].field, 1);
        ENCODING event = encoding_new();
        encode_message(event, rows[i].kind, kind);
        encode_message(f.record, BATCH(events), event);
    }
    cr_assert_eq(decode(&f), 0);
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(f.batch.events[i].roots[rows[i].root], f.batch.processes[0], "row %zu", i);
}

Test(event, keeps_nul_and_invalid_utf8_of_a_command_line)
{
    FIXTURE;
    struct slice hostile = SLICE_LITERAL("cmd \0 /c \xff\xfe\xed\xa0\x80 whoami");
    ENCODING process = encoding_new();
    encode_bytes(process, PROCESS(command_line), hostile);
    encode_message(f.record, BATCH(processes), process);
    ENCODING event = encoding_new();
    encode_bytes(event, EVENT(process_start), SLICE_LITERAL("\x08\x01"));
    encode_message(f.record, BATCH(events), event);
    cr_assert_eq(decode(&f), 0);
    const struct view *started = f.batch.events[0].roots[ROOT_PROCESS];
    cr_assert(slice_equal(started->cells[CELL_ProcessInfo_command_line].bytes, hostile));
}

Test(event, of_a_kind_from_the_future_is_flagged_and_judged_by_its_extras)
{
    FIXTURE;
    ENCODING extra = encoding_new();
    encode_bytes(extra, KEY_VALUE(key), SLICE_LITERAL("Image"));
    ENCODING event = encoding_new();
    encode_message(event, EVENT(extra), extra);
    encode_bytes(event, 60, SLICE_LITERAL("a kind of tomorrow"));
    encode_message(f.record, BATCH(events), event);
    assert_verdict(&f, REASON_NONE, "unknown kind");
    cr_assert_eq(f.batch.events[0].flags, EVENT_NOTE_UNKNOWN_KIND);
    cr_assert_eq(f.batch.events[0].shape, SHAPE_NONE);
    cr_assert_eq(f.batch.unknown_kind_count, 1);
    cr_assert_eq(f.batch.unknown_field_count, 1);
}

Test(event, of_a_known_kind_with_unknown_fields_is_not_of_an_unknown_kind)
{
    FIXTURE;
    ENCODING event = encoding_new();
    encode_bytes(event, EVENT(dns), SLICE_LITERAL("\x9a\x3f\x01x"));
    encode_bytes(event, 60, SLICE_LITERAL("a field of tomorrow"));
    encode_message(f.record, BATCH(events), event);
    assert_verdict(&f, REASON_NONE, "unknown fields");
    cr_assert_eq(f.batch.events[0].flags, 0);
    cr_assert_eq(f.batch.unknown_kind_count, 0);
    cr_assert_eq(f.batch.unknown_field_count, 2);
}

Test(event, with_extras_alone_is_judged_by_them)
{
    FIXTURE;
    ENCODING event = encoding_new();
    encode_bytes(event, EVENT(extra), SLICE_LITERAL("\x0a\x03key"));
    encode_message(f.record, BATCH(events), event);
    assert_verdict(&f, REASON_NONE, "extras alone");
    cr_assert_eq(f.batch.events[0].flags, 0);
    cr_assert_eq(f.batch.events[0].shape, SHAPE_NONE);
}
