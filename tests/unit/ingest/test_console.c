/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/console.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static char *shown(const char *text, size_t len, size_t bytes_max)
{
    char *out = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&out, &size);
    console_text(file, slice_of(text, len), bytes_max);
    fclose(file);
    return out;
}

Test(console, escapes_what_a_terminal_may_obey)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain", "plain"},
        {"\x1b[2J", "\\x1b[2J"},
        {"a\nb\tc\r", "a\\nb\\tc\\r"},
        {"\x7f", "\\x7f"},
        {"\xc2\x9b", "\\u009b"}, /* C1: a control sequence begins */
        {"a\xe2\x80\xae"
         "b",
         "a\\u202e"
         "b"},                               /* right-to-left override */
        {"\xe2\x81\xa6", "\\u2066"},         /* isolate */
        {"\xef\xbb\xbf", "\\ufeff"},         /* byte order mark */
        {"\xff\xc0\x80", "\\xff\\xc0\\x80"}, /* no UTF-8 */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, /* half of a surrogate pair */
        {"\xe3\x81\x82\xf0\x9f\x98\x80", "\xe3\x81\x82\xf0\x9f\x98\x80"},
        {"\\x41", "\\x41"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = shown(cases[i].text, strlen(cases[i].text), 100);
        cr_expect_str_eq(text, cases[i].shown, "case %zu: %s", i, text);
        free(text);
    }
    char *nul = shown("a\0b", 3, 100);
    cr_expect_str_eq(nul, "a\\x00b");
    free(nul);
}

Test(console, cuts_long_text_and_says_how_long_it_was)
{
    char *whole = shown("12345", 5, 5);
    char *cut = shown("123456", 6, 5);
    cr_expect_str_eq(whole, "12345");
    cr_expect_str_eq(cut, "12345... (6 bytes)");
    free(whole);
    free(cut);
}

Test(console, names_only_so_many_complaints)
{
    struct console console;
    console_init(&console);
    char *text = NULL;
    size_t size = 0;
    console.err = open_memstream(&text, &size);
    size_t named = 0;
    for (size_t i = 0; i < 3 * CONSOLE_COMPLAINTS_MAX; i++)
        named += console_complains(&console);
    fclose(console.err);
    cr_expect_eq(named, CONSOLE_COMPLAINTS_MAX);
    const char *first = strstr(text, "further ones");
    cr_assert_not_null(first);
    cr_expect_null(strstr(first + 1, "further ones"));
    free(text);
    console_deinit(&console);
}

static void write_long(struct json *json, const void *subject)
{
    const size_t *count = subject;
    json_array(json, NULL);
    for (size_t i = 0; i < *count; i++)
        json_integer(json, NULL, 12345678);
    json_end(json);
}

Test(console, finds_room_for_any_document)
{
    struct console console;
    console_init(&console);
    for (size_t count = 0; count <= 100000; count = count * 10 + 1) {
        char *text = NULL;
        size_t size = 0;
        console.out = open_memstream(&text, &size);
        cr_expect_eq(console_json(&console, write_long, &count), 0);
        fclose(console.out);
        cr_expect_eq(size, count == 0 ? 2 : 1 + 9 * count);
        free(text);
    }
    console_deinit(&console);
}
