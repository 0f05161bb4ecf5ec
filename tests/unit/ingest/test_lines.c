/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/lines.h"

#include <criterion/criterion.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 8 };

/* What reads the content, from a pipe that stays open at the other end until *writer is closed. */
static struct lines *lines_of(const char *content, size_t len, FILE **file, int *writer)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], content, len), (ssize_t)len);
    *writer = ends[1];
    *file = fdopen(ends[0], "rb");
    struct lines *lines = NULL;
    cr_assert_eq(lines_new(&lines, *file, LINE_BYTES_MAX), 0);
    return lines;
}

static void expect_line(struct lines *lines, const char *expected, size_t len)
{
    struct slice line;
    cr_assert_eq(lines_next(lines, &line), 0);
    cr_assert(slice_equal(line, slice_of(expected, len)), "'%.*s' is not '%s'", SLICE_PRINTF(line),
              expected);
}

Test(lines, come_one_by_one_with_every_byte_that_they_hold)
{
    static const char content[] = "one\n\n\0\xff\r\nlast";
    FILE *file = NULL;
    int writer = -1;
    AUTO(lines_free) struct lines *lines = lines_of(content, sizeof content - 1, &file, &writer);
    close(writer);
    expect_line(lines, "one", 3);
    expect_line(lines, "", 0);
    expect_line(lines, "\0\xff\r", 3);
    expect_line(lines, "last", 4);
    struct slice line;
    cr_assert_eq(lines_next(lines, &line), LINES_END);
    fclose(file);
}

/* It once waited until the pipe had given a quarter of a megabyte. */
Test(lines, come_before_a_pipe_ends, .timeout = 10)
{
    FILE *file = NULL;
    int writer = -1;
    AUTO(lines_free) struct lines *lines = lines_of("a\nb", 3, &file, &writer);
    expect_line(lines, "a", 1);
    cr_assert_eq(write(writer, "c\n", 2), 2);
    expect_line(lines, "bc", 2);
    close(writer);
    fclose(file);
}

Test(lines, of_the_longest_length_are_whole_and_one_byte_more_is_skipped)
{
    static const char content[] = "12345678\n123456789\nnext\n123456789";
    FILE *file = NULL;
    int writer = -1;
    AUTO(lines_free) struct lines *lines = lines_of(content, sizeof content - 1, &file, &writer);
    close(writer);
    struct slice line;
    expect_line(lines, "12345678", 8);
    cr_assert_eq(lines_next(lines, &line), LINES_TOO_LONG);
    expect_line(lines, "next", 4);
    cr_assert_eq(lines_next(lines, &line), LINES_TOO_LONG);
    cr_assert_eq(lines_next(lines, &line), LINES_END);
    fclose(file);
}

Test(lines, of_what_cannot_be_read_are_an_error)
{
    AUTO(lines_free) struct lines *lines = NULL;
    FILE *folder = fopen("/", "rb");
    cr_assert_not_null(folder);
    cr_assert_eq(lines_new(&lines, folder, LINE_BYTES_MAX), 0);
    struct slice line;
    cr_assert_eq(lines_next(lines, &line), STATUS_IO);
    fclose(folder);
}
