/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/diag.h"

#include <criterion/criterion.h>

static const struct diag_position place = {"rules/a.yml", 3, 7};

Test(diag, keeps_all_findings_in_order_and_counts_by_severity)
{
    AUTO(diag_list_free) struct diag_list *list = NULL;
    cr_assert_eq(diag_list_new(&list), 0);
    cr_assert_not(diag_has_errors(list));
    diag_add(list, DIAG_WARNING, place, "one", NULL, "first %d", 1);
    diag_add(list, DIAG_ERROR, place, "two", "do it", "second");
    cr_assert_eq(diag_count(list), 2);
    cr_assert_str_eq(diag_at(list, 0)->message, "first 1");
    cr_assert_str_eq(diag_at(list, 1)->hint, "do it");
    cr_assert_eq(diag_count_of(list, DIAG_ERROR), 1);
    cr_assert(diag_has_errors(list));
}

Test(diag, counts_what_it_no_longer_keeps)
{
    AUTO(diag_list_free) struct diag_list *list = NULL;
    cr_assert_eq(diag_list_new(&list), 0);
    for (size_t i = 0; i < DIAG_COUNT_MAX + 1; i++)
        diag_add(list, DIAG_ERROR, place, "many", NULL, "x");
    cr_assert_eq(diag_count(list), DIAG_COUNT_MAX);
    cr_assert_eq(diag_count_of(list, DIAG_ERROR), DIAG_COUNT_MAX + 1);
}

Test(diag, is_written_with_place_code_and_hint)
{
    char text[256];
    const struct diag diag = {
        DIAG_ERROR, "a.yml", 3, 7, "unknown-modifier", "no modifier 'contain'", "write 'contains'"};
    diag_format(text, sizeof text, &diag);
    cr_assert_str_eq(
        text,
        "a.yml:3:7: error: no modifier 'contain' [unknown-modifier]\n    hint: write 'contains'\n");
}

Test(diag, leaves_out_what_is_not_known)
{
    char text[256];
    const struct diag diag = {DIAG_NOTE, "a.yml", 0, 0, "code", "message", NULL};
    diag_format(text, sizeof text, &diag);
    cr_assert_str_eq(text, "a.yml: note: message [code]\n");
}

Test(diag, does_not_let_input_write_to_the_terminal)
{
    char text[256];
    const struct diag diag = {DIAG_ERROR, "a.yml", 1, 0, "code", "bad \x1b[31m\nvalue", NULL};
    diag_format(text, sizeof text, &diag);
    cr_assert_str_eq(text, "a.yml:1: error: bad \\x1b[31m\\x0avalue [code]\n");
}

Test(diag, appends_copies)
{
    AUTO(diag_list_free) struct diag_list *list = NULL;
    struct diag_list *other = NULL;
    cr_assert_eq(diag_list_new(&list), 0);
    cr_assert_eq(diag_list_new(&other), 0);
    diag_add(other, DIAG_ERROR, place, "code", NULL, "100%% sure");
    diag_append(list, other);
    diag_list_free(other);
    cr_assert_str_eq(diag_at(list, 0)->message, "100% sure");
    cr_assert_str_eq(diag_at(list, 0)->file, "rules/a.yml");
}
