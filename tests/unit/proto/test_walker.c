/* SPDX-License-Identifier: Apache-2.0 */
/* What the walker reads; what it refuses is in test_walker_limits.c. */
#include "walker_fixture.h"

#include <math.h>

Test(walker, reads_an_empty_message_as_nothing_present)
{
    FIXTURE;
    ENCODING e = encoding_new();
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(f.view->present, 0);
    cr_assert_eq(f.view->bytes.len, 0);
    cr_assert_eq(walker_read(&f.view, &f.walker, &layout_Empty, encoded(e)), REASON_NONE);
}

Test(walker, reads_each_kind_of_varint)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_varint(e, 1, (uint64_t)-5); /* int32, ten bytes */
    encode_varint(e, 2, 9);            /* sint32 -5 */
    encode_varint(e, 4, (uint64_t)INT64_MIN);
    encode_varint(e, 5, UINT64_MAX); /* sint64 minimum */
    encode_varint(e, 7, UINT32_MAX);
    encode_varint(e, 9, UINT64_MAX);
    encode_varint(e, 13, 300); /* bool */
    encode_varint(e, 14, (uint64_t)-7);
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "a_int32")->i64, -5);
    cr_assert_eq(cell(f.view, "a_sint32")->i64, -5);
    cr_assert_eq(cell(f.view, "a_int64")->i64, INT64_MIN);
    cr_assert_eq(cell(f.view, "a_sint64")->i64, INT64_MIN);
    cr_assert_eq(cell(f.view, "a_uint32")->u64, UINT32_MAX);
    cr_assert_eq(cell(f.view, "a_uint64")->u64, UINT64_MAX);
    cr_assert_eq(cell(f.view, "a_bool")->u64, 1);
    cr_assert_eq(cell(f.view, "a_enum")->i64, SAMPLE__COLOUR__BLUE);
}

Test(walker, reads_each_kind_of_fixed_number)
{
    FIXTURE;
    ENCODING e = encoding_new();
    double real = -0.1;
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    encode_fixed32(e, 3, (uint32_t)-2);
    encode_fixed64(e, 6, (uint64_t)-2);
    encode_fixed32(e, 8, UINT32_MAX);
    encode_fixed64(e, 10, UINT64_MAX);
    encode_fixed32(e, 11, 0x7f800000); /* float infinity */
    encode_fixed64(e, 12, bits);
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "a_sfixed32")->i64, -2);
    cr_assert_eq(cell(f.view, "a_sfixed64")->i64, -2);
    cr_assert_eq(cell(f.view, "a_fixed32")->u64, UINT32_MAX);
    cr_assert_eq(cell(f.view, "a_fixed64")->u64, UINT64_MAX);
    cr_assert(isinf(cell(f.view, "a_float")->real));
    cr_assert_eq(memcmp(&cell(f.view, "a_double")->real, &real, sizeof real), 0);
}

Test(walker, cuts_a_32_bit_number_to_its_width_as_protobuf_says)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_varint(e, 7, UINT64_C(0x1234567890));
    encode_varint(e, 1, UINT64_C(0x1ffffffff));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 0x34567890);
    cr_assert_eq(cell(f.view, "a_int32")->i64, -1);
}

Test(walker, points_into_the_bytes_and_keeps_nul_and_invalid_utf8)
{
    FIXTURE;
    ENCODING e = encoding_new();
    struct slice hostile = SLICE_LITERAL("a\0b\xff\xc0\x80");
    encode_bytes(e, 15, hostile);
    encode_bytes(e, 16, hostile);
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert(slice_equal(cell(f.view, "a_string")->bytes, hostile));
    cr_assert(slice_equal(cell(f.view, "a_bytes")->bytes, hostile));
    const uint8_t *data = cell(f.view, "a_bytes")->bytes.data;
    cr_assert(data >= encoded(e).data && data < encoded(e).data + encoded(e).len);
}

Test(walker, tells_empty_and_zero_from_absent)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 16, SLICE_LITERAL(""));
    encode_varint(e, 7, 0);
    encode_bytes(e, 18, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    assert_text(cell(f.view, "a_bytes"), "");
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 0);
    cr_assert_not_null(cell(f.view, "empty"));
    cr_assert_null(cell(f.view, "a_string"));
    cr_assert_null(cell(f.view, "a_uint64"));
    cr_assert_null(cell(f.view, "child"));
    cr_assert_null(cell(f.view, "with_default"), "a default is not presence");
}

