/* SPDX-License-Identifier: Apache-2.0 */
/* The one thing that a cover promises: whenever the rule is true, one of the cover's answers is
 * given. Held against every truth that the atoms of a rule can have, under many rates, so that
 * every choice is made. */
#include "detect/cover.h"
#include "detect/survey.h"
#include "rules/parser.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

enum { ATOMS_MAX = 14, RATES = 200 };

static const char *const detections[] = {
    "  s:\n    A: [x, y]\n    B: z\n  condition: s\n",
    "  s:\n    - A: x\n      B: y\n    - C: [u, v]\n  condition: s\n",
    "  s:\n    A: x\n  f:\n    B: [y, z]\n    C: u\n  condition: s and not f\n",
    "  s:\n    A|contains|all: [x, y]\n  f:\n    B|contains|all: [u, v, w]\n  condition: s or not "
    "f\n",
    "  f:\n    B|contains|all: [u, v, w]\n    C: x\n  condition: not f\n",
    "  f:\n    - B|contains|all: [u, v]\n    - C: x\n    - A|contains|all|windash: [' -x', y]\n"
    "  condition: not f\n",
    "  s:\n    A|neq: [x, y]\n    B: z\n  condition: s\n",
    "  s:\n    A|neq: [x, y]\n    B: z\n  condition: not s\n",
    "  s:\n    A|contains|all|neq: [x, y]\n  f:\n    C: z\n  condition: s and not f\n",
    "  s1:\n    A: x\n  s2:\n    B: y\n  s3:\n    C: [z, u]\n  condition: 2 of s*\n",
    "  s1:\n    A: x\n  s2:\n    B: y\n  s3:\n    C: [z, u]\n  condition: not (2 of s*)\n",
    "  s1:\n    A: x\n  s2:\n    B: y\n  s3:\n    C: z\n  condition: not 1 of s*\n",
    "  s1:\n    A: x\n  s2:\n    B: y\n  s3:\n    C: z\n  condition: not all of s*\n",
    "  s1:\n    A: x\n  s2:\n    B: y\n  s3:\n    C: z\n"
    "  condition: (s1 or not s2) and not (s3 and not (s1 or s2))\n",
};
enum { DETECTIONS = sizeof detections / sizeof detections[0] };

struct case_of {
    struct rule_list rules;
    struct diag_list *findings;
    struct arena *arena;
    struct survey survey;
    struct rule_atoms atoms;
};

static void set_up(struct case_of *it, size_t index)
{
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "title: t\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n"
                       "  product: p\ndetection:\n%s",
                       detections[index]);
    *it = (struct case_of){.findings = NULL};
    cr_assert_eq(diag_list_new(&it->findings), 0);
    cr_assert_eq(arena_new_growing(&it->arena, 64 * 1024, 0), 0);
    cr_assert_eq(parser_read(&it->rules, slice_of(text, (size_t)len), "t.yml",
                             &(struct parser_options){0}, it->findings),
                 0);
    cr_assert_eq(it->rules.count, 1, "detection %zu", index);
    survey_init(&it->survey, it->arena);
    cr_assert_eq(survey_add(&it->atoms, &it->survey, it->rules.items[0], it->findings), 0);
    survey_finish(&it->survey);
    cr_assert_leq(it->survey.atom_count, ATOMS_MAX);
}

static void tear_down(struct case_of *it)
{
    survey_deinit(&it->survey);
    arena_free(it->arena);
    rule_list_deinit(&it->rules);
    diag_list_free(it->findings);
}

/* --- Truth, by the plainest means --- */

static bool item_is_true(const struct item *item, const uint32_t atoms[], uint32_t truth)
{
    bool any = false;
    bool all = true;
    for (size_t i = 0; i < item->test_count;) {
        bool group = false;
        size_t from = i;
        for (; i < item->test_count && item->tests[i].group == item->tests[from].group; i++)
            group = group || (truth >> atoms[i] & 1) != 0;
        any = any || group;
        all = all && group;
    }
    return (item->require_all ? all : any) != item->negate;
}

static bool selection_is_true(const struct case_of *it, const struct selection *selection,
                              uint32_t truth)
{
    size_t index = (size_t)(selection - it->atoms.rule->selections);
    const uint32_t *atoms = it->atoms.atoms + it->atoms.selection_starts[index];
    bool any = false;
    for (size_t i = 0; i < selection->map_count; i++) {
        bool all = true;
        for (size_t j = 0; j < selection->maps[i].item_count; j++) {
            const struct item *item = &selection->maps[i].items[j];
            all = item_is_true(item, atoms, truth) && all;
            atoms += item->test_count;
        }
        any = any || all;
    }
    return any;
}

