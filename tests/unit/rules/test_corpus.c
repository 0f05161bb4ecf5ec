/* SPDX-License-Identifier: Apache-2.0 */
/* SigmaHQ's rules, read where the corpus is there: what they are known to hold must be found. */
#include "archive.h"
#include "rules/parser.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const folders[] = {"rules/", "rules-emerging-threats/", "rules-threat-hunting/",
                                      "rules-placeholder/", "rules-compliance/"};
enum { RULE_COUNT = 3780, PLACEHOLDER_RULE_COUNT = 25 };

struct corpus {
    struct rule_list rules;
    struct diag_list *findings;
    struct list_set *lists;
    size_t file_count;
};

static void visit(const char *name, struct slice content, void *context)
{
    struct corpus *corpus = context;
    struct parser_options options = {.lists = corpus->lists};
    corpus->file_count++;
    cr_assert_eq(parser_read(&corpus->rules, content, name, &options, corpus->findings), 0);
}

static bool corpus_read(struct corpus *corpus)
{
    cr_assert_eq(diag_list_new(&corpus->findings), 0);
    return archive_rules(folders, sizeof folders / sizeof *folders, visit, corpus);
}

static void corpus_deinit(struct corpus *corpus)
{
    rule_list_deinit(&corpus->rules);
    diag_list_free(corpus->findings);
    list_set_free(corpus->lists);
}

/* "no list gives the placeholder '%name%' its values" */
static struct slice placeholder_of(const struct diag *diag)
{
    struct slice message = slice_text(diag->message);
    size_t start = slice_find(message, SLICE_LITERAL("'%"));
    size_t end = slice_find(message, SLICE_LITERAL("%'"));
    cr_assert(start != SIZE_MAX && end != SIZE_MAX && end > start, "%s", diag->message);
    return slice_of(message.data + start + 2, end - start - 2);
}

static void add_list(struct list_set *lists, struct slice name)
{
    size_t count;
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    if (list_set_find(lists, name, &count) != NULL)
        return;
    cr_assert_eq(diag_list_new(&findings), 0);
    /* Also a network, as one of them is used with addresses. */
    cr_assert_eq(list_set_add(lists, name, SLICE_LITERAL("10.0.0.1\n"), "l", findings), 0);
    cr_assert_eq(diag_count(findings), 0);
}

Test(corpus, loads_every_rule_but_those_whose_placeholder_has_no_list)
{
    struct corpus corpus = {0};
    if (corpus_read(&corpus)) {
        cr_expect_eq(corpus.file_count, RULE_COUNT);
        cr_expect_eq(corpus.rules.count, RULE_COUNT - PLACEHOLDER_RULE_COUNT);
        cr_expect_eq(corpus.rules.refused_count, PLACEHOLDER_RULE_COUNT);
        for (size_t i = 0; i < diag_count(corpus.findings); i++) {
            const struct diag *diag = diag_at(corpus.findings, i);
            if (diag->severity != DIAG_ERROR)
                continue;
            cr_expect_str_eq(diag->code, "placeholder-without-list", "%s:%u", diag->file,
                             diag->line);
            cr_expect_gt(placeholder_of(diag).len, 0);
        }
    }
    corpus_deinit(&corpus);
}

static size_t count_code(const struct diag_list *findings, const char *code)
{
    size_t count = 0;
    for (size_t i = 0; i < diag_count(findings); i++)
        count += strcmp(diag_at(findings, i)->code, code) == 0;
    return count;
}

/* Every warning about these rules was read, and is right: wildcards at an end that is open anyway
 * (among them an emoji that begins with a star), a text that is empty under `contains`, a rule that
 * is true of every event without its fields, and three selections that decide nothing in two rules.
 * Their fields and categories are all known. */
Test(corpus, makes_no_noise_on_good_rules)
{
    static const struct {
        const char *code;
        size_t count;
    } known[] = {
        {"useless-wildcard", 41},
        {"empty-value", 1},
        {"no-positive-test", 1},
        {"selection-without-effect", 3},
    };
    struct corpus corpus = {0};
    if (corpus_read(&corpus)) {
        size_t count = 0;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            cr_expect_eq(count_code(corpus.findings, known[i].code), known[i].count, "%s",
                         known[i].code);
            count += known[i].count;
        }
        cr_expect_eq(diag_count_of(corpus.findings, DIAG_WARNING), count);
    }
    corpus_deinit(&corpus);
}

