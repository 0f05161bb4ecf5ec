/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/value.h"

#include <stdio.h>
#include <stdlib.h>

/* The shortest of the two precisions that reads back the same: 15 digits do for most, 17 for all.
 */
static struct slice real_text(double real, char *buffer)
{
    int length = snprintf(buffer, VALUE_TEXT_BYTES_MAX, "%.15g", real);
    if (strtod(buffer, NULL) != real)
        length = snprintf(buffer, VALUE_TEXT_BYTES_MAX, "%.17g", real);
    return slice_of(buffer, (size_t)length);
}

static struct slice integer_text(int64_t integer, char *buffer)
{
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    char *at = buffer + VALUE_TEXT_BYTES_MAX;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0)
        *--at = '-';
    return slice_of(at, (size_t)(buffer + VALUE_TEXT_BYTES_MAX - at));
}

struct slice value_text(const struct value *value, char *buffer)
{
    switch (value->type) {
    case VALUE_TEXT:
        return value->text;
    case VALUE_INTEGER:
        return integer_text(value->integer, buffer);
    case VALUE_REAL:
        return real_text(value->real, buffer);
    case VALUE_BOOLEAN:
        return value->boolean ? SLICE_LITERAL("true") : SLICE_LITERAL("false");
    case VALUE_ABSENT:
    case VALUE_NULL:
    case VALUE_LIST:
        break;
    }
    return (struct slice){NULL, 0};
}

static bool list_equal(const struct value *a, const struct value *b)
{
    if (a->list.count != b->list.count)
        return false;
    for (size_t i = 0; i < a->list.count; i++)
        if (!value_equal(&a->list.items[i], &b->list.items[i]))
            return false;
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_TEXT:
        return slice_equal(a->text, b->text);
    case VALUE_INTEGER:
        return a->integer == b->integer;
    case VALUE_REAL:
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case VALUE_BOOLEAN:
        return a->boolean == b->boolean;
    case VALUE_LIST:
        return list_equal(a, b);
    case VALUE_ABSENT:
    case VALUE_NULL:
        break;
    }
    return true;
}
