/* SPDX-License-Identifier: Apache-2.0 */
/* The corpus's events through the whole path - flat encoding, decoding, matching - against the
 * corpus's answers: every rule of SigmaHQ's that the answers speak of, every line, no hit more and
 * none less. Differences are printed with line and rule. */
#include "archive.h"
#include "corpus.h"
#include "detect/engine.h"
#include "events.h"
#include "proto/flat.h"
#include "rules/parser.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

enum {
    ID_TEXT_BYTES = 36,
    HITS_MAX = 200000,
    BATCH_EVENTS = 100,
    ARENA_BYTES = 64 * 1024 * 1024,
    DIFFERENCES_SHOWN = 60,
    RULE_FILES = 3754,      /* in the three folders that the answers were made with */
    RULES_WITHOUT_LIST = 2, /* their placeholder has no list here: refused by name */
};

struct hit {
    uint32_t line;
    char rule[ID_TEXT_BYTES + 1];
};

struct hits {
    struct hit *items;
    size_t count;
};

static void hits_add(struct hits *hits, size_t line, struct slice rule)
{
    cr_assert(hits->count < HITS_MAX && rule.len == ID_TEXT_BYTES);
    struct hit *hit = &hits->items[hits->count++];
    hit->line = (uint32_t)line;
    memcpy(hit->rule, rule.data, rule.len);
    hit->rule[rule.len] = '\0';
}

static int order_of_hits(const void *left, const void *right)
{
    const struct hit *a = left;
    const struct hit *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return strcmp(a->rule, b->rule);
}

static void hits_sort(struct hits *hits)
{
    qsort(hits->items, hits->count, sizeof *hits->items, order_of_hits);
}

/* --- Rules --- */

struct loaded {
    struct rule_list rules;
    struct diag_list *findings;
    size_t files;
    struct ruleset *ruleset;
};

static void load_file(const char *name, struct slice content, void *context)
{
    struct loaded *loaded = context;
    loaded->files++;
    cr_assert_eq(
        parser_read(&loaded->rules, content, name, &(struct parser_options){0}, loaded->findings),
        0);
}

static void show_errors(const struct diag_list *findings)
{
    for (size_t i = 0; i < diag_count(findings); i++) {
        char text[1024];
        if (diag_at(findings, i)->severity != DIAG_ERROR)
            continue;
        diag_format(text, sizeof text, diag_at(findings, i));
        fprintf(stderr, "%s", text);
    }
}

/* False: no corpus. */
static bool load(struct loaded *loaded)
{
    static const char *const folders[] = {"rules/", "rules-emerging-threats/",
                                          "rules-threat-hunting/"};
    *loaded = (struct loaded){0};
    cr_assert_eq(diag_list_new(&loaded->findings), 0);
    if (!archive_rules(folders, 3, load_file, loaded)) {
        diag_list_free(loaded->findings);
        return false;
    }
    cr_assert_eq(ruleset_build(&loaded->ruleset, loaded->rules.items, loaded->rules.count, NULL,
                               loaded->findings),
                 0);
    show_errors(loaded->findings);
    cr_assert_eq(loaded->files, RULE_FILES);
    cr_expect_eq(ruleset_rule_count(loaded->ruleset), RULE_FILES - RULES_WITHOUT_LIST, "%zu rules",
                 ruleset_rule_count(loaded->ruleset));
    return true;
}

static void unload(struct loaded *loaded)
{
    ruleset_free(loaded->ruleset);
    rule_list_deinit(&loaded->rules);
    diag_list_free(loaded->findings);
}

/* The ids that the answers speak of, sorted. */
struct mapped {
    char (*ids)[ID_TEXT_BYTES + 1];
    size_t count;
};

