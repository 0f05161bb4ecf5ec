/* SPDX-License-Identifier: Apache-2.0 */
/* The engine against explain.c, which knows nothing of databases and triggers: random rules, read
 * by the parser and compiled together, on random events that almost match them, through encoding
 * and decoding. A case that differs is shrunk and printed with its seed, ready for a test.
 *
 * YAGURA_SEED=n repeats one round alone; YAGURA_ROUNDS=n asks for more rounds than the share that
 * every build runs, from seed YAGURA_FIRST_SEED on. A census says what the rules and events held,
 * and nothing that they can hold may be missing. */
#include "census.h"
#include "random_rule.h"
#include "shrink.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum {
    ROUNDS = 120,
    RULES = 16,
    BATCHES = 16,
    BATCH_EVENTS = 6, /* at most */
    SHOWN_MAX = 5,
};

struct tally {
    struct census census;
    uint64_t pairs, matches, differences, rules, events, typed;
    bool found; /* the difference of this round */
    size_t found_event;
};

static void count_pair(void *context, const struct oracle_pair *pair)
{
    struct tally *tally = context;
    tally->pairs++;
    tally->matches += pair->slow;
    tally->typed += pair->typed;
    if (pair->slow == pair->fast)
        return;
    tally->differences++;
    if (tally->found)
        return;
    tally->found = true;
    tally->found_event = pair->event_index;
    fprintf(stderr, "explain says %d, the engine %d: rule %.*s, event %zu\n", pair->slow,
            pair->fast, SLICE_PRINTF(pair->rule->id), pair->event_index);
}

/* --- A difference --- */

static void note_difference(void *context, const struct oracle_pair *pair)
{
    *(bool *)context |= pair->slow != pair->fast;
}

static bool differs(void *context, const struct oracle_case *of)
{
    (void)context;
    bool difference = false;
    return oracle_case_judge(of, note_difference, &difference) && difference;
}

/* Most differences show in one event; those of memory need what came before. */
static void show(struct oracle_case *of, size_t event, uint64_t seed, struct arena *arena)
{
    struct oracle_case alone = {of->rules, &of->events[event], 1};
    struct oracle_case *least = differs(NULL, &alone) ? &alone : of;
    fprintf(stderr, "YAGURA_SEED=%llu, shrunk:\n", (unsigned long long)seed);
    if (differs(NULL, least))
        oracle_shrink(least, differs, NULL, arena);
    oracle_case_print(stderr, least);
}

/* --- A round --- */

static struct slice make_rules(struct dice *dice, const struct random_world *world,
                               struct arena *arena)
{
    char *text = arena_take_bytes(arena, (size_t)RANDOM_RULE_BYTES_MAX * RULES);
    cr_assert_not_null(text);
    size_t len = 0;
    for (unsigned i = 0; i < RULES; i++) {
        if (i > 0)
            len += (size_t)snprintf(text + len, sizeof "---\n", "---\n");
        len += random_rule(text + len, dice, world, i);
    }
    return slice_of(text, len);
}

static void make_events(struct oracle_case *out, const struct rule_list *rules, struct dice *dice,
                        const struct random_world *world, struct arena *arena)
{
    out->events = arena_array(arena, struct random_event, (size_t)BATCHES * BATCH_EVENTS);
    cr_assert_not_null(out->events);
    for (size_t batch = 0; batch < BATCHES; batch++) {
        size_t count = 1 + dice_below(dice, BATCH_EVENTS);
        for (size_t i = 0; i < count; i++) {
            struct random_event *event = &out->events[out->event_count++];
            const struct rule *rule = rules->items[dice_below(dice, rules->count)];
            random_event(event, rule, world, i == 0 ? NULL : event - 1, dice, arena);
            event->starts_batch = i == 0;
        }
    }
}

static void run_round(struct tally *tally, uint64_t seed)
{
    AUTO(arena_free) struct arena *arena = NULL;
    const struct random_world *world = &random_worlds[seed % RANDOM_WORLDS];
    struct dice dice = {seed};
    struct rule_list rules = {0};
    cr_assert_eq(arena_new_growing(&arena, 4 * 1024 * 1024, 0), 0);
    struct oracle_case of = {.rules = make_rules(&dice, world, arena)};
    oracle_rules_read(&rules, of.rules);
    if (rules.count == 0)
        return;
    make_events(&of, &rules, &dice, world, arena);
    size_t fields = RANDOM_FIELDS + (world->channel == NULL ? 0 : 2);
    for (size_t i = 0; i < rules.count; i++)
        census_of_rule(&tally->census, rules.items[i]);
    for (size_t i = 0; i < of.event_count; i++)
        census_of_event(&tally->census, &of.events[i], fields);
    tally->rules += rules.count;
    tally->events += of.event_count;
    rule_list_deinit(&rules);
    tally->found = false;
    cr_assert(oracle_case_judge(&of, count_pair, tally), "seed %llu", (unsigned long long)seed);
    if (tally->found && tally->differences < SHOWN_MAX)
        show(&of, tally->found_event, seed, arena);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

Test(differential, engine_and_explain_agree_on_random_rules_and_events)
{
    uint64_t only = from_environment("YAGURA_SEED", 0);
    uint64_t rounds = only != 0 ? 1 : from_environment("YAGURA_ROUNDS", ROUNDS);
    uint64_t first = only != 0 ? only : from_environment("YAGURA_FIRST_SEED", 1);
    struct tally tally = {0};
    for (uint64_t i = 0; i < rounds; i++)
        run_round(&tally, first + i);
    size_t missing = census_print(stderr, &tally.census);
    fprintf(stderr, "%llu rules, %llu events, %llu pairs, %llu matches, %llu differences\n",
            (unsigned long long)tally.rules, (unsigned long long)tally.events,
            (unsigned long long)tally.pairs, (unsigned long long)tally.matches,
            (unsigned long long)tally.differences);
    cr_expect_eq(tally.differences, 0);
    if (rounds < ROUNDS)
        return;
    cr_expect_eq(missing, 0, "%zu rows of the census are zero", missing);
    cr_expect(tally.matches * 50 > tally.pairs, "events hardly ever match");
    cr_expect(tally.typed * 4 > tally.pairs, "hardly any event is typed");
    cr_expect(tally.rules * 2 > rounds * RULES, "most rules are refused");
}
