/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>

Test(rule, outlives_the_list_that_it_came_from)
{
    struct reading *reading = read_item("F: a", NULL);
    cr_assert_eq(reading->rules.count, 1);
    struct rule *rule = rule_ref(reading->rules.items[0]);
    reading_free(reading);
    cr_expect(slice_equal(rule->title, SLICE_LITERAL("T")));
    cr_expect_eq(rule->references_held, 1);
    rule_unref(rule);
    rule_unref(NULL);
}

Test(rule, is_shared_by_lists)
{
    struct reading *reading = read_item("F: a", NULL);
    struct rule_list other = {0};
    for (int i = 0; i < 100; i++)
        cr_assert_eq(rule_list_add(&other, reading->rules.items[0]), 0);
    cr_expect_eq(other.count, 100);
    cr_expect_eq(other.items[99]->references_held, 101);
    rule_list_deinit(&other);
    cr_expect_eq(other.count, 0);
    cr_expect_null(other.items);
    cr_expect_eq(reading->rules.items[0]->references_held, 1);
    reading_free(reading);
}

Test(rule, levels_have_the_names_of_the_specification)
{
    cr_expect_str_eq(rule_level_text(LEVEL_INFORMATIONAL), "informational");
    cr_expect_str_eq(rule_level_text(LEVEL_LOW), "low");
    cr_expect_str_eq(rule_level_text(LEVEL_MEDIUM), "medium");
    cr_expect_str_eq(rule_level_text(LEVEL_HIGH), "high");
    cr_expect_str_eq(rule_level_text(LEVEL_CRITICAL), "critical");
}
