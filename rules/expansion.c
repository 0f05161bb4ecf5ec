/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/expansion.h"

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
