/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/hs.h"

#include <criterion/criterion.h>

enum { HITS_MAX = 64 };

struct hits {
    unsigned ids[HITS_MAX];
    unsigned long long ends[HITS_MAX];
    size_t count;
};

static int note(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                void *context)
{
    (void)from, (void)flags;
    struct hits *hits = context;
    cr_assert_lt(hits->count, HITS_MAX);
    hits->ids[hits->count] = id;
    hits->ends[hits->count++] = to;
    return 0;
}

static struct hits find(const struct hs_literal literals[], size_t count, struct slice text)
{
    struct hs_database *database;
    struct hs_scratch *space = NULL;
    struct hits hits = {.count = 0};
    cr_assert_eq(hs_literals_new(&database, literals, count), 0);
    cr_assert_eq(hs_space_reserve(&space, database), 0);
    cr_assert(hs_find(database, space, text, note, &hits));
    hs_space_free(space);
    hs_database_free(database);
    return hits;
}

Test(hs, reports_every_hit_with_its_end)
{
    const struct hs_literal literals[] = {{.bytes = SLICE_LITERAL("ab")},
                                          {.bytes = SLICE_LITERAL("b\0c")}};
    struct hits hits = find(literals, 2, SLICE_LITERAL("abab\0c"));
    cr_assert_eq(hits.count, 3);
    cr_expect_eq(hits.ends[0], 2);
    cr_expect_eq(hits.ends[1], 4);
    cr_expect_eq(hits.ids[2], 1);
    cr_expect_eq(hits.ends[2], 6);
}

Test(hs, ignores_case_of_ascii_only_where_asked)
{
    const struct hs_literal literals[] = {{.bytes = SLICE_LITERAL("net user"), .caseless = true},
                                          {.bytes = SLICE_LITERAL("net")}};
    struct hits hits = find(literals, 2, SLICE_LITERAL("NET User"));
    cr_assert_eq(hits.count, 1);
    cr_expect_eq(hits.ids[0], 0);
}

Test(hs, finds_nothing_in_a_text_that_holds_nothing)
{
    const struct hs_literal literals[] = {{.bytes = SLICE_LITERAL("net")}};
    cr_expect_eq(find(literals, 1, SLICE_LITERAL("")).count, 0);
    cr_expect_eq(find(literals, 1, SLICE_LITERAL("ne")).count, 0);
    cr_expect_eq(find(literals, 1, SLICE_LITERAL("NET")).count, 0);
}

/* Hyperscan 5.4.0 fails on such texts from 37 bytes on. */
enum { RUN_BYTES_MAX = 32 };

Test(hs, finds_literals_that_end_in_runs_up_to_where_they_are_cut)
{
    char text[RUN_BYTES_MAX + 1];
    for (size_t prefix = 0; prefix < RUN_BYTES_MAX; prefix++) {
        for (size_t len = prefix + 1; len <= RUN_BYTES_MAX; len++) {
            memset(text, 'b', sizeof text);
            memcpy(text, "acdet\xc3\xa9xyzacdet\xc3\xa9xyzacdet\xc3\xa9xyz", prefix);
            const struct hs_literal literals[] = {
                {.bytes = slice_of(text, len)},
                {.bytes = SLICE_LITERAL("4688")},
                {.bytes = SLICE_LITERAL("c:\\windows\\*\xe2\xb1\xa5x")},
            };
            struct hits hits = find(literals, 3, slice_of(text, len));
            cr_assert_geq(hits.count, 1, "%zu of %zu bytes", prefix, len);
            cr_expect_eq(hits.ends[hits.count - 1], len);
        }
    }
}
