/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/slice.h"

static uint8_t ascii_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

int slice_compare(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool slice_equal_ascii_caseless(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

bool slice_starts_with(struct slice whole, struct slice prefix)
{
    return whole.len >= prefix.len && slice_equal(slice_of(whole.data, prefix.len), prefix);
}

bool slice_ends_with(struct slice whole, struct slice suffix)
{
    return whole.len >= suffix.len &&
           slice_equal(slice_from(whole, whole.len - suffix.len), suffix);
}

size_t slice_find(struct slice whole, struct slice needle)
{
    if (needle.len == 0)
        return 0;
    if (whole.len < needle.len)
        return SIZE_MAX;
    const uint8_t *at = memmem(whole.data, whole.len, needle.data, needle.len);
    return at == NULL ? SIZE_MAX : (size_t)(at - whole.data);
}

struct slice slice_from(struct slice s, size_t offset)
{
    if (offset >= s.len)
        return (struct slice){s.data == NULL ? NULL : s.data + s.len, 0};
    return (struct slice){s.data + offset, s.len - offset};
}

struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && is_space(s.data[0]))
        s = slice_from(s, 1);
    while (s.len > 0 && is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

/* FNV-1a's step over eight bytes at a time. */
uint64_t slice_hash(struct slice s)
{
    uint64_t hash = 0xcbf29ce484222325u ^ s.len;
    for (size_t at = 0; at < s.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = s.len - at;
        memcpy(&word, s.data + at, left < sizeof word ? left : sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    return hash;
}
