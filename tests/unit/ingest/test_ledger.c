/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/ledger.h"

#include <criterion/criterion.h>

static struct ledger *ledger;
static const struct partition first = {SLICE_INIT("raw"), 0};
static const struct partition second = {SLICE_INIT("raw"), 1};

static void open_ledger(void)
{
    cr_assert_eq(ledger_new(&ledger, 100), 0);
    cr_assert_eq(ledger_open(ledger, first), 0);
    cr_assert_eq(ledger_open(ledger, second), 0);
}

static void close_ledger(void)
{
    ledger_free(ledger);
}

TestSuite(ledger, .init = open_ledger, .fini = close_ledger);

static int begin_at(struct partition partition, int64_t offset, uint64_t *ticket)
{
    const struct record record = {
        .topic = partition.topic, .partition = partition.number, .offset = offset};
    return ledger_begin(ledger, &record, ticket);
}

/* Begins a record that writes so many messages, and finishes it. */
static uint64_t write_record(struct partition partition, int64_t offset, unsigned messages)
{
    uint64_t ticket = 0;
    cr_assert_eq(begin_at(partition, offset, &ticket), 0);
    for (unsigned i = 0; i < messages; i++)
        ledger_expect(ledger, ticket);
    ledger_finish(ledger, ticket);
    return ticket;
}

/* What is to be stored now; -1: nothing. */
static int64_t moved(void)
{
    struct position position;
    return ledger_take_moved(ledger, &position) ? position.offset : -1;
}

Test(ledger, moves_past_a_record_that_wrote_nothing)
{
    write_record(first, 7, 0);
    cr_assert_eq(moved(), 8);
    cr_assert_eq(moved(), -1, "once");
    cr_assert_eq(ledger_outstanding(ledger), 0);
}

Test(ledger, stays_before_a_record_whose_messages_are_not_all_acknowledged)
{
    uint64_t ticket = write_record(first, 7, 2);
    cr_assert_eq(moved(), -1);
    ledger_acknowledge(ledger, ticket);
    cr_assert_eq(moved(), -1);
    cr_assert_eq(ledger_outstanding(ledger), 1);
    ledger_acknowledge(ledger, ticket);
    cr_assert_eq(moved(), 8);
}

Test(ledger, stays_before_a_record_that_may_write_more)
{
    uint64_t ticket = 0;
    cr_assert_eq(begin_at(first, 7, &ticket), 0);
    ledger_expect(ledger, ticket);
    ledger_acknowledge(ledger, ticket);
    cr_assert_eq(moved(), -1);
    ledger_finish(ledger, ticket);
    cr_assert_eq(moved(), 8);
}

Test(ledger, moves_only_to_the_first_record_that_is_not_done)
{
    uint64_t five = write_record(first, 5, 1);
    uint64_t six = write_record(first, 6, 1);
    uint64_t nine = write_record(first, 9, 1);
    ledger_acknowledge(ledger, six);
    cr_assert_eq(moved(), -1);
    ledger_acknowledge(ledger, five);
    cr_assert_eq(moved(), 7, "not 9: nothing says that 7 and 8 are done, and nobody asks");
    ledger_acknowledge(ledger, nine);
    cr_assert_eq(moved(), 10);
}

Test(ledger, keeps_partitions_apart)
{
    uint64_t held = write_record(first, 5, 1);
    write_record(second, 100, 0);
    struct position position;
    cr_assert(ledger_take_moved(ledger, &position));
    cr_assert_eq(position.partition.number, 1);
    cr_assert_eq(position.offset, 101);
    cr_assert_not(ledger_take_moved(ledger, &position));
    ledger_acknowledge(ledger, held);
    cr_assert(ledger_take_moved(ledger, &position));
    cr_assert_eq(position.partition.number, 0);
    cr_assert(slice_equal(position.partition.topic, first.topic));
}

Test(ledger, calls_a_record_stale_that_was_begun_before)
{
    uint64_t ticket = 0;
    write_record(first, 5, 1);
    cr_assert_eq(begin_at(first, 5, &ticket), LEDGER_STALE);
    cr_assert_eq(begin_at(first, 4, &ticket), LEDGER_STALE);
    cr_assert_eq(begin_at(first, 6, &ticket), 0);
}

Test(ledger, calls_a_record_of_a_foreign_partition_stale)
{
    uint64_t ticket = 0;
    const struct partition foreign[] = {{SLICE_INIT("raw"), 2}, {SLICE_INIT("other"), 0}};
    cr_assert_eq(begin_at(foreign[0], 5, &ticket), LEDGER_STALE);
    cr_assert_eq(begin_at(foreign[1], 5, &ticket), LEDGER_STALE);
}

