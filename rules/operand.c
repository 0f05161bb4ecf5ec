/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/operand.h"

#include "rules/address.h"
#include "rules/hint.h"
#include "rules/scalar.h"
#include "rules/steps.h"

#include <assert.h>

/* What the readers below share. */
struct operand {
    struct draft *draft;
    const struct modifier_chain *chain;
    const struct yaml_node *node;
    struct scalar scalar;
    bool is_keyword;
    struct test test; /* group and source are set */
};

static void operand_error(const struct operand *operand, enum parser_code code, const char *hint,
                          const char *message)
{
    draft_error(operand->draft, draft_at(operand->draft, operand->node), code, hint, "%s: '%.*s'",
                message, SLICE_PRINTF(hint_clip(operand->node->text)));
}

static int operand_add(struct operand *operand, enum test_kind kind)
{
    operand->test.kind = kind;
    return draft_add_test(operand->draft, operand->node, &operand->test);
}

/* --- Text --- */

static void check_empty(const struct operand *operand, enum operator_kind operator)
{
    if (operand->node->text.len > 0 || operator== OPERATOR_EXACT)
        return;
    if (operand->is_keyword)
        draft_error(operand->draft, draft_at(operand->draft, operand->node), CODE_EMPTY_KEYWORD,
                    "leave it out", "an empty keyword is in every event");
    else
        draft_warning(operand->draft, draft_at(operand->draft, operand->node), CODE_EMPTY_VALUE,
                      "leave the modifier out to find the empty value, or write 'exists: true'",
                      "the empty text is in every value");
}

static bool is_any(const struct pattern *pattern, size_t index)
{
    return index < pattern->part_count && pattern->parts[index].kind == PART_ANY;
}

/* contains: '*abc*' is contains: abc. What a list or an encoding gives is not looked at. */
static void check_wildcards(const struct operand *operand, const struct pattern *pattern,
                            enum operator_kind operator)
{
    bool opens = operator== OPERATOR_CONTAINS || operator== OPERATOR_ENDS;
    bool closes = operator== OPERATOR_CONTAINS || operator== OPERATOR_STARTS;
    bool is_open = opens && is_any(pattern, 0);
    bool is_closed = closes && is_any(pattern, pattern->part_count - 1);
    if (is_open || is_closed)
        draft_warning(operand->draft, draft_at(operand->draft, operand->node),
                      CODE_USELESS_WILDCARD,
                      pattern->part_count == 1 ? "write 'exists: true' if that is meant"
                                               : "leave the wildcard out",
                      "a wildcard at an end that is open anyway: '%.*s'",
                      SLICE_PRINTF(hint_clip(operand->node->text)));
}

static int read_text(struct operand *operand)
{
    struct draft *draft = operand->draft;
    const struct modifier_chain *chain = operand->chain;
    enum operator_kind operator= chain->operator;
    /* A keyword is looked for anywhere. */
    if (operand->is_keyword && !chain->has_operator)
        operator= OPERATOR_CONTAINS;
    check_empty(operand, operator);
    struct expansion expansion;
    size_t errors_before = draft->error_count;
    TRY(steps_run(&expansion, draft, operand->node, chain));
    if (draft->error_count != errors_before)
        return 0;
    operand->test.cased = chain->cased;
    if (chain->step_count == 0)
        check_wildcards(operand, &expansion.items[0], operator);
    for (size_t i = 0; i < expansion.count; i++) {
        TRY(pattern_finish(&operand->test.pattern, &expansion.items[i], operator, chain->cased,
                           draft->arena, draft->scratch));
        TRY(operand_add(operand, TEST_PATTERN));
    }
    return 0;
}

static int read_number(struct operand *operand)
{
    operand->test.number = operand->scalar.type == SCALAR_INTEGER
                               ? value_of_integer(operand->scalar.integer)
                               : (struct value){.type = VALUE_REAL, .real = operand->scalar.real};
    return operand_add(operand, TEST_NUMBER);
}

static int read_null(struct operand *operand)
{
    if (operand->is_keyword) {
        operand_error(operand, CODE_VALUE_TYPE, "leave it out, or quote it",
                      "nothing (null) cannot be a keyword");
        return 0;
    }
    if (operand->chain->has_operator || operand->chain->step_count > 0) {
        operand_error(operand, CODE_VALUE_TYPE, "write the value, or '' for the empty text",
                      "a text modifier on nothing (null)");
        return 0;
    }
    return operand_add(operand, TEST_NULL);
}

