/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch is refused or flagged for: each limit at its edge and one past it, each fault with
 * its own reason, and nothing that is good lost beside what is bad. */
#include "batch_fixture.h"

#include <stdlib.h>

Test(event_limits, empty_record_is_unreadable)
{
    FIXTURE;
    cr_assert_eq(decode_bytes(&f, (struct slice){NULL, 0}), BATCH_UNREADABLE);
    cr_assert_eq(f.batch.reason, REASON_EMPTY);
    cr_assert_eq(f.batch.event_count, 0);
}

Test(event_limits, broken_framing_is_unreadable)
{
    FIXTURE;
    cr_assert_eq(decode_bytes(&f, SLICE_LITERAL("\0\0\0")), BATCH_UNREADABLE);
    cr_assert_eq(f.batch.reason, REASON_FRAMING);
}

Test(event_limits, batch_without_events_is_unreadable)
{
    FIXTURE;
    cr_assert_eq(decode(&f), BATCH_UNREADABLE);
    cr_assert_eq(f.batch.reason, REASON_NO_EVENTS);
    cr_assert_eq(decode_bytes(&f, SLICE_LITERAL("\0\0\0\0\1\0")), BATCH_UNREADABLE);
    cr_assert_eq(f.batch.reason, REASON_NO_ORIGIN, "the first thing that is wrong");
}

Test(event_limits, batch_without_origin_is_bad_and_judged)
{
    FIXTURE;
    cr_assert_eq(decode_bytes(&f, SLICE_LITERAL("\x22\x02\x52\x00")), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_NO_ORIGIN);
    cr_assert_eq(f.batch.reason_event, SIZE_MAX);
    cr_assert_eq(f.batch.events[0].reason, REASON_NONE);
    cr_assert_null(f.batch.origin);
}

Test(event_limits, broken_origin_is_bad_and_the_events_judged)
{
    FIXTURE;
    cr_assert_eq(decode_bytes(&f, SLICE_LITERAL("\x0a\x02\x0a\x10\x22\x02\x52\x00")), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_TRUNCATED);
    cr_assert_eq(f.batch.events[0].reason, REASON_NONE);
    cr_assert_eq(f.batch.tenant_id.len, 0);
}

Test(event_limits, second_origin_does_not_replace_the_first)
{
    FIXTURE;
    add_event(&f, EVENT(dns));
    encode_bytes(f.record, BATCH(origin),
                 SLICE_LITERAL("\x0a\x10"
                               "ffffffffffffffff"));
    add_event(&f, EVENT(dns));
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_DUPLICATE_MESSAGE);
    cr_assert(slice_equal(f.batch.tenant_id, slice_of(some_id, ID_BYTES)));
    cr_assert_eq(f.batch.event_count, 2);
    cr_assert_eq(f.batch.bad_event_count, 0);
}

/* A record of exactly that many bytes. */
static void fill_record(struct fixture *f, size_t bytes)
{
    add_event(f, EVENT(dns));
    size_t left = bytes - encoded(f->record).len;
    uint8_t *text = calloc(1, left);
    size_t head = 1 + (left < 130 ? 1 : left < 16386 ? 2 : left < 2097155 ? 3 : 4);
    encode_bytes(f->record, 15, slice_of(text, left - head)); /* unknown to EventBatch */
    free(text);
    cr_assert_eq(encoded(f->record).len, bytes);
}

Test(event_limits, record_may_be_as_long_as_configured_and_no_longer)
{
    static const size_t limits[] = {0, 300};
    for (size_t i = 0; i < 2; i++) {
        size_t limit = limits[i] == 0 ? 1024 * 1024 : limits[i];
        for (size_t past = 0; past <= 1; past++) {
            FIXTURE;
            f.options.record_bytes_max = limits[i];
            fill_record(&f, limit + past);
            cr_assert_eq(decode(&f), past == 0 ? 0 : BATCH_UNREADABLE);
            cr_assert_eq(f.batch.reason, past == 0 ? REASON_NONE : REASON_RECORD_TOO_LARGE);
        }
    }
}

