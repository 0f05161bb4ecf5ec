/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fold.h"

#include <criterion/criterion.h>

static struct slice folded(const char *text, size_t len)
{
    static uint8_t out[256];
    return slice_of(out, fold_into(out, slice_of(text, len)));
}

static void expect(const char *text, const char *wanted)
{
    struct slice got = folded(text, strlen(text));
    cr_assert(slice_equal(got, slice_text(wanted)), "%s folds to %.*s, not %s", text,
              SLICE_PRINTF(got), wanted);
}

Test(fold, makes_ascii_capitals_small_and_leaves_their_neighbours)
{
    expect("@AZ[`az{", "@az[`az{");
    expect("C:\\Windows\\System32\\CMD.EXE /C", "c:\\windows\\system32\\cmd.exe /c");
    expect("", "");
}

Test(fold, agrees_with_the_slow_way_at_every_length_and_alignment)
{
    const char *text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abc0123456789";
    for (size_t from = 0; from < 20; from++)
        for (size_t len = 0; from + len <= strlen(text); len++) {
            struct slice got = folded(text + from, len);
            cr_assert_eq(got.len, len);
            for (size_t i = 0; i < len; i++)
                cr_assert_eq(got.data[i], fold_code_point((uint8_t)text[from + i]));
        }
}

Test(fold, knows_letters_beyond_ascii)
{
    expect("\u212A", "k");                                          /* KELVIN SIGN */
    expect("\u017F", "s");                                          /* LONG S */
    expect("\u0421\u0422\u041E\u041F", "\u0441\u0442\u043E\u043F"); /* Cyrillic */
    expect("\u03A3\u03C2", "\u03C3\u03C3");                         /* both sigmas */
    expect("ARR\u00CAT\u00C9", "arr\u00EAt\u00E9");
    expect("\u1E9E", "\u00DF");         /* capital sharp s, status S */
    expect("\U00010400", "\U00010428"); /* Deseret */
}

Test(fold, leaves_what_has_no_simple_folding)
{
    expect("\u0130", "\u0130"); /* dotted capital I folds in full and Turkic folding only */
    expect("\u00DF", "\u00DF");
    expect("\u65E5\u672C", "\u65E5\u672C");
}

Test(fold, keeps_invalid_utf8_byte_by_byte)
{
    static const char bytes[] = "A\xFF\xC0\x80\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82Z\0Q";
    static const char wanted[] = "a\xFF\xC0\x80\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82z\0q";
    struct slice got = folded(bytes, sizeof bytes - 1);
    cr_assert(slice_equal(got, slice_of(wanted, sizeof wanted - 1)));
}

Test(fold, never_grows_beyond_its_bound)
{
    uint8_t text[4], out[8];
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        if (code_point >= 0xD800 && code_point < 0xE000)
            continue;
        size_t len = utf8_encode(text, code_point);
        cr_assert_leq(fold_into(out, slice_of(text, len)), FOLD_BYTES_MAX(len), "U+%04X",
                      code_point);
    }
}

Test(fold, is_idempotent)
{
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++)
        cr_assert_eq(fold_code_point(fold_code_point(code_point)), fold_code_point(code_point),
                     "U+%04X", code_point);
}

Test(fold, compares_without_memory)
{
    cr_assert(fold_equal(SLICE_LITERAL("\u212Aernel"), SLICE_LITERAL("KERNEL")));
    cr_assert_not(fold_equal(SLICE_LITERAL("kernel"), SLICE_LITERAL("kerne")));
    cr_assert_not(fold_equal(SLICE_LITERAL("kernel"), SLICE_LITERAL("kernal")));
    cr_assert_not(fold_equal(SLICE_LITERAL("\xFF"), SLICE_LITERAL("\xFE")));
}

Test(utf8, reads_back_every_character_it_writes)
{
    uint8_t bytes[4];
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        if (code_point >= 0xD800 && code_point < 0xE000)
            continue;
        unsigned length;
        unsigned written = utf8_encode(bytes, code_point);
        cr_assert_eq(utf8_decode(slice_of(bytes, written), 0, &length), code_point);
        cr_assert_eq(length, written);
        if (written > 1)
            cr_assert_eq(utf8_decode(slice_of(bytes, written - 1), 0, &length), UTF8_INVALID);
    }
}

Test(utf8, finds_the_valid_prefix)
{
    cr_assert_eq(utf8_valid_prefix(SLICE_LITERAL("abc")), 3);
    cr_assert_eq(utf8_valid_prefix(SLICE_LITERAL("ab\xC3")), 2);
    cr_assert_eq(utf8_valid_prefix(SLICE_LITERAL("\xC1\x81")), 0); /* overlong */
    cr_assert_eq(utf8_valid_prefix(SLICE_LITERAL("")), 0);
}
