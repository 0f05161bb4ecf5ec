/* SPDX-License-Identifier: Apache-2.0 */
/* Children stand in the order of what they cost, cheapest first, because most of an event's
 * candidates are wrong and the cheap tests say so as well as the dear ones. A selection that a
 * condition names several times is compiled once. */
#include "detect/program.h"

#include "proto/array.h"

#include <assert.h>

/* --- Building --- */

struct child {
    uint32_t code;
    uint32_t cost;
};

struct builder {
    struct program_code *code;
    const struct rule_atoms *rule;
    const struct program_options *options;
    struct arena *arena;
    struct child *selections; /* per selection, cost 0: not compiled yet */
};

enum { COST_MAX = 1 << 24, COST_KEYWORDS = 50 };

void program_code_deinit(struct program_code *code)
{
    free(code->nodes);
    free(code->children);
    *code = (struct program_code){0};
}

static uint32_t cost_of_atom(const struct atom *atom)
{
    static const uint8_t costs[] = {
        [ATOM_EXACT] = 2,   [ATOM_PREFIX] = 2,   [ATOM_SUFFIX] = 2, [ATOM_CONTAINS] = 6,
        [ATOM_PATTERN] = 8, [ATOM_REGEX] = 20,   [ATOM_CIDR] = 5,   [ATOM_NUMBER] = 2,
        [ATOM_COMPARE] = 2, [ATOM_FIELDREF] = 5, [ATOM_NULL] = 2,   [ATOM_EXISTS] = 2,
        [ATOM_BOOLEAN] = 4, [ATOM_TIME] = 6,
    };
    return atom->on_keywords ? costs[atom->kind] * COST_KEYWORDS : costs[atom->kind];
}

static struct child leaf(const struct builder *builder, uint32_t atom)
{
    assert(atom <= PROGRAM_INDEX_MAX);
    if (builder->options->scanned[atom])
        return (struct child){PROGRAM_ATOM | PROGRAM_SCANNED | atom, 1};
    return (struct child){PROGRAM_ATOM | atom, cost_of_atom(&builder->options->atoms[atom])};
}

static int order_of_children(const void *left, const void *right)
{
    const struct child *a = left;
    const struct child *b = right;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    return (a->code > b->code) - (a->code < b->code);
}

static int add_child(struct program_code *code, uint32_t child)
{
    TRY(array_room(&code->children, &code->child_capacity, code->child_count,
                   sizeof *code->children));
    code->children[code->child_count++] = child;
    return 0;
}

/* Adds a node over children, which it sorts. One child of an "all" or "any" stands for itself. */
static int add_node(struct child *out, struct builder *builder, struct program_node node,
                    struct child children[], size_t count)
{
    struct program_code *code = builder->code;
    if (count == 1 && (node.kind == PROGRAM_ALL || node.kind == PROGRAM_ANY)) {
        *out = children[0];
        return 0;
    }
    if (count > 0)
        qsort(children, count, sizeof *children, order_of_children);
    if (code->node_count >= PROGRAM_INDEX_MAX || code->child_count + count > PROGRAM_INDEX_MAX)
        return STATUS_LIMIT;
    node.from = (uint32_t)code->child_count;
    node.count = (uint32_t)count;
    out->cost = 1;
    for (size_t i = 0; i < count; i++) {
        TRY(add_child(code, children[i].code));
        out->cost =
            out->cost + children[i].cost > COST_MAX ? COST_MAX : out->cost + children[i].cost;
    }
    TRY(array_room(&code->nodes, &code->node_capacity, code->node_count, sizeof *code->nodes));
    out->code = (uint32_t)code->node_count;
    code->nodes[code->node_count++] = node;
    return 0;
}

