/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule.h"

#include "proto/array.h"
#include "rules/parser.h"

#include <assert.h>
#include <stdlib.h>

bool condition_holds(const struct condition *condition, size_t true_count)
{
    assert(condition->kind != CONDITION_SELECTION);
    switch (condition->kind) {
    case CONDITION_AND:
        return true_count == condition->child_count;
    case CONDITION_OR:
        return true_count > 0;
    case CONDITION_NOT:
        return true_count == 0;
    case CONDITION_AT_LEAST:
        return true_count >= condition->count;
    case CONDITION_SELECTION:
        break;
    }
    return false;
}

struct rule *rule_ref(struct rule *rule)
{
    assert(rule != NULL && rule->references_held > 0);
    rule->references_held++;
    return rule;
}

void rule_unref(struct rule *rule)
{
    if (rule == NULL)
        return;
    assert(rule->references_held > 0);
    if (--rule->references_held == 0)
        arena_free(rule->arena);
}

const char *rule_level_text(enum rule_level level)
{
    static const char *const texts[] = {[LEVEL_INFORMATIONAL] = "informational",
                                        [LEVEL_LOW] = "low",
                                        [LEVEL_MEDIUM] = "medium",
                                        [LEVEL_HIGH] = "high",
                                        [LEVEL_CRITICAL] = "critical"};
    assert(level <= LEVEL_CRITICAL);
    return texts[level];
}

void rule_list_deinit(struct rule_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        rule_unref(list->items[i]);
    free(list->items);
    *list = (struct rule_list){0};
}

int rule_list_add(struct rule_list *list, struct rule *rule)
{
    TRY(array_room(&list->items, &list->capacity, list->count, sizeof(struct rule *)));
    list->items[list->count++] = rule_ref(rule);
    return 0;
}
