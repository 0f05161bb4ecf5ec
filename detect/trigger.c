/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/trigger.h"

#include "detect/number.h"
#include "proto/fold.h"

/* --- Which texts --- */

static void add_trigger(struct trigger_set *out, struct slice bytes, enum trigger_anchor anchor,
                        bool equivalent)
{
    out->items[out->count++] = (struct trigger){bytes, anchor, equivalent};
}

/* A literal that is compared with raw text is searched for in folded text. Folding keeps characters
 * apart, so what is whole UTF-8 inside the literal is found there; bytes that are not could be part
 * of a character of the event's, and are left out. Sets *first and *last to whether the piece
 * reaches the literal's ends. */
static struct slice longest_whole_piece(struct slice literal, bool *first, bool *last)
{
    struct slice best = slice_of(literal.data, 0);
    size_t at = 0;
    while (at < literal.len) {
        size_t len = utf8_valid_prefix(slice_from(literal, at));
        if (len > best.len)
            best = slice_of(literal.data + at, len);
        at += len + 1;
    }
    *first = best.data == literal.data;
    *last = best.data + best.len == literal.data + literal.len;
    return best;
}

/* Scans fail on literals that end in long runs of one character (hs.c). */
enum { RUN_MAX = 16, RUN_BYTES_MAX = 32 };

static size_t longest_run(struct slice bytes)
{
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        run = i > 0 && bytes.data[i] == bytes.data[i - 1] ? run + 1 : 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static struct slice shorten(struct slice bytes, bool keep_end)
{
    size_t len_max = longest_run(bytes) > RUN_MAX ? RUN_BYTES_MAX : TRIGGER_BYTES_MAX;
    if (bytes.len <= len_max)
        return bytes;
    return keep_end ? slice_from(bytes, bytes.len - len_max) : slice_of(bytes.data, len_max);
}

static enum trigger_anchor anchor_of(bool start, bool end)
{
    if (start)
        return end ? ANCHOR_BOTH : ANCHOR_START;
    return end ? ANCHOR_END : ANCHOR_NONE;
}

/* One literal of a pattern; start and end: it must stand at that end of the text. */
static int add_literal(struct trigger_set *out, struct slice literal, bool start, bool end,
                       const struct atom *atom, struct arena *arena)
{
    struct slice bytes = literal;
    bool whole = true;
    if (atom->cased) {
        bool first = false;
        bool last = false;
        bytes = longest_whole_piece(literal, &first, &last);
        start = start && first;
        end = end && last;
        whole = false;
        bytes = fold_copy(arena, bytes);
        if (bytes.data == NULL)
            return STATUS_NO_MEMORY;
    }
    enum trigger_anchor anchor = anchor_of(start, end);
    if (anchor != ANCHOR_BOTH) {
        struct slice piece = shorten(bytes, end);
        whole = whole && piece.len == bytes.len;
        bytes = piece;
    }
    if (bytes.len > 0 || (anchor == ANCHOR_BOTH && literal.len == 0))
        add_trigger(out, bytes, anchor, whole && atom->kind != ATOM_PATTERN);
    return 0;
}

static int of_pattern(struct trigger_set *out, const struct atom *atom, struct arena *arena)
{
    const struct pattern *pattern = &atom->test->pattern;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < pattern->part_count; i++) {
        if (pattern->parts[i].kind == PART_LITERAL &&
            (best == SIZE_MAX || pattern->parts[i].literal.len > pattern->parts[best].literal.len))
            best = i;
    }
    if (best == SIZE_MAX)
        return 0;
    return add_literal(out, pattern->parts[best].literal, best == 0,
                       best + 1 == pattern->part_count, atom, arena);
}

static void of_regex(struct trigger_set *out, const struct atom *atom, struct arena *arena)
{
    struct literal_set set;
    literal_set_of(&set, atom->test->regex, arena);
    for (size_t i = 0; i < set.count; i++)
        add_trigger(out, shorten(set.items[i], false), ANCHOR_NONE, false);
}

static int of_number(struct trigger_set *out, const struct atom *atom, struct arena *arena)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    struct slice text = fold_copy(arena, number_text(&atom->test->number, buffer));
    if (text.data == NULL)
        return STATUS_NO_MEMORY;
    add_trigger(out, text, ANCHOR_BOTH, true);
    return 0;
}

static void of_boolean(struct trigger_set *out, bool wanted)
{
    add_trigger(out, wanted ? SLICE_LITERAL("true") : SLICE_LITERAL("false"), ANCHOR_BOTH, false);
    add_trigger(out, wanted ? SLICE_LITERAL("1") : SLICE_LITERAL("0"), ANCHOR_BOTH, false);
    add_trigger(out, wanted ? SLICE_LITERAL("yes") : SLICE_LITERAL("no"), ANCHOR_BOTH, false);
}

int trigger_set_of(struct trigger_set *out, const struct atom *atom, struct arena *arena)
{
    out->count = 0;
    switch (atom->kind) {
    case ATOM_EXACT:
        return add_literal(out, atom->literal, true, true, atom, arena);
    case ATOM_PREFIX:
        return add_literal(out, atom->literal, true, false, atom, arena);
    case ATOM_SUFFIX:
        return add_literal(out, atom->literal, false, true, atom, arena);
    case ATOM_CONTAINS:
        return add_literal(out, atom->literal, false, false, atom, arena);
    case ATOM_PATTERN:
        return of_pattern(out, atom, arena);
    case ATOM_REGEX:
        of_regex(out, atom, arena);
        return 0;
    case ATOM_NUMBER:
        return of_number(out, atom, arena);
    case ATOM_BOOLEAN:
        of_boolean(out, atom->test->boolean);
        return 0;
    case ATOM_CIDR:
    case ATOM_COMPARE:
    case ATOM_FIELDREF:
    case ATOM_NULL:
    case ATOM_EXISTS:
    case ATOM_TIME:
    default:
        return 0;
    }
}