Test(event_limits, batch_may_have_4096_events_and_judges_the_first_of_more)
{
    FIXTURE;
    for (size_t i = 0; i < BATCH_EVENTS_MAX; i++)
        add_event(&f, EVENT(dns));
    cr_assert_eq(decode(&f), 0);
    cr_assert_eq(f.batch.event_count, BATCH_EVENTS_MAX);
    add_event(&f, EVENT(dns));
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_TOO_MANY_EVENTS);
    cr_assert_eq(f.batch.event_count, BATCH_EVENTS_MAX);
    cr_assert_eq(f.batch.bad_event_count, 0);
}

Test(event_limits, mebibyte_of_empty_events_costs_no_more_than_4096)
{
    FIXTURE;
    while (encoded(f.record).len < BATCH_RECORD_BYTES - 1)
        encode_bytes(f.record, BATCH(events), SLICE_LITERAL(""));
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_TOO_MANY_EVENTS);
    cr_assert_eq(f.batch.bad_event_count, BATCH_EVENTS_MAX);
    cr_assert_eq(f.batch.events[0].reason, REASON_NO_KIND);
    cr_assert_lt(arena_used_bytes(f.arena), 6 * BATCH_RECORD_BYTES);
}

Test(event_limits, batch_may_have_1024_processes_and_events_of_more_are_out_of_range)
{
    FIXTURE;
    ENCODING event = encoding_new();
    encode_varint(event, EVENT(actor), BATCH_PROCESSES_MAX);
    encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
    encode_message(f.record, BATCH(events), event);
    for (size_t i = 0; i < BATCH_PROCESSES_MAX; i++)
        add_process(&f, "a");
    assert_verdict(&f, REASON_NONE, "1024");
    add_process(&f, "one more");
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_TOO_MANY_PROCESSES);
    cr_assert_eq(f.batch.process_count, BATCH_PROCESSES_MAX);
    cr_assert_eq(f.batch.events[0].reason, REASON_NONE);
}

Test(event_limits, batch_may_have_1024_log_sources)
{
    FIXTURE;
    add_event(&f, EVENT(dns));
    for (size_t i = 0; i < BATCH_SOURCES_MAX; i++)
        encode_bytes(f.record, BATCH(sources), SLICE_LITERAL(""));
    assert_verdict(&f, REASON_NONE, "1024");
    encode_bytes(f.record, BATCH(sources), SLICE_LITERAL(""));
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_TOO_MANY_SOURCES);
    cr_assert_eq(f.batch.source_count, BATCH_SOURCES_MAX);
}

/* One event with that many elements of a field of its message, or of its GenericLog. */
static void assert_element_limit(uint32_t kind, uint32_t field, size_t count, enum reason reason)
{
    FIXTURE;
    ENCODING elements = encoding_new();
    for (size_t i = 0; i < count; i++)
        encode_bytes(elements, field, SLICE_LITERAL("\x0a\x01k"));
    ENCODING event = encoding_new();
    if (kind != 0)
        encode_message(event, kind, elements);
    else
        encode_raw(event, encoded(elements));
    encode_message(f.record, BATCH(events), event);
    assert_verdict(&f, reason, kind == 0 ? "extras" : "fields");
}

Test(event_limits, event_may_have_128_extras)
{
    assert_element_limit(0, EVENT(extra), EVENT_EXTRAS_MAX, REASON_NONE);
    assert_element_limit(0, EVENT(extra), EVENT_EXTRAS_MAX + 1, REASON_TOO_MANY_EXTRAS);
    assert_element_limit(0, EVENT(extra), 10000, REASON_TOO_MANY_EXTRAS);
}

Test(event_limits, generic_log_may_have_4096_fields)
{
    uint32_t fields = NUMBER(generic_log, GenericLog, fields);
    assert_element_limit(EVENT(generic), fields, EVENT_FIELDS_MAX, REASON_NONE);
    assert_element_limit(EVENT(generic), fields, EVENT_FIELDS_MAX + 1, REASON_TOO_MANY_FIELDS);
}

