/* SPDX-License-Identifier: Apache-2.0 */
/* A placeholder is %name% in a literal, where the name has none of: white space, %, slashes, NUL
 * (names are names of files). A percent sign that starts none is itself, so "100% of %name%" holds
 * one. With several placeholders every combination of their values counts. */
#include "rules/placeholder.h"

#include "rules/hint.h"

#include <stdio.h>

enum { PLACEHOLDERS_MAX = 8 }; /* in one value */

struct found {
    size_t start, end; /* in the literal, percent signs included */
    struct slice name;
};

/* Where a list's values go. */
struct slot {
    size_t part; /* index in the cut pattern */
    struct pattern *values;
    size_t count;
};

struct cut {
    struct pattern pattern;
    struct slot slots[PLACEHOLDERS_MAX];
    size_t slot_count;
};

static bool ends_name(uint8_t byte)
{
    return byte <= ' ' || byte == '%' || byte == '/' || byte == '\\' || byte == 0x7f;
}

static bool find_in_literal(struct found *out, struct slice text)
{
    for (size_t at = 0; at < text.len; at++) {
        if (text.data[at] != '%')
            continue;
        size_t end = at + 1;
        while (end < text.len && !ends_name(text.data[end]))
            end++;
        size_t len = end - at - 1;
        if (end < text.len && text.data[end] == '%' && len > 0 && len <= LIST_NAME_BYTES_MAX) {
            out->start = at;
            out->end = end + 1;
            out->name = slice_of(text.data + at + 1, len);
            return true;
        }
    }
    return false;
}

static size_t count_placeholders(const struct pattern *in)
{
    size_t count = 0;
    struct found found;
    for (size_t i = 0; i < in->part_count; i++) {
        struct slice rest = in->parts[i].literal;
        for (; find_in_literal(&found, rest); rest = slice_from(rest, found.end))
            count++;
    }
    return count;
}

static void report_missing(struct draft *draft, const struct yaml_node *node, struct slice name)
{
    char hint[HINT_BYTES_MAX + LIST_NAME_BYTES_MAX];
    snprintf(hint, sizeof hint,
             "write its values, one a line, into '%.*s.txt' in the folder of lists",
             SLICE_PRINTF(name));
    draft_error(draft, draft_at(draft, node), CODE_PLACEHOLDER_WITHOUT_LIST, hint,
                "no list gives the placeholder '%%%.*s%%' its values", SLICE_PRINTF(name));
}

/* The values of a list, parsed. Without a list: an error, and the slot stays empty. */
static int slot_fill(struct slot *slot, struct draft *draft, const struct yaml_node *node,
                     struct slice name)
{
    const struct slice *values =
        draft->lists == NULL ? NULL : list_set_find(draft->lists, name, &slot->count);
    if (values == NULL) {
        slot->count = 0;
        report_missing(draft, node, name);
        return 0;
    }
    TRY(draft_note_placeholder(draft, name));
    slot->values = arena_array(draft->scratch, struct pattern, slot->count);
    if (slot->values == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < slot->count; i++)
        TRY(pattern_parse(&slot->values[i], values[i], draft->scratch));
    return 0;
}

