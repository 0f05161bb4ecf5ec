/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/verdict.h"

#include "detect/moment.h"
#include "detect/number.h"
#include "detect/pcre.h"
#include "detect/plain.h"
#include "proto/fold.h"
#include "rules/address.h"

bool value_has_text(const struct value *value)
{
    return value->type == VALUE_TEXT || value->type == VALUE_INTEGER || value->type == VALUE_REAL ||
           value->type == VALUE_BOOLEAN;
}

size_t value_element_count(const struct value *value)
{
    return value->type == VALUE_LIST ? value->list.count : 1;
}

const struct value *value_element(const struct value *value, size_t index)
{
    return value->type == VALUE_LIST ? &value->list.items[index] : value;
}

static enum truth truth_of(bool value)
{
    return value ? TRUTH_YES : TRUTH_NO;
}

/* --- Texts --- */

static int explain_pattern(enum truth *truth, struct explained_test *out, struct slice raw,
                           struct arena *arena)
{
    struct plain text;
    bool holds = false;
    TRY(plain_of(&text, raw, out->test->cased, arena));
    TRY(plain_matches(&holds, &text, &out->test->pattern, arena));
    if (holds) {
        size_t span[2];
        plain_span(span, &text, &out->test->pattern);
        out->has_span = true;
        out->from = (uint32_t)span[0];
        out->to = (uint32_t)span[1];
    }
    *truth = truth_of(holds);
    return 0;
}

static int explain_regex(enum truth *truth, struct explained_test *out, struct slice raw,
                         struct pcre_space *space)
{
    struct pcre *pcre = NULL;
    char why[PCRE_WHY_BYTES];
    int result = pcre_new(&pcre, out->test->regex, out->test->regex_flags, why);
    if (result != 0)
        return result < 0 ? result : STATUS_BAD_INPUT;
    size_t span[2];
    enum pcre_answer answer = pcre_match(pcre, space, raw, span);
    pcre_free(pcre);
    if (answer == PCRE_YES) {
        out->has_span = true;
        out->from = (uint32_t)span[0];
        out->to = (uint32_t)span[1];
    }
    *truth = answer == PCRE_YES ? TRUTH_YES : answer == PCRE_NO ? TRUTH_NO : TRUTH_PERHAPS;
    return 0;
}

/* --- Values that are no texts --- */

static bool order_is(int order, enum comparison comparison)
{
    return (comparison == COMPARE_EQUAL && order == 0) ||
           (comparison == COMPARE_LESS && order < 0) ||
           (comparison == COMPARE_LESS_EQUAL && order <= 0) ||
           (comparison == COMPARE_GREATER && order > 0) ||
           (comparison == COMPARE_GREATER_EQUAL && order >= 0);
}

static bool number_holds(const struct value *value, const struct test *test,
                         enum comparison comparison)
{
    struct value a;
    struct value b;
    return number_of(&a, value) && number_of(&b, &test->number) &&
           order_is(number_compare(&a, &b), comparison);
}

/* A text equals a number only if it spells it as the number itself is spelt. */
static bool equals_number(const struct value *value, const struct test *test)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    if (value->type == VALUE_TEXT)
        return fold_equal(value->text, number_text(&test->number, buffer));
    return number_holds(value, test, COMPARE_EQUAL);
}

static bool time_holds(const struct value *value, const struct test *test)
{
    int64_t part = 0;
    if (!moment_part(&part, value, test->time_part))
        return false;
    struct value number = value_of_integer(part);
    return number_holds(&number, test, test->comparison);
}

static bool lies_in_network(const struct value *value, const struct test *test)
{
    struct address address;
    if (value->type != VALUE_TEXT || !address_parse(&address, value->text) ||
        address.v6 != test->cidr_v6)
        return false;
    for (unsigned bit = 0; bit < test->cidr_bits; bit++) {
        unsigned mask = 0x80U >> bit % 8;
        if ((address.bytes[bit / 8] & mask) != (test->cidr_address[bit / 8] & mask))
            return false;
    }
    return true;
}