static bool is_true(const struct case_of *it, const struct condition *condition, uint32_t truth)
{
    size_t yes = 0;
    if (condition->kind == CONDITION_SELECTION)
        return selection_is_true(it, condition->selection, truth);
    for (size_t i = 0; i < condition->child_count; i++)
        yes += is_true(it, condition->children[i], truth);
    switch (condition->kind) {
    case CONDITION_AND:
        return yes == condition->child_count;
    case CONDITION_OR:
        return yes > 0;
    case CONDITION_NOT:
        return yes == 0;
    case CONDITION_SELECTION:
    case CONDITION_AT_LEAST:
    default:
        return yes >= condition->count;
    }
}

/* --- Covers --- */

struct added {
    uint32_t when[2]; /* sets of atoms: [answer] */
};

static int add(uint32_t atom, bool answer, void *context)
{
    ((struct added *)context)->when[answer] |= 1U << atom;
    return 0;
}

/* Each at random: there is evidence, rare or frequent, or none. */
static void roll_rates(struct cover_rates rates[ATOMS_MAX], uint32_t *state)
{
    for (size_t i = 0; i < ATOMS_MAX; i++) {
        for (size_t answer = 0; answer < 2; answer++) {
            *state = *state * 1664525 + 1013904223;
            uint32_t roll = *state >> 24;
            rates[i].of[answer] = roll < 64 ? INFINITY : (double)roll / 3000;
        }
    }
}

static bool covers(const struct case_of *it, const struct added *added, uint32_t *uncovered)
{
    for (uint32_t truth = 0; truth < 1U << it->survey.atom_count; truth++) {
        bool given = (truth & added->when[true]) != 0 || (~truth & added->when[false]) != 0;
        if (!given && is_true(it, it->atoms.rule->condition, truth)) {
            *uncovered = truth;
            return false;
        }
    }
    return true;
}

Test(cover, gives_one_of_its_answers_whenever_the_rule_is_true)
{
    uint32_t state = 1;
    size_t found = 0;
    for (size_t i = 0; i < DETECTIONS; i++) {
        struct case_of it;
        set_up(&it, i);
        for (size_t j = 0; j < RATES; j++) {
            struct cover_rates rates[ATOMS_MAX];
            struct added added = {{0, 0}};
            uint32_t uncovered = 0;
            roll_rates(rates, &state);
            int result = cover_find(&it.atoms, rates, add, &added, it.arena);
            cr_assert_geq(result, 0);
            found += result == 0;
            cr_assert(result == COVER_NONE || covers(&it, &added, &uncovered),
                      "detection %zu, rates %zu: not for atoms %x", i, j, uncovered);
        }
        tear_down(&it);
    }
    cr_expect_gt(found, DETECTIONS * RATES / 4, "hardly any rule has a cover");
}

Test(cover, takes_the_rarest_child_of_an_and)
{
    struct case_of it;
    set_up(&it, 0);
    struct cover_rates rates[ATOMS_MAX] = {
        {{INFINITY, 0.1}}, {{INFINITY, 0.1}}, {{INFINITY, 0.01}}};
    struct added added = {{0, 0}};
    cr_assert_eq(cover_find(&it.atoms, rates, add, &added, it.arena), 0);
    cr_expect_eq(added.when[true], 1U << 2);
    cr_expect_eq(added.when[false], 0);
    tear_down(&it);
}

Test(cover, says_so_where_there_is_no_evidence_or_too_much)
{
    struct case_of it;
    set_up(&it, 0);
    struct cover_rates rates[ATOMS_MAX] = {{{0.1, INFINITY}}, {{0.1, INFINITY}}, {{0.1, INFINITY}}};
    struct added added = {{0, 0}};
    cr_expect_eq(cover_find(&it.atoms, rates, add, &added, it.arena), COVER_NONE);
    for (size_t i = 0; i < 3; i++)
        rates[i].of[true] = 0.7;
    cr_expect_eq(cover_find(&it.atoms, rates, add, &added, it.arena), COVER_NONE);
    cr_expect_eq(added.when[true], 0);
    tear_down(&it);
}
