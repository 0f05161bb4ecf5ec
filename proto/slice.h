/* SPDX-License-Identifier: Apache-2.0 */
/* Slice: a length and where the bytes are, by value.
 *
 * All text inside Yagura is a slice: it may hold NUL and invalid UTF-8, because attackers choose
 * it. A slice never owns. An empty slice may have data NULL; absent and empty are told apart by
 * whoever holds the slice, not by the slice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *data;
    size_t len;
};

#define SLICE_LITERAL(text) ((struct slice){(const uint8_t *)("" text), sizeof(text) - 1})
/* The same as a constant expression, for static tables. */
#define SLICE_INIT(text)                                                                           \
    {                                                                                              \
        (const uint8_t *)("" text), sizeof(text) - 1                                               \
    }
/* For printf("%.*s", SLICE_PRINTF(s)). */
#define SLICE_PRINTF(s) (int)(s).len, (const char *)(s).data

static inline struct slice slice_of(const void *data, size_t len)
{
    return (struct slice){(const uint8_t *)data, len};
}

static inline struct slice slice_text(const char *text)
{
    return (struct slice){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Byte order, shorter first when one is the other's prefix. <0, 0, >0 as memcmp. */
int slice_compare(struct slice a, struct slice b);
/* ASCII letters alike; every other byte as it is. */
bool slice_equal_ascii_caseless(struct slice a, struct slice b);
bool slice_starts_with(struct slice whole, struct slice prefix);
bool slice_ends_with(struct slice whole, struct slice suffix);
/* Offset of the first occurrence, or SIZE_MAX. An empty needle is at 0. */
size_t slice_find(struct slice whole, struct slice needle);
/* From offset on; offset beyond the end gives an empty slice. */
struct slice slice_from(struct slice s, size_t offset);
/* White space of ASCII removed at both ends. */
struct slice slice_trim(struct slice s);
/* For tables whose keys nobody picks who could gain by collisions: it has no secret. */
uint64_t slice_hash(struct slice s);

enum { HEX_NONE = UINT8_MAX };
/* 0 to 15, of either case; HEX_NONE: the byte is no hexadecimal digit. */
static inline unsigned hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10u : HEX_NONE;
}