static int read_value(struct operand *operand)
{
    bool as_text =
        operand->is_keyword || operand->chain->has_operator || operand->chain->step_count > 0;
    switch (operand->scalar.type) {
    case SCALAR_NULL:
        return read_null(operand);
    case SCALAR_BOOLEAN:
        if (as_text)
            return read_text(operand);
        operand->test.boolean = operand->scalar.boolean;
        return operand_add(operand, TEST_BOOLEAN);
    case SCALAR_INTEGER:
    case SCALAR_REAL:
        return as_text ? read_text(operand) : read_number(operand);
    case SCALAR_TEXT:
    case SCALAR_AMBIGUOUS:
    case SCALAR_OUT_OF_RANGE:
        return read_text(operand);
    }
    return 0;
}

/* --- Other subjects --- */

static int read_regex(struct operand *operand)
{
    if (operand->node->text.len == 0) {
        draft_error(operand->draft, draft_at(operand->draft, operand->node), CODE_EMPTY_REGEX,
                    "write 'exists: true' if the field only has to be there",
                    "an empty regular expression");
        return 0;
    }
    operand->test.regex = operand->test.source;
    operand->test.regex_flags = operand->chain->regex_flags;
    return operand_add(operand, TEST_REGEX);
}

static int add_network(struct operand *operand, struct slice text)
{
    struct network network;
    int result = network_parse(&network, text);
    if (result < 0) {
        draft_error(operand->draft, draft_at(operand->draft, operand->node), CODE_BAD_CIDR,
                    "write it like 10.0.0.0/8 or fe80::/10", "not a network: '%.*s'",
                    SLICE_PRINTF(hint_clip(text)));
        return 0;
    }
    if (result == NETWORK_HOST_BITS)
        draft_warning(operand->draft, draft_at(operand->draft, operand->node), CODE_CIDR_HOST_BITS,
                      "write the network's first address",
                      "the address has bits behind its prefix, which are ignored: '%.*s'",
                      SLICE_PRINTF(hint_clip(text)));
    operand->test.cidr_v6 = network.address.v6;
    operand->test.cidr_bits = network.bits;
    memcpy(operand->test.cidr_address, network.address.bytes, sizeof operand->test.cidr_address);
    return operand_add(operand, TEST_CIDR);
}

static int read_cidr(struct operand *operand)
{
    struct expansion expansion;
    size_t errors_before = operand->draft->error_count;
    TRY(steps_run(&expansion, operand->draft, operand->node, operand->chain));
    if (operand->draft->error_count != errors_before)
        return 0;
    for (size_t i = 0; i < expansion.count; i++) {
        if (pattern_has_wildcards(&expansion.items[i])) {
            operand_error(operand, CODE_BAD_CIDR, "write it like 10.0.0.0/8, without wildcards",
                          "not a network");
            return 0;
        }
        struct slice text = pattern_text(&expansion.items[i], operand->draft->scratch);
        if (text.data == NULL)
            return STATUS_NO_MEMORY;
        TRY(add_network(operand, text));
    }
    return 0;
}

static int read_fieldref(struct operand *operand)
{
    static const enum comparison comparisons[] = {
        [OPERATOR_EXACT] = COMPARE_EQUAL,
        [OPERATOR_CONTAINS] = COMPARE_CONTAINS,
        [OPERATOR_STARTS] = COMPARE_STARTS,
        [OPERATOR_ENDS] = COMPARE_ENDS,
    };
    if (operand->node->text.len == 0) {
        operand_error(operand, CODE_VALUE_TYPE, "write the name of a field",
                      "'fieldref' without a field's name");
        return 0;
    }
    operand->test.other_field = operand->test.source;
    operand->test.comparison = comparisons[operand->chain->operator];
    operand->test.cased = operand->chain->cased;
    return operand_add(operand, TEST_FIELDREF);
}

static int read_exists(struct operand *operand)
{
    if (operand->scalar.type != SCALAR_BOOLEAN) {
        operand_error(operand, CODE_VALUE_TYPE, "write true or false",
                      "'exists' takes true or false");
        return 0;
    }
    operand->test.boolean = operand->scalar.boolean;
    return operand_add(operand, TEST_EXISTS);
}

/* A number, or a quoted text that spells one. */
static bool take_number(struct operand *operand)
{
    struct scalar scalar = operand->scalar;
    if (scalar.type == SCALAR_TEXT)
        scalar = scalar_number(slice_trim(operand->node->text));
    if (scalar.type == SCALAR_INTEGER)
        operand->test.number = value_of_integer(scalar.integer);
    else if (scalar.type == SCALAR_REAL)
        operand->test.number = (struct value){.type = VALUE_REAL, .real = scalar.real};
    else
        return false;
    return true;
}