static int build_tests(struct child *out, struct builder *builder, const uint32_t atoms[],
                       size_t count)
{
    struct child *children = arena_array(builder->arena, struct child, count);
    if (children == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        children[i] = leaf(builder, atoms[i]);
    return add_node(out, builder, (struct program_node){.kind = PROGRAM_ANY}, children, count);
}

/* Tests of one group are alternatives, groups must all be true. */
static int build_groups(struct child *out, struct builder *builder, const struct item *item,
                        const uint32_t atoms[])
{
    struct child *groups = arena_array(builder->arena, struct child, item->test_count);
    if (groups == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0;
    for (size_t from = 0; from < item->test_count;) {
        size_t to = from + 1;
        while (to < item->test_count && item->tests[to].group == item->tests[from].group)
            to++;
        TRY(build_tests(&groups[count++], builder, atoms + from, to - from));
        from = to;
    }
    return add_node(out, builder, (struct program_node){.kind = PROGRAM_ALL}, groups, count);
}

static int build_item(struct child *out, struct builder *builder, const struct item *item,
                      const uint32_t atoms[])
{
    if (item->require_all)
        TRY(build_groups(out, builder, item, atoms));
    else
        TRY(build_tests(out, builder, atoms, item->test_count));
    if (!item->negate)
        return 0;
    struct child inner = *out;
    return add_node(out, builder, (struct program_node){.kind = PROGRAM_NOT}, &inner, 1);
}

static int build_map(struct child *out, struct builder *builder, const struct item_map *map,
                     const uint32_t **atoms)
{
    struct child *items = arena_array(builder->arena, struct child, map->item_count);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < map->item_count; i++) {
        TRY(build_item(&items[i], builder, &map->items[i], *atoms));
        *atoms += map->items[i].test_count;
    }
    return add_node(out, builder, (struct program_node){.kind = PROGRAM_ALL}, items,
                    map->item_count);
}

static int build_selection(struct child *out, struct builder *builder,
                           const struct selection *selection)
{
    size_t index = (size_t)(selection - builder->rule->rule->selections);
    assert(index < builder->rule->rule->selection_count);
    if (builder->selections[index].cost == 0) {
        const uint32_t *atoms = builder->rule->atoms + builder->rule->selection_starts[index];
        struct child *maps = arena_array(builder->arena, struct child, selection->map_count);
        if (maps == NULL)
            return STATUS_NO_MEMORY;
        for (size_t i = 0; i < selection->map_count; i++)
            TRY(build_map(&maps[i], builder, &selection->maps[i], &atoms));
        TRY(add_node(&builder->selections[index], builder,
                     (struct program_node){.kind = PROGRAM_ANY}, maps, selection->map_count));
    }
    *out = builder->selections[index];
    return 0;
}

static int build_condition(struct child *out, struct builder *builder,
                           const struct condition *condition)
{
    static const enum program_kind kinds[] = {
        [CONDITION_SELECTION] = PROGRAM_ALL,
        [CONDITION_AND] = PROGRAM_ALL,
        [CONDITION_OR] = PROGRAM_ANY,
        [CONDITION_NOT] = PROGRAM_NOT,
        [CONDITION_AT_LEAST] = PROGRAM_AT_LEAST,
    };
    if (condition->kind == CONDITION_SELECTION)
        return build_selection(out, builder, condition->selection);
    struct child *children = arena_array(builder->arena, struct child, condition->child_count);
    if (children == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < condition->child_count; i++)
        TRY(build_condition(&children[i], builder, condition->children[i]));
    struct program_node node = {.kind = kinds[condition->kind], .threshold = condition->count};
    return add_node(out, builder, node, children, condition->child_count);
}

int program_build(uint32_t *root, struct program_code *code, const struct rule_atoms *rule,
                  const struct program_options *options, struct arena *arena)
{
    struct builder builder = {code, rule, options, arena, NULL};
    builder.selections = arena_array(arena, struct child, rule->rule->selection_count);
    if (builder.selections == NULL)
        return STATUS_NO_MEMORY;
    struct child top;
    TRY(build_condition(&top, &builder, rule->rule->condition));
    *root = top.code;
    return 0;
}

/* --- Evaluating --- */

enum answer judge_atom(struct judge *judge, uint32_t index)
{
    uint32_t known = judge->answers[index];
    if (known / 4 == judge->epoch)
        return (enum answer)(known % 4);
    const struct atom *atom = &judge->atoms[index];
    judge->evaluations++;
    enum answer answer = atom_evaluate(atom, judge->subject, &judge->space);
    judge->limit_hits += answer == ANSWER_UNDECIDED;
    judge->answers[index] = judge->epoch * 4 + (uint32_t)answer;
    return answer;
}

static enum answer evaluate_leaf(struct judge *judge, uint32_t code)
{
    uint32_t atom = code & PROGRAM_INDEX_MAX;
    if ((code & PROGRAM_SCANNED) == 0)
        return judge_atom(judge, atom);
    return judge->answers[atom] == judge->epoch * 4 + ANSWER_YES ? ANSWER_YES : ANSWER_NO;
}

static enum answer evaluate_all(struct judge *judge, const uint32_t children[], size_t count)
{
    enum answer least = ANSWER_YES;
    for (size_t i = 0; i < count && least != ANSWER_NO; i++) {
        enum answer answer = program_evaluate(judge, children[i]);
        least = answer < least ? answer : least;
    }
    return least;
}

static enum answer evaluate_any(struct judge *judge, const uint32_t children[], size_t count)
{
    enum answer greatest = ANSWER_NO;
    for (size_t i = 0; i < count && greatest != ANSWER_YES; i++) {
        enum answer answer = program_evaluate(judge, children[i]);
        greatest = answer > greatest ? answer : greatest;
    }
    return greatest;
}

static enum answer evaluate_at_least(struct judge *judge, const uint32_t children[], size_t count,
                                     size_t threshold)
{
    size_t yes = 0;
    size_t perhaps = 0;
    for (size_t i = 0; i < count && yes < threshold; i++) {
        enum answer answer = program_evaluate(judge, children[i]);
        yes += answer == ANSWER_YES;
        perhaps += answer == ANSWER_UNDECIDED;
    }
    if (yes >= threshold)
        return ANSWER_YES;
    return yes + perhaps >= threshold ? ANSWER_UNDECIDED : ANSWER_NO;
}

enum answer program_evaluate(struct judge *judge, uint32_t code)
{
    if ((code & PROGRAM_ATOM) != 0)
        return evaluate_leaf(judge, code);
    const struct program_node *node = &judge->code->nodes[code];
    const uint32_t *children = judge->code->children + node->from;
    switch (node->kind) {
    case PROGRAM_ANY:
        return evaluate_any(judge, children, node->count);
    case PROGRAM_NOT:
        return (enum answer)(ANSWER_YES - program_evaluate(judge, children[0]));
    case PROGRAM_AT_LEAST:
        return evaluate_at_least(judge, children, node->count, node->threshold);
    case PROGRAM_ALL:
    default:
        return evaluate_all(judge, children, node->count);
    }
}
