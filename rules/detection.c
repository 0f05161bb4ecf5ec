/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/detection.h"

#include "rules/condition.h"
#include "rules/hint.h"
#include "rules/lint.h"
#include "rules/selection.h"

static bool is_selection(const struct yaml_pair *pair)
{
    return !slice_equal(pair->key->text, SLICE_LITERAL("condition")) &&
           !slice_equal(pair->key->text, SLICE_LITERAL("timeframe"));
}

static int read_selections(struct rule *rule, struct draft *draft, const struct yaml_node *node)
{
    struct selection *selections = arena_array(draft->arena, struct selection, node->count);
    if (selections == NULL)
        return STATUS_NO_MEMORY;
    rule->selections = selections;
    for (size_t i = 0; i < node->count; i++) {
        if (!is_selection(&node->pairs[i]))
            continue;
        if (rule->selection_count == RULE_SELECTIONS_MAX) {
            draft_error(draft, draft_at(draft, node->pairs[i].key), CODE_TOO_MANY_SELECTIONS,
                        "split the rule", "more than %d selections", RULE_SELECTIONS_MAX);
            return 0;
        }
        TRY(selection_read(&selections[rule->selection_count++], draft, &node->pairs[i]));
    }
    if (rule->selection_count == 0)
        draft_error(draft, draft_at(draft, node), CODE_MISSING_DETECTION,
                    "add a selection: a name, and tests below it",
                    "the detection has no selection");
    return 0;
}

static void check_timeframe(struct draft *draft, const struct yaml_node *node)
{
    for (size_t i = 0; i < node->count; i++)
        if (slice_equal(node->pairs[i].key->text, SLICE_LITERAL("timeframe")))
            draft_warning(draft, draft_at(draft, node->pairs[i].key), CODE_TIMEFRAME,
                          "write a correlation document for what happens within a time",
                          "'timeframe' has no effect on a rule about single events");
}

/* As written, for whoever asks why. */
static int keep_condition_texts(struct rule *rule, struct draft *draft,
                                const struct yaml_node *node)
{
    bool is_list = node->kind == YAML_SEQUENCE;
    size_t count = is_list ? node->count : 1;
    struct slice *texts = arena_array(draft->arena, struct slice, count);
    if (texts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        TRY(draft_copy(draft, &texts[i], slice_trim(is_list ? node->items[i]->text : node->text)));
    rule->condition_texts = texts;
    rule->condition_text_count = count;
    return 0;
}

static int read_condition(struct rule *rule, struct draft *draft, const struct yaml_node *node)
{
    const struct yaml_node *condition = yaml_find(node, SLICE_LITERAL("condition"));
    if (condition == NULL) {
        draft_error(draft, draft_at(draft, node), CODE_MISSING_CONDITION,
                    "add 'condition: selection'", "the detection has no condition");
        return 0;
    }
    bool *used = arena_array(draft->arena, bool, rule->selection_count + 1);
    if (used == NULL)
        return STATUS_NO_MEMORY;
    struct condition_scope scope = {rule->selections, rule->selection_count, used};
    TRY(condition_read(&rule->condition, draft, &scope, condition));
    if (draft->error_count > 0)
        return 0;
    TRY(keep_condition_texts(rule, draft, condition));
    return lint_rule(draft, rule, used, condition);
}

int detection_read(struct rule *rule, struct draft *draft, const struct yaml_node *root)
{
    const struct yaml_node *node = yaml_find(root, SLICE_LITERAL("detection"));
    if (node == NULL || node->kind != YAML_MAPPING) {
        draft_error(draft, draft_at(draft, node == NULL ? root : node), CODE_MISSING_DETECTION,
                    "add 'detection:' with selections and a condition below it",
                    "the rule has no detection");
        return 0;
    }
    TRY(read_selections(rule, draft, node));
    check_timeframe(draft, node);
    return read_condition(rule, draft, node);
}
