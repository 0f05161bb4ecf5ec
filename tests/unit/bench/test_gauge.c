/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/gauge.h"

#include <criterion/criterion.h>

static const char page[] = "# HELP a_total Of something.\n"
                           "# TYPE a_total counter\n"
                           "a_total 3\n"
                           "b{x=\"1\"} 2\n"
                           "b{x=\"a b\"} 0.5\n"
                           "b_more 100\n"
                           "bad{x=\"1\"\n"
                           "c 7";

static const struct {
    const char *metric;
    bool found;
    double sum;
} cases[] = {
    {"a_total", true, 3}, {"b", true, 2.5}, {"b_more", true, 100}, {"c", true, 7},
    {"a", false, 0},      {"x", false, 0},  {"bad", false, 0},     {"", false, 0},
};

Test(gauge, sums_the_series_of_a_metric_and_of_no_other)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double sum = -1;
        cr_expect_eq(gauge_sum(&sum, page, cases[i].metric), cases[i].found, "case %zu", i);
        cr_expect_float_eq(sum, cases[i].sum, 1e-9, "case %zu: %f", i, sum);
    }
}

Test(gauge, finds_nothing_on_an_empty_page)
{
    double sum;
    cr_expect_not(gauge_sum(&sum, "", "a"));
}

Test(gauge, has_no_page_where_nobody_answers)
{
    cr_expect_null(gauge_fetch(1));
}