Test(walker, takes_the_last_of_a_scalar_said_twice)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_varint(e, 7, 1);
    encode_bytes(e, 16, SLICE_LITERAL("first"));
    encode_varint(e, 7, 2);
    encode_bytes(e, 16, SLICE_LITERAL("last"));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 2);
    assert_text(cell(f.view, "a_bytes"), "last");
}

Test(walker, takes_the_last_member_of_a_oneof)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_varint(e, 100, 1);
    encode_bytes(e, 101, SLICE_LITERAL("text"));
    encode_varint(e, 102, 1);
    encode_bytes(e, 101, SLICE_LITERAL("again"));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    assert_text(cell(f.view, "text"), "again");
    cr_assert_null(cell(f.view, "number"));
    cr_assert_null(cell(f.view, "flag"));
}

Test(walker, keeps_two_oneofs_apart)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_varint(e, 100, 7);
    encode_bytes(e, 201, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "number")->u64, 7);
    cr_assert_not_null(cell(f.view, "right"));
}

Test(walker, gathers_repeated_fields_in_order_however_they_are_mixed)
{
    FIXTURE;
    ENCODING e = encoding_new();
    for (unsigned i = 0; i < 10; i++) {
        encode_varint(e, 21, i);
        encode_bytes(e, 27, slice_of("0123456789", i));
        encode_varint(e, 7, i);
    }
    cr_assert_eq(walk(&f, e), REASON_NONE);
    struct view_list numbers = cell(f.view, "r_int32")->list;
    struct view_list texts = cell(f.view, "r_bytes")->list;
    cr_assert_eq(numbers.count, 10);
    cr_assert_eq(texts.count, 10);
    for (unsigned i = 0; i < 10; i++) {
        cr_assert_eq(numbers.items[i].i64, i);
        cr_assert_eq(texts.items[i].bytes.len, i);
    }
}

Test(walker, takes_packed_and_unpacked_elements_of_one_field)
{
    FIXTURE;
    static const uint32_t fields[] = {21, 31}; /* not packed, packed in the schema */
    for (size_t i = 0; i < 2; i++) {
        ENCODING e = encoding_new();
        encode_varint(e, fields[i], 1);
        encode_bytes(e, fields[i], SLICE_LITERAL("\x02\xac\x02"));
        encode_bytes(e, fields[i], SLICE_LITERAL(""));
        encode_varint(e, fields[i], 4);
        cr_assert_eq(walk(&f, e), REASON_NONE);
        struct view_list list = cell(f.view, i == 0 ? "r_int32" : "p_uint64")->list;
        cr_assert_eq(list.count, 4);
        static const uint64_t expected[] = {1, 2, 300, 4};
        for (size_t k = 0; k < 4; k++)
            cr_assert_eq(list.items[k].u64, expected[k]);
    }
}

Test(walker, reads_packed_fixed_numbers)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 23, SLICE_LITERAL("\1\0\0\0\2\0\0\0"));
    encode_bytes(e, 32, SLICE_LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff"));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "r_fixed32")->list.count, 2);
    cr_assert_eq(cell(f.view, "r_fixed32")->list.items[1].u64, 2);
    cr_assert_eq(cell(f.view, "p_sfixed64")->list.items[0].i64, -1);
}

Test(walker, shows_a_list_that_came_packed_and_empty_as_empty)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 31, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "p_uint64")->list.count, 0);
}

Test(walker, decodes_sub_messages_all_the_way_down)
{
    FIXTURE;
    ENCODING leaf = encoding_new();
    encode_bytes(leaf, 16, SLICE_LITERAL("leaf"));
    ENCODING e = encoding_new();
    encode_message(e, 28, leaf);
    encode_message(e, 17, leaf);
    encode_message(e, 28, leaf);
    encode_bytes(e, 16, SLICE_LITERAL("root"));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    assert_text(cell(f.view, "a_bytes"), "root");
    assert_text(cell(cell(f.view, "child")->message, "a_bytes"), "leaf");
    cr_assert_eq(cell(f.view, "children")->list.count, 2);
    assert_text(cell(cell(f.view, "children")->list.items[1].message, "a_bytes"), "leaf");
}

Test(walker, skips_and_counts_unknown_fields)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_varint(e, 20, 1);
    encode_fixed32(e, 35, 1);
    encode_fixed64(e, 99, 1);
    encode_bytes(e, 536870910, SLICE_LITERAL("unknown"));
    encode_bytes(e, 536870911, SLICE_LITERAL("the last number"));
    encode_bytes(e, 16, SLICE_LITERAL("known"));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(f.walker.unknown_field_count, 5);
    assert_text(cell(f.view, "a_bytes"), "known");
}
