/* SPDX-License-Identifier: Apache-2.0 */
/* Windows programs take an option's dash as hyphen, slash, en dash, em dash or horizontal bar.
 *
 * Only a dash in a *flag position* is one: the regular expression `\B[-/]\b`, that is, a word
 * character follows and none stands before. So `/c` in "cmd /c" varies, the slash in "a/b" and the
 * hyphen in "x-y" do not. Replacing every dash would make the rule match what its author never
 * meant. All flag positions vary independently. */
#include "rules/windash.h"

#include "proto/fold.h"

#include <assert.h>

enum { WINDASH_POSITIONS_MAX = 5 }; /* five dashes each: 3,125 patterns */

static const struct slice dashes[] = {SLICE_INIT("-"), SLICE_INIT("/"), SLICE_INIT("\xe2\x80\x93"),
                                      SLICE_INIT("\xe2\x80\x94"), SLICE_INIT("\xe2\x80\x95")};
enum { DASH_COUNT = sizeof dashes / sizeof *dashes };

/* Code points beyond ASCII that are not word characters, roughly; what matters are dashes, quotes,
 * spaces and the punctuation of CJK text. The rest are letters, marks or digits. */
static const struct {
    uint32_t first, last;
} not_words[] = {
    {0x80, 0xa9},     {0xab, 0xb1},     {0xb4, 0xb4},     {0xb6, 0xb8},     {0xbb, 0xbb},
    {0xbf, 0xbf},     {0xd7, 0xd7},     {0xf7, 0xf7},     {0x2000, 0x206f}, {0x20a0, 0x20cf},
    {0x2190, 0x23ff}, {0x2500, 0x27bf}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0xff01, 0xff0f},
    {0xff1a, 0xff20}, {0xfffc, 0xfffd},
};

static bool is_word(uint32_t code_point)
{
    if (code_point < 0x80)
        return (code_point >= '0' && code_point <= '9') || code_point == '_' ||
               ((code_point | 0x20) >= 'a' && (code_point | 0x20) <= 'z');
    for (size_t i = 0; i < sizeof not_words / sizeof *not_words; i++)
        if (code_point >= not_words[i].first && code_point <= not_words[i].last)
            return false;
    return code_point != UTF8_INVALID;
}

static bool word_follows(struct slice text, size_t at)
{
    unsigned length;
    return at < text.len && is_word(utf8_decode(text, at, &length));
}

static bool word_before(struct slice text, size_t at)
{
    unsigned length;
    if (at == 0)
        return false;
    size_t start = at - 1;
    while (start > 0 && (text.data[start] & 0xc0) == 0x80)
        start--;
    return is_word(utf8_decode(text, start, &length));
}

static bool is_flag_position(struct slice text, size_t at)
{
    return (text.data[at] == '-' || text.data[at] == '/') && !word_before(text, at) &&
           word_follows(text, at + 1);
}

static size_t count_flags(const struct pattern *in)
{
    size_t count = 0;
    for (size_t i = 0; i < in->part_count; i++)
        for (size_t at = 0; at < in->parts[i].literal.len; at++)
            count += is_flag_position(in->parts[i].literal, at);
    return count;
}

/* Cuts literals so that each flag position is a part of its own; positions gets their indices. */
static int cut_at_flags(struct pattern *out, size_t positions[WINDASH_POSITIONS_MAX],
                        size_t position_count, const struct pattern *in, struct arena *arena)
{
    struct pattern_part *parts =
        arena_array(arena, struct pattern_part, in->part_count + 2 * position_count);
    if (parts == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0, found = 0;
    for (size_t i = 0; i < in->part_count; i++) {
        struct slice text = in->parts[i].literal;
        size_t start = 0;
        for (size_t at = 0; at < text.len; at++) {
            if (!is_flag_position(text, at))
                continue;
            parts[count++] =
                (struct pattern_part){PART_LITERAL, slice_of(text.data + start, at - start)};
            positions[found++] = count;
            parts[count++] = (struct pattern_part){PART_LITERAL, slice_of(text.data + at, 1)};
            start = at + 1;
        }
        parts[count++] = (struct pattern_part){in->parts[i].kind, slice_from(text, start)};
    }
    assert(found == position_count);
    *out = (struct pattern){.parts = parts, .part_count = count};
    return 0;
}

/* The combination is a number of position_count digits in base DASH_COUNT. */
static int add_combination(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                           const struct pattern *cut, const size_t *positions,
                           size_t position_count, size_t combination)
{
    if (!draft_charge(draft, node, cut->part_count * sizeof(struct pattern_part)))
        return 0;
    struct pattern_part *parts = arena_array(draft->scratch, struct pattern_part, cut->part_count);
    if (parts == NULL)
        return STATUS_NO_MEMORY;
    if (cut->part_count > 0)
        memcpy(parts, cut->parts, cut->part_count * sizeof *parts);
    for (size_t i = 0; i < position_count; i++, combination /= DASH_COUNT)
        parts[positions[i]].literal = dashes[combination % DASH_COUNT];
    struct pattern varied = {.parts = parts, .part_count = cut->part_count};
    return expansion_add(out, draft, node, &varied);
}

int windash_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                 const struct pattern *in)
{
    struct pattern cut;
    size_t positions[WINDASH_POSITIONS_MAX];
    size_t position_count = count_flags(in), combinations = 1;
    if (position_count > WINDASH_POSITIONS_MAX) {
        draft_error(draft, draft_at(draft, node), CODE_EXPANSION_TOO_LARGE,
                    "split the value with 'contains|all|windash'",
                    "'windash' on a value with %zu options; at most %d", position_count,
                    WINDASH_POSITIONS_MAX);
        return 0;
    }
    TRY(cut_at_flags(&cut, positions, position_count, in, draft->scratch));
    for (size_t i = 0; i < position_count; i++)
        combinations *= DASH_COUNT;
    for (size_t i = 0; i < combinations; i++)
        TRY(add_combination(out, draft, node, &cut, positions, position_count, i));
    return 0;
}