static bool equals_boolean(const struct value *value, bool wanted)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    if (!value_has_text(value))
        return false;
    struct slice text = number_text(value, buffer);
    if (wanted)
        return fold_equal(text, SLICE_LITERAL("true")) || fold_equal(text, SLICE_LITERAL("1")) ||
               fold_equal(text, SLICE_LITERAL("yes"));
    return fold_equal(text, SLICE_LITERAL("false")) || fold_equal(text, SLICE_LITERAL("0")) ||
           fold_equal(text, SLICE_LITERAL("no"));
}

/* --- Two fields --- */

static int scalars_relate(bool *out, const struct value *a, const struct value *b,
                          const struct test *test, struct arena *arena)
{
    char buffers[2][VALUE_TEXT_BYTES_MAX];
    struct plain left;
    struct plain right;
    *out = false;
    if (!value_has_text(a) || !value_has_text(b))
        return 0;
    TRY(plain_of(&left, number_text(a, buffers[0]), test->cased, arena));
    TRY(plain_of(&right, number_text(b, buffers[1]), test->cased, arena));
    if (left.bytes.len < right.bytes.len)
        return 0;
    size_t last = left.bytes.len - right.bytes.len;
    for (size_t at = 0; at <= last; at++) {
        bool allowed = test->comparison == COMPARE_CONTAINS ||
                       (test->comparison == COMPARE_STARTS && at == 0) ||
                       (test->comparison == COMPARE_ENDS && at == last) ||
                       (test->comparison == COMPARE_EQUAL && last == 0);
        *out = *out || (allowed && plain_stands_at(left.bytes, at, right.bytes));
    }
    return 0;
}

static int explain_fieldref(enum truth *truth, const struct test *test, const struct value *scalar,
                            const struct verdict_options *options)
{
    *truth = TRUTH_NO;
    for (size_t i = 0; i < value_element_count(options->other); i++) {
        bool holds = false;
        TRY(scalars_relate(&holds, scalar, value_element(options->other, i), test, options->arena));
        if (holds)
            *truth = TRUTH_YES;
    }
    return 0;
}

/* --- Tests --- */

static int explain_scalar(enum truth *truth, struct explained_test *out, const struct value *scalar,
                          const struct verdict_options *options)
{
    const struct test *test = out->test;
    char buffer[VALUE_TEXT_BYTES_MAX];
    *truth = TRUTH_NO;
    switch (test->kind) {
    case TEST_PATTERN:
        return value_has_text(scalar)
                   ? explain_pattern(truth, out, number_text(scalar, buffer), options->arena)
                   : 0;
    case TEST_REGEX:
        return value_has_text(scalar)
                   ? explain_regex(truth, out, number_text(scalar, buffer), options->pcre)
                   : 0;
    case TEST_FIELDREF:
        return explain_fieldref(truth, test, scalar, options);
    case TEST_CIDR:
        *truth = truth_of(lies_in_network(scalar, test));
        return 0;
    case TEST_NUMBER:
        *truth = truth_of(equals_number(scalar, test));
        return 0;
    case TEST_COMPARE:
        *truth = truth_of(number_holds(scalar, test, test->comparison));
        return 0;
    case TEST_NULL:
        *truth = truth_of(scalar->type == VALUE_NULL || scalar->type == VALUE_ABSENT);
        return 0;
    case TEST_BOOLEAN:
        *truth = truth_of(equals_boolean(scalar, test->boolean));
        return 0;
    case TEST_TIME:
        *truth = truth_of(time_holds(scalar, test));
        return 0;
    case TEST_EXISTS:
    default:
        return 0;
    }
}

/* Of a list: true if it is of any element. */
int verdict_of(enum truth *truth, struct explained_test *out, const struct value *value,
               const struct verdict_options *options)
{
    *truth = TRUTH_NO;
    if (out->test->kind == TEST_EXISTS)
        *truth = truth_of((value->type != VALUE_ABSENT) == out->test->boolean);
    for (size_t i = 0; i < value_element_count(value) && out->test->kind != TEST_EXISTS; i++) {
        enum truth one = TRUTH_NO;
        if (*truth != TRUTH_YES)
            TRY(explain_scalar(&one, out, value_element(value, i), options));
        *truth = one > *truth ? one : *truth;
    }
    out->result = *truth != TRUTH_NO;
    return 0;
}
