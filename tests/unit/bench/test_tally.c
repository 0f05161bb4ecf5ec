/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/tally.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void add(struct tally *tally, const char *id, const char *title, unsigned severity)
{
    Yagura__V1__Rule rule = YAGURA__V1__RULE__INIT;
    Yagura__V1__Alert alert = YAGURA__V1__ALERT__INIT;
    rule.id = (char *)(uintptr_t)id;
    rule.title = (char *)(uintptr_t)title;
    alert.rule = &rule;
    alert.severity_id = severity;
    tally_add(tally, &alert);
}

static char *written(struct tally *tally)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    tally_write(out, tally);
    fclose(out);
    return text;
}

Test(tally, counts_by_severity_and_puts_the_busiest_rule_first)
{
    AUTO(tally_free) struct tally *tally = NULL;
    cr_assert_eq(tally_new(&tally), 0);
    add(tally, "a", "first title", 3);
    add(tally, "b", "second title", 5);
    add(tally, "b", "second title", 5);
    add(tally, "c", "third title", 99);
    cr_expect_eq(tally_total(tally), 4);
    cr_expect_eq(tally_rule_count(tally), 3);
    char *text = written(tally);
    cr_expect_not_null(strstr(text, "4 alerts of 3 rules: 2 critical 1 medium 1 unknown\n"));
    const char *second = strstr(text, "second title");
    const char *first = strstr(text, "first title");
    cr_assert(second != NULL && first != NULL);
    cr_expect_lt(second, first);
    free(text);
}

Test(tally, says_zero_when_nothing_came)
{
    AUTO(tally_free) struct tally *tally = NULL;
    cr_assert_eq(tally_new(&tally), 0);
    char *text = written(tally);
    cr_expect_str_eq(text, "  0 alerts of 0 rules:\n");
    free(text);
}

Test(tally, counts_an_alert_without_a_rule)
{
    AUTO(tally_free) struct tally *tally = NULL;
    cr_assert_eq(tally_new(&tally), 0);
    const Yagura__V1__Alert alert = YAGURA__V1__ALERT__INIT;
    tally_add(tally, &alert);
    cr_expect_eq(tally_total(tally), 1);
    cr_expect_eq(tally_rule_count(tally), 0);
}

Test(tally, knows_so_many_rules_and_counts_the_alerts_of_more)
{
    AUTO(tally_free) struct tally *tally = NULL;
    cr_assert_eq(tally_new(&tally), 0);
    char id[TALLY_ID_BYTES];
    for (int i = 0; i <= TALLY_RULES_MAX; i++) {
        snprintf(id, sizeof id, "rule %d", i);
        add(tally, id, "title", 1);
    }
    cr_expect_eq(tally_rule_count(tally), TALLY_RULES_MAX);
    cr_expect_eq(tally_total(tally), TALLY_RULES_MAX + 1);
}
