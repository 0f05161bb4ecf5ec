/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/hs.h"
#include "detect/keyword.h"
#include "proto/cells.h"
#include "proto/event.pb-c.h"
#include "proto/fold.h"
#include "proto/words.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct slice text_of(const char *text)
{
    return slice_of(text, strlen(text));
}

/* --- What may be rendered --- */

Test(keyword, knows_texts_that_a_rendered_value_may_hold)
{
    static const char *const texts[] = {"4688",    "{fe86be69-", "deadbeef", "0x1f4",
                                        "sha256=", "dword (0x",  "setvalue", "etva",
                                        "t07:40",  "%%1936",     "high",     "s-1-16-",
                                        "nan",     ",imphash=0", "",         "192.0.2.1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect(keyword_may_be_rendered(text_of(texts[i])), "%s", texts[i]);
}

Test(keyword, knows_texts_that_no_rendered_value_holds)
{
    static const char *const texts[] = {"mimikatz", "lsadump::", "() { :;};", "a;b",      "rm",
                                        "<%=",      "/../..",    "/",         "sha256=gg"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect_not(keyword_may_be_rendered(text_of(texts[i])), "%s", texts[i]);
}

Test(keyword, takes_no_hexadecimal_run_for_longer_than_a_digest)
{
    char run[66];
    memset(run, 'a', sizeof run);
    cr_expect(keyword_may_be_rendered(slice_of(run, 64)));
    cr_expect_not(keyword_may_be_rendered(slice_of(run, 65)));
}

static void expect_pieces_known(struct slice text, unsigned rendering)
{
    uint8_t folded[FOLD_BYTES_MAX(RENDER_BYTES_MAX)];
    size_t len = fold_into(folded, text);
    for (size_t from = 0; from < len; from++) {
        for (size_t to = from + 1; to <= len; to++)
            cr_assert(keyword_may_be_rendered(slice_of(folded + from, to - from)),
                      "rendering %u: %.*s", rendering, (int)(to - from), folded + from);
    }
}

static void render_number_as(unsigned rendering, uint64_t number)
{
    struct view *view = calloc(1, sizeof *view + sizeof(union view_cell));
    uint8_t buffer[RENDER_BYTES_MAX];
    char text[VALUE_TEXT_BYTES_MAX];
    struct value value;
    view->present = 1;
    view->cells[0].u64 = number;
    for (uint32_t forms = 0; forms < 8; forms++) {
        if (render_value(&value, view, 0, (enum rendering)rendering, forms, buffer))
            expect_pieces_known(value_text(&value, text), rendering);
    }
    free(view);
}

static void render_bytes_as(unsigned rendering, size_t len)
{
    static const uint8_t bytes[32] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE,
                                      0x80, 0x00, 0x0A, 0xBB, 0xCC, 0xDD, 0xEE, 0x99, 0xFF};
    struct view *view = calloc(1, sizeof *view + VIEW_CELLS_MAX * sizeof(union view_cell));
    uint8_t buffer[RENDER_BYTES_MAX];
    struct value value;
    view->present = UINT64_MAX;
    for (size_t i = 0; i < VIEW_CELLS_MAX; i++)
        view->cells[i].bytes = slice_of(bytes, len);
    for (size_t i = 0; i < WORDS_DIGEST_COUNT; i++)
        view->cells[words_digests[i].cell].bytes.len = words_digests[i].bytes;
    for (uint32_t forms = 0; forms < 8; forms++) {
        if (render_value(&value, view, 0, (enum rendering)rendering, forms, buffer))
            expect_pieces_known(value.text, rendering);
    }
    free(view);
}

Test(keyword, knows_every_piece_of_every_rendering)
{
    static const uint64_t numbers[] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 255, 1936, 0xdeadbeef, INT64_MAX, 1764229210132456789};
    for (unsigned rendering = RENDER_TEXT + 1; rendering < RENDER_COUNT; rendering++) {
        bool of_bytes = rendering == RENDER_GUID || rendering == RENDER_GUID_BARE ||
                        rendering == RENDER_IP || rendering == RENDER_HASHES;
        for (size_t i = 0; !of_bytes && i < sizeof numbers / sizeof numbers[0]; i++)
            render_number_as(rendering, numbers[i]);
        if (of_bytes) {
            render_bytes_as(rendering, 16);
            render_bytes_as(rendering, 4);
        }
    }
}

/* --- What folds into ASCII --- */

Test(keyword, knows_all_characters_that_fold_into_ascii)
{
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        bool known = c == 0x212A || c == 0x017F;
        cr_assert_eq(fold_code_point(c) < 0x80, known, "U+%04X", c);
    }
}

/* --- The filter --- */

static struct hs_database *filter_of(const char *const texts[], size_t count)
{
    struct lane_text items[4];
    struct hs_database *filter;
    cr_assert_leq(count, 4);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct lane_text){.bytes = text_of(texts[i])};
    cr_assert_eq(keyword_filter_new(&filter, items, count), 0);
    return filter;
}

static bool finds(struct hs_database *filter, const char *bytes)
{
    struct hs_scratch *space = NULL;
    cr_assert_eq(hs_space_reserve(&space, filter), 0);
    bool found = hs_found(filter, space, text_of(bytes)) != HS_ABSENT ||
                 keyword_folds_into_ascii(text_of(bytes));
    hs_space_free(space);
    return found;
}

Test(keyword, finds_a_text_in_any_case_and_anything_that_may_fold_to_it)
{
    struct hs_database *filter = filter_of((const char *const[]){"lsadump::", "sekurlsa"}, 2);
    cr_assert_not_null(filter);
    cr_expect(finds(filter, "\x0a\x12 x LsaDump:: y"));
    cr_expect(finds(filter, "\x0aSE\xE2\x84\xAAURLSA"));
    cr_expect(finds(filter, "\x0a\xC5\xBF"
                            "ekurlsa"));
    cr_expect_not(finds(filter, "\x0a\x12lsadump:"));
    cr_expect_not(finds(filter, "\xE2\x84\xAB \xC5\xBE"));
    hs_database_free(filter);
}

Test(keyword, has_no_filter_where_one_could_lose_an_event)
{
    cr_expect_null(filter_of((const char *const[]){"mimikatz", "4688"}, 2), "rendered");
    cr_expect_null(filter_of((const char *const[]){"mimikatz", "\xC3\xA4hnlich"}, 2), "not ASCII");
    cr_expect_null(filter_of((const char *const[]){"mimikatz", ""}, 2), "empty");
    cr_expect_null(filter_of(NULL, 0), "nothing to find");
}
