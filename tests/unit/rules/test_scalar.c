/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/scalar.h"

#include <criterion/criterion.h>

static const struct {
    const char *text;
    enum scalar_type type;
    double number; /* also of integers and booleans */
} cases[] = {
    {"", SCALAR_NULL, 0},
    {"~", SCALAR_NULL, 0},
    {"null", SCALAR_NULL, 0},
    {"Null", SCALAR_NULL, 0},
    {"NULL", SCALAR_NULL, 0},
    {"nULL", SCALAR_TEXT, 0},
    {"nulls", SCALAR_TEXT, 0},
    {"~~", SCALAR_TEXT, 0},
    {"true", SCALAR_BOOLEAN, 1},
    {"True", SCALAR_BOOLEAN, 1},
    {"TRUE", SCALAR_BOOLEAN, 1},
    {"tRue", SCALAR_TEXT, 0},
    {"false", SCALAR_BOOLEAN, 0},
    {"FALSE", SCALAR_BOOLEAN, 0},
    {"y", SCALAR_TEXT, 0},
    {"N", SCALAR_TEXT, 0},
    {"yes", SCALAR_AMBIGUOUS, 0},
    {"No", SCALAR_AMBIGUOUS, 0},
    {"ON", SCALAR_AMBIGUOUS, 0},
    {"off", SCALAR_AMBIGUOUS, 0},
    {"oFF", SCALAR_TEXT, 0},
    {"0", SCALAR_INTEGER, 0},
    {"-0", SCALAR_INTEGER, 0},
    {"4688", SCALAR_INTEGER, 4688},
    {"-17", SCALAR_INTEGER, -17},
    {"+17", SCALAR_INTEGER, 17},
    {"0x1F", SCALAR_INTEGER, 31},
    {"9223372036854775807", SCALAR_INTEGER, 9223372036854775807.0},
    {"9223372036854775808", SCALAR_OUT_OF_RANGE, 0},
    {"-9223372036854775808", SCALAR_INTEGER, -9223372036854775808.0},
    {"-9223372036854775809", SCALAR_OUT_OF_RANGE, 0},
    {"0x7fffffffffffffff", SCALAR_INTEGER, 9223372036854775807.0},
    {"0x8000000000000000", SCALAR_OUT_OF_RANGE, 0},
    {"0400", SCALAR_AMBIGUOUS, 0},
    {"00", SCALAR_AMBIGUOUS, 0},
    {"-07", SCALAR_AMBIGUOUS, 0},
    {"00000429", SCALAR_TEXT, 0},
    {"08", SCALAR_TEXT, 0},
    {"0o17", SCALAR_AMBIGUOUS, 0},
    {"0o18", SCALAR_TEXT, 0},
    {"0b101", SCALAR_AMBIGUOUS, 0},
    {"0b102", SCALAR_TEXT, 0},
    {"-0x1F", SCALAR_AMBIGUOUS, 0},
    {"0x", SCALAR_TEXT, 0},
    {"0xg", SCALAR_TEXT, 0},
    {"1_000", SCALAR_AMBIGUOUS, 0},
    {"1_000a", SCALAR_TEXT, 0},
    {"_1", SCALAR_TEXT, 0},
    {"1:30", SCALAR_AMBIGUOUS, 0},
    {"190:20:30", SCALAR_AMBIGUOUS, 0},
    {"190:20:30.15", SCALAR_AMBIGUOUS, 0},
    {"1:60", SCALAR_TEXT, 0},
    {"1:300", SCALAR_TEXT, 0},
    {"1:", SCALAR_TEXT, 0},
    {"::1", SCALAR_TEXT, 0},
    {"1.5", SCALAR_REAL, 1.5},
    {"-.5", SCALAR_REAL, -.5},
    {"1.", SCALAR_REAL, 1},
    {"1.5e+3", SCALAR_REAL, 1500},
    {"1e3", SCALAR_AMBIGUOUS, 0},
    {"1.5e3", SCALAR_AMBIGUOUS, 0},
    {"1.5e", SCALAR_TEXT, 0},
    {"1e", SCALAR_TEXT, 0},
    {"1.5.2", SCALAR_TEXT, 0},
    {"10.0.0.1", SCALAR_TEXT, 0},
    {".", SCALAR_TEXT, 0},
    {"..", SCALAR_TEXT, 0},
    {"-", SCALAR_TEXT, 0},
    {"+", SCALAR_TEXT, 0},
    {"-a", SCALAR_TEXT, 0},
    {"--1", SCALAR_TEXT, 0},
    {".inf", SCALAR_OUT_OF_RANGE, 0},
    {"-.INF", SCALAR_OUT_OF_RANGE, 0},
    {".NaN", SCALAR_OUT_OF_RANGE, 0},
    {".nan", SCALAR_OUT_OF_RANGE, 0},
    {"1.0e+400", SCALAR_OUT_OF_RANGE, 0},
    {"2024-01-01", SCALAR_TEXT, 0},
    {"4688 ", SCALAR_TEXT, 0},
    {"1,5", SCALAR_TEXT, 0},
};

