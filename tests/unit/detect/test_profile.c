/* SPDX-License-Identifier: Apache-2.0 */
/* Events are process starts of one command line each; the clock moves when it is told to. */
#include "detect/profile.h"

#include "proto/flat.h"
#include "rules/parser.h"

#include <criterion/criterion.h>

#define RULE(digit, logsource, detection)                                                          \
    "title: Rule " #digit "\n"                                                                     \
    "id: 0000000" #digit "-4a5e-4f60-8b7c-9d0e1f2a3b4c\n"                                          \
    "logsource:\n  " logsource "\n"                                                                \
    "detection:\n" detection "---\n"

static const char rule_texts[] =
    RULE(1, "category: process_creation",
         "  selection:\n    CommandLine|contains: 'alpha'\n  condition: selection\n")
        RULE(2, "category: process_creation",
             "  selection:\n    CommandLine|contains: 'alpha'\n"
             "  filter:\n    User: 'root'\n    Image|endswith: '.exe'\n"
             "  other:\n    Company: null\n  condition: selection and not 1 of other and filter\n")
            RULE(3, "category: process_creation",
                 "  selection:\n    CommandLine|re: '^beta+$'\n  condition: selection\n")
                RULE(4, "category: image_load",
                     "  selection:\n    ImageLoaded|contains: 'alpha'\n  condition: selection\n");

enum { RULE_COUNT = 4, CLOCK_STEP = 7 };

static const struct flat_origin origin = {.tenant_id = {[15] = 1},
                                          .endpoint_id = {[15] = 2},
                                          .boot_id = {[15] = 3},
                                          .hostname = SLICE_INIT("pc-1"),
                                          .product = SLICE_INIT("windows"),
                                          .category = SLICE_INIT("process_creation")};

static struct arena *arena;
static struct diag_list *findings;
static struct rule_list rules;
static struct ruleset *ruleset;
static struct scratch *scratch;
static struct profile *profile;
static struct flat_encoder *encoder;
static struct batch batch;
static uint64_t readings;

/* The n-th reading is the (n - 1)-th triangular number of steps, so no two intervals are alike and
 * each is longer than those that were measured for the clock's own cost. */
static uint64_t read_clock(void *context)
{
    cr_assert_eq(context, &readings);
    readings++;
    return readings * (readings - 1) / 2 * CLOCK_STEP;
}

static void setup(void)
{
    const struct parser_options parser = {.lists = NULL};
    const struct ruleset_options build = {.memory_bytes_max = 0};
    const struct profile_options options = {.clock = read_clock, .context = &readings};
    readings = 0;
    cr_assert_eq(arena_new_growing(&arena, 1 << 20, 0), 0);
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(parser_read(&rules, slice_text(rule_texts), "r.yml", &parser, findings), 0);
    cr_assert_eq(rules.count, RULE_COUNT);
    cr_assert_eq(ruleset_build(&ruleset, rules.items, rules.count, &build, findings), 0);
    cr_assert_eq(ruleset_rule_count(ruleset), RULE_COUNT);
    cr_assert_eq(scratch_new(&scratch, ruleset), 0);
    cr_assert_eq(profile_new(&profile, ruleset, &options), 0);
    cr_assert_eq(flat_encoder_new(&encoder, &origin), 0);
    engine_profile(scratch, profile);
}

static void teardown(void)
{
    flat_encoder_free(encoder);
    profile_free(profile);
    scratch_free(scratch);
    ruleset_free(ruleset);
    rule_list_deinit(&rules);
    diag_list_free(findings);
    arena_free(arena);
}

TestSuite(profile, .init = setup, .fini = teardown);

/* Returns how many rules match. */
static size_t judge(const char *command_line)
{
    struct slice payload;
    struct matches matches;
    const struct flat_field fields[] = {
        {SLICE_LITERAL("Image"), value_of_text(SLICE_LITERAL("C:\\Windows\\a.exe"))},
        {SLICE_LITERAL("CommandLine"), value_of_text(slice_text(command_line))}};
    cr_assert_eq(flat_encoder_add(encoder, fields, sizeof fields / sizeof fields[0], NULL), 0);
    cr_assert_eq(flat_encoder_finish(encoder, &payload), 0);
    payload = arena_copy(arena, payload);
    cr_assert_eq(batch_decode(&batch, payload, &(struct batch_options){0}, arena), 0);
    cr_assert_eq(engine_match(&matches, ruleset, scratch, &batch.events[0]), 0);
    engine_batch_end(scratch);
    return matches.count;
}

/* Of the trigger with that text and field; all 0 if there is none. */
static struct profile_trigger trigger_of(const char *field, const char *text)
{
    struct profile_trigger trigger;
    for (size_t i = 0; i < profile_trigger_count(profile); i++) {
        profile_trigger(&trigger, profile, i);
        if (slice_equal(trigger.field, slice_text(field)) &&
            slice_equal(trigger.text, slice_text(text)))
            return trigger;
    }
    return (struct profile_trigger){0};
}

Test(profile, starts_at_zero)
{
    cr_expect_eq(profile_event_count(profile), 0);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct profile_rule *rule = profile_rule(profile, i);
        cr_expect_eq(rule->candidates + rule->evaluations + rule->matches + rule->timed, 0);
        cr_expect_eq(rule->ticks, 0);
    }
    for (size_t i = 0; i < profile_trigger_count(profile); i++) {
        struct profile_trigger trigger;
        profile_trigger(&trigger, profile, i);
        cr_expect_eq(trigger.hits + trigger.vain, 0);
    }
}

