/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/atom.h"

#include "detect/moment.h"
#include "detect/number.h"
#include "detect/wildcard.h"
#include "rules/address.h"

#include <assert.h>
#include <xxhash.h>

/* --- What it asks --- */

static bool is_part(const struct pattern *pattern, size_t index, enum pattern_part_kind kind)
{
    return index < pattern->part_count && pattern->parts[index].kind == kind;
}

static enum atom_kind kind_of_pattern(const struct pattern *pattern, struct slice *literal)
{
    *literal = (struct slice){NULL, 0};
    if (pattern->part_count == 0)
        return ATOM_EXACT;
    size_t first = is_part(pattern, 0, PART_ANY) ? 1 : 0;
    if (!is_part(pattern, first, PART_LITERAL))
        return ATOM_PATTERN;
    bool open_end = is_part(pattern, first + 1, PART_ANY);
    if (pattern->part_count != first + 1 + (open_end ? 1 : 0))
        return ATOM_PATTERN;
    *literal = pattern->parts[first].literal;
    if (first == 1)
        return open_end ? ATOM_CONTAINS : ATOM_SUFFIX;
    return open_end ? ATOM_PREFIX : ATOM_EXACT;
}

static enum atom_kind kind_of(const struct test *test, struct slice *literal)
{
    switch (test->kind) {
    case TEST_PATTERN:
        return kind_of_pattern(&test->pattern, literal);
    case TEST_REGEX:
        return ATOM_REGEX;
    case TEST_CIDR:
        return ATOM_CIDR;
    case TEST_NUMBER:
        return ATOM_NUMBER;
    case TEST_COMPARE:
        return ATOM_COMPARE;
    case TEST_FIELDREF:
        return ATOM_FIELDREF;
    case TEST_NULL:
        return ATOM_NULL;
    case TEST_EXISTS:
        return ATOM_EXISTS;
    case TEST_BOOLEAN:
        return ATOM_BOOLEAN;
    case TEST_TIME:
    default:
        return ATOM_TIME;
    }
}

void atom_init(struct atom *atom, const struct test *test, uint16_t slot)
{
    *atom = (struct atom){.test = test, .slot = slot};
    atom->kind = kind_of(test, &atom->literal);
    atom->cased = test->cased && (test->kind == TEST_PATTERN || test->kind == TEST_FIELDREF);
}

static bool patterns_equal(const struct pattern *a, const struct pattern *b)
{
    if (a->part_count != b->part_count)
        return false;
    for (size_t i = 0; i < a->part_count; i++) {
        if (a->parts[i].kind != b->parts[i].kind)
            return false;
        if (a->parts[i].kind == PART_LITERAL &&
            !slice_equal(a->parts[i].literal, b->parts[i].literal))
            return false;
    }
    return true;
}

static bool tests_equal(const struct test *a, const struct test *b)
{
    switch (a->kind) {
    case TEST_PATTERN:
        return patterns_equal(&a->pattern, &b->pattern);
    case TEST_REGEX:
        return a->regex_flags == b->regex_flags && slice_equal(a->regex, b->regex);
    case TEST_CIDR:
        return a->cidr_v6 == b->cidr_v6 && a->cidr_bits == b->cidr_bits &&
               memcmp(a->cidr_address, b->cidr_address, sizeof a->cidr_address) == 0;
    case TEST_NUMBER:
        return value_equal(&a->number, &b->number);
    case TEST_COMPARE:
        return a->comparison == b->comparison && value_equal(&a->number, &b->number);
    case TEST_FIELDREF:
        return a->comparison == b->comparison && slice_equal(a->other_field, b->other_field);
    case TEST_NULL:
        return true;
    case TEST_EXISTS:
    case TEST_BOOLEAN:
        return a->boolean == b->boolean;
    case TEST_TIME:
        return a->time_part == b->time_part && a->comparison == b->comparison &&
               value_equal(&a->number, &b->number);
    default:
        return false;
    }
}

bool atom_equal(const struct atom *a, const struct atom *b)
{
    return a->kind == b->kind && a->slot == b->slot && a->other_slot == b->other_slot &&
           a->cased == b->cased && a->test->kind == b->test->kind && tests_equal(a->test, b->test);
}

