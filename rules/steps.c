/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/steps.h"

#include "rules/base64.h"
#include "rules/hint.h"
#include "rules/placeholder.h"
#include "rules/utf16.h"
#include "rules/windash.h"

#include <assert.h>

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

int steps_run(struct expansion *out, struct draft *draft, const struct yaml_node *node,
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
