/* SPDX-License-Identifier: Apache-2.0 */
/* To be read beside the specification of Sigma: every item of every selection is evaluated, every
 * test of every item, in the order in which the rule says them, by the plainest means there are.
 * With the engine it shares the parsed rule, the fields' values, and how a number, a date, an
 * address and a regular expression are read; how texts are compared, and how truth adds up, is
 * written here, in verdict.c and in plain.c once more on purpose. */
#include "detect/explain.h"

#include "detect/number.h"
#include "detect/pcre.h"
#include "detect/verdict.h"
#include "proto/field.h"

#include <assert.h>

enum { TEXT_BYTES_MAX_PROJECTED = 16 * 1024 * 1024, KEYWORD_VALUES_MAX = 16384 };

struct names {
    struct projection_name *items;
    size_t count;
};

struct explainer {
    const struct rule *rule;
    const struct event *event;
    struct arena *arena;
    struct names names;
    struct projection *projection;
    struct projected *projected;
    struct pcre_space *pcre;
    bool has_keywords;
    struct value keywords; /* VALUE_LIST: every value, and the raw message */
    struct explained_item *items;
    size_t item_count;
    enum truth *selections;
};

static enum truth least(enum truth a, enum truth b)
{
    return a < b ? a : b;
}

static enum truth greatest(enum truth a, enum truth b)
{
    return a > b ? a : b;
}

