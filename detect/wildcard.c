/* SPDX-License-Identifier: Apache-2.0 */
/* Only the last `*` needs to be tried again: what stands before it was found as far left as it can
 * be, which leaves the rest the most room. That holds because literals and `?` keep order: of two
 * starts the earlier one never ends later. */
#include "detect/wildcard.h"

#include "proto/fold.h"

enum { UTF8_BYTES_MAX = 4 };

/* End of the character that the byte at `at` belongs to. */
static size_t character_end(struct slice text, size_t at)
{
    unsigned len = 0;
    if ((text.data[at] & 0xC0) != 0x80) {
        (void)utf8_decode(text, at, &len);
        return at + len;
    }
    for (size_t back = 1; back < UTF8_BYTES_MAX && back <= at; back++) {
        if (utf8_decode(text, at - back, &len) != UTF8_INVALID && len > back)
            return at - back + len;
    }
    return at + 1;
}

static bool literal_is_at(struct slice text, size_t at, struct slice literal)
{
    return literal.len <= text.len - at && memcmp(text.data + at, literal.data, literal.len) == 0;
}

/* Moves *at behind the part; false if it isn't there. */
static bool take_part(const struct pattern_part *part, struct slice text, size_t *at)
{
    if (part->kind == PART_LITERAL) {
        if (!literal_is_at(text, *at, part->literal))
            return false;
        *at += part->literal.len;
        return true;
    }
    if (*at == text.len)
        return false;
    *at = character_end(text, *at);
    return true;
}

/* Where the parts behind a `*` may start next, from `from` on; SIZE_MAX: nowhere. */
static size_t next_start(const struct pattern_part *part, struct slice text, size_t from)
{
    if (from > text.len)
        return SIZE_MAX;
    if (part->kind != PART_LITERAL)
        return from;
    size_t found = slice_find(slice_from(text, from), part->literal);
    return found == SIZE_MAX ? SIZE_MAX : from + found;
}

bool wildcard_match(const struct pattern *pattern, struct slice text)
{
    const struct pattern_part *parts = pattern->parts;
    size_t count = pattern->part_count;
    size_t star = SIZE_MAX; /* index behind the last `*` */
    size_t star_at = 0;
    size_t at = 0;
    for (size_t i = 0;;) {
        if (i == count && at == text.len)
            return true;
        if (i < count && parts[i].kind == PART_ANY) {
            if (++i == count)
                return true;
            star = i;
            star_at = at;
        } else if (i < count && take_part(&parts[i], text, &at)) {
            i++;
        } else {
            star_at = star == SIZE_MAX ? SIZE_MAX : next_start(&parts[star], text, star_at + 1);
            if (star_at == SIZE_MAX)
                return false;
            at = star_at;
            i = star;
        }
    }
}
