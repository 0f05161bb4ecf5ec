/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/expansion.h"

#include "rules/hint.h"

#include <assert.h>

int expansion_add(struct expansion *expansion, struct draft *draft, const struct yaml_node *node,
                  const struct pattern *pattern)
{
    if (!draft_charge(draft, node, pattern_bytes(pattern)))
        return 0;
    if (expansion->count == RULE_TESTS_MAX) {
        if (expansion->capacity == RULE_TESTS_MAX) {
            expansion->capacity++; /* said once */
            draft_error(draft, draft_at(draft, node), CODE_EXPANSION_TOO_LARGE,
                        "split the value, or shorten its lists",
                        "modifiers make more than %d values of this one", RULE_TESTS_MAX);
        }
        return 0;
    }
    if (expansion->count == expansion->capacity) {
        size_t capacity = expansion->capacity == 0 ? 4 : expansion->capacity * 2;
        capacity = capacity > RULE_TESTS_MAX ? RULE_TESTS_MAX : capacity;
        struct pattern *items = arena_array(draft->scratch, struct pattern, capacity);
        if (items == NULL)
            return STATUS_NO_MEMORY;
        if (expansion->count > 0)
            memcpy(items, expansion->items, expansion->count * sizeof *items);
        expansion->items = items;
        expansion->capacity = capacity;
    }
    expansion->items[expansion->count++] = *pattern;
    return 0;
}

int expansion_add_text(struct expansion *expansion, struct draft *draft,
                       const struct yaml_node *node, struct slice text)
{
    struct pattern pattern;
    TRY(pattern_of_text(&pattern, text, draft->scratch));
    return expansion_add(expansion, draft, node, &pattern);
}

static int encode(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                  const struct pattern *in, enum modifier modifier)
{
    if (pattern_has_wildcards(in)) {
        draft_error(draft, draft_at(draft, node), CODE_WILDCARD_ENCODED,
                    "escape a literal star or question mark with a backslash",
                    "the modifier '%s' does not go with wildcards in '%.*s'",
                    modifier_text(modifier), SLICE_PRINTF(hint_clip(node->text)));
        return 0;
    }
    struct slice text = pattern_text(in, draft->scratch);
    if (text.data == NULL)
        return STATUS_NO_MEMORY;
    if (modifier == MODIFIER_BASE64)
        return base64_step(out, draft, node, text);
    if (modifier == MODIFIER_BASE64OFFSET)
        return base64_offset_step(out, draft, node, text);
    return utf16_step(out, draft, node, text, modifier_argument(modifier));
}

static int run_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                    const struct pattern *in, enum modifier modifier)
{
    if (modifier_encodes(modifier))
        return encode(out, draft, node, in, modifier);
    if (modifier == MODIFIER_WINDASH)
        return windash_step(out, draft, node, in);
    assert(modifier == MODIFIER_EXPAND);
    return placeholder_step(out, draft, node, in);
}

int expansion_run(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                  const struct modifier_chain *chain)
{
    struct pattern parsed;
    *out = (struct expansion){0};
    TRY(pattern_parse(&parsed, node->text, draft->scratch));
    TRY(expansion_add(out, draft, node, &parsed));
    for (size_t step = 0; step < chain->step_count; step++) {
        size_t errors_before = draft->error_count;
        struct expansion next = {0};
        for (size_t i = 0; i < out->count && draft->error_count == errors_before; i++)
            TRY(run_step(&next, draft, node, &out->items[i], chain->steps[step]));
        *out = next;
    }
    return 0;
}