static enum truth opposite(enum truth a)
{
    return a == TRUTH_PERHAPS ? TRUTH_PERHAPS : a == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

/* --- The event --- */

static enum field_view view_of(const struct rule *rule)
{
    return rule->logsource.category.len > 0 ? FIELD_VIEW_CATEGORY : FIELD_VIEW_NATIVE;
}

static size_t name_index(const struct names *names, struct slice name)
{
    size_t i = 0;
    while (i < names->count && !slice_equal(names->items[i].name, name))
        i++;
    return i;
}

static void add_name(struct explainer *explainer, struct slice name)
{
    struct names *names = &explainer->names;
    if (name.len > 0 && name_index(names, name) == names->count)
        names->items[names->count++] = (struct projection_name){name, view_of(explainer->rule)};
}

static struct value value_of_field(struct explainer *explainer, struct slice field)
{
    size_t slot = name_index(&explainer->names, field);
    assert(slot < explainer->names.count);
    return *projected_get(explainer->projected, (unsigned)slot);
}

typedef void item_fn(struct explainer *explainer, const struct item *item);

static void each_item(struct explainer *explainer, item_fn *visit)
{
    const struct rule *rule = explainer->rule;
    for (size_t i = 0; i < rule->selection_count; i++) {
        for (size_t j = 0; j < rule->selections[i].map_count; j++) {
            const struct item_map *map = &rule->selections[i].maps[j];
            for (size_t k = 0; k < map->item_count; k++)
                visit(explainer, &map->items[k]);
        }
    }
}

/* Room for as many names as there are items and tests; counted before they are added. */
static void count_names(struct explainer *explainer, const struct item *item)
{
    explainer->item_count++;
    explainer->has_keywords |= item->field.len == 0;
    explainer->names.count += 1 + item->test_count;
}

static void add_names(struct explainer *explainer, const struct item *item)
{
    add_name(explainer, item->field);
    for (size_t i = 0; i < item->test_count; i++)
        add_name(explainer, item->tests[i].other_field);
}

static int append_keyword(struct explainer *explainer, struct value items[], size_t *count,
                          const struct value *value)
{
    for (size_t i = 0; i < value_element_count(value); i++) {
        if (!value_has_text(value_element(value, i)))
            continue;
        if (*count == KEYWORD_VALUES_MAX)
            return STATUS_LIMIT;
        char buffer[VALUE_TEXT_BYTES_MAX];
        struct slice text =
            arena_copy(explainer->arena, number_text(value_element(value, i), buffer));
        if (text.data == NULL)
            return STATUS_NO_MEMORY;
        items[(*count)++] = value_of_text(text);
    }
    return 0;
}

static int read_keywords(struct explainer *explainer)
{
    struct value *items = arena_array(explainer->arena, struct value, KEYWORD_VALUES_MAX);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    struct field_iterator iterator;
    field_iterate(&iterator, explainer->event, explainer->arena);
    struct slice name;
    struct value value;
    size_t count = 0;
    while (field_next(&iterator, &name, &value))
        TRY(append_keyword(explainer, items, &count, &value));
    value = value_of_text(event_raw(explainer->event));
    if (value.text.len > 0)
        TRY(append_keyword(explainer, items, &count, &value));
    explainer->keywords = (struct value){.type = VALUE_LIST, .list = {items, count}};
    return 0;
}

static int prepare(struct explainer *explainer)
{
    each_item(explainer, count_names);
    explainer->items = arena_array(explainer->arena, struct explained_item, explainer->item_count);
    explainer->names.items =
        arena_array(explainer->arena, struct projection_name, explainer->names.count);
    explainer->selections =
        arena_array(explainer->arena, enum truth, explainer->rule->selection_count);
    if (explainer->items == NULL || explainer->names.items == NULL || explainer->selections == NULL)
        return STATUS_NO_MEMORY;
    explainer->item_count = 0;
    explainer->names.count = 0;
    each_item(explainer, add_names);
    TRY(projection_new(&explainer->projection, explainer->names.items, explainer->names.count));
    TRY(projected_new(&explainer->projected, explainer->projection, TEXT_BYTES_MAX_PROJECTED));
    TRY(pcre_space_new(&explainer->pcre));
    projected_begin(explainer->projected, explainer->event);
    return explainer->has_keywords ? read_keywords(explainer) : 0;
}

/* --- Items, maps, selections --- */

/* Any of the tests, or with `all` at least one of each group; turned round by neq. */
static enum truth truth_of_item(const struct item *item, const enum truth truths[])
{
    enum truth any = TRUTH_NO;
    enum truth all = TRUTH_YES;
    for (size_t i = 0; i < item->test_count; i++) {
        enum truth group = TRUTH_NO;
        for (size_t j = 0; j < item->test_count; j++) {
            if (item->require_all && item->tests[j].group == item->tests[i].group)
                group = greatest(group, truths[j]);
        }
        any = greatest(any, truths[i]);
        all = least(all, group);
    }
    enum truth truth = item->require_all ? all : any;
    return item->negate ? opposite(truth) : truth;
}

static int explain_item(enum truth *truth, struct explainer *explainer,
                        const struct selection *selection, size_t map_index,
                        const struct item *item)
{
    struct explained_item *out = &explainer->items[explainer->item_count++];
    struct explained_test *tests =
        arena_array(explainer->arena, struct explained_test, item->test_count);
    enum truth *truths = arena_array(explainer->arena, enum truth, item->test_count);
    if (tests == NULL || truths == NULL)
        return STATUS_NO_MEMORY;
    *out = (struct explained_item){selection, map_index, item, .tests = tests};
    out->test_count = item->test_count;
    out->seen = item->field.len == 0 ? explainer->keywords : value_of_field(explainer, item->field);
    for (size_t i = 0; i < item->test_count; i++) {
        struct value other = {.type = VALUE_ABSENT};
        if (item->tests[i].kind == TEST_FIELDREF)
            other = value_of_field(explainer, item->tests[i].other_field);
        struct verdict_options options = {&other, explainer->pcre, explainer->arena};
        tests[i].test = &item->tests[i];
        TRY(verdict_of(&truths[i], &tests[i], &out->seen, &options));
    }
    *truth = truth_of_item(item, truths);
    out->result = *truth != TRUTH_NO;
    return 0;
}

static int explain_selection(enum truth *truth, struct explainer *explainer,
                             const struct selection *selection)
{
    *truth = TRUTH_NO;
    for (size_t i = 0; i < selection->map_count; i++) {
        enum truth map = TRUTH_YES;
        for (size_t j = 0; j < selection->maps[i].item_count; j++) {
            enum truth item = TRUTH_NO;
            TRY(explain_item(&item, explainer, selection, i, &selection->maps[i].items[j]));
            map = least(map, item);
        }
        *truth = greatest(*truth, map);
    }
    return 0;
}

/* --- Condition --- */

static enum truth truth_of_condition(const struct explainer *explainer,
                                     const struct condition *condition)
{
    if (condition->kind == CONDITION_SELECTION)
        return explainer->selections[condition->selection - explainer->rule->selections];
    size_t yes = 0;
    size_t perhaps = 0;
    enum truth all = TRUTH_YES;
    enum truth any = TRUTH_NO;
    for (size_t i = 0; i < condition->child_count; i++) {
        enum truth child = truth_of_condition(explainer, condition->children[i]);
        yes += child == TRUTH_YES;
        perhaps += child == TRUTH_PERHAPS;
        all = least(all, child);
        any = greatest(any, child);
    }
    if (condition->kind == CONDITION_AND)
        return all;
    if (condition->kind == CONDITION_OR)
        return any;
    if (condition->kind == CONDITION_NOT)
        return opposite(any);
    if (yes >= condition->count)
        return TRUTH_YES;
    return yes + perhaps >= condition->count ? TRUTH_PERHAPS : TRUTH_NO;
}

/* --- The log source --- */

static bool is_one_of(struct slice name, const struct slice names[], size_t count)
{
    if (name.len == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (slice_equal_ascii_caseless(name, names[i]))
            return true;
    }
    return false;
}

static bool rule_applies(const struct rule *rule, const struct event *event)
{
    struct logsource_set set;
    event_logsources(&set, event);
    return is_one_of(rule->logsource.product, &set.product, 1) &&
           is_one_of(rule->logsource.category, set.categories, set.category_count) &&
           is_one_of(rule->logsource.service, set.services, set.service_count);
}

/* --- The rule --- */

/* Values die with the projection: what was seen is copied into the arena. */
static int keep_value(struct value *value, struct arena *arena)
{
    if (value->type == VALUE_TEXT) {
        value->text = arena_copy(arena, value->text);
        return value->text.data == NULL ? STATUS_NO_MEMORY : 0;
    }
    if (value->type != VALUE_LIST)
        return 0;
    struct value *items = arena_array(arena, struct value, value->list.count);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < value->list.count; i++) {
        items[i] = value->list.items[i];
        if (items[i].type == VALUE_TEXT)
            items[i].text = arena_copy(arena, items[i].text);
    }
    value->list.items = items;
    return arena_overflowed(arena) ? STATUS_NO_MEMORY : 0;
}

