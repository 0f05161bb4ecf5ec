/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lint.h"

#include "rules/hint.h"
#include "rules/lint_names.h"
#include "rules/lint_truth.h"

/* --- Is the rule true of an event that has none of its fields? --- */

static bool test_of_nothing(const struct test *test)
{
    return test->kind == TEST_NULL || (test->kind == TEST_EXISTS && !test->boolean);
}

/* Alternatives of a group are of one kind, so the groups need not be told apart. */
static bool item_of_nothing(const struct item *item)
{
    bool any = false, all = true;
    for (size_t i = 0; i < item->test_count; i++) {
        any |= test_of_nothing(&item->tests[i]);
        all &= test_of_nothing(&item->tests[i]);
    }
    return (item->require_all ? all : any) != item->negate;
}

static bool selection_of_nothing(const struct selection *selection)
{
    for (size_t i = 0; i < selection->map_count; i++) {
        bool all = true;
        for (size_t j = 0; j < selection->maps[i].item_count; j++)
            all &= item_of_nothing(&selection->maps[i].items[j]);
        if (all)
            return true;
    }
    return false;
}

/* Recursion is as deep as the condition: bounded by its parser. */
static bool condition_of_nothing(const struct condition *condition)
{
    if (condition->kind == CONDITION_SELECTION)
        return selection_of_nothing(condition->selection);
    size_t count = 0;
    for (size_t i = 0; i < condition->child_count; i++)
        count += condition_of_nothing(condition->children[i]);
    return condition_holds(condition, count);
}

/* --- Can a map be true at all? --- */

/* True only of a field that is absent or null. */
static bool is_of_nothing(const struct item *item)
{
    for (size_t i = 0; i < item->test_count; i++)
        if (!test_of_nothing(&item->tests[i]))
            return false;
    return !item->negate;
}

/* True only of a field that is present and not null. */
static bool is_of_something(const struct item *item)
{
    for (size_t i = 0; i < item->test_count; i++)
        if (test_of_nothing(&item->tests[i]) || item->tests[i].kind == TEST_EXISTS)
            return false;
    return !item->negate && item->field.len > 0;
}

static void check_map(struct draft *draft, const struct item_map *map)
{
    for (size_t i = 0; i < map->item_count; i++) {
        const struct item *nothing = &map->items[i];
        for (size_t j = 0; is_of_nothing(nothing) && j < map->item_count; j++)
            if (is_of_something(&map->items[j]) && slice_equal(nothing->field, map->items[j].field))
                draft_warning(draft, nothing->at, CODE_NEVER_TRUE,
                              "write a list of two maps if one of both is meant",
                              "the field '%.*s' cannot be absent and have a value",
                              SLICE_PRINTF(hint_clip(nothing->field)));
    }
}

/* --- All of it --- */

static void check_selections(struct draft *draft, const struct rule *rule, const bool *used)
{
    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct selection *selection = &rule->selections[i];
        /* Hidden ones may be there for their anchors only. */
        if (!used[i] && selection->name.data[0] != '_')
            draft_warning(draft, selection->at, CODE_UNUSED_SELECTION,
                          "use it in the condition, or remove it",
                          "the condition never uses the selection '%.*s'",
                          SLICE_PRINTF(hint_clip(selection->name)));
        for (size_t j = 0; j < selection->map_count; j++)
            check_map(draft, &selection->maps[j]);
    }
}

int lint_rule(struct draft *draft, const struct rule *rule, const bool *used,
              const struct yaml_node *condition)
{
    check_selections(draft, rule, used);
    lint_names(draft, rule);
    if (condition_of_nothing(rule->condition))
        draft_warning(draft, draft_at(draft, condition), CODE_NO_POSITIVE_TEST,
                      "add a selection that must be true",
                      "the rule is true of every event of its log source that lacks its fields");
    return lint_truth(draft, rule, used, condition);
}
