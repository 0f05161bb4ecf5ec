/* SPDX-License-Identifier: Apache-2.0 */
/* The shrinker on planted differences: engines that are said to miss what they do find. */
#include "shrink.h"

#include <criterion/criterion.h>

static const char RULES[] =
    "title: Noise\nid: 00000000-0000-4000-8000-000000000001\n"
    "logsource:\n  product: testos\n  category: testing\n"
    "detection:\n  sel0:\n    F2: other\n  condition: sel0\n"
    "---\n"
    "title: Kelvin\nid: 00000000-0000-4000-8000-000000000002\n"
    "logsource:\n  product: testos\n  category: testing\n"
    "detection:\n  sel0:\n    F1|contains:\n      - 'kilowatt'\n      - 'megawatt'\n    F2: b\n"
    "  sel1:\n    F3|exists: true\n  sel2:\n    F4: 'no'\n"
    "  condition: (sel0 and (sel1 or sel2)) and not sel2\n";

#define KELVIN_SIGN "\xE2\x84\xAA"
#define TEXT(text)  value_of_text(SLICE_LITERAL(text))

static struct random_event event(const char *f1)
{
    return (struct random_event){
        .fields = {{SLICE_LITERAL("F1"), value_of_text(slice_text(f1))},
                   {SLICE_LITERAL("F2"), TEXT("b")},
                   {SLICE_LITERAL("F3"), TEXT("c")}},
        .count = 3,
        .source = {.product = SLICE_LITERAL("testos"), .category = SLICE_LITERAL("testing")},
        .starts_batch = true,
    };
}

struct search {
    bool differs;
    size_t matched;
};

/* A fold that forgets the Kelvin sign: a match is lost where the event has one. */
static void forget_kelvin(void *context, const struct oracle_pair *pair)
{
    const struct random_event *of = &pair->of->events[pair->event_index];
    bool holds = false;
    for (size_t i = 0; i < of->count; i++)
        holds |= of->fields[i].value.type == VALUE_TEXT &&
                 slice_find(of->fields[i].value.text, SLICE_LITERAL(KELVIN_SIGN)) != SIZE_MAX;
    ((struct search *)context)->differs |= pair->slow && holds;
}

/* A memory that goes wrong when a rule matches the second time. */
static void forget_second(void *context, const struct oracle_pair *pair)
{
    struct search *search = context;
    search->matched += pair->slow;
    search->differs |= search->matched > 1;
}

static bool differs(void *context, const struct oracle_case *of)
{
    struct search search = {0};
    oracle_pair_fn *const *pair = context;
    return oracle_case_judge(of, *pair, &search) && search.differs;
}

static struct oracle_case shrunk(oracle_pair_fn *pair, struct random_event events[], size_t count,
                                 struct arena *arena)
{
    struct oracle_case of = {slice_text(RULES), events, count};
    cr_assert(differs(&pair, &of), "nothing to shrink");
    oracle_shrink(&of, differs, &pair, arena);
    cr_assert(differs(&pair, &of), "the difference was lost");
    oracle_case_print(stderr, &of);
    return of;
}

Test(shrinking, leaves_one_rule_one_item_and_the_character_that_counts)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
    struct random_event events[] = {event("nothing"), event("a " KELVIN_SIGN "ilowatt of power"),
                                    event("a kilowatt")};
    struct oracle_case of = shrunk(forget_kelvin, events, 3, arena);
    cr_expect_eq(of.event_count, 1);
    cr_expect_leq(of.events[0].count, 2); /* what the rule asks for, and what the plant does */
    cr_expect(slice_equal(of.events[0].fields[0].value.text, SLICE_LITERAL(KELVIN_SIGN)));
    cr_expect_eq(slice_find(of.rules, SLICE_LITERAL("---")), SIZE_MAX);
    cr_expect_eq(slice_find(of.rules, SLICE_LITERAL("sel1")), SIZE_MAX);
    cr_expect_lt(of.rules.len, 160);
}

Test(shrinking, keeps_the_event_before_where_memory_goes_wrong)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
    struct random_event events[] = {event("nothing"), event("a kilowatt"), event("no"),
                                    event("two megawatts"), event("last")};
    struct oracle_case of = shrunk(forget_second, events, 5, arena);
    cr_expect_eq(of.event_count, 2);
    cr_expect_lt(of.rules.len, 160);
}
