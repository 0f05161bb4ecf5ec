/* SPDX-License-Identifier: Apache-2.0 */
/* Why a rule is true: of the selections that are, the maps that are, and in them the tests that
 * are. What a rule says by "not" has no evidence to show, so it is left out: a selection below a
 * "not" is false when the rule is true. */
#include "detect/compiled.h"
#include "detect/engine.h"
#include "detect/number.h"
#include "detect/scratch.h"
#include "detect/span.h"

#include <assert.h>

struct gatherer {
    struct judge *judge;
    struct arena *arena;
    struct alert_reason *items;
    size_t count;
    bool truncated;
};

/* --- Truth of the rule's parts --- */

static bool any_test(struct judge *judge, const uint32_t atoms[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (judge_atom(judge, atoms[i]) != ANSWER_NO)
            return true;
    }
    return false;
}

static bool item_is_true(struct judge *judge, const struct item *item, const uint32_t atoms[])
{
    if (!item->require_all)
        return any_test(judge, atoms, item->test_count) != item->negate;
    for (size_t from = 0; from < item->test_count;) {
        size_t to = from + 1;
        while (to < item->test_count && item->tests[to].group == item->tests[from].group)
            to++;
        if (!any_test(judge, atoms + from, to - from))
            return item->negate;
        from = to;
    }
    return !item->negate;
}

static bool map_is_true(struct judge *judge, const struct item_map *map, const uint32_t *atoms)
{
    for (size_t i = 0; i < map->item_count; i++) {
        if (!item_is_true(judge, &map->items[i], atoms))
            return false;
        atoms += map->items[i].test_count;
    }
    return true;
}

/* --- What there is to say --- */

/* The value's text into the reason, from the arena where it was made for this event only. */
static int put_value(struct alert_reason *reason, struct slice text, struct arena *arena)
{
    reason->value = arena_copy(arena, text);
    return reason->value.data == NULL ? STATUS_LIMIT : 0;
}

static int tell_text(struct gatherer *gatherer, struct alert_reason *reason,
                     const struct atom *atom)
{
    struct subject_texts texts = subject_texts(gatherer->judge->subject, atom->slot);
    for (size_t i = 0; i < texts.count; i++) {
        const struct subject_text *text = &texts.items[i];
        enum answer answer = atom_answer_text(atom, text, &gatherer->judge->space);
        if (answer == ANSWER_NO)
            continue;
        struct span span;
        reason->undecided = answer == ANSWER_UNDECIDED;
        reason->has_span = span_find(&span, atom, text, &gatherer->judge->space);
        if (reason->has_span) {
            reason->from = (uint32_t)span.from;
            reason->to = (uint32_t)span.to;
        }
        return put_value(reason, text->raw, gatherer->arena);
    }
    return 0;
}

static int tell_value(struct gatherer *gatherer, struct alert_reason *reason,
                      const struct atom *atom)
{
    struct subject_texts texts = subject_texts(gatherer->judge->subject, atom->slot);
    if (texts.count == 0)
        return 0; /* absent, null, or an empty list: nothing to show */
    return put_value(reason, texts.items[0].raw, gatherer->arena);
}

static int tell_test(struct gatherer *gatherer, const struct selection *selection,
                     const struct item *item, const struct test *test, uint32_t index)
{
    if (gatherer->count == ALERT_REASONS_MAX) {
        gatherer->truncated = true;
        return 0;
    }
    const struct atom *atom = &gatherer->judge->atoms[index];
    struct alert_reason *reason = &gatherer->items[gatherer->count++];
    *reason = (struct alert_reason){
        .selection = selection->name,
        .field = item->field,
        .modifier = item->modifiers,
        .pattern = test->source,
    };
    return atom_is_textual(atom) ? tell_text(gatherer, reason, atom)
                                 : tell_value(gatherer, reason, atom);
}

static int tell_map(struct gatherer *gatherer, const struct selection *selection,
                    const struct item_map *map, const uint32_t *atoms)
{
    for (size_t i = 0; i < map->item_count; i++) {
        const struct item *item = &map->items[i];
        for (size_t j = 0; j < item->test_count && !item->negate; j++) {
            if (judge_atom(gatherer->judge, atoms[j]) != ANSWER_NO)
                TRY(tell_test(gatherer, selection, item, &item->tests[j], atoms[j]));
        }
        atoms += item->test_count;
    }
    return 0;
}

static int tell_selection(struct gatherer *gatherer, const struct selection *selection,
                          const uint32_t *atoms)
{
    for (size_t i = 0; i < selection->map_count; i++) {
        const struct item_map *map = &selection->maps[i];
        if (map_is_true(gatherer->judge, map, atoms))
            TRY(tell_map(gatherer, selection, map, atoms));
        for (size_t j = 0; j < map->item_count; j++)
            atoms += map->items[j].test_count;
    }
    return 0;
}

int engine_explain(const struct alert_reason **out, size_t *count, bool *truncated,
                   const struct ruleset *ruleset, struct scratch *scratch, size_t rule_index,
                   const struct event *event, struct arena *arena)
{
    assert(scratch->ruleset == ruleset && scratch->judged == event);
    assert(rule_index < ruleset->rule_count);
    const struct rule_atoms *rule = &ruleset->rule_atoms[rule_index];
    struct gatherer gatherer = {.judge = &scratch->judge, .arena = arena};
    gatherer.items = arena_array(arena, struct alert_reason, ALERT_REASONS_MAX);
    if (gatherer.items == NULL)
        return STATUS_LIMIT;
    for (size_t i = 0; i < rule->rule->selection_count; i++)
        TRY(tell_selection(&gatherer, &rule->rule->selections[i],
                           rule->atoms + rule->selection_starts[i]));
    *out = gatherer.items;
    *count = gatherer.count;
    *truncated = gatherer.truncated;
    return 0;
}
