/* SPDX-License-Identifier: Apache-2.0 */
#include "census.h"

#include "detect/memo.h"
#include "proto/fold.h"

/* --- Rules --- */

static void count_modifiers(struct census *census, struct slice chain)
{
    for (size_t at = 0; at < chain.len;) {
        size_t end = at;
        while (end < chain.len && chain.data[end] != '|')
            end++;
        struct slice name = slice_of(chain.data + at, end - at);
        for (int i = 0; i < MODIFIER_COUNT; i++)
            census->modifiers[i] += slice_equal(name, slice_text(modifier_text((enum modifier)i)));
        at = end + 1;
    }
}

static void count_test(struct census *census, const struct test *test)
{
    _Static_assert((int)CENSUS_TIME == (int)TEST_TIME, "rows of tests are in the order of kinds");
    census->rows[test->kind]++;
    if (test->kind != TEST_PATTERN)
        return;
    census->rows[CENSUS_EMPTY_PATTERN] += test->pattern.part_count == 0;
    for (size_t i = 0; i < test->pattern.part_count; i++) {
        census->rows[CENSUS_ANY_PART] += test->pattern.parts[i].kind == PART_ANY;
        census->rows[CENSUS_ONE_PART] += test->pattern.parts[i].kind == PART_ONE;
    }
}

static void count_item(struct census *census, const struct item *item)
{
    bool mixed = false;
    count_modifiers(census, item->modifiers);
    for (size_t i = 0; i < item->test_count; i++) {
        count_test(census, &item->tests[i]);
        mixed |= item->tests[i].kind != item->tests[0].kind;
    }
    census->rows[CENSUS_MIXED_ITEM] += mixed;
}

static void count_selection(struct census *census, const struct selection *selection)
{
    const struct item *first = &selection->maps[0].items[0];
    bool keywords = first->field.len == 0;
    census->rows[CENSUS_KEYWORDS] += keywords;
    census->rows[CENSUS_ALL_KEYWORDS] +=
        keywords && (first->require_all || selection->maps[0].item_count > 1);
    census->rows[CENSUS_ONE_MAP] += !keywords && selection->map_count == 1;
    census->rows[CENSUS_MANY_MAPS] += !keywords && selection->map_count > 1;
    for (size_t i = 0; i < selection->map_count; i++) {
        for (size_t j = 0; j < selection->maps[i].item_count; j++)
            count_item(census, &selection->maps[i].items[j]);
    }
}

/* Recursion is bounded by CONDITION_DEPTH_MAX. */
static void count_condition(struct census *census, const struct condition *condition, size_t depth)
{
    census->rows[CENSUS_SELECTION + (size_t)condition->kind]++;
    census->rows[CENSUS_NESTED] += depth == 2;
    census->rows[CENSUS_NOT_OF_MANY] +=
        condition->kind == CONDITION_NOT && condition->children[0]->kind != CONDITION_SELECTION;
    for (size_t i = 0; i < condition->child_count; i++)
        count_condition(census, condition->children[i], depth + 1);
}

void census_of_rule(struct census *census, const struct rule *rule)
{
    for (size_t i = 0; i < rule->selection_count; i++)
        count_selection(census, &rule->selections[i]);
    count_condition(census, rule->condition, 0);
    census->rows[CENSUS_CONDITION_LIST] += rule->condition_text_count > 1;
}

/* --- Events --- */

static void count_text(struct census *census, struct slice text)
{
    bool foreign = false;
    for (size_t i = 0; i < text.len; i++)
        foreign |= text.data[i] >= 0x80;
    census->rows[CENSUS_EMPTY_TEXT] += text.len == 0;
    census->rows[CENSUS_NUL_TEXT] += text.len > 0 && memchr(text.data, '\0', text.len) != NULL;
    census->rows[CENSUS_FOREIGN_TEXT] += foreign;
    census->rows[CENSUS_BROKEN_TEXT] += utf8_valid_prefix(text) != text.len;
    census->rows[CENSUS_LONG_TEXT] += text.len > MEMO_TEXT_BYTES_MAX;
}

static void count_value(struct census *census, const struct value *value)
{
    _Static_assert(CENSUS_LIST_VALUE - CENSUS_ABSENT_VALUE == (int)VALUE_LIST,
                   "rows of values are in the order of types");
    census->rows[CENSUS_ABSENT_VALUE + (size_t)value->type]++;
    if (value->type == VALUE_TEXT)
        count_text(census, value->text);
    if (value->type != VALUE_LIST)
        return;
    census->rows[CENSUS_EMPTY_LIST] += value->list.count == 0;
    for (size_t i = 0; i < value->list.count; i++)
        census->rows[CENSUS_NULL_ELEMENT] += value->list.items[i].type == VALUE_NULL;
}

void census_of_event(struct census *census, const struct random_event *event, size_t fields_max)
{
    census->rows[CENSUS_ABSENT_VALUE] += fields_max - event->count;
    for (size_t i = 0; i < event->count; i++)
        count_value(census, &event->fields[i].value);
}

/* --- Public --- */

size_t census_print(FILE *out, const struct census *census)
{
    static const char *const texts[CENSUS_ROWS] = {
#define CENSUS(name, text) [CENSUS_##name] = text,
#include "census.def"
#undef CENSUS
    };
    size_t zero = 0;
    for (int i = 0; i < MODIFIER_COUNT; i++) {
        fprintf(out, "%10llu modifier: %s\n", (unsigned long long)census->modifiers[i],
                modifier_text((enum modifier)i));
        zero += census->modifiers[i] == 0;
    }
    for (int i = 0; i < CENSUS_ROWS; i++) {
        fprintf(out, "%10llu %s\n", (unsigned long long)census->rows[i], texts[i]);
        zero += census->rows[i] == 0;
    }
    return zero;
}