Test(event_limits, index_may_point_to_the_last_entry_and_not_behind_it)
{
    static const struct {
        const char *what;
        uint32_t kind; /* 0: the index is Event's own */
        uint32_t field;
    } indexes[] = {{"actor", 0, 4},
                   {"source", 0, 2},
                   {"started", 6, 1},
                   {"stopped", 12, 1},
                   {"target", 19, 2}};
    for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
        for (uint32_t past = 0; past <= 1; past++) {
            FIXTURE;
            add_process(&f, "one");
            encode_bytes(f.record, BATCH(sources), SLICE_LITERAL(""));
            ENCODING kind = encoding_new();
            ENCODING event = encoding_new();
            encode_varint(indexes[i].kind == 0 ? event : kind, indexes[i].field, 1 + past);
            encode_message(event, indexes[i].kind == 0 ? EVENT(dns) : indexes[i].kind, kind);
            encode_message(f.record, BATCH(events), event);
            assert_verdict(&f, past == 0 ? REASON_NONE : REASON_INDEX_RANGE, indexes[i].what);
        }
    }
}

Test(event_limits, index_without_a_table_is_out_of_range)
{
    FIXTURE;
    ENCODING event = encoding_new();
    encode_varint(event, EVENT(actor), UINT32_MAX);
    encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
    encode_message(f.record, BATCH(events), event);
    assert_verdict(&f, REASON_INDEX_RANGE, "4 billion");
    cr_assert_null(f.batch.events[0].roots[ROOT_EVENT], "nothing of a bad event is offered");
}

Test(event_limits, ids_have_16_bytes_and_no_other_length)
{
    static const size_t lengths[] = {0, 1, 15, 16, 17};
    static const uint8_t bytes[17];
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct slice id = slice_of(bytes, lengths[i]);
        enum reason expected = lengths[i] == ID_BYTES ? REASON_NONE : REASON_ID_LENGTH;
        for (uint32_t field = ORIGIN(tenant_id); field <= ORIGIN(boot_id); field++) {
            ENCODING origin = encoding_new();
            encode_bytes(origin, field, id);
            ENCODING record = encoding_new();
            encode_message(record, BATCH(origin), origin);
            encode_bytes(record, BATCH(events), SLICE_LITERAL("\x52\x00"));
            FIXTURE;
            cr_assert_eq(decode_bytes(&f, encoded(record)),
                         expected == REASON_NONE ? 0 : BATCH_BAD);
            cr_assert_eq(f.batch.reason, expected, "origin %u of %zu", field, lengths[i]);
            cr_assert(f.batch.tenant_id.len == 0 || f.batch.tenant_id.len == ID_BYTES);
        }
        FIXTURE;
        ENCODING event = encoding_new();
        encode_bytes(event, EVENT(uid), id);
        encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
        encode_message(f.record, BATCH(events), event);
        assert_verdict(&f, expected, "uid");
    }
}

Test(event_limits, value_of_a_wrong_length_does_not_hide_its_event)
{
    static const struct {
        uint32_t kind; /* 0: a field of Event */
        uint32_t field;
    } values[] = {{18, 3} /* ScriptBlockId */, {9, 3} /* SourceIp */, {0, 34} /* trace id */};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        FIXTURE;
        ENCODING kind = encoding_new();
        ENCODING event = encoding_new();
        encode_bytes(values[i].kind == 0 ? event : kind, values[i].field,
                     slice_of(some_id, ID_BYTES + 1));
        encode_message(event, values[i].kind == 0 ? EVENT(dns) : values[i].kind, kind);
        encode_message(f.record, BATCH(events), event);
        assert_verdict(&f, REASON_NONE, "17 bytes");
    }
}

Test(event_limits, process_with_a_short_guid_spoils_only_events_that_point_to_it)
{
    FIXTURE;
    static const uint32_t guids[] = {1, 7, 14, 20};
    for (size_t i = 0; i < 4; i++) {
        ENCODING process = encoding_new();
        encode_bytes(process, guids[i], slice_of(some_id, ID_BYTES - 1));
        encode_message(f.record, BATCH(processes), process);
    }
    add_process(&f, "good");
    for (uint32_t i = 1; i <= 5; i++) {
        ENCODING event = encoding_new();
        encode_varint(event, EVENT(actor), i);
        encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
        encode_message(f.record, BATCH(events), event);
    }
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_ID_LENGTH);
    cr_assert_eq(f.batch.bad_event_count, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(f.batch.events[i].reason, REASON_BAD_PROCESS, "guid %zu", i);
    assert_image(f.batch.events[4].roots[ROOT_ACTOR], "good");
}

