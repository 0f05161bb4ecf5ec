/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/item.h"

#include "rules/duplicate.h"
#include "rules/hint.h"
#include "rules/operand.h"

#include <assert.h>

static int keep_tests(struct item *item, struct draft *draft)
{
    size_t count = draft->item_test_count;
    struct test *tests = arena_take(draft->arena, count * sizeof *tests);
    if (tests == NULL)
        return STATUS_NO_MEMORY;
    if (count > 0)
        memcpy(tests, draft->tests, count * sizeof *tests);
    item->tests = tests;
    item->test_count = count;
    draft->item_test_count = 0;
    return 0;
}

/* After the value was read: its test is the last. */
static void check_null(struct draft *draft, const struct yaml_node *value, size_t count)
{
    if (draft->tests[draft->item_test_count - 1].kind == TEST_NULL && count > 1)
        draft_warning(draft, draft_at(draft, value), CODE_NULL_IN_LIST,
                      "write a selection of its own for it: '1 of selection_*'",
                      "nothing (null) in a list of values");
}

static int read_values(struct item *item, struct draft *draft, const struct modifier_chain *chain,
                       const struct yaml_node *const *values, size_t count)
{
    struct operand_context context = {.chain = chain, .field = item->field};
    size_t errors_before = draft->error_count;
    for (size_t i = 0; i < count && !draft_is_full(draft); i++, context.group++) {
        if (values[i]->kind != YAML_SCALAR) {
            draft_error(draft, draft_at(draft, values[i]), CODE_NESTED_VALUE,
                        "write the values as one flat list", "a %s where a single value belongs",
                        yaml_kind_text(values[i]->kind));
            continue;
        }
        size_t before = draft->item_test_count;
        TRY(operand_read(draft, &context, values[i]));
        if (draft->item_test_count > before)
            check_null(draft, values[i], count);
    }
    if (draft->error_count == errors_before)
        TRY(duplicate_report(draft, values, count));
    return keep_tests(item, draft);
}

static void check_keyword(struct draft *draft, const struct yaml_node *key,
                          const struct modifier_chain *chain)
{
    static const char *const needs_field[] = {
        [SUBJECT_FIELDREF] = "fieldref",
        [SUBJECT_EXISTS] = "exists",
        [SUBJECT_COMPARE] = "gt, gte, lt and lte",
        [SUBJECT_TIME] = "a part of a time",
    };
    if (chain->subject >= SUBJECT_FIELDREF)
        draft_error(draft, draft_at(draft, key), CODE_KEYWORD_MODIFIER,
                    "write the field's name before the bar", "'%s' needs a field",
                    needs_field[chain->subject]);
}

static void check_single(struct draft *draft, const struct yaml_node *key,
                         const struct modifier_chain *chain, size_t count)
{
    if (chain->require_all && count == 1)
        draft_warning(draft, draft_at(draft, key), CODE_USELESS_MODIFIER, "leave 'all' out",
                      "'all' has no effect on one value");
    if (chain->subject == SUBJECT_EXISTS && count > 1)
        draft_error(draft, draft_at(draft, key), CODE_VALUE_TYPE, "write true or false",
                    "'exists' takes one value");
}

static int read_pair_values(struct item *item, struct draft *draft, const struct yaml_pair *pair,
                            const struct modifier_chain *chain)
{
    const struct yaml_node *value = pair->value;
    if (value->kind == YAML_MAPPING) {
        draft_error(draft, draft_at(draft, value), CODE_NESTED_VALUE,
                    "name fields of nested objects with dots: outer.inner",
                    "a map where values belong");
        return 0;
    }
    bool is_list = value->kind == YAML_SEQUENCE;
    size_t count = is_list ? value->count : 1;
    if (count == 0) {
        draft_error(draft, draft_at(draft, value), CODE_EMPTY_SELECTION,
                    "write a value, or null if the field must be absent",
                    "an empty list of values");
        return 0;
    }
    check_single(draft, pair->key, chain, count);
    return read_values(item, draft, chain, is_list ? value->items : &value, count);
}

int item_read(struct item *out, struct draft *draft, const struct yaml_pair *pair)
{
    struct slice key = pair->key->text;
    const uint8_t *bar = key.len == 0 ? NULL : memchr(key.data, '|', key.len);
    size_t field_len = bar == NULL ? key.len : (size_t)(bar - key.data);
    struct modifier_chain chain = {.comparison = COMPARE_EQUAL};

    *out = (struct item){
        .at = {.file = draft->path, .line = pair->key->line, .column = pair->key->column}};
    TRY(draft_copy(draft, &out->field, slice_of(key.data, field_len)));
    TRY(draft_copy(draft, &out->modifiers, slice_from(key, field_len + 1)));
    size_t errors_before = draft->error_count;
    if (bar != NULL)
        modifier_chain_read(&chain, draft, pair->key, field_len + 1);
    if (draft->error_count != errors_before)
        return 0;
    if (field_len == 0)
        check_keyword(draft, pair->key, &chain);
    if (draft->error_count != errors_before)
        return 0;
    out->require_all = chain.require_all && !chain.negate;
    out->negate = chain.negate;
    return read_pair_values(out, draft, pair, &chain);
}

int item_read_keywords(struct item *out, struct draft *draft, const struct yaml_node *const *values,
                       size_t count)
{
    assert(count > 0);
    const struct modifier_chain plain = {.comparison = COMPARE_EQUAL};
    *out = (struct item){
        .field = SLICE_LITERAL(""),
        .modifiers = SLICE_LITERAL(""),
        .at = {.file = draft->path, .line = values[0]->line, .column = values[0]->column}};
    return read_values(out, draft, &plain, values, count);
}
