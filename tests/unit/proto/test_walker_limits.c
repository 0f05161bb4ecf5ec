/* SPDX-License-Identifier: Apache-2.0 */
#include "walker_fixture.h"

Test(walker, refuses_two_messages_of_a_oneof)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 200, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    encode_bytes(e, 201, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_TWO_KINDS);
    cr_assert_null(f.view);
}

Test(walker, refuses_a_message_said_twice)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 18, SLICE_LITERAL(""));
    encode_bytes(e, 18, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_DUPLICATE_MESSAGE);
    cr_assert_str_eq(f.walker.fault->name, "empty");
    ENCODING same_kind = encoding_new();
    encode_bytes(same_kind, 201, SLICE_LITERAL(""));
    encode_bytes(same_kind, 201, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, same_kind), REASON_DUPLICATE_MESSAGE);
}

Test(walker, refuses_a_packed_list_that_ends_within_an_element)
{
    FIXTURE;
    static const struct {
        uint32_t field;
        struct slice bytes;
    } cases[] = {{23, SLICE_INIT("\1\0\0")},
                 {32, SLICE_INIT("\1\0\0\0\0\0\0\0\1")},
                 {31, SLICE_INIT("\1\x80")}};
    for (size_t i = 0; i < 3; i++) {
        ENCODING e = encoding_new();
        encode_bytes(e, cases[i].field, cases[i].bytes);
        cr_assert_eq(walk(&f, e), REASON_TRUNCATED, "case %zu", i);
    }
}

Test(walker, reads_as_deep_as_allowed_and_not_one_deeper)
{
    FIXTURE;
    struct encoding *nested = encoding_new();
    for (unsigned depth = 1; depth <= DEPTH_MAX + 1; depth++) {
        cr_assert_eq(walk(&f, nested), depth <= DEPTH_MAX ? REASON_NONE : REASON_DEPTH, "depth %u",
                     depth);
        struct encoding *outer = encoding_new();
        encode_message(outer, 17, nested);
        encoding_free(nested);
        nested = outer;
    }
    encoding_free(nested);
}

Test(walker, takes_as_many_elements_as_allowed_and_not_one_more)
{
    FIXTURE;
    ENCODING e = encoding_new();
    for (unsigned i = 0; i < ELEMENTS_MAX; i++)
        encode_bytes(e, 28, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "children")->list.count, ELEMENTS_MAX);
    encode_bytes(e, 28, SLICE_LITERAL(""));
    cr_assert_eq(walk(&f, e), REASON_TOO_MANY_FIELDS);
    cr_assert_str_eq(f.walker.fault->name, "children");
}

Test(walker, counts_packed_elements_against_the_same_limit)
{
    FIXTURE;
    static const uint8_t ones[ELEMENTS_MAX + 1] = {0};
    ENCODING e = encoding_new();
    encode_bytes(e, 31, slice_of(ones, ELEMENTS_MAX));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    ENCODING more = encoding_new();
    encode_bytes(more, 31, slice_of(ones, ELEMENTS_MAX + 1));
    cr_assert_eq(walk(&f, more), REASON_TOO_MANY_FIELDS);
}

Test(walker, flags_a_text_longer_than_the_limit_and_keeps_it)
{
    FIXTURE;
    static const uint8_t text[TEXT_BYTES_MAX + 1];
    static const uint32_t fields[] = {16, 27, 101}; /* singular, repeated, in a oneof */
    for (size_t i = 0; i < 3; i++) {
        ENCODING e = encoding_new();
        encode_bytes(e, fields[i], slice_of(text, TEXT_BYTES_MAX));
        f.walker.long_text = false;
        cr_assert_eq(walk(&f, e), REASON_NONE);
        cr_assert_not(f.walker.long_text, "field %u", fields[i]);
        encode_bytes(e, fields[i], slice_of(text, TEXT_BYTES_MAX + 1));
        cr_assert_eq(walk(&f, e), REASON_NONE);
        cr_assert(f.walker.long_text, "field %u", fields[i]);
    }
}