/* Cuts literals so that each placeholder is an empty part of its own, and fills the slots. */
static int cut_at_placeholders(struct cut *out, struct draft *draft, const struct yaml_node *node,
                               const struct pattern *in, size_t slot_count)
{
    struct pattern_part *parts =
        arena_array(draft->scratch, struct pattern_part, in->part_count + 2 * slot_count);
    if (parts == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0;
    struct found found;
    for (size_t i = 0; i < in->part_count; i++) {
        struct slice rest = in->parts[i].literal;
        for (; find_in_literal(&found, rest); rest = slice_from(rest, found.end)) {
            parts[count++] = (struct pattern_part){PART_LITERAL, slice_of(rest.data, found.start)};
            struct slot *slot = &out->slots[out->slot_count++];
            slot->part = count++;
            TRY(slot_fill(slot, draft, node, found.name));
        }
        parts[count++] = (struct pattern_part){in->parts[i].kind, rest};
    }
    out->pattern = (struct pattern){.parts = parts, .part_count = count};
    return 0;
}

/* The combination is a number with one digit per slot, in the base of its list's length. */
static int add_combination(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                           const struct cut *cut, size_t combination)
{
    const struct pattern *chosen[PLACEHOLDERS_MAX];
    size_t part_count = cut->pattern.part_count;
    for (size_t i = 0; i < cut->slot_count; i++) {
        chosen[i] = &cut->slots[i].values[combination % cut->slots[i].count];
        combination /= cut->slots[i].count;
        part_count += chosen[i]->part_count;
    }
    if (!draft_charge(draft, node, part_count * sizeof(struct pattern_part)))
        return 0;
    struct pattern_part *parts = arena_array(draft->scratch, struct pattern_part, part_count);
    if (parts == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0, slot = 0;
    for (size_t i = 0; i < cut->pattern.part_count; i++) {
        if (slot == cut->slot_count || cut->slots[slot].part != i) {
            parts[count++] = cut->pattern.parts[i];
            continue;
        }
        for (size_t j = 0; j < chosen[slot]->part_count; j++)
            parts[count++] = chosen[slot]->parts[j];
        slot++;
    }
    struct pattern filled = {.parts = parts, .part_count = count};
    /* Joined, so that a following windash sees whole texts. */
    TRY(pattern_finish(&filled, &filled, OPERATOR_EXACT, true, draft->scratch, draft->scratch));
    return expansion_add(out, draft, node, &filled);
}

/* The specification reads `\%` as a plain percent sign, and a path `C:\Users\%name%` wants the
 * opposite, as rules are written: the backslash is itself here, and the author is told. */
static void check_escapes(struct draft *draft, const struct yaml_node *node)
{
    struct found found;
    struct slice rest = node->text;
    for (; find_in_literal(&found, rest); rest = slice_from(rest, found.end)) {
        size_t backslashes = 0;
        while (backslashes < found.start && rest.data[found.start - 1 - backslashes] == '\\')
            backslashes++;
        if (backslashes % 2 == 0)
            continue;
        draft_warning(draft, draft_at(draft, node), CODE_ESCAPED_PLACEHOLDER,
                      "write two backslashes, which every tool reads as one",
                      "the placeholder behind a backslash is expanded: '%.*s'",
                      SLICE_PRINTF(hint_clip(node->text)));
        return;
    }
}

int placeholder_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                     const struct pattern *in)
{
    size_t slot_count = count_placeholders(in);
    if (slot_count == 0) {
        draft_warning(draft, draft_at(draft, node), CODE_NO_PLACEHOLDER,
                      "write the name of a list between percent signs, or leave 'expand' out",
                      "'expand' on '%.*s', which holds no %%name%%",
                      SLICE_PRINTF(hint_clip(node->text)));
        return expansion_add(out, draft, node, in);
    }
    if (slot_count > PLACEHOLDERS_MAX) {
        draft_error(draft, draft_at(draft, node), CODE_EXPANSION_TOO_LARGE, "split the value",
                    "%zu placeholders in one value; at most %d", slot_count, PLACEHOLDERS_MAX);
        return 0;
    }
    check_escapes(draft, node);
    struct cut cut = {0};
    size_t errors_before = draft->error_count;
    TRY(cut_at_placeholders(&cut, draft, node, in, slot_count));
    if (draft->error_count != errors_before)
        return 0;
    size_t combinations = 1;
    for (size_t i = 0; i < cut.slot_count && combinations <= RULE_TESTS_MAX; i++)
        combinations *= cut.slots[i].count;
    if (combinations > RULE_TESTS_MAX) {
        draft_error(draft, draft_at(draft, node), CODE_EXPANSION_TOO_LARGE,
                    "split the value, or shorten its lists",
                    "the lists of its placeholders make more than %d values of this one",
                    RULE_TESTS_MAX);
        return 0;
    }
    for (size_t i = 0; i < combinations; i++)
        TRY(add_combination(out, draft, node, &cut, i));
    return 0;
}
