/* SPDX-License-Identifier: Apache-2.0 */
/* The engine against explain.c, which knows nothing of databases and triggers: random rules, read
 * by the parser and compiled together, on random events that almost match them, through encoding
 * and decoding. The seed of a round that differs is printed; YAGURA_SEED=n repeats it alone.
 * YAGURA_ROUNDS=n asks for more rounds than the share that every build runs. */
#include "detect/engine.h"
#include "detect/explain.h"
#include "proto/flat.h"
#include "random_event.h"
#include "random_rule.h"
#include "rules/parser.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ROUNDS = 120,
    RULES = 16,
    BATCHES = 16,
    BATCH_EVENTS = 6, /* at most */
    ARENA_BYTES = 16 * 1024 * 1024,
};

struct round {
    uint64_t seed;
    const struct random_world *world;
    struct dice dice;
    struct rule_list rules;
    struct diag_list *findings;
    struct ruleset *ruleset;
    struct scratch *scratch;
    struct arena *memory;  /* of events and explanations */
    struct arena *decoded; /* of batches */
    char *text;
};

struct tally {
    uint64_t pairs, matches, differences, rules, events, typed;
};

static void make_rules(struct round *round)
{
    for (unsigned i = 0; i < RULES; i++) {
        size_t len = random_rule(round->text, &round->dice, round->world, i);
        int status = parser_read(&round->rules, slice_of(round->text, len), "random.yml",
                                 &(struct parser_options){0}, round->findings);
        cr_assert_eq(status, 0);
    }
    cr_assert_eq(ruleset_build(&round->ruleset, round->rules.items, round->rules.count, NULL,
                               round->findings),
                 0);
    cr_assert_eq(scratch_new(&round->scratch, round->ruleset), 0);
}

static bool is_matched(const struct matches *matches, size_t rule)
{
    for (size_t i = 0; i < matches->count; i++) {
        if (matches->items[i].rule_index == rule)
            return true;
    }
    return false;
}

static void show_value(const struct value *value)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    struct slice text = value_text(value, buffer);
    fprintf(stderr, " type %d \"", (int)value->type);
    for (size_t i = 0; i < text.len; i++)
        fprintf(stderr, text.data[i] >= ' ' && text.data[i] < 0x7F ? "%c" : "\\x%02X",
                text.data[i]);
    fprintf(stderr, "\"");
}

static void show(const struct round *round, const struct rule *rule,
                 const struct random_event *event, bool slow, bool fast)
{
    fprintf(stderr, "seed %llu: explain says %d, the engine %d\n%.*s\n",
            (unsigned long long)round->seed, slow, fast, SLICE_PRINTF(rule->text));
    for (size_t i = 0; i < event->count; i++) {
        const struct value *value = &event->fields[i].value;
        fprintf(stderr, "  %.*s:", SLICE_PRINTF(event->fields[i].name));
        show_value(value);
        for (size_t j = 0; value->type == VALUE_LIST && j < value->list.count; j++)
            show_value(&value->list.items[j]);
        fprintf(stderr, "\n");
    }
}

static void compare(struct tally *tally, struct round *round, const struct event *event,
                    const struct random_event *flat)
{
    struct matches matches;
    tally->events++;
    tally->typed += event_logsources_repeat(event);
    cr_assert_eq(engine_match(&matches, round->ruleset, round->scratch, event), 0);
    for (size_t i = 0; i < ruleset_rule_count(round->ruleset); i++) {
        const struct rule *rule = ruleset_rule(round->ruleset, i);
        struct explanation explanation;
        cr_assert_eq(explain_rule(&explanation, rule, event, round->memory), 0);
        bool slow = explanation.applies && explanation.result;
        bool fast = is_matched(&matches, i);
        tally->pairs++;
        tally->matches += slow;
        if (slow != fast && tally->differences++ < 5)
            show(round, rule, flat, slow, fast);
    }
}

