/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/scan.h"

#include "proto/words.h"

#include <assert.h>

enum { NANOS_DIGITS = 9, YEAR_MIN = 1970, YEAR_MAX = 2553 };

/* A reader of text from left to right: every step says whether it succeeded. */
struct reader {
    struct slice rest;
};

static bool take_text(struct reader *reader, const char *text)
{
    struct slice expected = slice_text(text);
    if (!slice_starts_with(reader->rest, expected))
        return false;
    reader->rest = slice_from(reader->rest, expected.len);
    return true;
}

/* Between min and max digits of the base, as many as there are. */
static bool take_digits(struct reader *reader, unsigned base, size_t digits_min, size_t digits_max,
                        uint64_t *out)
{
    size_t count = 0;
    uint64_t number = 0;
    while (count < digits_max && count < reader->rest.len) {
        unsigned digit = hex_digit(reader->rest.data[count]);
        if (digit >= base)
            break;
        if (__builtin_mul_overflow(number, base, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
        count++;
    }
    if (count < digits_min)
        return false;
    reader->rest = slice_from(reader->rest, count);
    *out = number;
    return true;
}

static bool take_fixed(struct reader *reader, unsigned base, size_t digits, uint64_t *out)
{
    return take_digits(reader, base, digits, digits, out);
}

/* --- Times --- */

/* Days since 1970-01-01; Howard Hinnant, "chrono-compatible low-level date algorithms",
 * days_from_civil, for years from 1970 on. */
static uint64_t days_of_date(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t shifted_year = month <= 2 ? year - 1 : year;
    uint64_t era = shifted_year / 400;
    uint64_t year_of_era = shifted_year % 400;
    uint64_t shifted_month = month > 2 ? month - 3 : month + 9;
    uint64_t day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    uint64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool take_date(struct reader *reader, uint64_t *days)
{
    uint64_t year, month, day;
    if (!take_fixed(reader, 10, 4, &year) || !take_text(reader, "-") ||
        !take_fixed(reader, 10, 2, &month) || !take_text(reader, "-") ||
        !take_fixed(reader, 10, 2, &day))
        return false;
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *days = days_of_date(year, month, day);
    return true;
}

static bool take_clock(struct reader *reader, uint64_t *seconds)
{
    uint64_t hour, minute, second;
    if (!take_fixed(reader, 10, 2, &hour) || !take_text(reader, ":") ||
        !take_fixed(reader, 10, 2, &minute) || !take_text(reader, ":") ||
        !take_fixed(reader, 10, 2, &second))
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool take_fraction(struct reader *reader, uint64_t *nanos)
{
    *nanos = 0;
    if (!take_text(reader, "."))
        return true;
    size_t before = reader->rest.len;
    if (!take_digits(reader, 10, 1, NANOS_DIGITS, nanos))
        return false;
    for (size_t digits = before - reader->rest.len; digits < NANOS_DIGITS; digits++)
        *nanos *= 10;
    return true;
}

bool scan_time(uint64_t *out, struct slice text)
{
    struct reader reader = {text};
    uint64_t days, seconds, nanos;
    if (!take_date(&reader, &days))
        return false;
    bool iso = take_text(&reader, "T");
    if (!iso && !take_text(&reader, " "))
        return false;
    if (!take_clock(&reader, &seconds) || !take_fraction(&reader, &nanos))
        return false;
    if ((iso && !take_text(&reader, "Z")) || reader.rest.len != 0)
        return false;
    *out = (days * 86400 + seconds) * 1000000000 + nanos;
    return true;
}

/* --- Bytes --- */

static bool take_hex_bytes(struct reader *reader, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t byte;
        if (!take_fixed(reader, 16, 2, &byte))
            return false;
        out[i] = (uint8_t)byte;
    }
    return true;
}

static bool scan_guid(struct slice *out, struct slice text, struct arena *arena)
{
    static const uint8_t groups[] = {4, 2, 2, 2, 6};
    struct reader reader = {text};
    uint8_t guid[GUID_BYTES];
    size_t at = 0;
    bool braces = take_text(&reader, "{");
    for (size_t i = 0; i < sizeof(groups); i++) {
        if ((i > 0 && !take_text(&reader, "-")) || !take_hex_bytes(&reader, guid + at, groups[i]))
            return false;
        at += groups[i];
    }
    if ((braces && !take_text(&reader, "}")) || reader.rest.len != 0)
        return false;
    *out = arena_copy(arena, slice_of(guid, sizeof(guid)));
    return out->data != NULL;
}

static bool scan_ipv4(uint8_t ip[IPV4_BYTES], struct reader reader)
{
    for (size_t i = 0; i < IPV4_BYTES; i++) {
        uint64_t byte;
        if ((i > 0 && !take_text(&reader, ".")) || !take_digits(&reader, 10, 1, 3, &byte) ||
            byte > UINT8_MAX)
            return false;
        ip[i] = (uint8_t)byte;
    }
    return reader.rest.len == 0;
}

static bool scan_ipv6(uint8_t ip[IPV6_BYTES], struct reader reader)
{
    for (size_t i = 0; i < IPV6_BYTES; i += 2) {
        uint64_t group;
        if ((i > 0 && !take_text(&reader, ":")) || !take_digits(&reader, 16, 1, 4, &group))
            return false;
        ip[i] = (uint8_t)(group >> 8);
        ip[i + 1] = (uint8_t)group;
    }
    return reader.rest.len == 0;
}

static bool scan_ip(struct slice *out, struct slice text, struct arena *arena)
{
    uint8_t ip[IPV6_BYTES];
    size_t len = 0;
    if (scan_ipv4(ip, (struct reader){text}))
        len = IPV4_BYTES;
    else if (scan_ipv6(ip, (struct reader){text}))
        len = IPV6_BYTES;
    else
        return false;
    *out = arena_copy(arena, slice_of(ip, len));
    return out->data != NULL;
}

static bool take_digest(struct reader *reader, const struct words_digest *digest, struct slice *out,
                        struct arena *arena)
{
    enum { DIGEST_BYTES_MAX = 32 };
    uint8_t bytes[DIGEST_BYTES_MAX];
    assert(digest->bytes <= sizeof(bytes));
    if (!take_text(reader, digest->name) || !take_text(reader, "=") ||
        !take_hex_bytes(reader, bytes, digest->bytes))
        return false;
    *out = arena_copy(arena, slice_of(bytes, digest->bytes));
    return out->data != NULL;
}

/* The digests in Sysmon's order, any of them left out. */
static bool scan_hashes(struct view *file, struct slice text, struct arena *arena)
{
    struct reader reader = {text};
    struct slice found[WORDS_DIGEST_COUNT] = {{NULL, 0}};
    bool first = true;
    for (size_t i = 0; i < WORDS_DIGEST_COUNT && reader.rest.len != 0; i++) {
        struct reader behind_comma = reader;
        if (!first && !take_text(&behind_comma, ","))
            return false;
        if (take_digest(&behind_comma, &words_digests[i], &found[i], arena)) {
            reader = behind_comma;
            first = false;
        }
    }
    if (first || reader.rest.len != 0)
        return false;
    for (size_t i = 0; i < WORDS_DIGEST_COUNT; i++) {
        if (found[i].data == NULL)
            continue;
        file->cells[words_digests[i].cell].bytes = found[i];
        file->present |= UINT64_C(1) << words_digests[i].cell;
    }
    return true;
}

/* --- Numbers --- */

static bool scan_word(uint64_t *out, const struct words *words, struct slice text)
{
    for (size_t i = 0; i < words->count; i++) {
        if (words->items[i] != NULL && slice_equal(slice_text(words->items[i]), text)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool scan_prefixed(uint64_t *out, struct slice text, const char *prefix, unsigned base,
                          size_t digits_max, const char *suffix)
{
    struct reader reader = {text};
    return take_text(&reader, prefix) && take_digits(&reader, base, 1, digits_max, out) &&
           take_text(&reader, suffix) && reader.rest.len == 0;
}

static bool scan_qword(uint64_t *out, struct slice text)
{
    struct reader reader = {text};
    uint64_t high, low;
    if (!take_text(&reader, "QWORD (0x") || !take_fixed(&reader, 16, 8, &high) ||
        !take_text(&reader, "-0x") || !take_fixed(&reader, 16, 8, &low) ||
        !take_text(&reader, ")") || reader.rest.len != 0)
        return false;
    *out = high << 32 | low;
    return true;
}

static bool scan_number(uint64_t *out, enum rendering rendering, struct slice text)
{
    enum { DECIMAL_DIGITS_MAX = 20 };
    switch ((unsigned)rendering) {
    case RENDER_NUMBER:
        return scan_prefixed(out, text, "", 10, DECIMAL_DIGITS_MAX, "");
    case RENDER_HEX:
    case RENDER_HEX32:
    case RENDER_HEX64:
        return scan_prefixed(out, text, "0x", 16, 16, "");
    case RENDER_DWORD:
        return scan_prefixed(out, text, "DWORD (0x", 16, 8, ")");
    case RENDER_QWORD:
        return scan_qword(out, text);
    case RENDER_TIME:
    case RENDER_TIME_ISO:
        return scan_time(out, text);
    case RENDER_ELEVATION:
        return scan_prefixed(out, text, "%%", 10, DECIMAL_DIGITS_MAX, "");
    default:
        return scan_word(out, words_of(rendering), text);
    }
}

static bool is_wide(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64;
}

static bool scan_text(union view_cell *out, enum rendering rendering, struct slice text,
                      struct arena *arena)
{
    switch ((unsigned)rendering) {
    case RENDER_TEXT:
        out->bytes = text;
        return true;
    case RENDER_GUID:
    case RENDER_GUID_BARE:
        return scan_guid(&out->bytes, text, arena);
    case RENDER_IP:
        return scan_ip(&out->bytes, text, arena);
    default:
        return scan_number(&out->u64, rendering, text);
    }
}

static bool is_bytes(enum rendering rendering)
{
    return rendering == RENDER_TEXT || rendering == RENDER_GUID || rendering == RENDER_GUID_BARE ||
           rendering == RENDER_IP;
}

bool scan_value(struct view *view, unsigned cell, enum rendering rendering,
                const struct value *value, struct arena *arena)
{
    if (rendering == RENDER_HASHES)
        return value->type == VALUE_TEXT && scan_hashes(view, value->text, arena);
    union view_cell scanned = {.u64 = 0};
    if (value->type == VALUE_INTEGER) {
        if ((rendering != RENDER_INTEGER && rendering != RENDER_NUMBER) || value->integer < 0)
            return false;
        scanned.u64 = (uint64_t)value->integer;
    } else if (value->type != VALUE_TEXT || !scan_text(&scanned, rendering, value->text, arena)) {
        return false;
    }
    /* Anything narrower than 64 bits would lose its upper half on the wire. */
    if (!is_bytes(rendering) && !is_wide(view->descriptor->fields[cell].type) &&
        scanned.u64 > UINT32_MAX)
        return false;
    view->cells[cell] = scanned;
    view->present |= UINT64_C(1) << cell;
    return true;
}
