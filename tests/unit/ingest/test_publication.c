/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/publication.h"

#include "rig.h"

#include <criterion/criterion.h>

enum { READERS = 2 };

static struct rig rig; /* lends its rule set and its tables */
static struct publication *publication;

static struct edition *edition(uint64_t number)
{
    struct edition *made = NULL;
    const struct edition_options options = {.ruleset = rig.edition->shared_ruleset,
                                            .context = rig.edition->shared_context,
                                            .number = number};
    cr_assert_eq(edition_new(&made, &options), 0);
    return made;
}

static void open_all(void)
{
    rig_open(&rig, &(struct rig_options){0});
    cr_assert_eq(publication_new(&publication, edition(1), READERS), 0);
}

static void close_all(void)
{
    publication_free(publication);
    rig_close(&rig);
}

TestSuite(publication, .init = open_all, .fini = close_all);

static uint64_t current(void)
{
    return publication_current(publication)->number;
}

/* 0: none. */
static uint64_t previous(void)
{
    const struct edition *found = publication_previous(publication);
    return found == NULL ? 0 : found->number;
}

Test(publication, keeps_the_current_and_the_previous_edition)
{
    cr_assert_eq(current(), 1);
    cr_assert_eq(previous(), 0);
    publication_publish(publication, edition(2));
    publication_publish(publication, edition(3));
    cr_assert_eq(current(), 3);
    cr_assert_eq(previous(), 2);
    cr_assert_eq(publication_reclaim(publication), 0, "the first one is freed");
}

Test(publication, goes_back_and_forth_between_the_two)
{
    publication_publish(publication, edition(2));
    cr_assert_eq(publication_rollback(publication), 0);
    cr_assert_eq(current(), 1);
    cr_assert_eq(previous(), 2);
    cr_assert_eq(publication_rollback(publication), 0);
    cr_assert_eq(current(), 2);
}

Test(publication, has_nothing_to_go_back_to_at_first)
{
    cr_assert_eq(publication_rollback(publication), PUBLICATION_NO_PREVIOUS);
    cr_assert_eq(current(), 1);
}

Test(publication, keeps_what_a_reader_holds_until_it_lets_go)
{
    const struct edition *held = publication_take(publication, 0);
    for (uint64_t number = 2; number <= 5; number++)
        publication_publish(publication, edition(number));
    cr_assert_eq(held->number, 1, "as it was");
    cr_assert_eq(publication_take(publication, 1)->number, 5, "others have the newest");
    cr_assert_eq(publication_reclaim(publication), 1);
    publication_release(publication, 0);
    cr_assert_eq(publication_reclaim(publication), 0);
    publication_release(publication, 1);
}

Test(publication, does_not_free_what_comes_back_by_a_rollback)
{
    publication_publish(publication, edition(2));
    const struct edition *held = publication_take(publication, 0);
    cr_assert_eq(publication_rollback(publication), 0);
    publication_publish(publication, edition(3)); /* retires 2, which is held; 1 is previous */
    cr_assert_eq(held->number, 2);
    cr_assert_eq(previous(), 1);
    cr_assert_eq(publication_reclaim(publication), 1);
    publication_release(publication, 0);
}
