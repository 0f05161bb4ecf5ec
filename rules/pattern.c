/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/pattern.h"

#include "proto/fold.h"

#include <assert.h>

static bool is_wildcard(uint8_t byte)
{
    return byte == '*' || byte == '?';
}

static bool is_escaped(struct slice text, size_t at)
{
    return text.data[at] == '\\' && at + 1 < text.len &&
           (is_wildcard(text.data[at + 1]) || text.data[at + 1] == '\\');
}

static size_t count_parts_max(struct slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += is_wildcard(text.data[i]) ? 2 : 0;
    return count;
}

int pattern_parse(struct pattern *out, struct slice text, struct arena *arena)
{
    struct pattern_part *parts = arena_array(arena, struct pattern_part, count_parts_max(text));
    uint8_t *bytes = arena_take_bytes(arena, text.len);
    if (parts == NULL || bytes == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0, used = 0;
    bool in_literal = false;
    for (size_t i = 0; i < text.len; i++) {
        if (is_wildcard(text.data[i])) {
            parts[count++].kind = text.data[i] == '*' ? PART_ANY : PART_ONE;
            in_literal = false;
            continue;
        }
        if (!in_literal)
            parts[count++] = (struct pattern_part){PART_LITERAL, slice_of(bytes + used, 0)};
        in_literal = true;
        i += is_escaped(text, i);
        bytes[used++] = text.data[i];
        parts[count - 1].literal.len++;
    }
    *out = (struct pattern){.parts = parts, .part_count = count};
    return 0;
}

int pattern_of_text(struct pattern *out, struct slice text, struct arena *arena)
{
    struct pattern_part *part = arena_new(arena, struct pattern_part);
    if (part == NULL)
        return STATUS_NO_MEMORY;
    *part = (struct pattern_part){PART_LITERAL, text};
    *out = (struct pattern){.parts = part, .part_count = text.len > 0};
    return 0;
}

size_t pattern_bytes(const struct pattern *pattern)
{
    size_t bytes = 0;
    for (size_t i = 0; i < pattern->part_count; i++)
        bytes += pattern->parts[i].literal.len;
    return bytes;
}

bool pattern_has_wildcards(const struct pattern *pattern)
{
    for (size_t i = 0; i < pattern->part_count; i++)
        if (pattern->parts[i].kind != PART_LITERAL)
            return true;
    return false;
}

/* The literals from parts[first] on, up to the next wildcard, as one text. */
static struct slice joined_literals(const struct pattern *pattern, size_t first, size_t end,
                                    struct arena *arena)
{
    if (end - first == 1)
        return pattern->parts[first].literal;
    size_t len = 0;
    for (size_t i = first; i < end; i++)
        len += pattern->parts[i].literal.len;
    uint8_t *bytes = arena_take_bytes(arena, len);
    if (bytes == NULL)
        return (struct slice){NULL, 0};
    size_t used = 0;
    for (size_t i = first; i < end; i++) {
        struct slice literal = pattern->parts[i].literal;
        if (literal.len > 0)
            memcpy(bytes + used, literal.data, literal.len);
        used += literal.len;
    }
    return slice_of(bytes, len);
}

struct slice pattern_text(const struct pattern *pattern, struct arena *arena)
{
    assert(!pattern_has_wildcards(pattern));
    if (pattern->part_count == 0)
        return SLICE_LITERAL("");
    return joined_literals(pattern, 0, pattern->part_count, arena);
}

static void push_wildcard(struct pattern_part *parts, size_t *count, enum pattern_part_kind kind)
{
    if (kind == PART_ANY && *count > 0 && parts[*count - 1].kind == PART_ANY)
        return;
    parts[(*count)++] = (struct pattern_part){.kind = kind};
}

static int push_literal(struct pattern_part *parts, size_t *count, struct slice literal, bool cased,
                        struct arena *arena)
{
    if (literal.data == NULL)
        return STATUS_NO_MEMORY;
    if (literal.len == 0)
        return 0;
    struct slice kept = cased ? arena_copy(arena, literal) : fold_copy(arena, literal);
    if (kept.data == NULL)
        return STATUS_NO_MEMORY;
    parts[(*count)++] = (struct pattern_part){PART_LITERAL, kept};
    return 0;
}

int pattern_finish(struct pattern *out, const struct pattern *draft, enum operator_kind operator,
                   bool cased, struct arena *arena, struct arena *scratch)
{
    struct pattern_part *parts = arena_array(arena, struct pattern_part, draft->part_count + 2);
    if (parts == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0;
    if (operator== OPERATOR_CONTAINS || operator== OPERATOR_ENDS)
        push_wildcard(parts, &count, PART_ANY);
    for (size_t i = 0; i < draft->part_count;) {
        if (draft->parts[i].kind != PART_LITERAL) {
            push_wildcard(parts, &count, draft->parts[i++].kind);
            continue;
        }
        size_t end = i;
        while (end < draft->part_count && draft->parts[end].kind == PART_LITERAL)
            end++;
        TRY(push_literal(parts, &count, joined_literals(draft, i, end, scratch), cased, arena));
        i = end;
    }
    if (operator== OPERATOR_CONTAINS || operator== OPERATOR_STARTS)
        push_wildcard(parts, &count, PART_ANY);
    *out = (struct pattern){.parts = parts, .part_count = count};
    return 0;
}

bool pattern_equal(const struct pattern *a, const struct pattern *b)
{
    if (a->part_count != b->part_count)
        return false;
    for (size_t i = 0; i < a->part_count; i++)
        if (a->parts[i].kind != b->parts[i].kind ||
            !slice_equal(a->parts[i].literal, b->parts[i].literal))
            return false;
    return true;
}