Test(walker, does_not_take_a_long_message_for_a_long_text)
{
    FIXTURE;
    static const uint8_t text[TEXT_BYTES_MAX];
    ENCODING child = encoding_new();
    encode_bytes(child, 16, slice_of(text, TEXT_BYTES_MAX));
    ENCODING e = encoding_new();
    encode_message(e, 17, child);
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_not(f.walker.long_text);
    cr_assert_eq(walk_shallow(&f, e), REASON_NONE);
    cr_assert_not(f.walker.long_text);
}

Test(walker, skips_a_million_unknown_fields)
{
    FIXTURE;
    ENCODING e = encoding_new();
    for (unsigned i = 0; i < 1000000; i++)
        encode_varint(e, 20, 1);
    encode_varint(e, 7, 5);
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(f.walker.unknown_field_count, 1000000);
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 5);
}

Test(walker, refuses_a_known_field_of_another_wire_type)
{
    FIXTURE;
    static const struct {
        uint32_t field;
        unsigned wire_type;
    } cases[] = {{7, 2}, {7, 5}, {8, 0}, {10, 5}, {16, 0}, {17, 0}, {27, 0}, {21, 5}, {101, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ENCODING e = encoding_new();
        encode_tag(e, cases[i].field, cases[i].wire_type);
        encode_raw(e, SLICE_LITERAL("\0\0\0\0\0\0\0\0"));
        cr_assert_eq(walk(&f, e), REASON_WIRE_TYPE, "case %zu", i);
    }
}

/* Bytes that are wrong in themselves, whatever the schema. */
static const struct {
    const char *what;
    struct slice bytes;
    enum reason reason;
} broken[] = {
    {"field number 0", SLICE_INIT("\x00\x01"), REASON_TAG},
    {"wire type 6", SLICE_INIT("\x0e"), REASON_TAG},
    {"wire type 7", SLICE_INIT("\x0f"), REASON_TAG},
    {"field number beyond 2^29", SLICE_INIT("\xf8\xff\xff\xff\x1f\x01"), REASON_TAG},
    {"start of a group", SLICE_INIT("\x0b\x0c"), REASON_GROUP},
    {"end of a group", SLICE_INIT("\x0c"), REASON_GROUP},
    {"start of an unknown group", SLICE_INIT("\xa3\x01"), REASON_GROUP},
    {"tag cut off", SLICE_INIT("\x80"), REASON_TRUNCATED},
    {"varint cut off", SLICE_INIT("\x38\x80\x80"), REASON_TRUNCATED},
    {"no varint", SLICE_INIT("\x38"), REASON_TRUNCATED},
    {"varint of eleven bytes", SLICE_INIT("\x38\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
     REASON_VARINT},
    {"tag of eleven bytes", SLICE_INIT("\xb8\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x01"),
     REASON_VARINT},
    {"fixed32 cut off", SLICE_INIT("\x45\x01\x02\x03"), REASON_TRUNCATED},
    {"fixed64 cut off", SLICE_INIT("\x51\x01\x02\x03\x04\x05\x06\x07"), REASON_TRUNCATED},
    {"length beyond the end", SLICE_INIT("\x82\x01\x02\x41"), REASON_TRUNCATED},
    {"no length", SLICE_INIT("\x82\x01"), REASON_TRUNCATED},
    {"length of 2 GiB", SLICE_INIT("\x82\x01\xff\xff\xff\xff\x07\x41"), REASON_TRUNCATED},
    {"length of 2^64 - 1", SLICE_INIT("\x82\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x41"),
     REASON_TRUNCATED},
    {"unknown length of 2 GiB", SLICE_INIT("\xa2\x01\xff\xff\xff\xff\x07\x41"), REASON_TRUNCATED},
};

enum { BROKEN_COUNT = sizeof(broken) / sizeof(broken[0]) };

Test(walker, gives_each_broken_encoding_its_reason)
{
    FIXTURE;
    for (size_t i = 0; i < BROKEN_COUNT; i++) {
        ENCODING e = encoding_new();
        encode_raw(e, broken[i].bytes);
        cr_assert_eq(walk(&f, e), broken[i].reason, "%s: %s", broken[i].what,
                     reason_label(walk(&f, e)));
        cr_assert_null(f.view);
    }
}

Test(walker, gives_the_same_reason_however_deep_it_is_broken)
{
    FIXTURE;
    for (size_t i = 0; i < BROKEN_COUNT; i++) {
        ENCODING e = encoding_new();
        encode_varint(e, 7, 1);
        encode_bytes(e, 28, broken[i].bytes);
        cr_assert_eq(walk(&f, e), broken[i].reason, "%s", broken[i].what);
    }
}

Test(walker, accepts_a_varint_of_ten_bytes)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_raw(e, SLICE_LITERAL("\x38\x81\x80\x80\x80\x80\x80\x80\x80\x80\x01"));
    cr_assert_eq(walk(&f, e), REASON_NONE);
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 1);
}