uint64_t atom_hash(const struct atom *atom)
{
    const struct test *test = atom->test;
    uint64_t seed = (uint64_t)atom->kind << 32 | (uint64_t)atom->cased << 16 | atom->slot;
    switch (test->kind) {
    case TEST_PATTERN:
        for (size_t i = 0; i < test->pattern.part_count; i++) {
            const struct pattern_part *part = &test->pattern.parts[i];
            seed = part->kind == PART_LITERAL
                       ? XXH3_64bits_withSeed(part->literal.data, part->literal.len, seed)
                       : seed * 31 + (uint64_t)part->kind;
        }
        return seed;
    case TEST_REGEX:
        return XXH3_64bits_withSeed(test->regex.data, test->regex.len, seed);
    case TEST_CIDR:
        return XXH3_64bits_withSeed(test->cidr_address, sizeof test->cidr_address,
                                    seed + test->cidr_bits);
    case TEST_NUMBER:
    case TEST_COMPARE:
    case TEST_TIME:
        return XXH3_64bits_withSeed(&test->number.integer, sizeof test->number.integer, seed);
    case TEST_FIELDREF:
    case TEST_NULL:
    case TEST_EXISTS:
    case TEST_BOOLEAN:
    default:
        return XXH3_64bits_withSeed(&atom->other_slot, sizeof atom->other_slot, seed);
    }
}

/* --- The answer, for one text --- */

bool atom_is_textual(const struct atom *atom)
{
    return atom->kind <= ATOM_REGEX;
}

enum answer atom_answer_text(const struct atom *atom, const struct subject_text *text,
                             const struct regex_space *space)
{
    struct slice seen = atom->cased ? text->raw : text->folded;
    bool yes = false;
    switch (atom->kind) {
    case ATOM_EXACT:
        yes = slice_equal(seen, atom->literal);
        break;
    case ATOM_PREFIX:
        yes = slice_starts_with(seen, atom->literal);
        break;
    case ATOM_SUFFIX:
        yes = slice_ends_with(seen, atom->literal);
        break;
    case ATOM_CONTAINS:
        yes = slice_find(seen, atom->literal) != SIZE_MAX;
        break;
    case ATOM_PATTERN:
        yes = wildcard_match(&atom->test->pattern, seen);
        break;
    case ATOM_REGEX:
        return regex_match(atom->regex, space, text->raw);
    case ATOM_CIDR:
    case ATOM_NUMBER:
    case ATOM_COMPARE:
    case ATOM_FIELDREF:
    case ATOM_NULL:
    case ATOM_EXISTS:
    case ATOM_BOOLEAN:
    case ATOM_TIME:
    default:
        break;
    }
    return yes ? ANSWER_YES : ANSWER_NO;
}

static enum answer answer_texts(const struct atom *atom, struct subject_texts texts,
                                const struct regex_space *space)
{
    enum answer best = ANSWER_NO;
    for (size_t i = 0; i < texts.count && best != ANSWER_YES; i++) {
        enum answer answer = atom_answer_text(atom, &texts.items[i], space);
        best = answer > best ? answer : best;
    }
    return best;
}

/* --- The answer, for one scalar --- */

static bool holds(int order, enum comparison comparison)
{
    switch (comparison) {
    case COMPARE_EQUAL:
        return order == 0;
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_LESS_EQUAL:
        return order <= 0;
    case COMPARE_GREATER:
        return order > 0;
    case COMPARE_GREATER_EQUAL:
        return order >= 0;
    case COMPARE_STARTS:
    case COMPARE_ENDS:
    case COMPARE_CONTAINS:
    default:
        return false;
    }
}

static bool number_equals(const struct value *value, const struct value *number)
{
    if (value->type == VALUE_TEXT) {
        char buffer[VALUE_TEXT_BYTES_MAX];
        return slice_equal_ascii_caseless(value->text, number_text(number, buffer));
    }
    struct value seen;
    struct value wanted;
    return number_of(&seen, value) && number_of(&wanted, number) &&
           number_compare(&seen, &wanted) == 0;
}

static bool number_compares(const struct value *value, const struct test *test)
{
    struct value seen;
    struct value wanted;
    return number_of(&seen, value) && number_of(&wanted, &test->number) &&
           holds(number_compare(&seen, &wanted), test->comparison);
}

static bool time_compares(const struct value *value, const struct test *test)
{
    int64_t part = 0;
    struct value wanted;
    if (!moment_part(&part, value, test->time_part) || !number_of(&wanted, &test->number))
        return false;
    struct value seen = value_of_integer(part);
    return holds(number_compare(&seen, &wanted), test->comparison);
}

static bool is_in_network(const struct value *value, const struct test *test)
{
    struct address address;
    if (value->type != VALUE_TEXT || !address_parse(&address, value->text))
        return false;
    struct network network = {.address.v6 = test->cidr_v6, .bits = test->cidr_bits};
    memcpy(network.address.bytes, test->cidr_address, sizeof network.address.bytes);
    return network_contains(&network, &address);
}