Test(profile, counts_a_candidate_that_matches)
{
    cr_assert_eq(judge("say alpha"), 1);
    cr_expect_eq(profile_event_count(profile), 1);
    cr_expect_eq(profile_rule(profile, 0)->candidates, 1);
    cr_expect_eq(profile_rule(profile, 0)->matches, 1);
}

Test(profile, counts_a_candidate_that_does_not_match)
{
    cr_assert_eq(judge("say beta"), 0);
    cr_expect_eq(profile_rule(profile, 2)->candidates, 1);
    cr_expect_eq(profile_rule(profile, 2)->evaluations, 1);
    cr_expect_eq(profile_rule(profile, 2)->matches, 0);
}

Test(profile, counts_nothing_for_rules_that_are_no_candidates)
{
    judge("say nothing");
    judge("say alpha");
    cr_expect_eq(profile_rule(profile, 2)->candidates, 0);
    cr_expect_eq(profile_rule(profile, 3)->candidates, 0);
}

Test(profile, adds_up_to_what_the_engine_counts)
{
    static const char *const command_lines[] = {"alpha", "beta", "betaaa", "x", "alpha beta"};
    for (size_t i = 0; i < sizeof command_lines / sizeof command_lines[0]; i++)
        judge(command_lines[i]);
    struct profile_rule sum = {0};
    for (size_t i = 0; i < RULE_COUNT; i++) {
        sum.candidates += profile_rule(profile, i)->candidates;
        sum.evaluations += profile_rule(profile, i)->evaluations;
        sum.matches += profile_rule(profile, i)->matches;
    }
    const struct engine_counters *engine = engine_counters(scratch);
    cr_expect_eq(profile_event_count(profile), engine->events);
    cr_expect_eq(sum.candidates, engine->candidates);
    cr_expect_eq(sum.evaluations, engine->evaluations);
    cr_expect_eq(sum.matches, engine->matches);
    cr_expect_gt(sum.matches, 0);
}

Test(profile, counts_hits_that_lead_to_no_match)
{
    judge("say beta");
    judge("beta");
    judge("nothing");
    struct profile_trigger trigger = trigger_of("CommandLine", "beta");
    cr_expect_eq(trigger.hits, 2);
    cr_expect_eq(trigger.vain, 1);
}

Test(profile, charges_no_trigger_whose_other_rule_matched)
{
    cr_assert_eq(judge("say alpha"), 1);
    struct profile_trigger trigger = trigger_of("CommandLine", "alpha");
    cr_expect_eq(trigger.hits, 1);
    cr_expect_eq(trigger.vain, 0);
}

Test(profile, describes_every_trigger_with_the_rules_that_wait_for_it)
{
    bool is_waited_for[RULE_COUNT] = {false};
    cr_assert_gt(profile_trigger_count(profile), 0);
    for (size_t i = 0; i < profile_trigger_count(profile); i++) {
        struct profile_trigger trigger;
        profile_trigger(&trigger, profile, i);
        cr_assert_gt(trigger.rule_count, 0);
        cr_expect_gt(trigger.field.len, 0);
        for (size_t k = 0; k < trigger.rule_count; k++) {
            cr_assert_lt(trigger.rules[k], RULE_COUNT);
            is_waited_for[trigger.rules[k]] = true;
        }
    }
    for (size_t i = 0; i < RULE_COUNT; i++)
        cr_expect(is_waited_for[i], "rule %zu", i);
    cr_expect_str_eq(trigger_of("CommandLine", "alpha").finding, "contains");
    struct profile_trigger loaded = trigger_of("ImageLoaded", "alpha");
    cr_expect(slice_equal(loaded.logsource.category, SLICE_LITERAL("image_load")));
}

Test(profile, times_the_first_candidates_without_the_clocks_own_cost)
{
    uint64_t before = readings;
    judge("say beta");
    cr_assert_eq(readings, before + 2);
    cr_expect_eq(profile_rule(profile, 2)->timed, 1);
    /* readings n and n + 1 are n steps apart; the least interval that profile_new saw is one */
    cr_expect_eq(profile_rule(profile, 2)->ticks, (before + 1 - 1) * CLOCK_STEP);
}

Test(profile, reads_no_clock_for_an_event_without_candidates)
{
    uint64_t before = readings;
    judge("nothing");
    cr_expect_eq(readings, before);
}

Test(profile, times_all_up_to_its_limit_and_a_share_beyond)
{
    const struct profile_rule *rule = profile_rule(profile, 2);
    for (unsigned i = 0; i < PROFILE_TIMED_FIRST; i++)
        judge("say beta");
    cr_expect_eq(rule->timed, PROFILE_TIMED_FIRST);
    for (unsigned i = 0; i < 100 * PROFILE_TIMED_ONE_IN; i++)
        judge("say beta");
    cr_expect_gt(rule->timed, PROFILE_TIMED_FIRST + 50);
    cr_expect_lt(rule->timed, PROFILE_TIMED_FIRST + 200);
    cr_expect_eq(rule->candidates, PROFILE_TIMED_FIRST + 100 * PROFILE_TIMED_ONE_IN);
}

Test(profile, counts_no_more_when_it_is_taken_away)
{
    judge("say beta");
    engine_profile(scratch, NULL);
    uint64_t before = readings;
    cr_assert_eq(judge("say alpha"), 1);
    cr_expect_eq(profile_event_count(profile), 1);
    cr_expect_eq(profile_rule(profile, 0)->candidates, 0);
    cr_expect_eq(readings, before);
}