Test(event_limits, unreadable_source_spoils_only_events_that_point_to_it)
{
    FIXTURE;
    encode_bytes(f.record, BATCH(sources), SLICE_LITERAL("\x0a\x05"));
    ENCODING event = encoding_new();
    encode_varint(event, EVENT(source), 1);
    encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
    encode_message(f.record, BATCH(events), event);
    add_event(&f, EVENT(dns));
    cr_assert_eq(decode(&f), BATCH_BAD);
    cr_assert_eq(f.batch.reason, REASON_TRUNCATED);
    cr_assert_eq(f.batch.events[0].reason, REASON_BAD_SOURCE);
    cr_assert_eq(f.batch.events[1].reason, REASON_NONE);
}

Test(event_limits, event_has_one_kind)
{
    FIXTURE;
    encode_bytes(f.record, BATCH(events), SLICE_LITERAL("\x52\x00\x5a\x00"));
    assert_verdict(&f, REASON_TWO_KINDS, "dns and module load");
}

Test(event_limits, event_without_kind_and_field_is_refused)
{
    static const struct slice events[] = {SLICE_INIT(""), SLICE_INIT("\x18\x05"),
                                          SLICE_INIT("\xe0\x03\x01")};
    for (size_t i = 0; i < 3; i++) {
        FIXTURE;
        encode_bytes(f.record, BATCH(events), events[i]);
        assert_verdict(&f, REASON_NO_KIND, "nothing, an id alone, an unknown number");
    }
}

Test(event_limits, text_beyond_256_kib_is_kept_and_flagged)
{
    static uint8_t text[TEXT_BYTES_MAX + 1];
    for (size_t past = 0; past <= 1; past++) {
        FIXTURE;
        uint32_t expected = past == 0 ? 0 : EVENT_NOTE_TEXT_TRUNCATED;
        ENCODING process = encoding_new();
        encode_bytes(process, PROCESS(command_line), slice_of(text, TEXT_BYTES_MAX + past));
        encode_message(f.record, BATCH(processes), process);
        ENCODING by_process = encoding_new();
        encode_bytes(by_process, EVENT(process_start), SLICE_LITERAL("\x08\x01"));
        encode_message(f.record, BATCH(events), by_process);
        ENCODING dns = encoding_new();
        encode_bytes(dns, NUMBER(dns_query, DnsQuery, query_name),
                     slice_of(text, TEXT_BYTES_MAX + past));
        ENCODING itself = encoding_new();
        encode_message(itself, EVENT(dns), dns);
        encode_message(f.record, BATCH(events), itself);
        add_event(&f, EVENT(dns));
        cr_assert_eq(decode(&f), 0);
        cr_assert_eq(f.batch.events[0].flags, expected);
        cr_assert_eq(f.batch.events[1].flags, expected);
        cr_assert_eq(f.batch.events[2].flags, 0, "its neighbours are not");
    }
}

Test(event_limits, time_is_flagged_outside_30_days_and_10_minutes)
{
    static const int64_t broker_ms = INT64_C(1764000000000);
    static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    const struct {
        int64_t time_ms;
        bool flagged;
    } cases[] = {
        {broker_ms, false},
        {broker_ms - 30 * day_ms, false},
        {broker_ms - 30 * day_ms - 1, true},
        {broker_ms + 600000, false},
        {broker_ms + 600001, true},
        {1, true},
        {INT64_MAX / 1000000, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t checked = 0; checked <= 1; checked++) {
            FIXTURE;
            f.options.broker_time_ms = checked == 1 ? broker_ms : 0;
            ENCODING event = encoding_new();
            encode_fixed64(event, EVENT(time_unix_nanos), (uint64_t)cases[i].time_ms * 1000000);
            encode_bytes(event, EVENT(dns), SLICE_LITERAL(""));
            encode_message(f.record, BATCH(events), event);
            assert_verdict(&f, REASON_NONE, "a skewed clock is no fault");
            uint32_t expected = checked == 1 && cases[i].flagged ? EVENT_NOTE_TIME_SKEW : 0;
            cr_assert_eq(f.batch.events[0].flags, expected, "case %zu", i);
        }
    }
}

