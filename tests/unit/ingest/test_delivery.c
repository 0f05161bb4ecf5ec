/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <criterion/criterion.h>

static struct rig rig;

static void close_rig(void)
{
    rig_close(&rig);
}

TestSuite(delivery, .fini = close_rig);

static const char *const alerting[] = {"whoami /all", NULL};
static const char *const quiet[] = {"dir", NULL};

/* Records that cause one alert each (without OCSF). */
static void start(const struct rig_options *options, size_t records)
{
    rig_open(&rig, options);
    for (size_t i = 0; i < records; i++)
        rig_add_starts(&rig, alerting);
    rig_start(&rig);
}

Test(delivery, stores_what_is_behind_acknowledged_alerts)
{
    start(&(struct rig_options){.without_ocsf = true}, 5);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 5);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 5);
    cr_assert_eq(rig_counter(&rig, COUNTER_SENT), 5);
    cr_assert_eq(rig_counter(&rig, COUNTER_ACKNOWLEDGED), 5);
    cr_assert_eq(rig_counter(&rig, COUNTER_OUTSTANDING), 0);
}

Test(delivery, stores_nothing_at_or_behind_an_alert_without_receipt)
{
    start(&(struct rig_options){.without_ocsf = true, .sink = {.silent_from = 3}}, 5);
    cr_assert_eq(rig_run(&rig), DELIVERY_LATE);
    cr_assert_eq(rig_stored(&rig), 2);
    cr_assert_eq(rig_counter(&rig, COUNTER_UNSETTLED), 1);
    cr_assert(strstr(rig_log(&rig), "a drain ran out of time") != NULL);
}

Test(delivery, stores_nothing_behind_an_alert_of_which_nobody_knows)
{
    start(&(struct rig_options){.without_ocsf = true, .sink = {.unknown_at = 2}}, 5);
    cr_assert_eq(rig_run(&rig), STATUS_KAFKA, "the session begins again");
    cr_assert_leq(rig_stored(&rig), 1);
}

Test(delivery, stores_nothing_behind_an_alert_whose_receipt_is_forgotten)
{
    start(&(struct rig_options){.without_ocsf = true, .sink = {.forget_at = 2}}, 5);
    cr_assert_eq(rig_run(&rig), DELIVERY_LATE);
    cr_assert_eq(rig_stored(&rig), 1);
}

Test(delivery, ends_the_session_when_the_sink_has_failed)
{
    start(
        &(struct rig_options){.without_ocsf = true, .sink = {.fail_at = 2, .receipts_per_poll = 1}},
        5);
    cr_assert_eq(rig_run(&rig), STATUS_KAFKA);
    cr_assert_leq(rig_stored(&rig), 1);
    cr_assert(strstr(rig_log(&rig), "could not be delivered") != NULL);
    uint64_t ticket = 0;
    const struct record next = {.topic = SLICE_INIT("telemetry.raw.v1"), .offset = 100};
    cr_assert_eq(delivery_begin(rig.delivery, &next, &ticket), STATUS_KAFKA);
    cr_assert_eq(delivery_settle(rig.delivery), STATUS_KAFKA);
}

Test(delivery, turns_an_alert_that_is_refused_later_into_a_dead_letter)
{
    start(&(struct rig_options){.without_ocsf = true, .sink = {.refuse_at = 2}}, 3);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 3);
    cr_assert_eq(rig_count(&rig, OUTPUT_DEAD_LETTERS), 1);
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 0);
    cr_assert(rig_header_is(letter, "x-dlq-reason", "alert_undeliverable"));
    cr_assert(rig_header_is(letter, "x-dlq-stage", "deliver"));
    cr_assert(rig_header_is(letter, "x-dlq-topic", "telemetry.raw.v1"));
    cr_assert(rig_header_is(letter, "x-dlq-offset", "1"));
    cr_assert(slice_equal(letter->value, rig_message(&rig, OUTPUT_ALERTS, 1)->value));
    cr_assert_eq(rig_letters(&rig, REASON_ALERT_UNDELIVERABLE), 1);
    cr_assert_eq(rig_counter(&rig, COUNTER_REFUSED), 1);
}

Test(delivery, does_not_store_a_refused_alert_before_its_dead_letter_is_acknowledged)
{
    start(&(struct rig_options){.without_ocsf = true, .sink = {.refuse_at = 1, .silent_from = 2}},
          1);
    cr_assert_eq(rig_run(&rig), DELIVERY_LATE);
    cr_assert_eq(rig_stored(&rig), -1);
}