Test(ledger, is_full_one_past_its_limit_and_only_for_that_partition)
{
    uint64_t oldest = 0, ticket = 0;
    for (int64_t i = 0; i < 100; i++) {
        ticket = write_record(first, i, 1);
        oldest = i == 0 ? ticket : oldest;
    }
    cr_assert_eq(begin_at(first, 100, &ticket), LEDGER_FULL);
    cr_assert_eq(begin_at(second, 100, &ticket), 0);
    ledger_finish(ledger, ticket);
    ledger_acknowledge(ledger, oldest);
    cr_assert_eq(begin_at(first, 100, &ticket), 0);
    ledger_finish(ledger, ticket);
}

Test(ledger, passes_over_receipts_of_a_partition_that_was_taken_away)
{
    uint64_t late = write_record(first, 5, 1);
    struct partition partition;
    int64_t offset = 0;
    cr_assert(ledger_record(ledger, late, &partition, &offset));
    cr_assert_eq(offset, 5);
    ledger_close(ledger, first);
    cr_assert_eq(ledger_outstanding(ledger), 0);
    cr_assert_not(ledger_record(ledger, late, &partition, &offset));
    ledger_acknowledge(ledger, late);
    cr_assert_eq(moved(), -1);
}

Test(ledger, does_not_take_a_late_receipt_for_the_successors)
{
    uint64_t late = write_record(first, 5, 1);
    ledger_close(ledger, first);
    cr_assert_eq(ledger_open(ledger, (struct partition){SLICE_INIT("raw"), 7}), 0);
    uint64_t own = write_record((struct partition){SLICE_INIT("raw"), 7}, 5, 1);
    cr_assert_neq(own, late);
    ledger_acknowledge(ledger, late);
    cr_assert_eq(moved(), -1);
    ledger_acknowledge(ledger, own);
    cr_assert_eq(moved(), 6);
}

Test(ledger, begins_anew_where_a_partition_comes_back)
{
    write_record(first, 50, 0);
    cr_assert_eq(moved(), 51);
    cr_assert_eq(ledger_open(ledger, first), 0);
    write_record(first, 20, 0);
    cr_assert_eq(moved(), 21, "the group's offset may be older than ours was");
}

Test(ledger, forgets_what_it_had_to_store_of_a_closed_partition)
{
    write_record(first, 5, 0);
    ledger_close(ledger, first);
    cr_assert_eq(moved(), -1);
    ledger_close(ledger, first); /* unknown ones are fine */
}

Test(ledger, has_room_for_so_many_partitions_and_no_more)
{
    for (int32_t i = 2; i < LEDGER_PARTITIONS_MAX; i++)
        cr_assert_eq(ledger_open(ledger, (struct partition){SLICE_INIT("raw"), i}), 0);
    struct partition more = {SLICE_INIT("raw"), LEDGER_PARTITIONS_MAX};
    cr_assert_eq(ledger_open(ledger, more), STATUS_LIMIT);
    ledger_close(ledger, second);
    cr_assert_eq(ledger_open(ledger, more), 0);
}

/* Against a plain array: records of random numbers of messages, receipts in random order. */
Test(ledger, agrees_with_a_plain_list_whatever_the_order_of_receipts)
{
    enum { RECORDS = 2000, OPEN_MAX = 90 };
    static unsigned left[RECORDS];
    static uint64_t tickets[RECORDS];
    uint64_t dice = 42;
    int64_t begun = 0, done = 0, taken = 0;
    while (done < RECORDS) {
        dice = dice * 6364136223846793005U + 1442695040888963407U;
        int64_t pick = done + (int64_t)(dice >> 33) % (begun - done + 1);
        if (pick == begun && begun < RECORDS && begun - done < OPEN_MAX) {
            left[begun] = (unsigned)(dice >> 60);
            tickets[begun] = write_record(first, begun, left[begun]);
            begun++;
        }
        if (pick < begun && left[pick] > 0) {
            left[pick]--;
            ledger_acknowledge(ledger, tickets[pick]);
        }
        while (done < begun && left[done] == 0)
            done++;
        int64_t now = moved();
        cr_assert_eq(now, done > taken ? done : -1, "after %ld records", (long)begun);
        taken = done;
    }
    cr_assert_eq(ledger_outstanding(ledger), 0);
}
