/* SPDX-License-Identifier: Apache-2.0 */
/* Two walks over the same tree: the first computes how often the best cover of a node would fire,
 * the second follows the choices that made it so. A node's cover depends on what is wanted of it,
 * true or false; `wanted` flips below every "not" and every negated item. A cover that would fire
 * for more than one event in two is no better than evaluating always. */
#include "detect/cover.h"

#include <assert.h>
#include <math.h>

static const double RATE_USELESS = 0.5;

struct walk {
    const struct rule_atoms *rule;
    const struct cover_rates *rates;
    cover_add_fn *add;
    void *context;
};

/* --- Items and selections --- */

/* End of the run of tests with the same group number that begins at `from`. */
static size_t group_end(const struct item *item, size_t from)
{
    size_t end = from + 1;
    while (end < item->test_count && item->tests[end].group == item->tests[from].group)
        end++;
    return end;
}

/* Tests from..to of an item, or the one that is false most rarely. */
struct choice {
    double rate;
    size_t from, to;
};

/* Any of the tests is true. */
static struct choice all_tests(const struct walk *walk, const uint32_t atoms[], size_t from,
                               size_t to)
{
    struct choice choice = {0, from, to};
    for (size_t i = from; i < to; i++)
        choice.rate += walk->rates[atoms[i]].of[true];
    return choice;
}

/* None of the tests is true: any one of them will do as evidence. */
static struct choice rarest_false(const struct walk *walk, const uint32_t atoms[], size_t from,
                                  size_t to)
{
    struct choice choice = {INFINITY, from, from};
    for (size_t i = from; i < to; i++) {
        double rate = walk->rates[atoms[i]].of[false];
        if (rate < choice.rate)
            choice = (struct choice){rate, i, i + 1};
    }
    return choice;
}

/* Whether the item's tests must be true, not false, for the item to be as wanted. */
static bool tests_wanted(const struct item *item, bool wanted)
{
    return item->negate != wanted;
}

/* With `all`, every group is true (the rarest will do), or one is false (all are needed). */
static double rate_of_groups(const struct walk *walk, const struct item *item,
                             const uint32_t atoms[], bool wanted, struct choice *best)
{
    double sum = 0;
    *best = (struct choice){INFINITY, 0, 0};
    for (size_t from = 0; from < item->test_count;) {
        size_t to = group_end(item, from);
        struct choice group =
            wanted ? all_tests(walk, atoms, from, to) : rarest_false(walk, atoms, from, to);
        sum += group.rate;
        if (group.rate < best->rate)
            *best = group;
        from = to;
    }
    return wanted ? best->rate : sum;
}

static double rate_of_item(const struct walk *walk, const struct item *item, const uint32_t atoms[],
                           bool wanted)
{
    struct choice best;
    bool tests = tests_wanted(item, wanted);
    if (item->require_all)
        return rate_of_groups(walk, item, atoms, tests, &best);
    return tests ? all_tests(walk, atoms, 0, item->test_count).rate
                 : rarest_false(walk, atoms, 0, item->test_count).rate;
}

static int collect_choice(const struct walk *walk, const uint32_t atoms[], struct choice choice,
                          bool answer)
{
    for (size_t i = choice.from; i < choice.to; i++)
        TRY(walk->add(atoms[i], answer, walk->context));
    return 0;
}

static int collect_groups(const struct walk *walk, const struct item *item, const uint32_t atoms[],
                          bool wanted)
{
    struct choice best;
    (void)rate_of_groups(walk, item, atoms, wanted, &best);
    if (wanted)
        return collect_choice(walk, atoms, best, true);
    for (size_t from = 0; from < item->test_count;) {
        size_t to = group_end(item, from);
        TRY(collect_choice(walk, atoms, rarest_false(walk, atoms, from, to), false));
        from = to;
    }
    return 0;
}

static int collect_item(const struct walk *walk, const struct item *item, const uint32_t atoms[],
                        bool wanted)
{
    bool tests = tests_wanted(item, wanted);
    if (item->require_all)
        return collect_groups(walk, item, atoms, tests);
    struct choice choice = tests ? all_tests(walk, atoms, 0, item->test_count)
                                 : rarest_false(walk, atoms, 0, item->test_count);
    return collect_choice(walk, atoms, choice, tests);
}

/* A map is true if all items are: its rarest item will do. It is false if any is: all are needed.
 * *best: index of the rarest. */
static double rate_of_map(const struct walk *walk, const struct item_map *map,
                          const uint32_t atoms[], bool wanted, size_t *best)
{
    double sum = 0;
    double least = INFINITY;
    *best = 0;
    for (size_t i = 0; i < map->item_count; i++) {
        double rate = rate_of_item(walk, &map->items[i], atoms, wanted);
        sum += rate;
        if (rate < least) {
            least = rate;
            *best = i;
        }
        atoms += map->items[i].test_count;
    }
    return wanted ? least : sum;
}

static int collect_map(const struct walk *walk, const struct item_map *map, const uint32_t atoms[],
                       bool wanted)
{
    size_t best = 0;
    (void)rate_of_map(walk, map, atoms, wanted, &best);
    for (size_t i = 0; i < map->item_count; i++) {
        if (!wanted || i == best)
            TRY(collect_item(walk, &map->items[i], atoms, wanted));
        atoms += map->items[i].test_count;
    }
    return 0;
}