static int read_compare(struct operand *operand)
{
    if (!take_number(operand)) {
        operand_error(operand, CODE_VALUE_TYPE, "write a number",
                      "'gt', 'gte', 'lt' and 'lte' compare with a number");
        return 0;
    }
    operand->test.comparison = operand->chain->comparison;
    return operand_add(operand, TEST_COMPARE);
}

static int read_time(struct operand *operand)
{
    static const struct {
        const char *name;
        int64_t first, last;
    } ranges[] = {
        [TIME_MINUTE] = {"minute", 0, 59}, [TIME_HOUR] = {"hour", 0, 23},
        [TIME_DAY] = {"day", 1, 31},       [TIME_WEEK] = {"week", 1, 53},
        [TIME_MONTH] = {"month", 1, 12},   [TIME_YEAR] = {"year", 1, 9999},
    };
    if (!take_number(operand) || operand->test.number.type != VALUE_INTEGER) {
        operand_error(operand, CODE_VALUE_TYPE, "write a whole number",
                      "a part of a time is a whole number");
        return 0;
    }
    int64_t number = operand->test.number.integer;
    enum time_part part = operand->chain->time_part;
    if (number < ranges[part].first || number > ranges[part].last)
        draft_warning(operand->draft, draft_at(operand->draft, operand->node), CODE_TIME_RANGE,
                      "the week is that of ISO 8601; all times are UTC", "no time has the %s %lld",
                      ranges[part].name, (long long)number);
    operand->test.time_part = part;
    operand->test.comparison = operand->chain->comparison;
    return operand_add(operand, TEST_TIME);
}

/* --- */

/* Under these the author's text is taken as it stands, whatever YAML makes of it. */
static bool takes_any_text(const struct operand *operand)
{
    enum modifier_subject subject = operand->chain->subject;
    return subject == SUBJECT_REGEX || subject == SUBJECT_FIELDREF || subject == SUBJECT_CIDR ||
           operand->is_keyword || operand->chain->has_operator || operand->chain->step_count > 0;
}

static bool check_scalar(const struct operand *operand)
{
    enum modifier_subject subject = operand->chain->subject;
    enum scalar_type type = operand->scalar.type;
    if (type == SCALAR_NULL && subject != SUBJECT_VALUE && subject != SUBJECT_EXISTS) {
        operand_error(operand, CODE_VALUE_TYPE, "write a value, or leave the modifier out",
                      "the modifier does not go with nothing (null)");
        return false;
    }
    if (takes_any_text(operand))
        return true;
    if (type == SCALAR_AMBIGUOUS) {
        operand_error(operand, CODE_AMBIGUOUS_VALUE,
                      "quote it if it is text; write true, false or a plain decimal number if not",
                      "YAML 1.1 and 1.2 read this differently");
        return false;
    }
    if (type == SCALAR_OUT_OF_RANGE) {
        operand_error(operand, CODE_NUMBER_RANGE, "quote it if it is text",
                      "not a number of 64 bits");
        return false;
    }
    return true;
}

static int dispatch(struct operand *operand)
{
    switch (operand->chain->subject) {
    case SUBJECT_VALUE:
        return read_value(operand);
    case SUBJECT_REGEX:
        return read_regex(operand);
    case SUBJECT_CIDR:
        return read_cidr(operand);
    case SUBJECT_FIELDREF:
        return read_fieldref(operand);
    case SUBJECT_EXISTS:
        return read_exists(operand);
    case SUBJECT_COMPARE:
        return read_compare(operand);
    case SUBJECT_TIME:
        return read_time(operand);
    }
    return 0;
}

int operand_read(struct draft *draft, const struct operand_context *context,
                 const struct yaml_node *node)
{
    assert(node->kind == YAML_SCALAR);
    arena_reset(draft->scratch);
    struct operand operand = {.draft = draft,
                              .chain = context->chain,
                              .node = node,
                              .scalar = scalar_read(node),
                              .is_keyword = context->field.len == 0,
                              .test = {.group = context->group}};
    if (node->text.len > RULE_VALUE_BYTES_MAX) {
        draft_error(draft, draft_at(draft, node), CODE_VALUE_TOO_LONG, "shorten it",
                    "a value of %zu bytes; at most %d", node->text.len, RULE_VALUE_BYTES_MAX);
        return 0;
    }
    if (!check_scalar(&operand))
        return 0;
    TRY(draft_copy(draft, &operand.test.source, node->text));
    return dispatch(&operand);
}