Test(walker, says_when_the_arena_is_full)
{
    FIXTURE;
    AUTO(arena_free) struct arena *small = NULL;
    cr_assert_eq(arena_new_fixed(&small, 512), 0);
    f.walker.arena = small;
    ENCODING e = encoding_new();
    encode_varint(e, 7, 1);
    cr_assert_eq(walk(&f, e), REASON_MEMORY);
    cr_assert_eq(walk_shallow(&f, e), REASON_MEMORY);
    cr_assert(arena_overflowed(small));
}

Test(walker, does_not_ask_for_required_fields)
{
    FIXTURE;
    cr_assert_eq(walker_read(&f.view, &f.walker, &layout_Strict, (struct slice){NULL, 0}),
                 REASON_NONE);
}

Test(walker_shallow, leaves_sub_messages_as_bytes)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 17, SLICE_LITERAL("\xff not a message"));
    encode_bytes(e, 28, SLICE_LITERAL("nor this"));
    encode_varint(e, 7, 1);
    cr_assert_eq(walk_shallow(&f, e), REASON_NONE);
    assert_text(cell(f.view, "child"), "\xff not a message");
    assert_text(&cell(f.view, "children")->list.items[0], "nor this");
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 1);
}

Test(walker_shallow, keeps_what_stands_before_a_broken_encoding)
{
    FIXTURE;
    for (size_t i = 0; i < BROKEN_COUNT; i++) {
        ENCODING e = encoding_new();
        encode_bytes(e, 28, SLICE_LITERAL("one"));
        encode_bytes(e, 28, SLICE_LITERAL("two"));
        encode_raw(e, broken[i].bytes);
        cr_assert_eq(walk_shallow(&f, e), broken[i].reason, "%s", broken[i].what);
        cr_assert_eq(cell(f.view, "children")->list.count, 2, "%s", broken[i].what);
    }
}

Test(walker_shallow, goes_on_behind_a_field_it_cannot_use)
{
    FIXTURE;
    ENCODING e = encoding_new();
    encode_bytes(e, 17, SLICE_LITERAL("first"));
    encode_bytes(e, 17, SLICE_LITERAL("second"));
    encode_varint(e, 16, 1);
    encode_varint(e, 7, 9);
    cr_assert_eq(walk_shallow(&f, e), REASON_DUPLICATE_MESSAGE);
    cr_assert_str_eq(f.walker.fault->name, "child");
    assert_text(cell(f.view, "child"), "first");
    cr_assert_null(cell(f.view, "a_bytes"));
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 9);
}

Test(walker_shallow, keeps_the_first_elements_of_too_many)
{
    FIXTURE;
    ENCODING e = encoding_new();
    for (unsigned i = 0; i <= ELEMENTS_MAX; i++)
        encode_varint(e, 21, i);
    encode_varint(e, 7, 9);
    cr_assert_eq(walk_shallow(&f, e), REASON_TOO_MANY_FIELDS);
    struct view_list list = cell(f.view, "r_int32")->list;
    cr_assert_eq(list.count, ELEMENTS_MAX);
    cr_assert_eq(list.items[ELEMENTS_MAX - 1].i64, ELEMENTS_MAX - 1);
    cr_assert_eq(cell(f.view, "a_uint32")->u64, 9);
}
