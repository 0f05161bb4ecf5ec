/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/csv.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct arena *arena;
static struct csv csv;
static struct csv_cell cells[CSV_CELLS_MAX];
static size_t count;

static void setup(void)
{
    cr_assert_eq(arena_new_growing(&arena, 4096, 0), 0);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(csv, .init = setup, .fini = teardown);

static void start(const char *text)
{
    csv_start(&csv, slice_text(text), arena);
}

static int next(void)
{
    return csv_next(&csv, cells, &count);
}

/* What a text's first record reads as, cells joined with '|'; "BAD" or "END". */
static const struct {
    const char *text;
    const char *cells;
} records[] = {
    {"a,b,c", "a|b|c"},
    {"a,b\n", "a|b"},
    {"a,b\r\nc", "a|b"},
    {"\xEF\xBB\xBF"
     "a,b",
     "a|b"},
    {",", "|"},
    {"a,", "a|"},
    {"\n\r\n\na", "a"},
    {"\"a,b\",c", "a,b|c"},
    {"\"a\nb\"", "a\nb"},
    {"\"say \"\"hi\"\"\"", "say \"hi\""},
    {"\"\"", ""},
    {"\"\"\"\"", "\""},
    {"\"\"\"\"\"\"", "\"\""},
    {" a , b ", " a | b "},
    {"", "END"},
    {"\n\n", "END"},
    {"\xEF\xBB\xBF", "END"},
    {"a\"b", "BAD"},
    {"\"a\"b", "BAD"},
    {"\"a", "BAD"},
    {"\"a\"\"", "BAD"},
    {"\"", "BAD"},
    {"a\rb", "BAD"},
    {"\ra", "BAD"},
    {"a,\"b\" ,c", "BAD"},
};

static void join(char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%.*s", i == 0 ? "" : "|",
                                SLICE_PRINTF(cells[i].text));
}

Test(csv, reads_what_rfc_4180_describes_and_refuses_the_rest)
{
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        char joined[64];
        start(records[i].text);
        int result = next();
        join(joined, sizeof joined);
        const char *seen = result == CSV_END ? "END" : result == CSV_BAD ? "BAD" : joined;
        cr_expect_str_eq(seen, records[i].cells, "record %zu: %s", i, seen);
    }
}

Test(csv, reads_record_after_record_to_the_end)
{
    start("a,b\nc\n\nd,e,f\n");
    cr_expect_eq(next(), 0);
    cr_expect_eq(count, 2);
    cr_expect_eq(next(), 0);
    cr_expect_eq(count, 1);
    cr_expect_eq(next(), 0);
    cr_expect_eq(count, 3);
    cr_expect_eq(next(), CSV_END);
    cr_expect_eq(next(), CSV_END);
}

Test(csv, knows_where_a_cell_stands_in_characters)
{
    start("x\n\xE3\x81\x82,\"b\nc\",d");
    cr_assert_eq(next(), 0);
    cr_assert_eq(next(), 0);
    cr_expect_eq(cells[1].line, 2);
    cr_expect_eq(cells[1].column, 3);
    cr_expect_eq(cells[2].line, 3);
    cr_expect_eq(cells[2].column, 4);
}

Test(csv, takes_as_many_cells_as_its_limit_and_not_one_more)
{
    char text[CSV_CELLS_MAX + 1];
    memset(text, ',', sizeof text);
    text[CSV_CELLS_MAX - 1] = '\0';
    start(text);
    cr_expect_eq(next(), 0);
    cr_expect_eq(count, CSV_CELLS_MAX);
    text[CSV_CELLS_MAX - 1] = ',';
    text[CSV_CELLS_MAX] = '\0';
    start(text);
    cr_expect_eq(next(), CSV_BAD);
}