Test(event_limits, event_without_a_time_is_not_skewed)
{
    FIXTURE;
    f.options.broker_time_ms = INT64_C(1764000000000);
    add_event(&f, EVENT(dns));
    assert_verdict(&f, REASON_NONE, "no time");
    cr_assert_eq(f.batch.events[0].flags, 0);
}

Test(event_limits, bad_event_does_not_spoil_its_neighbours)
{
    static const struct {
        struct slice bytes;
        enum reason reason;
    } bad[] = {
        {SLICE_INIT("\x52\x05"), REASON_TRUNCATED},
        {SLICE_INIT("\x00\x01"), REASON_TAG},
        {SLICE_INIT("\x0b\x0c"), REASON_GROUP},
        {SLICE_INIT("\x50\x01"), REASON_WIRE_TYPE},
        {SLICE_INIT("\x52\0\x52\0"), REASON_DUPLICATE_MESSAGE},
        {SLICE_INIT("\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), REASON_VARINT},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        FIXTURE;
        add_event(&f, EVENT(dns));
        encode_bytes(f.record, BATCH(events), bad[i].bytes);
        add_event(&f, EVENT(dns));
        cr_assert_eq(decode(&f), BATCH_BAD);
        cr_assert_eq(f.batch.reason, bad[i].reason, "case %zu", i);
        cr_assert_eq(f.batch.reason_event, 1);
        cr_assert_eq(f.batch.bad_event_count, 1);
        cr_assert_eq(f.batch.events[1].reason, bad[i].reason);
        cr_assert_eq(f.batch.events[0].shape, SHAPE_DNS_QUERY);
        cr_assert_eq(f.batch.events[2].shape, SHAPE_DNS_QUERY);
    }
}

Test(event_limits, record_cut_at_any_byte_keeps_the_events_before_the_cut)
{
    FIXTURE;
    add_process(&f, "a");
    size_t ends[20];
    size_t whole = encoded(f.record).len;
    for (size_t i = 0; i < 20; i++) {
        add_event(&f, EVENT(dns));
        ends[i] = encoded(f.record).len;
    }
    for (size_t len = 1; len < encoded(f.record).len; len++) {
        size_t complete = 0;
        while (complete < 20 && ends[complete] <= len)
            complete++;
        int status = decode_bytes(&f, slice_of(encoded(f.record).data, len));
        bool at_boundary = len == whole || (complete > 0 && ends[complete - 1] == len);
        cr_assert_eq(f.batch.event_count, complete, "cut at %zu", len);
        cr_assert_eq(f.batch.bad_event_count, 0, "cut at %zu", len);
        if (complete == 0)
            cr_assert_eq(status, BATCH_UNREADABLE, "cut at %zu", len);
        else
            cr_assert_eq(status, at_boundary ? 0 : BATCH_BAD, "cut at %zu", len);
    }
}

Test(event_limits, full_arena_is_not_the_records_fault)
{
    FIXTURE;
    for (size_t i = 0; i < 50; i++)
        add_event(&f, EVENT(dns));
    size_t needed = 0;
    for (size_t bytes = 64; needed == 0; bytes += 512) {
        AUTO(arena_free) struct arena *small = NULL;
        cr_assert_eq(arena_new_fixed(&small, bytes), 0);
        int status = batch_decode(&f.batch, encoded(f.record), &f.options, small);
        cr_assert(status == STATUS_LIMIT || status == 0, "%d with %zu bytes", status, bytes);
        cr_assert_eq(arena_overflowed(small), status == STATUS_LIMIT);
        needed = status == 0 ? bytes : 0;
    }
    cr_assert_gt(needed, 50 * sizeof(struct event));
}