static int order_of_ids(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void mapped_read(struct mapped *mapped)
{
    char line[128];
    mapped->ids = calloc(10000, sizeof *mapped->ids);
    FILE *stream = events_open("mapped.txt");
    while (fgets(line, sizeof line, stream) != NULL)
        memcpy(mapped->ids[mapped->count++], line, ID_TEXT_BYTES);
    events_close(stream);
    qsort(mapped->ids, mapped->count, sizeof *mapped->ids, order_of_ids);
}

static bool is_mapped(const struct mapped *mapped, const char *id)
{
    return bsearch(id, mapped->ids, mapped->count, sizeof *mapped->ids, order_of_ids) != NULL;
}

/* --- Events --- */

struct run {
    const struct ruleset *ruleset;
    struct scratch *scratch;
    struct flat_encoder *encoder;
    struct arena *arena;
    struct hits hits;
    size_t judged;
    size_t explained;
};

/* Each match can be explained, and what is shown as evidence lies inside its value. */
static void check_reasons(struct run *run, const struct match *match, const struct event *event)
{
    const struct alert_reason *reasons;
    size_t count = 0;
    bool truncated = false;
    cr_assert_eq(engine_explain(&reasons, &count, &truncated, run->ruleset, run->scratch,
                                match->rule_index, event, run->arena),
                 0);
    for (size_t i = 0; i < count; i++)
        cr_assert(!reasons[i].has_span ||
                  (reasons[i].from <= reasons[i].to && reasons[i].to <= reasons[i].value.len));
    run->explained += count > 0;
}

static void judge_batch(struct run *run)
{
    struct slice payload;
    struct batch batch;
    cr_assert_eq(flat_encoder_finish(run->encoder, &payload), 0);
    arena_reset(run->arena);
    struct batch_options options = {.record_bytes_max = 16 * 1024 * 1024};
    cr_assert_eq(batch_decode(&batch, payload, &options, run->arena), 0, "%s",
                 reason_text(batch.reason));
    for (size_t i = 0; i < batch.event_count; i++, run->judged++) {
        struct matches matches;
        cr_assert_eq(engine_match(&matches, run->ruleset, run->scratch, &batch.events[i]), 0);
        for (size_t j = 0; j < matches.count; j++) {
            const struct rule *rule = ruleset_rule(run->ruleset, matches.items[j].rule_index);
            hits_add(&run->hits, run->judged, rule->id);
            cr_assert(!matches.items[j].undecided);
            check_reasons(run, &matches.items[j], &batch.events[i]);
        }
    }
    engine_batch_end(run->scratch);
}

static void run_events(struct run *run, const struct ruleset *ruleset, const char *name)
{
    *run = (struct run){.ruleset = ruleset};
    run->hits.items = calloc(HITS_MAX, sizeof *run->hits.items);
    cr_assert_eq(scratch_new(&run->scratch, ruleset), 0);
    struct flat_origin origin = {.hostname = SLICE_LITERAL("host"),
                                 .product = SLICE_LITERAL("windows")};
    cr_assert_eq(flat_encoder_new(&run->encoder, &origin), 0);
    cr_assert_eq(arena_new_fixed(&run->arena, ARENA_BYTES), 0);
    struct events_line line = {0};
    cr_assert_eq(arena_new_growing(&line.arena, 1024 * 1024, 0), 0);
    FILE *stream = events_open(name);
    while (events_next(&line, stream)) {
        int added = flat_encoder_add(run->encoder, line.fields, line.count, NULL);
        if (added == FLAT_BATCH_FULL || flat_encoder_count(run->encoder) == BATCH_EVENTS)
            judge_batch(run);
        if (added == FLAT_BATCH_FULL)
            added = flat_encoder_add(run->encoder, line.fields, line.count, NULL);
        cr_assert_eq(added, 0);
    }
    judge_batch(run);
    events_close(stream);
    arena_free(line.arena);
    free(line.line);
    hits_sort(&run->hits);
}

static void run_deinit(struct run *run)
{
    flat_encoder_free(run->encoder);
    scratch_free(run->scratch);
    arena_free(run->arena);
    free(run->hits.items);
}

/* --- Comparing --- */

struct tally {
    size_t agreed, missing, surplus, beyond; /* beyond: of rules that the answers don't speak of */
};

static void tell(struct tally *tally, const char *what, const struct hit *hit)
{
    if (tally->missing + tally->surplus <= DIFFERENCES_SHOWN)
        fprintf(stderr, "%s: line %u rule %s\n", what, hit->line, hit->rule);
}

static struct tally compare(const struct hits *found, const struct hits *expected,
                            const struct mapped *mapped)
{
    struct tally tally = {0};
    size_t i = 0;
    size_t j = 0;
    while (i < found->count || j < expected->count) {
        int order = i == found->count      ? 1
                    : j == expected->count ? -1
                                           : order_of_hits(&found->items[i], &expected->items[j]);
        if (order == 0) {
            tally.agreed++;
        } else if (order > 0) {
            tally.missing++;
            tell(&tally, "missing", &expected->items[j]);
        } else if (is_mapped(mapped, found->items[i].rule)) {
            tally.surplus++;
            tell(&tally, "surplus", &found->items[i]);
        } else {
            tally.beyond++;
            fprintf(stderr, "beyond the answers: line %u rule %s\n", found->items[i].line,
                    found->items[i].rule);
        }
        i += order <= 0;
        j += order >= 0;
    }
    return tally;
}

static struct slice json_slice(const json_t *text)
{
    return slice_of(json_string_value(text), json_string_length(text));
}

static void expect_lines(struct hits *out, const json_t *ids, size_t line)
{
    size_t i;
    json_t *id;
    json_array_foreach(ids, i, id)
    {
        hits_add(out, line, json_slice(id));
    }
}

static void expect_golden(struct hits *out)
{
    out->items = calloc(HITS_MAX, sizeof *out->items);
    FILE *stream = events_open("otrf/golden.jsonl");
    char *text = NULL;
    size_t size = 0;
    while (getline(&text, &size, stream) > 0) {
        json_t *line = json_loads(text, 0, NULL);
        expect_lines(out, json_object_get(line, "rules"),
                     (size_t)json_integer_value(json_object_get(line, "line")));
        json_decref(line);
    }
    free(text);
    events_close(stream);
    hits_sort(out);
}

/* Several tests may name a line: each hit once. */
static void drop_repeats(struct hits *hits)
{
    hits_sort(hits);
    size_t kept = 0;
    for (size_t i = 0; i < hits->count; i++) {
        if (kept == 0 || order_of_hits(&hits->items[kept - 1], &hits->items[i]) != 0)
            hits->items[kept++] = hits->items[i];
    }
    hits->count = kept;
}

static json_t *regression_tests(void)
{
    FILE *stream = events_open("regression/tests.json");
    json_t *tests = json_loadf(stream, 0, NULL);
    events_close(stream);
    cr_assert_eq(json_array_size(tests), 202);
    return tests;
}

static void expect_regression(struct hits *out, const json_t *tests)
{
    out->items = calloc(HITS_MAX, sizeof *out->items);
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        const json_t *lines = json_object_get(test, "lines");
        const json_t *matches = json_object_get(test, "all_matches");
        for (size_t k = 0; k < json_array_size(lines); k++)
            expect_lines(out, json_array_get(matches, k),
                         (size_t)json_integer_value(json_array_get(lines, k)));
    }
    drop_repeats(out);
}

