/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "proto/alert.pb-c.h"
#include "proto/digest.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct rig rig;

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(judge, .fini = close_rig);

static void run(void)
{
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), (int64_t)rig.record_count, "bad input never stops a partition");
}

static Yagura__V1__Alert *alert_at(enum output output, size_t n)
{
    struct slice value = rig_message(&rig, output, n)->value;
    Yagura__V1__Alert *alert = yagura__v1__alert__unpack(NULL, value.len, value.data);
    cr_assert_neq(alert, NULL);
    return alert;
}

/* --- Good records --- */

Test(judge, writes_an_alert_for_each_rule_and_event)
{
    const char *const lines[] = {"whoami", "dir", "hostname", "both", NULL};
    rig_open(&rig, &(struct rig_options){0});
    rig_add_starts(&rig, lines);
    run();
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 3);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS_OCSF), 3);
    cr_assert_eq(rig_count(&rig, OUTPUT_INFORMATIONAL), 1);
    cr_assert_eq(rig_count(&rig, OUTPUT_DEAD_LETTERS), 0);
    cr_assert_eq(rig_counter(&rig, COUNTER_EVENTS), 4);
    cr_assert_eq(rig_counter(&rig, COUNTER_MATCHES), 4);
    cr_assert_eq(counter_read(&rig.counters->alerts[ALERT_INFORMATIONAL]), 1);
    cr_assert_eq(counter_read(&rig.counters->alerts[ALERT_HIGH]), 1);
}

Test(judge, says_in_an_alert_where_its_event_stands)
{
    const char *const lines[] = {"dir", "whoami", NULL};
    uint8_t sha256[SHA256_BYTES];
    rig_open(&rig, &(struct rig_options){0});
    rig_add(&rig, slice_text(""));
    struct memory_record *record = rig_add_starts(&rig, lines);
    run();
    Yagura__V1__Alert *alert = alert_at(OUTPUT_ALERTS, 0);
    cr_assert_eq(alert->evidence->offset, 1);
    cr_assert_eq(alert->evidence->event_index, 1);
    cr_assert_str_eq(alert->evidence->topic, "telemetry.raw.v1");
    cr_assert_eq(digest_sha256(sha256, &record->value, 1), 0);
    cr_assert_arr_eq(alert->evidence->record_sha256.data, sha256, SHA256_BYTES);
    cr_assert_eq(alert->rule->ruleset_sha256.len, 32);
    cr_assert_arr_eq(alert->rule->ruleset_sha256.data, ruleset_sha256(rig.edition->ruleset), 32);
    yagura__v1__alert__free_unpacked(alert, NULL);
}

Test(judge, addresses_alerts_by_tenant_and_endpoint)
{
    const char *const lines[] = {"whoami", NULL};
    rig_open(&rig, &(struct rig_options){0});
    rig_add_starts(&rig, lines);
    run();
    const struct memory_message *alert = rig_message(&rig, OUTPUT_ALERTS, 0);
    const struct memory_message *ocsf = rig_message(&rig, OUTPUT_ALERTS_OCSF, 0);
    cr_assert(
        slice_equal(alert->key, slice_text(RIG_TENANT "/656e6470-6f69-6e74-2d73-69787465656e")));
    cr_assert(slice_equal(alert->key, ocsf->key));
    cr_assert(rig_header_is(alert, "x-tenant-id", RIG_TENANT));
    cr_assert(rig_header_is(alert, "content-type", "application/protobuf"));
    cr_assert(rig_header_is(ocsf, "content-type", "application/json"));
    cr_assert(slice_equal(rig_header(alert, "ce_id"), rig_header(ocsf, "ce_id")));
}