Test(delivery, leaves_out_the_value_of_an_alert_that_not_even_the_dead_letters_take)
{
    start(&(struct rig_options){.without_ocsf = true,
                                .sink = {.refuse_at = 1, .letter_bytes_max = 300}},
          1);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 1);
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 1);
    cr_assert_not(letter->has_value);
    cr_assert_gt(rig_header(letter, "x-dlq-value-omitted-bytes").len, 0);
    cr_assert(rig_header_is(letter, "x-dlq-reason", "alert_undeliverable"));
}

Test(delivery, takes_an_alert_that_the_sink_refuses_at_once_for_a_bad_record)
{
    const char *const both[] = {"dir", "whoami", NULL};
    rig_open(&rig, &(struct rig_options){.without_ocsf = true, .sink = {.value_bytes_max = 300}});
    rig_add_starts(&rig, both);
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 0);
    const struct memory_message *letter = rig_message(&rig, OUTPUT_DEAD_LETTERS, 0);
    cr_assert(rig_header_is(letter, "x-dlq-reason", "alert_undeliverable"));
    cr_assert(rig_header_is(letter, "x-dlq-event-index", "1"));
    cr_assert_eq(rig_stored(&rig), 1);
}

Test(delivery, waits_while_the_sink_is_full)
{
    start(&(struct rig_options){.sink = {.outstanding_max = 1, .receipts_per_poll = 1}}, 8);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 8);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 8);
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS_OCSF), 8);
    cr_assert_gt(rig_counter(&rig, COUNTER_WAITS), 0);
}

Test(delivery, waits_while_too_many_records_are_open)
{
    start(&(struct rig_options){.records_in_flight_max = 1, .sink = {.receipts_per_poll = 1}}, 8);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 8);
    cr_assert_gt(rig_counter(&rig, COUNTER_WAITS), 0);
}

Test(delivery, gives_up_waiting_some_time_after_it_was_told_to_stop)
{
    start(&(struct rig_options){.sink = {.outstanding_max = 1, .silent_from = 1}}, 2);
    rig.stop = true;
    cr_assert_eq(rig_run(&rig), STATUS_CANCELLED);
    cr_assert_eq(delivery_drain(rig.delivery), DELIVERY_LATE);
    cr_assert_eq(rig_stored(&rig), -1);
}

Test(delivery, drains_and_stores_before_it_gives_partitions_away)
{
    const struct rig_options options = {.source = {.revoke_after = 3},
                                        .sink = {.receipts_per_poll = 1}};
    start(&options, 6);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 6);
    cr_assert_eq(rig_counter(&rig, COUNTER_RECORDS), 6, "none came again: all were stored");
    cr_assert_eq(rig_counter(&rig, COUNTER_CHANGES), 3);
    cr_assert_eq(rig_counter(&rig, COUNTER_PARTITIONS), 1);
}

Test(delivery, judges_again_what_was_not_acknowledged_when_partitions_went)
{
    const struct rig_options options = {
        .without_ocsf = true, .source = {.revoke_after = 3}, .sink = {.forget_at = 2}};
    start(&options, 6);
    cr_assert_eq(rig_run(&rig), DELIVERY_LATE, "so the sink thinks for ever");
    cr_assert_eq(rig_counter(&rig, COUNTER_RECORDS), 8, "records 1 and 2 came twice");
    cr_assert_eq(rig_count(&rig, OUTPUT_ALERTS), 8);
    cr_assert(slice_equal(rig_header(rig_message(&rig, OUTPUT_ALERTS, 1), "ce_id"),
                          rig_header(rig_message(&rig, OUTPUT_ALERTS, 3), "ce_id")),
              "with the same alert id");
    cr_assert_eq(rig_stored(&rig), 6);
}

Test(delivery, stores_nothing_of_partitions_that_are_lost)
{
    const struct rig_options options = {.source = {.revoke_after = 3, .lose = true},
                                        .sink = {.silent_from = 1}};
    start(&options, 3);
    cr_assert_eq(rig_run(&rig), DELIVERY_LATE);
    cr_assert_eq(rig_stored(&rig), -1);
    cr_assert_eq(rig_counter(&rig, COUNTER_UNSETTLED), 1,
                 "only the drain at the end was waited for");
    cr_assert(strstr(rig_log(&rig), "\"what\":\"lost\"") != NULL);
}

Test(delivery, stores_records_that_wrote_nothing_at_once)
{
    rig_open(&rig, &(struct rig_options){.sink = {.silent_from = 1}});
    rig_add_starts(&rig, quiet);
    rig_add_starts(&rig, quiet);
    rig_start(&rig);
    cr_assert_eq(rig_run(&rig), 0);
    cr_assert_eq(rig_stored(&rig), 2);
    cr_assert_eq(memory_sink_count(rig.sink), 0);
}