static double number_of(struct scalar scalar)
{
    switch (scalar.type) {
    case SCALAR_BOOLEAN:
        return scalar.boolean;
    case SCALAR_INTEGER:
        return (double)scalar.integer;
    case SCALAR_REAL:
        return scalar.real;
    case SCALAR_TEXT:
    case SCALAR_NULL:
    case SCALAR_AMBIGUOUS:
    case SCALAR_OUT_OF_RANGE:
        break;
    }
    return 0;
}

Test(scalar, reads_plain_values_as_both_versions_of_yaml_do)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scalar scalar = scalar_of(slice_text(cases[i].text));
        cr_expect_eq(scalar.type, cases[i].type, "case %zu '%s': type %d", i, cases[i].text,
                     (int)scalar.type);
        cr_expect_eq(number_of(scalar), cases[i].number, "case %zu '%s'", i, cases[i].text);
    }
}

Test(scalar, takes_quoted_values_as_text)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct yaml_node node = {.quoted = true, .text = slice_text(cases[i].text)};
        cr_expect_eq(scalar_read(&node).type, SCALAR_TEXT, "case %zu", i);
    }
}

Test(scalar, finds_the_number_that_a_text_spells)
{
    static const struct {
        const char *text;
        enum scalar_type type;
        double number;
    } numbers[] = {
        {"4688", SCALAR_INTEGER, 4688}, {"010", SCALAR_INTEGER, 10},  {"1e3", SCALAR_REAL, 1000},
        {"-1.5", SCALAR_REAL, -1.5},    {"0x1f", SCALAR_INTEGER, 31}, {"", SCALAR_TEXT, 0},
        {"1_0", SCALAR_TEXT, 0},        {"ten", SCALAR_TEXT, 0},      {"1.2.3", SCALAR_TEXT, 0},
        {"1e", SCALAR_TEXT, 0},         {"true", SCALAR_TEXT, 0},     {"0x", SCALAR_TEXT, 0},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct scalar scalar = scalar_number(slice_text(numbers[i].text));
        cr_expect_eq(scalar.type, numbers[i].type, "case %zu '%s'", i, numbers[i].text);
        cr_expect_eq(number_of(scalar), numbers[i].number, "case %zu '%s'", i, numbers[i].text);
    }
}

Test(scalar, refuses_numbers_too_long_to_mean_anything)
{
    char digits[80];
    memset(digits, '1', sizeof digits);
    cr_expect_eq(scalar_of(slice_of(digits, sizeof digits)).type, SCALAR_OUT_OF_RANGE);
    digits[40] = '.';
    cr_expect_eq(scalar_of(slice_of(digits, 64)).type, SCALAR_REAL);
    cr_expect_eq(scalar_of(slice_of(digits, 65)).type, SCALAR_OUT_OF_RANGE);
}