static bool has_hit(const struct hits *hits, size_t line, const char *rule)
{
    struct hit wanted = {.line = (uint32_t)line};
    snprintf(wanted.rule, sizeof wanted.rule, "%s", rule);
    return bsearch(&wanted, hits->items, hits->count, sizeof wanted, order_of_hits) != NULL;
}

/* A test of SigmaHQ's own: its rule hits its lines at least that often. (Of four tests several
 * events match where their authors counted one; the matrix above is the exact answer.) */
static bool passes(const json_t *test, const struct hits *hits)
{
    const json_t *lines = json_object_get(test, "lines");
    const char *rule = json_string_value(json_object_get(test, "rule_id"));
    json_int_t count = 0;
    for (size_t i = 0; i < json_array_size(lines); i++)
        count += has_hit(hits, (size_t)json_integer_value(json_array_get(lines, i)), rule);
    const json_t *wanted = json_object_get(test, "match_count");
    return count >= (json_is_integer(wanted) ? json_integer_value(wanted) : 1);
}

/* --- Tests --- */

Test(golden, recorded_attacks_give_exactly_the_known_hits)
{
    struct loaded loaded;
    if (!load(&loaded))
        return;
    struct mapped mapped = {0};
    struct hits expected = {0};
    struct run run;
    mapped_read(&mapped);
    expect_golden(&expected);
    run_events(&run, loaded.ruleset, "otrf/events.jsonl.xz");
    struct tally tally = compare(&run.hits, &expected, &mapped);
    fprintf(stderr, "otrf: %zu events, %zu hits agreed, %zu missing, %zu surplus, %zu beyond\n",
            run.judged, tally.agreed, tally.missing, tally.surplus, tally.beyond);
    cr_expect_eq(run.judged, 83537);
    cr_expect_eq(tally.agreed, 5289);
    cr_expect_eq(tally.missing, 0);
    cr_expect_eq(tally.surplus, 0);
    run_deinit(&run);
    free(expected.items);
    free(mapped.ids);
    unload(&loaded);
}

Test(golden, regression_events_give_exactly_the_known_hits)
{
    struct loaded loaded;
    if (!load(&loaded))
        return;
    struct mapped mapped = {0};
    struct hits expected = {0};
    struct run run;
    mapped_read(&mapped);
    json_t *tests = regression_tests();
    expect_regression(&expected, tests);
    run_events(&run, loaded.ruleset, "regression/flat.jsonl");
    struct tally tally = compare(&run.hits, &expected, &mapped);
    fprintf(stderr,
            "regression: %zu events, %zu hits agreed, %zu missing, %zu surplus, %zu beyond\n",
            run.judged, tally.agreed, tally.missing, tally.surplus, tally.beyond);
    cr_expect_eq(tally.missing, 0);
    cr_expect_eq(tally.surplus, 0);
    cr_expect_eq(tally.agreed, 352);
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        cr_expect(passes(test, &run.hits), "test %zu: %s", i,
                  json_string_value(json_object_get(test, "rule")));
    }
    json_decref(tests);
    run_deinit(&run);
    free(expected.items);
    free(mapped.ids);
    unload(&loaded);
}