/* With a list of one value for every placeholder that the rules name. */
static bool corpus_read_with_lists(struct corpus *corpus)
{
    struct corpus without = {0};
    cr_assert_eq(list_set_new(&corpus->lists), 0);
    bool found = corpus_read(&without);
    for (size_t i = 0; found && i < diag_count(without.findings); i++)
        if (diag_at(without.findings, i)->severity == DIAG_ERROR)
            add_list(corpus->lists, placeholder_of(diag_at(without.findings, i)));
    corpus_deinit(&without);
    return corpus_read(corpus) && found;
}

Test(corpus, loads_every_rule_with_lists)
{
    struct corpus corpus = {0};
    if (corpus_read_with_lists(&corpus)) {
        cr_expect_eq(corpus.rules.count, RULE_COUNT);
        cr_expect_eq(corpus.rules.refused_count, 0);
        cr_expect_not(diag_has_errors(corpus.findings));
    }
    corpus_deinit(&corpus);
}

/* --- What kinds of tests there are: figures of an independent count over the same files (PyYAML
 * and regular expressions), keywords apart, each placeholder with one value --- */

struct census {
    size_t contains, suffix, exact, prefix, inner_any, inner_one, keyword;
    size_t kinds[TEST_TIME + 1];
};

static void count_pattern(struct census *census, const struct pattern *pattern)
{
    bool starts = pattern->part_count > 0 && pattern->parts[0].kind == PART_ANY;
    bool ends = pattern->part_count > 1 && pattern->parts[pattern->part_count - 1].kind == PART_ANY;
    bool one = false;
    for (size_t i = 0; i < pattern->part_count; i++)
        one |= pattern->parts[i].kind == PART_ONE;
    size_t inner = pattern->part_count - starts - ends;
    size_t *kind = one              ? &census->inner_one
                   : inner > 1      ? &census->inner_any
                   : starts && ends ? &census->contains
                   : starts         ? &census->suffix
                   : ends           ? &census->prefix
                                    : &census->exact;
    ++*kind;
}

static void count_item(struct census *census, const struct item *item)
{
    for (size_t i = 0; i < item->test_count; i++) {
        census->kinds[item->tests[i].kind]++;
        if (item->tests[i].kind == TEST_PATTERN && item->field.len == 0)
            census->keyword++;
        else if (item->tests[i].kind == TEST_PATTERN)
            count_pattern(census, &item->tests[i].pattern);
    }
}

static void count_rule(struct census *census, const struct rule *rule)
{
    for (size_t i = 0; i < rule->selection_count; i++)
        for (size_t j = 0; j < rule->selections[i].map_count; j++)
            for (size_t k = 0; k < rule->selections[i].maps[j].item_count; k++)
                count_item(census, &rule->selections[i].maps[j].items[k]);
}

Test(corpus, holds_as_many_tests_of_each_kind_as_it_is_known_to)
{
    struct corpus corpus = {0};
    struct census census = {0};
    if (corpus_read_with_lists(&corpus)) {
        for (size_t i = 0; i < corpus.rules.count; i++)
            count_rule(&census, corpus.rules.items[i]);
        cr_expect_eq(census.contains, 29059);
        cr_expect_eq(census.suffix, 9683);
        cr_expect_eq(census.exact, 4834);
        cr_expect_eq(census.prefix, 1106);
        cr_expect_eq(census.inner_any, 132);
        cr_expect_eq(census.inner_one, 146);
        cr_expect_eq(census.keyword, 736);
        cr_expect_eq(census.kinds[TEST_NUMBER], 988);
        cr_expect_eq(census.kinds[TEST_CIDR], 365);
        cr_expect_eq(census.kinds[TEST_REGEX], 217);
        cr_expect_eq(census.kinds[TEST_NULL], 96);
        cr_expect_eq(census.kinds[TEST_BOOLEAN], 4);
        cr_expect_eq(census.kinds[TEST_FIELDREF], 5);
    }
    corpus_deinit(&corpus);
}
