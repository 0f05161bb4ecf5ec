/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/value.h"

#include <criterion/criterion.h>

static void expect(struct value value, const char *wanted)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    struct slice got = value_text(&value, buffer);
    cr_assert(slice_equal(got, slice_text(wanted)), "%.*s, not %s", SLICE_PRINTF(got), wanted);
}

static struct value real(double number)
{
    return (struct value){.type = VALUE_REAL, .real = number};
}

Test(value, spells_numbers_and_booleans)
{
    expect(value_of_integer(0), "0");
    expect(value_of_integer(-1), "-1");
    expect(value_of_integer(INT64_MAX), "9223372036854775807");
    expect(value_of_integer(INT64_MIN), "-9223372036854775808");
    expect(real(4688.0), "4688");
    expect(real(0.1), "0.1");
    expect(real(1.0 / 3), "0.33333333333333331");
    expect((struct value){.type = VALUE_BOOLEAN, .boolean = true}, "true");
    expect((struct value){.type = VALUE_BOOLEAN, .boolean = false}, "false");
}

Test(value, has_no_text_for_what_is_no_scalar)
{
    expect((struct value){.type = VALUE_ABSENT}, "");
    expect((struct value){.type = VALUE_NULL}, "");
    expect((struct value){.type = VALUE_LIST}, "");
}

Test(value, tells_absent_null_empty_and_zero_apart)
{
    const struct value values[] = {
        {.type = VALUE_ABSENT}, {.type = VALUE_NULL},
        {.type = VALUE_TEXT},   {.type = VALUE_INTEGER},
        {.type = VALUE_REAL},   {.type = VALUE_BOOLEAN},
        {.type = VALUE_LIST},   {.type = VALUE_TEXT, .text = SLICE_INIT("0")},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++)
            cr_assert_eq(value_equal(&values[i], &values[j]), i == j, "%zu %zu", i, j);
}

Test(value, compares_lists_by_their_elements)
{
    const struct value one[] = {value_of_integer(1), value_of_integer(2)};
    const struct value other[] = {value_of_integer(1), value_of_integer(3)};
    struct value a = {.type = VALUE_LIST, .list = {one, 2}};
    struct value b = {.type = VALUE_LIST, .list = {one, 1}};
    struct value c = {.type = VALUE_LIST, .list = {other, 2}};
    cr_assert(value_equal(&a, &a));
    cr_assert_not(value_equal(&a, &b));
    cr_assert_not(value_equal(&a, &c));
}
