/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/survey.h"

#include "proto/array.h"

#include <assert.h>
#include <xxhash.h>

void survey_init(struct survey *survey, struct arena *arena)
{
    *survey = (struct survey){.arena = arena};
}

void survey_deinit(struct survey *survey)
{
    for (size_t i = 0; i < survey->regex_count; i++)
        regex_free(survey->regexes[i]);
    free(survey->names);
    free(survey->atoms);
    free(survey->regexes);
    free(survey->expressions);
    free(survey->regex_flags);
    free(survey->by_name.buckets);
    free(survey->by_atom.buckets);
    *survey = (struct survey){0};
}

/* --- Indices --- */

typedef uint64_t survey_hash_fn(const struct survey *survey, size_t item);

static void index_put(struct survey_index *index, uint64_t hash, size_t item)
{
    size_t at = hash & (index->size - 1);
    while (index->buckets[at] != 0)
        at = (at + 1) & (index->size - 1);
    index->buckets[at] = (uint32_t)item + 1;
}

/* Keeps an index of `count` items at most half full. */
static int index_room(struct survey_index *index, size_t count, const struct survey *survey,
                      survey_hash_fn *hash)
{
    if ((count + 1) * 2 <= index->size)
        return 0;
    struct survey_index larger = {.size = index->size == 0 ? 256 : index->size * 2};
    larger.buckets = calloc(larger.size, sizeof *larger.buckets);
    if (larger.buckets == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        index_put(&larger, hash(survey, i), i);
    free(index->buckets);
    *index = larger;
    return 0;
}

/* --- Slots --- */

static uint64_t hash_of_name(const struct projection_name *name)
{
    return XXH3_64bits_withSeed(name->name.data, name->name.len, name->view);
}

static uint64_t hash_name(const struct survey *survey, size_t item)
{
    return hash_of_name(&survey->names[item]);
}

static int find_slot(uint16_t *out, struct survey *survey, struct projection_name name)
{
    TRY(index_room(&survey->by_name, survey->name_count, survey, hash_name));
    struct survey_index *index = &survey->by_name;
    uint64_t hash = hash_of_name(&name);
    for (size_t at = hash & (index->size - 1); index->buckets[at] != 0;
         at = (at + 1) & (index->size - 1)) {
        const struct projection_name *known = &survey->names[index->buckets[at] - 1];
        if (known->view == name.view && slice_equal(known->name, name.name)) {
            *out = (uint16_t)(index->buckets[at] - 1);
            return 0;
        }
    }
    assert(survey->name_count < SURVEY_SLOTS_MAX);
    TRY(array_room(&survey->names, &survey->name_capacity, survey->name_count,
                   sizeof *survey->names));
    index_put(index, hash, survey->name_count);
    *out = (uint16_t)survey->name_count;
    survey->names[survey->name_count++] = name;
    return 0;
}

/* --- Regular expressions --- */

static struct regex *find_regex(const struct survey *survey, const struct test *test)
{
    for (size_t i = 0; i < survey->regex_count; i++) {
        if (survey->regex_flags[i] == test->regex_flags &&
            slice_equal(survey->expressions[i], test->regex))
            return survey->regexes[i];
    }
    return NULL;
}

static int keep_regex(struct survey *survey, struct regex *regex, const struct test *test)
{
    size_t count = survey->regex_count;
    TRY(array_room(&survey->regexes, &survey->regex_capacity, count, sizeof *survey->regexes));
    TRY(array_room(&survey->expressions, &survey->expression_capacity, count,
                   sizeof *survey->expressions));
    TRY(array_room(&survey->regex_flags, &survey->flags_capacity, count,
                   sizeof *survey->regex_flags));
    struct slice expression = arena_copy(survey->arena, test->regex);
    if (expression.data == NULL)
        return STATUS_NO_MEMORY;
    survey->regexes[count] = regex;
    survey->expressions[count] = expression;
    survey->regex_flags[count] = test->regex_flags;
    survey->regex_count++;
    return 0;
}

static int compile_test(struct survey *survey, const struct item *item, const struct test *test,
                        struct diag_list *findings)
{
    if (test->kind != TEST_REGEX || find_regex(survey, test) != NULL)
        return 0;
    AUTO(regex_free) struct regex *regex = NULL;
    char why[REGEX_WHY_BYTES];
    int result = regex_new(&regex, test->regex, test->regex_flags, why);
    if (result == REGEX_REFUSED) {
        diag_add(findings, DIAG_ERROR, item->at, "bad-regex",
                 "the rule is left out; write the expression as PCRE2 reads it",
                 "regular expression refused: %s", why);
        return SURVEY_REFUSED;
    }
    TRY(result);
    TRY(keep_regex(survey, regex, test));
    (void)TAKE(&regex);
    return 0;
}

/* --- Atoms --- */

static uint64_t hash_atom(const struct survey *survey, size_t item)
{
    return atom_hash(&survey->atoms[item]);
}

static int find_atom(uint32_t *out, struct survey *survey, const struct atom *atom)
{
    TRY(index_room(&survey->by_atom, survey->atom_count, survey, hash_atom));
    struct survey_index *index = &survey->by_atom;
    uint64_t hash = atom_hash(atom);
    for (size_t at = hash & (index->size - 1); index->buckets[at] != 0;
         at = (at + 1) & (index->size - 1)) {
        *out = index->buckets[at] - 1;
        if (atom_equal(&survey->atoms[*out], atom))
            return 0;
    }
    TRY(array_room(&survey->atoms, &survey->atom_capacity, survey->atom_count,
                   sizeof *survey->atoms));
    index_put(index, hash, survey->atom_count);
    *out = (uint32_t)survey->atom_count;
    survey->atoms[survey->atom_count++] = *atom;
    return 0;
}

static int add_test(uint32_t *out, struct survey *survey, const struct item *item,
                    const struct test *test, enum field_view view)
{
    struct atom atom;
    uint16_t slot = UINT16_MAX; /* keywords, until survey_finish */
    if (item->field.len > 0)
        TRY(find_slot(&slot, survey, (struct projection_name){item->field, view}));
    atom_init(&atom, test, slot);
    atom.on_keywords = item->field.len == 0;
    if (test->kind == TEST_REGEX)
        atom.regex = find_regex(survey, test);
    if (test->kind == TEST_FIELDREF)
        TRY(find_slot(&atom.other_slot, survey, (struct projection_name){test->other_field, view}));
    return find_atom(out, survey, &atom);
}

/* --- Rules --- */

typedef int survey_visit_fn(const struct item *item, const struct test *test, void *context);

/* All tests in the rule's order; stops at the first result that isn't 0. */
static int visit_selection(const struct selection *selection, survey_visit_fn *visit, void *context)
{
    for (size_t i = 0; i < selection->map_count; i++) {
        for (size_t j = 0; j < selection->maps[i].item_count; j++) {
            const struct item *item = &selection->maps[i].items[j];
            for (size_t k = 0; k < item->test_count; k++) {
                int result = visit(item, &item->tests[k], context);
                if (result != 0)
                    return result;
            }
        }
    }
    return 0;
}

static int visit_rule(const struct rule *rule, survey_visit_fn *visit, void *context)
{
    for (size_t i = 0; i < rule->selection_count; i++) {
        int result = visit_selection(&rule->selections[i], visit, context);
        if (result != 0)
            return result;
    }
    return 0;
}

struct visit {
    struct survey *survey;
    struct diag_list *findings;
    enum field_view view;
    size_t count;
    size_t slots; /* at most */
    uint32_t *atoms;
};

static int visit_compile(const struct item *item, const struct test *test, void *context)
{
    struct visit *visit = context;
    visit->count++;
    if (test == item->tests)
        visit->slots++;
    if (test->kind == TEST_FIELDREF)
        visit->slots++;
    return compile_test(visit->survey, item, test, visit->findings);
}

static int visit_add(const struct item *item, const struct test *test, void *context)
{
    struct visit *visit = context;
    return add_test(&visit->atoms[visit->count++], visit->survey, item, test, visit->view);
}

/* Upper bounds: an item needs one slot, a comparison of fields one more. */
static bool has_room(const struct survey *survey, const struct rule *rule,
                     const struct visit *visit, struct diag_list *findings)
{
    if (survey->name_count + visit->slots < SURVEY_SLOTS_MAX &&
        survey->atom_count + visit->count < SURVEY_ATOMS_MAX)
        return true;
    diag_add(findings, DIAG_ERROR, (struct diag_position){.file = (const char *)rule->path.data},
             "ruleset-full", "split the rules among several services",
             "the rule set holds as many fields or tests as it can");
    return false;
}

int survey_add(struct rule_atoms *out, struct survey *survey, const struct rule *rule,
               struct diag_list *findings)
{
    struct visit visit = {.survey = survey, .findings = findings};
    visit.view = rule->logsource.category.len > 0 ? FIELD_VIEW_CATEGORY : FIELD_VIEW_NATIVE;
    int result = visit_rule(rule, visit_compile, &visit);
    if (result != 0)
        return result;
    if (!has_room(survey, rule, &visit, findings))
        return SURVEY_REFUSED;
    visit.atoms = arena_array(survey->arena, uint32_t, visit.count);
    size_t *starts = arena_array(survey->arena, size_t, rule->selection_count);
    if (visit.atoms == NULL || starts == NULL)
        return STATUS_NO_MEMORY;
    visit.count = 0;
    for (size_t i = 0; i < rule->selection_count; i++) {
        starts[i] = visit.count;
        TRY(visit_selection(&rule->selections[i], visit_add, &visit));
    }
    *out = (struct rule_atoms){rule, visit.atoms, starts};
    return 0;
}

void survey_finish(struct survey *survey)
{
    for (size_t i = 0; i < survey->atom_count; i++) {
        if (survey->atoms[i].on_keywords)
            survey->atoms[i].slot = (uint16_t)survey->name_count;
    }
}
