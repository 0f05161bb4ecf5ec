/* SPDX-License-Identifier: Apache-2.0 */
/* The forms, from YAML 1.1's types int, float, bool, null as PyYAML resolves them, and YAML 1.2.2
 * section 10.3.2. An integer with leading zeros of which a digit is 8 or 9 (`00000429`) is text in
 * 1.1; a number without its zeros is never what such a value means, so text it is. */
#include "rules/scalar.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { NUMBER_BYTES_MAX = 64 }; /* longer digits are text or out of range */

struct word {
    struct slice text; /* lower case; also with a capital first letter, and in capitals */
    struct scalar scalar;
};

static const struct word words[] = {
    {SLICE_INIT("~"), {SCALAR_NULL}},
    {SLICE_INIT("null"), {SCALAR_NULL}},
    {SLICE_INIT("true"), {SCALAR_BOOLEAN, {.boolean = true}}},
    {SLICE_INIT("false"), {SCALAR_BOOLEAN, {.boolean = false}}},
    {SLICE_INIT("yes"), {SCALAR_AMBIGUOUS}},
    {SLICE_INIT("no"), {SCALAR_AMBIGUOUS}},
    {SLICE_INIT("on"), {SCALAR_AMBIGUOUS}},
    {SLICE_INIT("off"), {SCALAR_AMBIGUOUS}},
    {SLICE_INIT(".inf"), {SCALAR_OUT_OF_RANGE}},
    {SLICE_INIT("+.inf"), {SCALAR_OUT_OF_RANGE}},
    {SLICE_INIT("-.inf"), {SCALAR_OUT_OF_RANGE}},
    {SLICE_INIT(".nan"), {SCALAR_OUT_OF_RANGE}},
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* null, Null and NULL are words, nUll is text; .NaN is a word. */
static bool has_word_case(struct slice text)
{
    size_t upper = 0, letters = 0;
    bool first_upper = false;
    for (size_t i = 0; i < text.len; i++) {
        bool letter = is_upper(text.data[i]) || (text.data[i] >= 'a' && text.data[i] <= 'z');
        first_upper = letter && letters == 0 ? is_upper(text.data[i]) : first_upper;
        upper += is_upper(text.data[i]);
        letters += letter;
    }
    return upper == 0 || upper == letters || (upper == 1 && first_upper) || text.data[0] == '.';
}

static size_t count_digits(struct slice text, size_t at)
{
    size_t count = 0;
    while (at + count < text.len && is_digit(text.data[at + count]))
        count++;
    return count;
}

/* --- Shapes: how many bytes from `at` on have the shape, 0 if they don't --- */

static size_t sign_length(struct slice text)
{
    return text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');
}

static bool all_among(struct slice text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\0' || strchr(characters, text.data[i]) == NULL)
            return false;
    return text.len > 0;
}

static bool is_prefixed(struct slice digits, char letter, const char *characters)
{
    return digits.len > 2 && digits.data[0] == '0' && digits.data[1] == (uint8_t)letter &&
           all_among(slice_from(digits, 2), characters);
}

/* 1:30, 190:20:30 and their fractions: base 60 in YAML 1.1. */
static bool is_sexagesimal(struct slice digits)
{
    size_t colons = 0, at = count_digits(digits, 0);
    if (at == 0)
        return false;
    for (; at < digits.len && digits.data[at] == ':'; colons++) {
        size_t count = count_digits(digits, at + 1);
        if (count == 0 || count > 2 || (count == 2 && digits.data[at + 1] > '5'))
            return false;
        at += 1 + count;
    }
    if (at < digits.len && digits.data[at] == '.')
        at += 1 + count_digits(digits, at + 1);
    return colons > 0 && at == digits.len;
}

struct real_shape {
    bool whole;     /* the text is a number with point or exponent */
    bool has_point; /* without one, 1.1 reads text */
    bool has_exponent;
    bool exponent_signed; /* without a sign, 1.1 reads text */
};

static struct real_shape real_shape(struct slice digits)
{
    struct real_shape shape = {0};
    size_t before = count_digits(digits, 0), at = before, after = 0;
    if (at < digits.len && digits.data[at] == '.') {
        shape.has_point = true;
        after = count_digits(digits, at + 1);
        at += 1 + after;
    }
    if (before + after == 0)
        return shape;
    if (at < digits.len && (digits.data[at] == 'e' || digits.data[at] == 'E')) {
        size_t sign = sign_length(slice_from(digits, at + 1));
        size_t count = count_digits(digits, at + 1 + sign);
        shape.has_exponent = count > 0;
        shape.exponent_signed = sign > 0;
        at += 1 + sign + count;
        if (count == 0)
            return shape;
    }
    shape.whole = at == digits.len && (shape.has_point || shape.has_exponent);
    return shape;
}

/* --- Values --- */

static struct scalar integer_of(struct slice text, int base)
{
    char copy[NUMBER_BYTES_MAX + 1];
    if (text.len > NUMBER_BYTES_MAX)
        return (struct scalar){SCALAR_OUT_OF_RANGE};
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    errno = 0;
    long long value = strtoll(copy, NULL, base);
    if (errno == ERANGE)
        return (struct scalar){SCALAR_OUT_OF_RANGE};
    return (struct scalar){SCALAR_INTEGER, {.integer = value}};
}

static struct scalar real_of(struct slice text)
{
    char copy[NUMBER_BYTES_MAX + 1];
    if (text.len > NUMBER_BYTES_MAX)
        return (struct scalar){SCALAR_OUT_OF_RANGE};
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    double value = strtod(copy, NULL);
    if (!isfinite(value))
        return (struct scalar){SCALAR_OUT_OF_RANGE};
    return (struct scalar){SCALAR_REAL, {.real = value}};
}

static bool is_hex(struct slice digits)
{
    return is_prefixed(digits, 'x', "0123456789abcdefABCDEF");
}

/* Forms that one of the two versions reads as a number and the other as text or another number. */
static bool is_ambiguous_number(struct slice digits, bool has_sign)
{
    if (digits.len > 1 && digits.data[0] == '0' && all_among(digits, "01234567"))
        return true;
    if (is_prefixed(digits, 'o', "01234567") || is_prefixed(digits, 'b', "01_") ||
        is_prefixed(digits, 'x', "0123456789abcdefABCDEF_"))
        return has_sign || !is_hex(digits);
    if (is_digit(digits.data[0]) && all_among(digits, "0123456789_"))
        return memchr(digits.data, '_', digits.len) != NULL;
    struct real_shape shape = real_shape(digits);
    if (shape.whole && shape.has_exponent)
        return !shape.has_point || !shape.exponent_signed;
    return is_sexagesimal(digits);
}

struct scalar scalar_number(struct slice text)
{
    size_t sign = sign_length(text);
    struct slice digits = slice_from(text, sign);
    if (digits.len == 0)
        return (struct scalar){SCALAR_TEXT};
    if (count_digits(digits, 0) == digits.len)
        return integer_of(text, 10);
    if (is_hex(digits))
        return integer_of(text, 16);
    return real_shape(digits).whole ? real_of(text) : (struct scalar){SCALAR_TEXT};
}

struct scalar scalar_of(struct slice text)
{
    if (text.len == 0)
        return (struct scalar){SCALAR_NULL};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_ascii_caseless(text, words[i].text) && has_word_case(text))
            return words[i].scalar;
    size_t sign = sign_length(text);
    struct slice digits = slice_from(text, sign);
    if (digits.len == 0 || (!is_digit(digits.data[0]) && digits.data[0] != '.'))
        return (struct scalar){SCALAR_TEXT};
    if (is_ambiguous_number(digits, sign != 0))
        return (struct scalar){SCALAR_AMBIGUOUS};
    if (digits.len > 1 && digits.data[0] == '0' && count_digits(digits, 0) == digits.len)
        return (struct scalar){SCALAR_TEXT};
    return scalar_number(text);
}

struct scalar scalar_read(const struct yaml_node *node)
{
    assert(node->kind == YAML_SCALAR);
    return node->quoted ? (struct scalar){SCALAR_TEXT} : scalar_of(node->text);
}
