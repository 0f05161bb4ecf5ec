/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/memo.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { SCANS = 4, ROUNDS = 200000, TEXTS = 2000 };

static struct memo *memo;

static void set_up(void)
{
    cr_assert_eq(memo_new(&memo, SCANS), 0);
}

static void tear_down(void)
{
    memo_free(memo);
}

TestSuite(memo, .init = set_up, .fini = tear_down);

static void keep(uint32_t scan, struct slice text, uint32_t hit)
{
    memo_keep(memo, scan, text, (struct memo_hits){&hit, 1});
}

static bool knows(uint32_t scan, struct slice text, uint32_t hit)
{
    struct memo_hits hits;
    return memo_find(&hits, memo, scan, text) && hits.count == 1 && hits.items[0] == hit;
}

static bool knows_nothing(uint32_t scan, struct slice text)
{
    struct memo_hits hits;
    return !memo_find(&hits, memo, scan, text);
}

Test(memo, says_again_what_it_was_told)
{
    struct slice text = SLICE_LITERAL("C:\\Windows\\System32\\svchost.exe");
    cr_expect(knows_nothing(1, text));
    keep(1, text, 7);
    cr_expect(knows(1, text, 7));
}

Test(memo, remembers_that_nothing_fired)
{
    struct memo_hits hits = {NULL, 0};
    memo_keep(memo, 0, SLICE_LITERAL("quiet"), hits);
    hits.count = 9;
    cr_expect(memo_find(&hits, memo, 0, SLICE_LITERAL("quiet")));
    cr_expect_eq(hits.count, 0);
}

Test(memo, tells_scans_and_texts_apart)
{
    keep(1, SLICE_LITERAL("svchost.exe"), 7);
    cr_expect(knows_nothing(2, SLICE_LITERAL("svchost.exe")));
    cr_expect(knows_nothing(0, SLICE_LITERAL("svchost.exe")));
    cr_expect(knows_nothing(1, SLICE_LITERAL("svchost.ex")));
    cr_expect(knows_nothing(1, SLICE_LITERAL("svchost.exe ")));
    cr_expect(knows_nothing(1, SLICE_LITERAL("Svchost.exe")), "raw bytes, not folded ones");
    cr_expect(knows_nothing(1, SLICE_LITERAL("svchost\0exe")));
}

Test(memo, keeps_texts_up_to_its_limit)
{
    char text[MEMO_TEXT_BYTES_MAX + 1];
    memset(text, 'x', sizeof text);
    for (size_t len = 1; len <= MEMO_TEXT_BYTES_MAX; len++) {
        keep(0, slice_of(text, len), (uint32_t)len);
        cr_expect(knows(0, slice_of(text, len), (uint32_t)len), "%zu bytes", len);
    }
    keep(0, slice_of(text, MEMO_TEXT_BYTES_MAX + 1), 1);
    cr_expect(knows_nothing(0, slice_of(text, MEMO_TEXT_BYTES_MAX + 1)));
    keep(0, slice_of(text, 0), 1);
    cr_expect(knows_nothing(0, slice_of(text, 0)));
}

Test(memo, keeps_as_many_hits_as_fit_and_never_only_some)
{
    uint32_t items[MEMO_HITS_MAX + 1] = {0, 1, 2, 3, 4, 5, 6};
    struct memo_hits hits = {items, MEMO_HITS_MAX};
    memo_keep(memo, 0, SLICE_LITERAL("many"), hits);
    cr_expect(memo_find(&hits, memo, 0, SLICE_LITERAL("many")));
    cr_expect_eq(hits.count, MEMO_HITS_MAX);
    cr_expect_eq(hits.items[MEMO_HITS_MAX - 1], MEMO_HITS_MAX - 1);
    memo_keep(memo, 0, SLICE_LITERAL("too many"), (struct memo_hits){items, MEMO_HITS_MAX + 1});
    cr_expect(knows_nothing(0, SLICE_LITERAL("too many")));
}

/* What would have to be found for a text; the memo must never say anything else. */
static uint32_t truth(uint32_t scan, uint32_t number)
{
    return scan * 1000003 + number;
}

/* Nothing to as many hits as fit, so that an entry that is replaced had another number of them. */
static size_t true_hits(uint32_t out[MEMO_HITS_MAX], uint32_t scan, uint32_t number)
{
    size_t count = truth(scan, number) % (MEMO_HITS_MAX + 1);
    for (uint32_t i = 0; i < count; i++)
        out[i] = truth(scan, number) + i;
    return count;
}

Test(memo, is_never_wrong_however_full_it_is)
{
    uint32_t state = 1;
    size_t found = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        state = state * 1664525 + 1013904223;
        uint32_t number = (state >> 8) % TEXTS;
        uint32_t scan = state >> 30;
        char text[200];
        int len = snprintf(text, sizeof text, "%0*u", number % 2 == 0 ? 20 : 120, number);
        struct slice slice = slice_of(text, (size_t)len);
        uint32_t wanted[MEMO_HITS_MAX];
        size_t count = true_hits(wanted, scan, number);
        struct memo_hits hits;
        if (memo_find(&hits, memo, scan, slice)) {
            cr_assert_eq(hits.count, count);
            cr_assert_eq(memcmp(hits.items, wanted, count * sizeof *wanted), 0);
            found++;
        } else {
            memo_keep(memo, scan, slice, (struct memo_hits){wanted, count});
        }
    }
    cr_expect_gt(found, ROUNDS / 4);
}

Test(memo, rests_for_a_scan_whose_texts_never_come_again)
{
    for (unsigned i = 0; i < 300; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%u", i);
        (void)knows_nothing(3, slice_of(text, (size_t)len));
        keep(3, slice_of(text, (size_t)len), i);
    }
    keep(3, SLICE_LITERAL("again"), 1);
    cr_expect(knows_nothing(3, SLICE_LITERAL("again")), "it rests");
    keep(2, SLICE_LITERAL("again"), 1);
    cr_expect(knows(2, SLICE_LITERAL("again"), 1), "other scans go on");
    bool known = false;
    for (unsigned i = 0; i < 5000 && !known; i++) {
        known = knows(3, SLICE_LITERAL("again"), 1);
        keep(3, SLICE_LITERAL("again"), 1);
    }
    cr_expect(known, "after its rest it tries again");
}
