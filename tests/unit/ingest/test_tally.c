/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/tally.h"

#include <criterion/criterion.h>

enum { TALLIES = 2 };

static struct tally *tallies[TALLIES];

static void open_tallies(void)
{
    for (size_t i = 0; i < TALLIES; i++)
        cr_assert_eq(tally_new(&tallies[i]), 0);
}

static void close_tallies(void)
{
    for (size_t i = 0; i < TALLIES; i++)
        tally_free(tallies[i]);
}

TestSuite(tally, .init = open_tallies, .fini = close_tallies);

static void count(size_t tally, uint32_t rule, size_t times)
{
    uint8_t id[UUID_BYTES] = {0};
    memcpy(id, &rule, sizeof rule);
    for (size_t i = 0; i < times; i++)
        tally_count(tallies[tally], id);
}

static uint32_t rule_of(const struct tally_row *row)
{
    uint32_t rule;
    memcpy(&rule, row->rule_id, sizeof rule);
    return rule;
}

Test(tally, adds_up_the_workers_and_sorts_by_matches)
{
    struct tally_row rows[10];
    uint64_t others = 99;
    count(0, 1, 3);
    count(0, 2, 5);
    count(1, 1, 4);
    count(1, 3, 1);
    cr_assert_eq(tally_top(rows, 10, &others, tallies, TALLIES), 3);
    cr_assert_eq(rule_of(&rows[0]), 1);
    cr_assert_eq(rows[0].count, 7);
    cr_assert_eq(rule_of(&rows[1]), 2);
    cr_assert_eq(rows[2].count, 1);
    cr_assert_eq(others, 0);
}

Test(tally, shows_so_many_and_sums_up_the_others)
{
    struct tally_row rows[2];
    uint64_t others = 0;
    for (uint32_t rule = 1; rule <= 5; rule++)
        count(0, rule, rule);
    cr_assert_eq(tally_top(rows, 2, &others, tallies, TALLIES), 2);
    cr_assert_eq(rows[0].count, 5);
    cr_assert_eq(rows[1].count, 4);
    cr_assert_eq(others, 1 + 2 + 3);
    cr_assert_eq(tally_top(rows, 0, &others, tallies, TALLIES), 0);
    cr_assert_eq(others, 15);
}

Test(tally, is_empty_at_first)
{
    struct tally_row rows[1];
    uint64_t others = 99;
    cr_assert_eq(tally_top(rows, 1, &others, tallies, TALLIES), 0);
    cr_assert_eq(others, 0);
}

Test(tally, has_room_for_so_many_rules_and_counts_the_rest_together)
{
    static struct tally_row rows[TALLY_RULES_MAX + 10];
    uint64_t others = 0;
    for (uint32_t rule = 0; rule < TALLY_RULES_MAX; rule++)
        count(0, rule, 1);
    cr_assert_eq(tally_top(rows, TALLY_RULES_MAX + 10, &others, tallies, 1), TALLY_RULES_MAX);
    cr_assert_eq(others, 0);
    count(0, TALLY_RULES_MAX, 2);
    count(0, 5, 1);
    cr_assert_eq(tally_top(rows, TALLY_RULES_MAX + 10, &others, tallies, 1), TALLY_RULES_MAX);
    cr_assert_eq(others, 2);
    cr_assert_eq(rule_of(&rows[0]), 5, "rules that have a place go on counting");
}