/* The time of a record is what its producer says, if the topic keeps it. */
Test(judge, tells_the_time_of_a_record_only_where_it_can_be_one)
{
    static const struct {
        int64_t broker_time_ms;
        const char *said;
    } cases[] = {
        {0, ""},
        {1, "1970-01-01T00:00:00.001Z"},
        {INT64_C(1764000000123), "2025-11-24T16:00:00.123Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {INT64_C(253402300800000), ""},
        {INT64_MAX, ""},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    const char *const lines[] = {"whoami"};
    const struct starts_options starts = {.command_lines = lines, .count = 1, .timeless = true};
    rig_open(&rig, &(struct rig_options){0});
    for (size_t i = 0; i < CASES; i++)
        rig_add(&rig, starts_batch(&starts, rig.arena))->broker_time_ms = cases[i].broker_time_ms;
    run();
    for (size_t i = 0; i < CASES; i++)
        cr_expect(rig_header_is(rig_message(&rig, OUTPUT_ALERTS, i), "ce_time", cases[i].said),
                  "case %zu", i);
}

Test(judge, hands_a_trace_on_but_not_one_of_any_length)
{
    static char long_trace[1000];
    const char *const lines[] = {"whoami", NULL};
    memset(long_trace, 'a', sizeof long_trace - 1);
    const struct record_header headers[] = {
        {SLICE_INIT("traceparent"),
         SLICE_INIT("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), false}};
    const struct record_header long_headers[] = {
        {SLICE_INIT("traceparent"), slice_text(long_trace), false}};
    rig_open(&rig, &(struct rig_options){0});
    struct memory_record *record = rig_add_starts(&rig, lines);
    record->headers = headers;
    record->header_count = 1;
    record = rig_add_starts(&rig, lines);
    record->headers = long_headers;
    record->header_count = 1;
    run();
    cr_assert(slice_equal(rig_header(rig_message(&rig, OUTPUT_ALERTS, 0), "traceparent"),
                          headers[0].value));
    cr_assert_eq(rig_header(rig_message(&rig, OUTPUT_ALERTS, 1), "traceparent").len, 0);
}

Test(judge, counts_extras_that_lose_to_a_typed_field)
{
    const char *const lines[] = {"dir", "dir", NULL};
    const struct starts_options starts = {
        .command_lines = lines, .count = 2, .extra_key = SLICE_INIT("CommandLine")};
    rig_open(&rig, &(struct rig_options){0});
    rig_add(&rig, starts_batch(&starts, rig.arena));
    run();
    cr_assert_eq(rig_counter(&rig, COUNTER_DUPLICATE_FIELDS), 2);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 0);
}

/* --- Bad records --- */

/* The dead letter of the only record, which is the record as it came. */
static const struct memory_message *letter_of(const struct memory_record *record)
{
    cr_assert_eq(rig_count(&rig, OUTPUT_DEAD_LETTERS), 1);
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 0);
    cr_assert_eq(letter->has_key, record->has_key);
    cr_assert_eq(letter->has_value, record->has_value);
    cr_assert(slice_equal(letter->key, record->key));
    cr_assert(slice_equal(letter->value, record->value));
    for (size_t i = 0; i < record->header_count; i++) {
        cr_assert(slice_equal(letter->headers[i].name, record->headers[i].name), "header %zu", i);
        cr_assert(slice_equal(letter->headers[i].value, record->headers[i].value), "header %zu", i);
        cr_assert_eq(letter->headers[i].null, record->headers[i].null, "header %zu", i);
    }
    cr_assert(rig_header_is(letter, "x-dlq-topic", "telemetry.raw.v1"));
    cr_assert(rig_header_is(letter, "x-dlq-partition", "0"));
    return letter;
}

Test(judge, judges_every_good_event_of_a_record_with_a_bad_one)
{
    const char *const lines[] = {"whoami", "whoami", "whoami", NULL};
    const struct record_header headers[] = {{SLICE_INIT("h"), SLICE_INIT("a\0b"), false},
                                            {SLICE_INIT("n"), {NULL, 0}, true}};
    const struct starts_options starts = {.command_lines = lines, .count = 3, .bad_event = 2};
    rig_open(&rig, &(struct rig_options){0});
    struct memory_record *record = rig_add(&rig, starts_batch(&starts, rig.arena));
    record->key = slice_text("key");
    record->has_key = true;
    record->headers = headers;
    record->header_count = 2;
    run();
    const struct memory_message *letter = letter_of(record);
    cr_assert(rig_header_is(letter, "x-dlq-reason", "index_range"));
    cr_assert(rig_header_is(letter, "x-dlq-stage", "decode"));
    cr_assert(rig_header_is(letter, "x-dlq-event-index", "1"));
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 2);
    cr_assert_eq(rig_counter(&rig, COUNTER_EVENTS), 2);
    cr_assert_eq(rig_counter(&rig, COUNTER_EVENTS_REFUSED), 1);
    cr_assert_eq(rig_letters(&rig, REASON_INDEX_RANGE), 1);
}

static const struct {
    const char *value; /* NULL: the record has none */
    size_t len;
    const char *reason;
} unreadable[] = {
    {NULL, 0, "empty"},     {"\x0a\x7f", 2, "truncated"},
    {"\x00", 1, "framing"}, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11, "varint"},
    {"\x0b", 1, "group"},
};

Test(judge, sends_what_it_cannot_read_to_the_dead_letters_as_it_came)
{
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        rig_open(&rig, &(struct rig_options){0});
        struct memory_record *record =
            rig_add(&rig, slice_of(unreadable[i].value, unreadable[i].len));
        record->has_value = unreadable[i].value != NULL;
        run();
        cr_assert(rig_header_is(letter_of(record), "x-dlq-reason", unreadable[i].reason),
                  "record %zu: %.*s", i,
                  SLICE_PRINTF(rig_header(letter_of(record), "x-dlq-reason")));
        cr_assert_eq(rig_header(letter_of(record), "x-dlq-event-index").len, 0);
        if (i + 1 < sizeof unreadable / sizeof *unreadable)
            rig_close(&rig);
    }
}

