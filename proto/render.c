/* SPDX-License-Identifier: Apache-2.0 */
/* One small writer per rendering, all on the hot path: no printf, no locale, no allocation. Words
 * (integrity levels, actions) are tables that render_scan reads the other way round. */
#include "proto/render.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"
#include "proto/words.h"

#include <assert.h>

static const char digits_lower[] = "0123456789abcdef";
static const char digits_upper[] = "0123456789ABCDEF";

enum { NANOS_PER_SECOND = 1000000000, SECONDS_PER_DAY = 86400 };

/* --- Writers: append at `at`, return the new end --- */

static uint8_t *put_text(uint8_t *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

static uint8_t *put_decimal(uint8_t *at, uint64_t number)
{
    enum { DIGITS_MAX = 20 };
    uint8_t digits[DIGITS_MAX];
    size_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static uint8_t *put_decimal_padded(uint8_t *at, uint64_t number, unsigned width)
{
    for (unsigned i = width; i > 0; i--) {
        at[i - 1] = (uint8_t)('0' + number % 10);
        number /= 10;
    }
    return at + width;
}

static uint8_t *put_hex_padded(uint8_t *at, uint64_t number, unsigned width, const char *digits)
{
    for (unsigned i = width; i > 0; i--) {
        at[i - 1] = (uint8_t)digits[number & 0xf];
        number >>= 4;
    }
    return at + width;
}

static unsigned hex_width(uint64_t number)
{
    return number == 0 ? 1 : (unsigned)(67 - __builtin_clzll(number)) / 4;
}

static uint8_t *put_hex(uint8_t *at, uint64_t number)
{
    at = put_text(at, "0x");
    return put_hex_padded(at, number, hex_width(number), digits_lower);
}

static uint8_t *put_bytes_as_hex(uint8_t *at, struct slice bytes, const char *digits)
{
    for (size_t i = 0; i < bytes.len; i++) {
        *at++ = (uint8_t)digits[bytes.data[i] >> 4];
        *at++ = (uint8_t)digits[bytes.data[i] & 0xf];
    }
    return at;
}

static uint8_t *put_qword(uint8_t *at, uint64_t number)
{
    at = put_text(at, "QWORD (0x");
    at = put_hex_padded(at, number >> 32, 8, digits_lower);
    at = put_text(at, "-0x");
    at = put_hex_padded(at, number & UINT32_MAX, 8, digits_lower);
    return put_text(at, ")");
}

static uint8_t *put_dword(uint8_t *at, uint64_t number)
{
    at = put_text(at, "DWORD (0x");
    at = put_hex_padded(at, number, 8, digits_lower);
    return put_text(at, ")");
}

static uint8_t *put_guid(uint8_t *at, struct slice guid, uint32_t forms)
{
    static const uint8_t group_ends[] = {4, 6, 8, 10, GUID_BYTES};
    const char *digits = (forms & YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_UPPER) != 0
                             ? digits_upper
                             : digits_lower;
    bool braces = (forms & YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_BARE) == 0;
    size_t from = 0;
    if (braces)
        *at++ = '{';
    for (size_t group = 0; group < sizeof(group_ends); group++) {
        if (group > 0)
            *at++ = '-';
        at = put_bytes_as_hex(at, slice_of(guid.data + from, group_ends[group] - from), digits);
        from = group_ends[group];
    }
    if (braces)
        *at++ = '}';
    return at;
}

static uint8_t *put_ip(uint8_t *at, struct slice ip)
{
    if (ip.len == IPV4_BYTES) {
        for (size_t i = 0; i < IPV4_BYTES; i++) {
            if (i > 0)
                *at++ = '.';
            at = put_decimal(at, ip.data[i]);
        }
        return at;
    }
    for (size_t i = 0; i < IPV6_BYTES; i += 2) {
        unsigned group = (unsigned)(ip.data[i] << 8) | ip.data[i + 1];
        if (i > 0)
            *at++ = ':';
        at = put_hex_padded(at, group, hex_width(group), digits_lower);
    }
    return at;
}

/* Civil date of a day since 1970-01-01; Howard Hinnant, "chrono-compatible low-level date
 * algorithms", civil_from_days, for days that are not negative. */
static uint8_t *put_date(uint8_t *at, uint64_t days)
{
    uint64_t shifted = days + 719468;
    uint64_t era = shifted / 146097;
    uint64_t day_of_era = shifted % 146097;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t shifted_month = (5 * day_of_year + 2) / 153;
    uint64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    uint64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    uint64_t year = year_of_era + era * 400 + (month <= 2);
    at = put_decimal_padded(at, year, 4);
    *at++ = '-';
    at = put_decimal_padded(at, month, 2);
    *at++ = '-';
    return put_decimal_padded(at, day, 2);
}

/* Up to the seconds; the years that 64 bits of nanoseconds reach end in 2554. */
static uint8_t *put_seconds(uint8_t *at, uint64_t nanos, char between)
{
    uint64_t seconds = nanos / NANOS_PER_SECOND;
    uint64_t of_day = seconds % SECONDS_PER_DAY;
    at = put_date(at, seconds / SECONDS_PER_DAY);
    *at++ = (uint8_t)between;
    at = put_decimal_padded(at, of_day / 3600, 2);
    *at++ = ':';
    at = put_decimal_padded(at, of_day / 60 % 60, 2);
    *at++ = ':';
    at = put_decimal_padded(at, of_day % 60, 2);
    *at++ = '.';
    return at;
}

static uint8_t *put_time(uint8_t *at, uint64_t nanos)
{
    at = put_seconds(at, nanos, ' ');
    return put_decimal_padded(at, nanos % NANOS_PER_SECOND / 1000000, 3);
}

static uint8_t *put_time_iso(uint8_t *at, uint64_t nanos)
{
    at = put_seconds(at, nanos, 'T');
    uint64_t fraction = nanos % NANOS_PER_SECOND;
    if (fraction % 1000000 == 0)
        at = put_decimal_padded(at, fraction / 1000000, 3);
    else if (fraction % 1000 == 0)
        at = put_decimal_padded(at, fraction / 1000, 6);
    else
        at = put_decimal_padded(at, fraction, 9);
    *at++ = 'Z';
    return at;
}

/* Digests of a length that theirs isn't are left out. */
static uint8_t *put_hashes(uint8_t *at, const struct view *file)
{
    const uint8_t *start = at;
    for (size_t i = 0; i < WORDS_DIGEST_COUNT; i++) {
        const struct words_digest *digest = &words_digests[i];
        if (!view_has(file, digest->cell) || file->cells[digest->cell].bytes.len != digest->bytes)
            continue;
        if (at != start)
            *at++ = ',';
        at = put_text(at, digest->name);
        *at++ = '=';
        at = put_bytes_as_hex(at, file->cells[digest->cell].bytes, digits_upper);
    }
    return at;
}

/* --- The switch --- */

static bool word_value(struct value *out, const struct words *words, uint64_t number)
{
    if (number >= words->count || words->items[number] == NULL)
        return false;
    *out = value_of_text(slice_text(words->items[number]));
    return true;
}

static bool made_text(struct value *out, const uint8_t *buffer, const uint8_t *end)
{
    assert((size_t)(end - buffer) <= RENDER_BYTES_MAX);
    if (end == buffer)
        return false;
    *out = value_of_text(slice_of(buffer, (size_t)(end - buffer)));
    return true;
}

static bool render_number(struct value *out, uint64_t number, uint32_t forms, uint8_t *buffer)
{
    if ((forms & YAGURA__V1__SOURCE_FORM__SOURCE_FORM_NUMBERS_AS_TEXT) != 0)
        return made_text(out, buffer, put_decimal(buffer, number));
    if (number > INT64_MAX)
        return false;
    *out = value_of_integer((int64_t)number);
    return true;
}

static bool render_made(struct value *out, const struct view *view, unsigned cell,
                        enum rendering rendering, uint32_t forms, uint8_t *buffer)
{
    const union view_cell *from = &view->cells[cell];
    switch ((unsigned)rendering) {
    case RENDER_INTEGER:
        return render_number(out, from->u64, 0, buffer);
    case RENDER_NUMBER:
        return render_number(out, from->u64, forms, buffer);
    case RENDER_HEX:
        return made_text(out, buffer, put_hex(buffer, from->u64));
    case RENDER_HEX32:
        return made_text(out, buffer,
                         put_hex_padded(put_text(buffer, "0x"), from->u64, 8, digits_lower));
    case RENDER_HEX64:
        return made_text(out, buffer,
                         put_hex_padded(put_text(buffer, "0x"), from->u64, 16, digits_upper));
    case RENDER_DWORD:
        return made_text(out, buffer, put_dword(buffer, from->u64));
    case RENDER_QWORD:
        return made_text(out, buffer, put_qword(buffer, from->u64));
    case RENDER_TIME:
        return made_text(out, buffer, put_time(buffer, from->u64));
    case RENDER_TIME_ISO:
        return made_text(out, buffer, put_time_iso(buffer, from->u64));
    case RENDER_ELEVATION:
        return made_text(out, buffer, put_decimal(put_text(buffer, "%%"), from->u64));
    case RENDER_GUID:
        return from->bytes.len == GUID_BYTES &&
               made_text(out, buffer, put_guid(buffer, from->bytes, forms));
    case RENDER_GUID_BARE:
        return from->bytes.len == GUID_BYTES &&
               made_text(
                   out, buffer,
                   put_guid(buffer, from->bytes, YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_BARE));
    case RENDER_IP:
        return (from->bytes.len == IPV4_BYTES || from->bytes.len == IPV6_BYTES) &&
               made_text(out, buffer, put_ip(buffer, from->bytes));
    default:
        return word_value(out, words_of(rendering), from->u64);
    }
}

bool render_value(struct value *out, const struct view *view, unsigned cell,
                  enum rendering rendering, uint32_t forms, uint8_t *buffer)
{
    if (rendering == RENDER_HASHES)
        return view != NULL && made_text(out, buffer, put_hashes(buffer, view));
    if (!view_has(view, cell))
        return false;
    if (rendering != RENDER_TEXT)
        return render_made(out, view, cell, rendering, forms, buffer);
    *out = value_of_text(view->cells[cell].bytes);
    return true;
}
