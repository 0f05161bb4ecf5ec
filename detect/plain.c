/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/plain.h"

#include "proto/fold.h"

int plain_of(struct plain *out, struct slice raw, bool cased, struct arena *arena)
{
    size_t room = FOLD_BYTES_MAX(raw.len) + 4;
    uint8_t *bytes = arena_take(arena, room);
    out->raw_offset = arena_array(arena, size_t, room + 1);
    out->character_end = arena_array(arena, size_t, room);
    if (bytes == NULL || out->raw_offset == NULL || out->character_end == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0;
    for (size_t at = 0; at < raw.len;) {
        unsigned len = 0;
        uint32_t c = utf8_decode(raw, at, &len);
        uint8_t written[4] = {raw.data[at]};
        unsigned written_len = 1;
        if (c != UTF8_INVALID)
            written_len = utf8_encode(written, cased ? c : fold_code_point(c));
        for (unsigned i = 0; i < written_len; i++) {
            out->raw_offset[count + i] = at;
            out->character_end[count + i] = count + written_len;
            bytes[count + i] = written[i];
        }
        count += written_len;
        at += len;
    }
    out->raw_offset[count] = raw.len;
    out->bytes = slice_of(bytes, count);
    return 0;
}

bool plain_stands_at(struct slice text, size_t at, struct slice literal)
{
    if (literal.len > text.len - at)
        return false;
    for (size_t i = 0; i < literal.len; i++) {
        if (text.data[at + i] != literal.data[i])
            return false;
    }
    return true;
}

/* Positions that can be reached behind a part, from those that can be reached before it. */
static void step(bool after[], const bool before[], const struct plain *text,
                 const struct pattern_part *part)
{
    size_t len = text->bytes.len;
    memset(after, 0, len + 1);
    bool any = false;
    for (size_t at = 0; at <= len; at++) {
        any = any || before[at];
        if (part->kind == PART_ANY)
            after[at] = any;
        else if (before[at] && part->kind == PART_ONE && at < len)
            after[text->character_end[at]] = true;
        else if (before[at] && part->kind == PART_LITERAL &&
                 plain_stands_at(text->bytes, at, part->literal))
            after[at + part->literal.len] = true;
    }
}

int plain_matches(bool *out, const struct plain *text, const struct pattern *pattern,
                  struct arena *arena)
{
    bool *reached = arena_array(arena, bool, text->bytes.len + 1);
    bool *next = arena_array(arena, bool, text->bytes.len + 1);
    if (reached == NULL || next == NULL)
        return STATUS_NO_MEMORY;
    reached[0] = true;
    for (size_t i = 0; i < pattern->part_count; i++) {
        step(next, reached, text, &pattern->parts[i]);
        bool *swap = reached;
        reached = next;
        next = swap;
    }
    *out = reached[text->bytes.len];
    return 0;
}

void plain_span(size_t span[2], const struct plain *text, const struct pattern *pattern)
{
    size_t first = 0;
    while (first < pattern->part_count && pattern->parts[first].kind == PART_ANY)
        first++;
    bool open_end = first + 2 == pattern->part_count && pattern->parts[first + 1].kind == PART_ANY;
    bool alone = first < pattern->part_count && pattern->parts[first].kind == PART_LITERAL &&
                 (open_end || first + 1 == pattern->part_count);
    size_t from = 0;
    size_t to = text->bytes.len;
    if (alone) {
        struct slice literal = pattern->parts[first].literal;
        if (first > 0 && !open_end)
            from = to - literal.len;
        while (first > 0 && !plain_stands_at(text->bytes, from, literal))
            from++;
        to = from + literal.len;
    }
    span[0] = text->raw_offset[from];
    span[1] = text->raw_offset[to];
}
