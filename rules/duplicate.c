/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of SigmaHQ have up to 4,432 values, so pairs are not compared: tests are sorted by a hash
 * of what they look for. Only the first test of each value counts; equal values make equal ones. */
#include "rules/duplicate.h"

#include "rules/hint.h"
#include "rules/pattern.h"

#include <stdlib.h>

struct entry {
    uint64_t hash;
    const struct test *test;
};

static uint64_t mix(uint64_t hash, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    return hash ^ bytes.len;
}

static uint64_t hash_of(const struct test *test)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + test->kind;
    if (test->kind != TEST_PATTERN)
        return mix(hash, test->source);
    for (size_t i = 0; i < test->pattern.part_count; i++)
        hash = mix(hash + test->pattern.parts[i].kind, test->pattern.parts[i].literal);
    return hash;
}

static bool same(const struct test *a, const struct test *b)
{
    if (a->kind != b->kind)
        return false;
    return a->kind == TEST_PATTERN ? pattern_equal(&a->pattern, &b->pattern)
                                   : slice_equal(a->source, b->source);
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->test->group > b->test->group) - (a->test->group < b->test->group);
}

/* The first test of each value. */
static size_t collect(struct entry *entries, const struct draft *draft)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->item_test_count; i++) {
        const struct test *test = &draft->tests[i];
        if (i == 0 || test->group != draft->tests[i - 1].group)
            entries[count++] = (struct entry){hash_of(test), test};
    }
    return count;
}

int duplicate_report(struct draft *draft, const struct yaml_node *const *values, size_t count)
{
    if (count < 2)
        return 0;
    struct entry *entries = malloc(count * sizeof *entries);
    if (entries == NULL)
        return STATUS_NO_MEMORY;
    size_t used = collect(entries, draft);
    qsort(entries, used, sizeof *entries, compare);
    for (size_t i = 1; i < used; i++) {
        const struct test *first = entries[i - 1].test, *second = entries[i].test;
        if (entries[i - 1].hash != entries[i].hash || !same(first, second))
            continue;
        draft_warning(draft, draft_at(draft, values[second->group]), CODE_DUPLICATE_VALUE,
                      "remove one of them", "'%.*s' finds the same as the value in line %u",
                      SLICE_PRINTF(hint_clip(second->source)), values[first->group]->line);
    }
    free(entries);
    return 0;
}