static int explain_all(struct explanation *out, struct explainer *explainer)
{
    const struct rule *rule = explainer->rule;
    TRY(prepare(explainer));
    bool *selections = arena_array(explainer->arena, bool, rule->selection_count);
    if (selections == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < rule->selection_count; i++) {
        TRY(explain_selection(&explainer->selections[i], explainer, &rule->selections[i]));
        selections[i] = explainer->selections[i] != TRUTH_NO;
    }
    for (size_t i = 0; i < explainer->item_count; i++)
        TRY(keep_value(&explainer->items[i].seen, explainer->arena));
    *out = (struct explanation){
        .applies = rule_applies(rule, explainer->event),
        .result = truth_of_condition(explainer, rule->condition) != TRUTH_NO,
        .items = explainer->items,
        .item_count = explainer->item_count,
        .selections = selections,
    };
    return projected_overflowed(explainer->projected) ? STATUS_LIMIT : 0;
}

int explain_rule(struct explanation *out, const struct rule *rule, const struct event *event,
                 struct arena *arena)
{
    assert(out != NULL && rule != NULL && event != NULL);
    struct explainer explainer = {.rule = rule, .event = event, .arena = arena};
    int status = explain_all(out, &explainer);
    pcre_space_free(explainer.pcre);
    projected_free(explainer.projected);
    projection_free(explainer.projection);
    return status;
}
