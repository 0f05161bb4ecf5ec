/* SPDX-License-Identifier: Apache-2.0 */
/* Building goes from what rules ask to how it is found:
 *   rules in order of id -> slots, atoms, regular expressions (survey)
 *   -> per rule what it waits for, and so per lane what to search for (plan)
 *   -> databases -> per rule a program that knows which atoms the scans of its lane answer.
 * Everything that events need later is reached from here and never changes again. */
#include "detect/ruleset.h"

#include "detect/compiled.h"
#include "detect/hs.h"
#include "detect/plan.h"
#include "proto/digest.h"

#include <assert.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 256 * 1024 };

/* --- Which rules --- */

static int order_of_rules(const void *left, const void *right)
{
    const struct rule *a = *(struct rule *const *)left;
    const struct rule *b = *(struct rule *const *)right;
    return slice_compare(a->id, b->id);
}

/* qsort may swap equals: of two rules with one id the one given first is kept, so positions break
 * ties. */
struct ordered {
    struct rule *rule;
    size_t position;
};

static int order_with_positions(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    int order = order_of_rules(&a->rule, &b->rule);
    return order != 0 ? order : (a->position > b->position) - (a->position < b->position);
}

static bool is_duplicate(const struct ordered rules[], size_t i, struct diag_list *findings)
{
    if (i == 0 || !slice_equal(rules[i].rule->id, rules[i - 1].rule->id))
        return false;
    diag_add(findings, DIAG_ERROR, rules[i].rule->at, "duplicate-id",
             "give each rule its own id; this one is left out", "the id %.*s is taken by %.*s",
             SLICE_PRINTF(rules[i].rule->id), SLICE_PRINTF(rules[i - 1].rule->path));
    return true;
}

static int take_rule(struct ruleset *ruleset, struct rule *rule, struct diag_list *findings)
{
    struct rule_atoms *atoms = &ruleset->rule_atoms[ruleset->rule_count];
    int result = survey_add(atoms, &ruleset->survey, rule, findings);
    if (result == SURVEY_REFUSED)
        return 0;
    TRY(result);
    ruleset->rules[ruleset->rule_count++] = rule_ref(rule);
    return 0;
}

static int take_ordered(struct ruleset *ruleset, const struct ordered ordered[], size_t count,
                        struct diag_list *findings)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_duplicate(ordered, i, findings))
            TRY(take_rule(ruleset, ordered[i].rule, findings));
    }
    survey_finish(&ruleset->survey);
    return 0;
}