static size_t map_tests(const struct item_map *map)
{
    size_t count = 0;
    for (size_t i = 0; i < map->item_count; i++)
        count += map->items[i].test_count;
    return count;
}

static const uint32_t *atoms_of(const struct walk *walk, const struct selection *selection)
{
    const struct rule *rule = walk->rule->rule;
    size_t index = (size_t)(selection - rule->selections);
    assert(index < rule->selection_count);
    return walk->rule->atoms + walk->rule->selection_starts[index];
}

/* A selection is true if any map is, false if all are. *best: the rarest map. */
static double rate_of_selection(const struct walk *walk, const struct selection *selection,
                                bool wanted, size_t *best)
{
    const uint32_t *atoms = atoms_of(walk, selection);
    double sum = 0;
    double least = INFINITY;
    size_t item = 0;
    *best = 0;
    for (size_t i = 0; i < selection->map_count; i++) {
        double rate = rate_of_map(walk, &selection->maps[i], atoms, wanted, &item);
        sum += rate;
        if (rate < least) {
            least = rate;
            *best = i;
        }
        atoms += map_tests(&selection->maps[i]);
    }
    return wanted ? sum : least;
}

static int collect_selection(const struct walk *walk, const struct selection *selection,
                             bool wanted)
{
    size_t best = 0;
    (void)rate_of_selection(walk, selection, wanted, &best);
    const uint32_t *atoms = atoms_of(walk, selection);
    for (size_t i = 0; i < selection->map_count; i++) {
        if (wanted || i == best)
            TRY(collect_map(walk, &selection->maps[i], atoms, wanted));
        atoms += map_tests(&selection->maps[i]);
    }
    return 0;
}

/* --- Conditions --- */

/* A condition's node with what was computed for it. Children stand side by side. */
struct cover_node {
    const struct condition *condition;
    struct cover_node *children;
    double rate[2]; /* [wanted] */
};

/* How many children's covers a node needs. "At least k of n" is true only if one of any n-k+1
 * children is, and false only if one of any k is false. More than there are: it needs no evidence.
 */
static size_t needed_children(const struct condition *condition, bool wanted)
{
    size_t count = condition->child_count;
    switch (condition->kind) {
    case CONDITION_AND:
        return wanted ? 1 : count;
    case CONDITION_OR:
        return wanted ? count : 1;
    case CONDITION_NOT:
        return 1;
    case CONDITION_AT_LEAST:
        if (wanted)
            return condition->count > count ? 0 : count - condition->count + 1;
        return condition->count;
    case CONDITION_SELECTION:
    default:
        return 0;
    }
}

static bool child_wanted(const struct condition *condition, bool wanted)
{
    return condition->kind == CONDITION_NOT ? !wanted : wanted;
}

/* Whether child `index` is among the `needed` rarest, the first one of equals. */
static bool is_chosen(const struct cover_node *node, size_t index, size_t needed, bool wanted)
{
    size_t count = node->condition->child_count;
    if (needed >= count)
        return true;
    bool of_child = child_wanted(node->condition, wanted);
    double own = node->children[index].rate[of_child];
    size_t rarer = 0;
    for (size_t i = 0; i < count; i++) {
        double rate = node->children[i].rate[of_child];
        rarer += rate < own || (rate == own && i < index);
    }
    return rarer < needed;
}

static double rate_of_node(const struct cover_node *node, bool wanted)
{
    size_t count = node->condition->child_count;
    size_t needed = needed_children(node->condition, wanted);
    if (needed > count)
        return INFINITY;
    double rate = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_chosen(node, i, needed, wanted))
            rate += node->children[i].rate[child_wanted(node->condition, wanted)];
    }
    return rate;
}

static int measure(const struct walk *walk, struct cover_node *node,
                   const struct condition *condition, struct arena *arena)
{
    node->condition = condition;
    if (condition->kind == CONDITION_SELECTION) {
        size_t best = 0;
        node->rate[true] = rate_of_selection(walk, condition->selection, true, &best);
        node->rate[false] = rate_of_selection(walk, condition->selection, false, &best);
        return 0;
    }
    node->children = arena_array(arena, struct cover_node, condition->child_count);
    if (node->children == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < condition->child_count; i++)
        TRY(measure(walk, &node->children[i], condition->children[i], arena));
    node->rate[true] = rate_of_node(node, true);
    node->rate[false] = rate_of_node(node, false);
    return 0;
}

static int collect(const struct walk *walk, const struct cover_node *node, bool wanted)
{
    const struct condition *condition = node->condition;
    if (condition->kind == CONDITION_SELECTION)
        return collect_selection(walk, condition->selection, wanted);
    size_t needed = needed_children(condition, wanted);
    for (size_t i = 0; i < condition->child_count; i++) {
        if (is_chosen(node, i, needed, wanted))
            TRY(collect(walk, &node->children[i], child_wanted(condition, wanted)));
    }
    return 0;
}

int cover_find(const struct rule_atoms *rule, const struct cover_rates rates[], cover_add_fn *add,
               void *context, struct arena *arena)
{
    struct walk walk = {rule, rates, add, context};
    struct cover_node root = {0};
    TRY(measure(&walk, &root, rule->rule->condition, arena));
    if (!(root.rate[true] < RATE_USELESS))
        return COVER_NONE;
    return collect(&walk, &root, true);
}