Test(judge, takes_an_empty_value_for_a_batch_without_origin_and_not_for_none)
{
    rig_open(&rig, &(struct rig_options){0});
    struct memory_record *record = rig_add(&rig, slice_text(""));
    run();
    cr_assert_not(rig_header_is(letter_of(record), "x-dlq-reason", ""));
    cr_assert(letter_of(record)->has_value);
}

Test(judge, accepts_a_record_of_the_largest_size_and_none_larger)
{
    const char *const lines[] = {"whoami", NULL};
    struct rig_options options = {.record_bytes_max = 1000000};
    rig_open(&rig, &options);
    options.record_bytes_max = rig_add_starts(&rig, lines)->value.len;
    rig_close(&rig);
    for (size_t less = 0; less <= 1; less++) {
        options.record_bytes_max -= less;
        rig_open(&rig, &options);
        rig_add_starts(&rig, lines);
        run();
        cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 1 - less);
        cr_assert_eq(rig_letters(&rig, REASON_RECORD_TOO_LARGE), less);
        if (less == 0)
            rig_close(&rig);
    }
}

Test(judge, makes_a_dead_letter_of_a_record_that_needs_more_memory_than_there_is)
{
    const char *lines[STARTS_EVENTS_MAX + 1] = {NULL};
    for (size_t i = 0; i < STARTS_EVENTS_MAX; i++)
        lines[i] = "whoami";
    rig_open(&rig, &(struct rig_options){.arena_bytes = 24 * 1024});
    struct memory_record *record = rig_add_starts(&rig, lines);
    run();
    cr_assert(rig_header_is(letter_of(record), "x-dlq-reason", "memory"));
}

Test(judge, leaves_out_headers_that_need_more_memory_than_there_is)
{
    enum { HEADERS = 3000 };
    struct record_header *headers = calloc(HEADERS, sizeof *headers);
    cr_assert_neq(headers, NULL);
    for (size_t i = 0; i < HEADERS; i++)
        headers[i] = (struct record_header){SLICE_INIT("name"), SLICE_INIT("value"), false};
    rig_open(&rig, &(struct rig_options){.arena_bytes = 64 * 1024});
    struct memory_record *record = rig_add(&rig, slice_text("\x0b"));
    record->headers = headers;
    record->header_count = HEADERS;
    run();
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 0);
    cr_assert(rig_header_is(letter, "x-dlq-reason", "group"));
    cr_assert(rig_header_is(letter, "x-dlq-value-omitted-bytes", "1"));
    cr_assert_lt(letter->header_count, 10);
    cr_assert_eq(rig_letters(&rig, REASON_GROUP), 1, "counted once");
    free(headers);
}

/* --- Letters that their topic refuses --- */

/* A bad record with a key, a header and a value of so many bytes, before a topic that takes less.
 */
static void refuse_letter(size_t key_bytes, size_t header_bytes, size_t value_bytes)
{
    static char bytes[1000] = {0x0b};
    static struct record_header header;
    rig_open(&rig, &(struct rig_options){.sink = {.letter_bytes_max = 400}});
    header =
        (struct record_header){SLICE_INIT("x-dlq-reason"), slice_of(bytes, header_bytes), false};
    struct memory_record *record = rig_add(&rig, slice_of(bytes, value_bytes));
    record->key = slice_of(bytes, key_bytes);
    record->has_key = true;
    record->headers = &header;
    record->header_count = 1;
    run();
}

Test(judge, shortens_a_dead_letter_that_is_refused_by_its_value)
{
    refuse_letter(10, 10, 900);
    cr_assert_eq(rig_count(&rig, OUTPUT_DEAD_LETTERS), 2);
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 1);
    cr_assert_not(letter->has_value);
    cr_assert_eq(letter->key.len, 10);
    cr_assert(rig_header_is(letter, "x-dlq-value-omitted-bytes", "900"));
    cr_assert(rig_header_is(letter, "x-dlq-reason", "group"));
}

Test(judge, shortens_a_dead_letter_to_its_reason_if_need_be)
{
    refuse_letter(10, 600, 900);
    cr_assert_eq(rig_count(&rig, OUTPUT_DEAD_LETTERS), 3);
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 2);
    cr_assert_not(letter->has_value);
    cr_assert_not(letter->has_key);
    cr_assert(rig_header_is(letter, "x-dlq-reason", "group"), "ours, not the record's own");
    cr_assert(rig_header_is(letter, "x-dlq-offset", "0"));
    cr_assert(rig_header_is(letter, "x-dlq-value-omitted-bytes", "900"));
}

Test(judge, stops_loudly_where_not_even_a_reason_is_taken)
{
    rig_open(&rig, &(struct rig_options){.sink = {.letter_bytes_max = 20}});
    rig_add(&rig, slice_text("\x0b"));
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), STATUS_KAFKA);
    cr_assert_eq(rig_stored(&rig), -1);
    cr_assert(strstr(rig_log(&rig), "could not be delivered") != NULL);
}