static int take_rules(struct ruleset *ruleset, struct rule *const rules[], size_t count,
                      struct diag_list *findings)
{
    struct ordered *ordered = calloc(count + 1, sizeof *ordered);
    if (ordered == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        ordered[i] = (struct ordered){rules[i], i};
    qsort(ordered, count, sizeof *ordered, order_with_positions);
    int status = take_ordered(ruleset, ordered, count, findings);
    free(ordered);
    return status;
}

/* --- Databases and programs --- */

static void number_scans(struct ruleset *ruleset)
{
    for (size_t i = 0; i < ruleset->lane_count; i++) {
        struct lane *lane = &ruleset->lanes[i];
        for (size_t j = 0; j < lane->scan_count; j++)
            lane->scans[j].id = ruleset->scan_count++;
    }
}

static int compile_lanes(struct ruleset *ruleset, struct plan *plan)
{
    size_t count = plan->lane_count;
    struct logsource *logsources = arena_array(ruleset->arena, struct logsource, count);
    ruleset->lanes = arena_array(ruleset->arena, struct lane, count);
    if (logsources == NULL || ruleset->lanes == NULL)
        return STATUS_NO_MEMORY;
    ruleset->lane_count = count;
    for (size_t i = 0; i < count; i++) {
        logsources[i] = plan->lanes[i].logsource;
        TRY(lane_build(&ruleset->lanes[i], &plan->lanes[i], &ruleset->trigger_count,
                       ruleset->arena));
    }
    number_scans(ruleset);
    return route_map_new(&ruleset->routes, logsources, count, ruleset->arena);
}

static void mark_scanned(bool scanned[], const struct lane *lane, bool value)
{
    for (size_t i = 0; i < lane->trigger_count; i++) {
        if (lane->triggers[i].atom != LANE_NO_ATOM)
            scanned[lane->triggers[i].atom] = value;
    }
}

/* Lane by lane, because what the scans answer differs from lane to lane. */
static int write_programs(struct ruleset *ruleset, const struct plan *plan)
{
    bool *scanned = arena_array(plan->working, bool, ruleset->survey.atom_count);
    if (scanned == NULL)
        return STATUS_NO_MEMORY;
    struct program_options options = {ruleset->survey.atoms, scanned};
    for (size_t lane = 0; lane < ruleset->lane_count; lane++) {
        mark_scanned(scanned, &ruleset->lanes[lane], true);
        for (size_t i = 0; i < ruleset->rule_count; i++) {
            if (plan->rule_lanes[i] == lane)
                TRY(program_build(&ruleset->roots[i], &ruleset->code, &ruleset->rule_atoms[i],
                                  &options, plan->working));
        }
        mark_scanned(scanned, &ruleset->lanes[lane], false);
    }
    return 0;
}

static int reserve_space(struct ruleset *ruleset)
{
    const struct survey *survey = &ruleset->survey;
    for (size_t i = 0; i < survey->regex_count; i++) {
        if (regex_database(survey->regexes[i]) != NULL)
            TRY(hs_space_reserve(&ruleset->space, regex_database(survey->regexes[i])));
    }
    for (size_t i = 0; i < ruleset->lane_count; i++) {
        const struct lane *lane = &ruleset->lanes[i];
        for (size_t j = 0; j < lane->scan_count; j++) {
            if (lane->scans[j].database != NULL)
                TRY(hs_space_reserve(&ruleset->space, lane->scans[j].database));
            if (lane->scans[j].filter != NULL)
                TRY(hs_space_reserve(&ruleset->space, lane->scans[j].filter));
        }
    }
    return 0;
}

static int build_from(struct ruleset *ruleset, struct plan *plan)
{
    ruleset->stats.always_count = plan->always_count;
    TRY(compile_lanes(ruleset, plan));
    return write_programs(ruleset, plan);
}

static int compile(struct ruleset *ruleset)
{
    struct plan plan;
    TRY(plan_init(&plan, &ruleset->survey, ruleset->rule_atoms, ruleset->rule_count,
                  ruleset->arena));
    int status = build_from(ruleset, &plan);
    plan_deinit(&plan);
    return status;
}

/* --- Name and figures --- */

static int name_content(struct ruleset *ruleset)
{
    struct slice *hashes = calloc(ruleset->rule_count + 1, sizeof *hashes);
    if (hashes == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < ruleset->rule_count; i++)
        hashes[i] = slice_of(ruleset->rules[i]->sha256, sizeof ruleset->rules[i]->sha256);
    int status = digest_sha256(ruleset->sha256, hashes, ruleset->rule_count);
    free(hashes);
    return status;
}

static void count_databases(struct ruleset *ruleset)
{
    struct ruleset_stats *stats = &ruleset->stats;
    for (size_t i = 0; i < ruleset->lane_count; i++) {
        const struct lane *lane = &ruleset->lanes[i];
        for (size_t j = 0; j < lane->scan_count; j++) {
            stats->literal_count += lane->scans[j].literal_count + lane->scans[j].whole_count;
            if (lane->scans[j].database != NULL)
                stats->database_bytes += hs_bytes(lane->scans[j].database);
            if (lane->scans[j].filter != NULL)
                stats->database_bytes += hs_bytes(lane->scans[j].filter);
        }
    }
    for (size_t i = 0; i < ruleset->survey.regex_count; i++)
        stats->database_bytes += regex_bytes(ruleset->survey.regexes[i]);
}

static void measure(struct ruleset *ruleset)
{
    struct ruleset_stats *stats = &ruleset->stats;
    const struct survey *survey = &ruleset->survey;
    stats->rule_count = ruleset->rule_count;
    stats->lane_count = ruleset->lane_count;
    stats->field_count = survey->name_count;
    stats->atom_count = survey->atom_count;
    stats->regex_count = survey->regex_count;
    count_databases(ruleset);
    ruleset->memory_bytes = stats->database_bytes + arena_used_bytes(ruleset->arena) +
                            hs_space_bytes(ruleset->space) +
                            survey->atom_capacity * sizeof *survey->atoms +
                            (survey->by_atom.size + survey->by_name.size) * sizeof(uint32_t) +
                            ruleset->code.node_capacity * sizeof *ruleset->code.nodes +
                            ruleset->code.child_capacity * sizeof *ruleset->code.children;
    for (size_t i = 0; i < ruleset->rule_count; i++) {
        if (ruleset->rules[i]->arena != NULL)
            ruleset->memory_bytes += arena_used_bytes(ruleset->rules[i]->arena);
    }
}

/* --- Public --- */

static int allocate(struct ruleset **out, size_t rule_count)
{
    AUTO(ruleset_free) struct ruleset *ruleset = calloc(1, sizeof *ruleset);
    if (ruleset == NULL)
        return STATUS_NO_MEMORY;
    TRY(arena_new_growing(&ruleset->arena, ARENA_BLOCK_BYTES, 0));
    ruleset->rules = arena_array(ruleset->arena, struct rule *, rule_count);
    ruleset->rule_atoms = arena_array(ruleset->arena, struct rule_atoms, rule_count);
    ruleset->roots = arena_array(ruleset->arena, uint32_t, rule_count);
    if (ruleset->rules == NULL || ruleset->rule_atoms == NULL || ruleset->roots == NULL)
        return STATUS_NO_MEMORY;
    survey_init(&ruleset->survey, ruleset->arena);
    *out = TAKE(&ruleset);
    return 0;
}

int ruleset_build(struct ruleset **out, struct rule *const rules[], size_t rule_count,
                  const struct ruleset_options *options, struct diag_list *findings)
{
    assert(out != NULL && findings != NULL);
    AUTO(ruleset_free) struct ruleset *ruleset = NULL;
    TRY(allocate(&ruleset, rule_count));
    TRY(take_rules(ruleset, rules, rule_count, findings));
    TRY(projection_new(&ruleset->projection, ruleset->survey.names, ruleset->survey.name_count));
    TRY(compile(ruleset));
    TRY(reserve_space(ruleset));
    TRY(name_content(ruleset));
    measure(ruleset);
    if (options != NULL && options->memory_bytes_max != 0 &&
        ruleset->memory_bytes > options->memory_bytes_max) {
        diag_add(findings, DIAG_ERROR, (struct diag_position){.file = ""}, "ruleset-memory",
                 "load fewer rules or raise the limit",
                 "the rule set needs %zu bytes, allowed are %zu", ruleset->memory_bytes,
                 options->memory_bytes_max);
        return STATUS_LIMIT;
    }
    *out = TAKE(&ruleset);
    return 0;
}

void ruleset_free(struct ruleset *ruleset)
{
    if (ruleset == NULL)
        return;
    for (size_t i = 0; i < ruleset->rule_count; i++)
        rule_unref(ruleset->rules[i]);
    for (size_t i = 0; ruleset->lanes != NULL && i < ruleset->lane_count; i++)
        lane_deinit(&ruleset->lanes[i]);
    hs_space_free(ruleset->space);
    program_code_deinit(&ruleset->code);
    survey_deinit(&ruleset->survey);
    projection_free(ruleset->projection);
    arena_free(ruleset->arena);
    free(ruleset);
}

size_t ruleset_rule_count(const struct ruleset *ruleset)
{
    return ruleset->rule_count;
}

const struct rule *ruleset_rule(const struct ruleset *ruleset, size_t index)
{
    assert(index < ruleset->rule_count);
    return ruleset->rules[index];
}

const uint8_t *ruleset_sha256(const struct ruleset *ruleset)
{
    return ruleset->sha256;
}

size_t ruleset_memory_bytes(const struct ruleset *ruleset)
{
    return ruleset->memory_bytes;
}

void ruleset_stats(struct ruleset_stats *out, const struct ruleset *ruleset)
{
    *out = ruleset->stats;
}
