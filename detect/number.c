/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/number.h"

#include <math.h>
#include <stdlib.h>

static const double INTEGER_BOUND = 9223372036854775808.0; /* 2^63 */

static struct value normal_real(double real)
{
    if (real >= -INTEGER_BOUND && real < INTEGER_BOUND && real == trunc(real))
        return value_of_integer((int64_t)real);
    return (struct value){.type = VALUE_REAL, .real = real};
}

static size_t skip_digits(struct slice text, size_t at)
{
    while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9')
        at++;
    return at;
}

static size_t skip_sign(struct slice text, size_t at)
{
    return at < text.len && (text.data[at] == '-' || text.data[at] == '+') ? at + 1 : at;
}

/* Whether text is [sign] digits [. digits] [e [sign] digits]; *integral: digits alone. */
static bool is_decimal(struct slice text, bool *integral)
{
    size_t start = skip_sign(text, 0);
    size_t at = skip_digits(text, start);
    if (at == start)
        return false;
    *integral = at == text.len;
    if (at < text.len && text.data[at] == '.') {
        size_t fraction = at + 1;
        at = skip_digits(text, fraction);
        if (at == fraction)
            return false;
    }
    if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
        size_t exponent = skip_sign(text, at + 1);
        at = skip_digits(text, exponent);
        if (at == exponent)
            return false;
    }
    return at == text.len;
}

static bool integer_of_digits(int64_t *out, struct slice text)
{
    bool negative = text.data[0] == '-';
    int64_t sum = 0;
    for (size_t i = skip_sign(text, 0); i < text.len; i++) {
        int digit = text.data[i] - '0';
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, negative ? -digit : digit, &sum))
            return false;
    }
    *out = sum;
    return true;
}

static bool number_of_text(struct value *out, struct slice text)
{
    bool integral = false;
    if (text.len == 0 || text.len > NUMBER_TEXT_BYTES_MAX || !is_decimal(text, &integral))
        return false;
    int64_t integer = 0;
    if (integral && integer_of_digits(&integer, text)) {
        *out = value_of_integer(integer);
        return true;
    }
    char buffer[NUMBER_TEXT_BYTES_MAX + 1];
    memcpy(buffer, text.data, text.len);
    buffer[text.len] = '\0';
    double real = strtod(buffer, NULL);
    if (!isfinite(real))
        return false;
    *out = normal_real(real);
    return true;
}

bool number_of(struct value *out, const struct value *value)
{
    switch (value->type) {
    case VALUE_INTEGER:
        *out = *value;
        return true;
    case VALUE_REAL:
        *out = normal_real(value->real);
        return !isnan(value->real);
    case VALUE_TEXT:
        return number_of_text(out, value->text);
    case VALUE_ABSENT:
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_LIST:
    default:
        return false;
    }
}

/* An integer against a real that is no integer, or lies beyond all integers. */
static int compare_mixed(int64_t integer, double real)
{
    if (real >= INTEGER_BOUND)
        return -1;
    if (real < -INTEGER_BOUND)
        return 1;
    int64_t below = (int64_t)floor(real);
    return integer <= below ? -1 : 1;
}

int number_compare(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_INTEGER && b->type == VALUE_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (a->type == VALUE_INTEGER)
        return compare_mixed(a->integer, b->real);
    if (b->type == VALUE_INTEGER)
        return -compare_mixed(b->integer, a->real);
    return (a->real > b->real) - (a->real < b->real);
}

struct slice number_text(const struct value *value, char *buffer)
{
    struct value normal;
    if (value->type == VALUE_REAL && number_of(&normal, value))
        return value_text(&normal, buffer);
    return value_text(value, buffer);
}
