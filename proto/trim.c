/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/trim.h"

#include <assert.h>

enum {
    FIRST_TEXT_BYTES = 64 * 1024,
    FIRST_ITEMS = 4096,
    LAST_TEXT_BYTES = 32,
    LAST_ITEMS = 32,
};

_Static_assert(FIRST_TEXT_BYTES >> (TRIM_STEPS - 3) == LAST_TEXT_BYTES, "steps reach the last one");

struct trim trim_step(unsigned step)
{
    assert(step < TRIM_STEPS);
    if (step < 2)
        return (struct trim){step == 0, SIZE_MAX, SIZE_MAX};
    size_t items = (size_t)FIRST_ITEMS >> (step - 2);
    return (struct trim){false, (size_t)FIRST_TEXT_BYTES >> (step - 2),
                         items < LAST_ITEMS ? LAST_ITEMS : items};
}

static bool continues_character(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

struct slice trim_text(const struct trim *trim, struct slice text)
{
    if (text.len <= trim->text_bytes_max)
        return text;
    size_t end = trim->text_bytes_max;
    /* A character has at most three bytes behind its first; more of them are no UTF-8 anyway. */
    for (unsigned back = 0; back < 3 && end > 0 && continues_character(text.data[end]); back++)
        end--;
    return slice_of(text.data, end);
}

struct slice trim_around(const struct trim *trim, struct slice text, size_t from, size_t to)
{
    assert(from <= to && to <= text.len);
    size_t room = trim->text_bytes_max;
    if (text.len <= room || to <= room)
        return trim_text(trim, text);
    size_t margin = to - from < room ? (room - (to - from)) / 2 : 0;
    size_t start = from > margin ? from - margin : 0;
    if (start > text.len - room)
        start = text.len - room;
    while (start < from && continues_character(text.data[start]))
        start++;
    return trim_text(trim, slice_from(text, start));
}

size_t trim_count(const struct trim *trim, size_t count)
{
    return count <= trim->items_max ? count : trim->items_max;
}