static bool text_is_boolean(struct slice text, bool wanted)
{
    static const struct slice texts[2][3] = {
        {SLICE_INIT("false"), SLICE_INIT("0"), SLICE_INIT("no")},
        {SLICE_INIT("true"), SLICE_INIT("1"), SLICE_INIT("yes")},
    };
    for (size_t i = 0; i < 3; i++) {
        if (slice_equal_ascii_caseless(text, texts[wanted][i]))
            return true;
    }
    return false;
}

static bool is_boolean(const struct value *value, bool wanted)
{
    if (value->type == VALUE_ABSENT || value->type == VALUE_NULL)
        return false;
    char buffer[VALUE_TEXT_BYTES_MAX];
    return text_is_boolean(number_text(value, buffer), wanted);
}

static bool answer_scalar(const struct atom *atom, const struct value *value)
{
    switch (atom->kind) {
    case ATOM_CIDR:
        return is_in_network(value, atom->test);
    case ATOM_NUMBER:
        return number_equals(value, &atom->test->number);
    case ATOM_COMPARE:
        return number_compares(value, atom->test);
    case ATOM_NULL:
        return value->type == VALUE_ABSENT || value->type == VALUE_NULL;
    case ATOM_BOOLEAN:
        return is_boolean(value, atom->test->boolean);
    case ATOM_TIME:
        return time_compares(value, atom->test);
    case ATOM_EXACT:
    case ATOM_PREFIX:
    case ATOM_SUFFIX:
    case ATOM_CONTAINS:
    case ATOM_PATTERN:
    case ATOM_REGEX:
    case ATOM_FIELDREF:
    case ATOM_EXISTS:
    default:
        return false;
    }
}

static bool answer_value(const struct atom *atom, const struct value *value)
{
    if (value->type != VALUE_LIST)
        return answer_scalar(atom, value);
    for (size_t i = 0; i < value->list.count; i++) {
        if (answer_scalar(atom, &value->list.items[i]))
            return true;
    }
    return false;
}

/* --- The answer, for the event --- */

static bool texts_relate(struct slice a, struct slice b, enum comparison comparison)
{
    switch (comparison) {
    case COMPARE_EQUAL:
        return slice_equal(a, b);
    case COMPARE_STARTS:
        return slice_starts_with(a, b);
    case COMPARE_ENDS:
        return slice_ends_with(a, b);
    case COMPARE_CONTAINS:
        return slice_find(a, b) != SIZE_MAX;
    case COMPARE_LESS:
    case COMPARE_LESS_EQUAL:
    case COMPARE_GREATER:
    case COMPARE_GREATER_EQUAL:
    default:
        return false;
    }
}

static bool fields_relate(const struct atom *atom, struct subject_texts a, struct subject_texts b)
{
    for (size_t i = 0; i < a.count; i++) {
        for (size_t j = 0; j < b.count; j++) {
            struct slice left = atom->cased ? a.items[i].raw : a.items[i].folded;
            struct slice right = atom->cased ? b.items[j].raw : b.items[j].folded;
            if (texts_relate(left, right, atom->test->comparison))
                return true;
        }
    }
    return false;
}

/* Keywords have texts, not values: a test of another kind sees each text as a value. */
static bool answer_keywords(const struct atom *atom, struct subject_texts texts)
{
    for (size_t i = 0; i < texts.count; i++) {
        struct value value = value_of_text(texts.items[i].raw);
        if (answer_scalar(atom, &value))
            return true;
    }
    return false;
}

enum answer atom_evaluate(const struct atom *atom, struct subject *subject,
                          const struct regex_space *space)
{
    if (atom_is_textual(atom))
        return answer_texts(atom, subject_texts(subject, atom->slot), space);
    bool yes = false;
    if (atom->on_keywords)
        yes = answer_keywords(atom, subject_texts(subject, atom->slot));
    else if (atom->kind == ATOM_EXISTS)
        yes = (subject_value(subject, atom->slot)->type != VALUE_ABSENT) == atom->test->boolean;
    else if (atom->kind == ATOM_FIELDREF)
        yes = fields_relate(atom, subject_texts(subject, atom->slot),
                            subject_texts(subject, atom->other_slot));
    else
        yes = answer_value(atom, subject_value(subject, atom->slot));
    return yes ? ANSWER_YES : ANSWER_NO;
}
