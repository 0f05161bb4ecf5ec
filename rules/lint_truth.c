/* SPDX-License-Identifier: Apache-2.0 */
/* What a condition makes of its selections is a table of truth: if no line of it is true, the rule
 * never fires; if a selection's column never changes a line, the selection is there for nothing
 * (`a or (a and b)`). The table takes every selection for independent of the others, so what it
 * finds holds whatever they test. It is written out for small conditions only, as people write
 * them; SigmaHQ's average is three selections. */
#include "rules/lint_truth.h"

#include "rules/hint.h"

enum { SELECTIONS_MAX = 12, LINES_MAX = 1 << SELECTIONS_MAX, STEPS_MAX = 200000 };

struct table {
    const struct rule *rule;
    size_t selections[SELECTIONS_MAX]; /* indices of those that the condition uses */
    unsigned columns[RULE_SELECTIONS_MAX];
    size_t column_count;
    bool lines[LINES_MAX];
};

/* --- Writing the table --- */

static size_t count_nodes(const struct condition *condition)
{
    size_t count = 1;
    for (size_t i = 0; i < condition->child_count; i++)
        count += count_nodes(condition->children[i]);
    return count;
}

static bool is_true(const struct table *table, const struct condition *condition, size_t line)
{
    if (condition->kind == CONDITION_SELECTION) {
        size_t index = (size_t)(condition->selection - table->rule->selections);
        return (line >> table->columns[index] & 1) != 0;
    }
    size_t count = 0;
    for (size_t i = 0; i < condition->child_count; i++)
        count += is_true(table, condition->children[i], line);
    return condition_holds(condition, count);
}

/* False: it is too large. */
static bool write_table(struct table *table, const bool *used)
{
    for (size_t i = 0; i < table->rule->selection_count; i++) {
        if (!used[i])
            continue;
        if (table->column_count == SELECTIONS_MAX)
            return false;
        table->columns[i] = (unsigned)table->column_count;
        table->selections[table->column_count++] = i;
    }
    size_t line_count = (size_t)1 << table->column_count;
    if (count_nodes(table->rule->condition) > STEPS_MAX / line_count)
        return false;
    for (size_t line = 0; line < line_count; line++)
        table->lines[line] = is_true(table, table->rule->condition, line);
    return true;
}

/* --- Reading it --- */

static bool is_ever_true(const struct table *table)
{
    for (size_t line = 0; line < (size_t)1 << table->column_count; line++)
        if (table->lines[line])
            return true;
    return false;
}

static bool decides(const struct table *table, size_t column)
{
    for (size_t line = 0; line < (size_t)1 << table->column_count; line++)
        if (table->lines[line] != table->lines[line ^ (size_t)1 << column])
            return true;
    return false;
}

static void report_table(struct draft *draft, const struct table *table,
                         const struct yaml_node *condition)
{
    if (!is_ever_true(table)) {
        draft_warning(draft, draft_at(draft, condition), CODE_NEVER_TRUE,
                      "it asks for something and for its opposite",
                      "the condition can never be true");
        return;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        const struct selection *selection = &table->rule->selections[table->selections[i]];
        if (!decides(table, i))
            draft_warning(draft, selection->at, CODE_SELECTION_WITHOUT_EFFECT,
                          "check the condition's parentheses, or remove the selection",
                          "whether '%.*s' is true makes no difference to the condition",
                          SLICE_PRINTF(hint_clip(selection->name)));
    }
}

int lint_truth(struct draft *draft, const struct rule *rule, const bool *used,
               const struct yaml_node *condition)
{
    arena_reset(draft->scratch);
    struct table *table = arena_new(draft->scratch, struct table);
    if (table == NULL)
        return STATUS_NO_MEMORY;
    table->rule = rule;
    if (write_table(table, used))
        report_table(draft, table, condition);
    return 0;
}
