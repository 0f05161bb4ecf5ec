/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/attack.h"

#include <criterion/criterion.h>

static struct arena *arena;
static const struct alert_attack *attacks;
static size_t count;

static void setup(void)
{
    cr_assert_eq(arena_new_growing(&arena, 4096, 0), 0);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(attack, .init = setup, .fini = teardown);

static void read_tags(const struct slice *tags, size_t tag_count)
{
    cr_assert_eq(attack_of_tags(&attacks, &count, tags, tag_count, arena), 0);
}

#define EXPECT_TEXT(slice, text) cr_expect(slice_equal((slice), slice_text(text)))

Test(attack, names_every_technique_it_lists)
{
    static const struct slice ids[] = {
#define TACTIC(id, tag, name)
#define TECHNIQUE(id, name) SLICE_INIT(id),
#include "detect/attack.def"
#undef TACTIC
#undef TECHNIQUE
    };
    size_t sub_techniques = 0;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        sub_techniques += ids[i].len > 5;
        cr_expect(attack_technique_name(ids[i]).len > 0, "%.*s", SLICE_PRINTF(ids[i]));
        cr_expect(i == 0 || slice_compare(ids[i - 1], ids[i]) < 0, "%.*s", SLICE_PRINTF(ids[i]));
    }
    cr_expect_eq(sub_techniques, 475, "what ATT&CK 19.2 states");
    cr_expect_eq(sizeof ids / sizeof ids[0] - sub_techniques, 222);
}

Test(attack, gives_a_single_tactic_to_each_technique)
{
    const struct slice tags[] = {SLICE_LITERAL("attack.execution"),
                                 SLICE_LITERAL("attack.t1059.001"), SLICE_LITERAL("attack.t1047")};
    read_tags(tags, 3);
    cr_assert_eq(count, 2);
    EXPECT_TEXT(attacks[0].technique_id, "T1059.001");
    EXPECT_TEXT(attacks[0].technique_name, "PowerShell");
    EXPECT_TEXT(attacks[0].tactic_id, "TA0002");
    EXPECT_TEXT(attacks[1].technique_name, "Windows Management Instrumentation");
    EXPECT_TEXT(attacks[1].tactic_name, "Execution");
}

Test(attack, lets_several_tactics_stand_alone)
{
    const struct slice tags[] = {SLICE_LITERAL("attack.stealth"),
                                 SLICE_LITERAL("attack.defense-impairment"),
                                 SLICE_LITERAL("attack.t1685")};
    read_tags(tags, 3);
    cr_assert_eq(count, 3);
    EXPECT_TEXT(attacks[0].tactic_id, "TA0005");
    EXPECT_TEXT(attacks[1].tactic_id, "TA0112");
    cr_expect_eq(attacks[1].technique_id.len, 0);
    EXPECT_TEXT(attacks[2].technique_name, "Disable or Modify Tools");
    cr_expect_eq(attacks[2].tactic_id.len, 0);
}

Test(attack, gives_the_retired_tactic_no_number)
{
    const struct slice tags[] = {SLICE_LITERAL("attack.defense_evasion")};
    read_tags(tags, 1);
    cr_assert_eq(count, 1);
    EXPECT_TEXT(attacks[0].tactic_name, "Defense Evasion");
    cr_expect_eq(attacks[0].tactic_id.len, 0);
}

Test(attack, keeps_a_technique_it_does_not_know_without_a_name)
{
    const struct slice tags[] = {SLICE_LITERAL("ATTACK.T1562.001")}; /* revoked in 19 */
    read_tags(tags, 1);
    cr_assert_eq(count, 1);
    EXPECT_TEXT(attacks[0].technique_id, "T1562.001");
    cr_expect_eq(attacks[0].technique_name.len, 0);
}

Test(attack, passes_over_what_is_no_technique)
{
    const struct slice tags[] = {
        SLICE_LITERAL("attack.g0007"),      SLICE_LITERAL("attack.t105"),
        SLICE_LITERAL("attack.t1059.01"),   SLICE_LITERAL("attack.t1059-001"),
        SLICE_LITERAL("attack.t1059.0012"), SLICE_LITERAL("cve.2021-44228"),
        SLICE_LITERAL("attack."),           SLICE_LITERAL(""),
        SLICE_LITERAL("attack.tabcd"),      SLICE_LITERAL("t1059")};
    read_tags(tags, sizeof tags / sizeof tags[0]);
    cr_expect_eq(count, 0);
    read_tags(NULL, 0);
    cr_expect_eq(count, 0);
}

Test(attack, stops_at_its_limit)
{
    struct slice tags[ATTACK_TAGS_MAX + 1];
    for (size_t i = 0; i <= ATTACK_TAGS_MAX; i++)
        tags[i] = SLICE_LITERAL("attack.t1047");
    read_tags(tags, ATTACK_TAGS_MAX);
    cr_expect_eq(count, ATTACK_TAGS_MAX);
    read_tags(tags, ATTACK_TAGS_MAX + 1);
    cr_expect_eq(count, ATTACK_TAGS_MAX);
}

Test(attack, says_when_the_arena_is_full)
{
    struct arena *small;
    cr_assert_eq(arena_new_fixed(&small, 16), 0);
    const struct slice tags[] = {SLICE_LITERAL("attack.t1047")};
    cr_expect_eq(attack_of_tags(&attacks, &count, tags, 1, small), STATUS_LIMIT);
    arena_free(small);
}
