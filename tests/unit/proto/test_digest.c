/* SPDX-License-Identifier: Apache-2.0 */
/* Expected values: FIPS 180-4's examples for "abc" and the empty message. */
#include "proto/digest.h"

#include <criterion/criterion.h>

static const uint8_t abc_sha256[SHA256_BYTES] = {
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
static const uint8_t abc_sha1[SHA1_BYTES] = {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81,
                                             0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
                                             0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d};
static const uint8_t empty_sha256[4] = {0xe3, 0xb0, 0xc4, 0x42};

Test(digest, of_known_text_is_the_published_one)
{
    const struct slice abc = SLICE_LITERAL("abc");
    uint8_t out[SHA256_BYTES];
    cr_assert_eq(digest_sha256(out, &abc, 1), 0);
    cr_expect_arr_eq(out, abc_sha256, SHA256_BYTES);
    cr_assert_eq(digest_sha1(out, &abc, 1), 0);
    cr_expect_arr_eq(out, abc_sha1, SHA1_BYTES);
}

Test(digest, does_not_depend_on_where_pieces_are_cut)
{
    const struct slice pieces[] = {SLICE_LITERAL("a"), {NULL, 0}, SLICE_LITERAL("bc")};
    uint8_t out[SHA256_BYTES];
    cr_assert_eq(digest_sha256(out, pieces, 3), 0);
    cr_expect_arr_eq(out, abc_sha256, SHA256_BYTES);
}

Test(digest, of_no_pieces_is_that_of_the_empty_message)
{
    uint8_t out[SHA256_BYTES];
    cr_assert_eq(digest_sha256(out, NULL, 0), 0);
    cr_expect_arr_eq(out, empty_sha256, sizeof empty_sha256);
}

Test(digest, of_different_text_differs)
{
    const struct slice text = SLICE_LITERAL("abd");
    uint8_t out[SHA256_BYTES];
    cr_assert_eq(digest_sha256(out, &text, 1), 0);
    cr_expect_arr_neq(out, abc_sha256, SHA256_BYTES);
}