static void add(struct round *round, struct flat_encoder *encoder, const struct random_event *event)
{
    struct flat_origin source = {.product = slice_text(round->world->product)};
    if (round->world->channel == NULL) {
        source.category = slice_text(DICE_PICK(&round->dice, round->world->categories));
        if (dice_percent(&round->dice, 30))
            source.service = slice_text(round->world->service);
    }
    cr_assert_eq(flat_encoder_add(encoder, event->fields, event->count, &source), 0);
}

/* Some events of one batch, which may be of one process. */
static void judge(struct tally *tally, struct round *round, struct flat_encoder *encoder)
{
    struct random_event events[BATCH_EVENTS];
    size_t rule_count = ruleset_rule_count(round->ruleset);
    size_t count = 1 + dice_below(&round->dice, BATCH_EVENTS);
    for (size_t i = 0; i < count; i++) {
        const struct rule *rule =
            ruleset_rule(round->ruleset, dice_below(&round->dice, rule_count));
        random_event(&events[i], rule, round->world, i == 0 ? NULL : &events[i - 1], &round->dice,
                     round->memory);
        add(round, encoder, &events[i]);
    }
    struct slice payload;
    struct batch batch;
    cr_assert_eq(flat_encoder_finish(encoder, &payload), 0);
    arena_reset(round->decoded);
    cr_assert_eq(batch_decode(&batch, payload, &(struct batch_options){0}, round->decoded), 0);
    cr_assert_eq(batch.event_count, count);
    for (size_t i = 0; i < count; i++)
        compare(tally, round, &batch.events[i], &events[i]);
    engine_batch_end(round->scratch);
}

static void run_round(struct tally *tally, uint64_t seed)
{
    if (getenv("SHOWSEED"))
        fprintf(stderr, "SEED %lu\n", seed);
    struct round round = {
        .seed = seed, .world = &random_worlds[seed % RANDOM_WORLDS], .dice = {seed}};
    struct flat_encoder *encoder;
    struct flat_origin origin = {.hostname = SLICE_LITERAL("host")};
    cr_assert_eq(flat_encoder_new(&encoder, &origin), 0);
    cr_assert_eq(diag_list_new(&round.findings), 0);
    cr_assert_eq(arena_new_growing(&round.memory, 1024 * 1024, 0), 0);
    cr_assert_eq(arena_new_fixed(&round.decoded, ARENA_BYTES), 0);
    round.text = malloc(RANDOM_RULE_BYTES_MAX);
    cr_assert_not_null(round.text);
    make_rules(&round);
    size_t rule_count = ruleset_rule_count(round.ruleset);
    tally->rules += rule_count;
    for (size_t i = 0; i < BATCHES && rule_count > 0; i++) {
        judge(tally, &round, encoder);
        arena_reset(round.memory);
    }
    flat_encoder_free(encoder);
    scratch_free(round.scratch);
    ruleset_free(round.ruleset);
    rule_list_deinit(&round.rules);
    diag_list_free(round.findings);
    arena_free(round.memory);
    arena_free(round.decoded);
    free(round.text);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

Test(differential, engine_and_explain_agree_on_random_rules_and_events)
{
    uint64_t only = from_environment("YAGURA_SEED", 0);
    uint64_t rounds = from_environment("YAGURA_ROUNDS", ROUNDS);
    uint64_t first = from_environment("YAGURA_FIRST_SEED", 1);
    struct tally tally = {0};
    if (only != 0)
        run_round(&tally, only);
    for (uint64_t i = 0; only == 0 && i < rounds; i++)
        run_round(&tally, first + i);
    fprintf(stderr,
            "%llu rules, %llu events (%llu typed), %llu pairs, %llu matches, %llu differences\n",
            (unsigned long long)tally.rules, (unsigned long long)tally.events,
            (unsigned long long)tally.typed, (unsigned long long)tally.pairs,
            (unsigned long long)tally.matches, (unsigned long long)tally.differences);
    cr_expect_eq(tally.differences, 0);
    cr_expect(only != 0 || tally.matches * 50 > tally.pairs, "events hardly ever match");
    cr_expect(only != 0 || tally.typed * 4 > tally.events, "hardly any event is typed");
    cr_expect(only != 0 || tally.rules * 2 > rounds * RULES, "most rules are refused");
}
