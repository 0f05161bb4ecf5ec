/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/frame.h"

#include <criterion/criterion.h>

#define BYTES(text) slice_of(text, sizeof(text) - 1)

Test(frame, takes_a_plain_protobuf_as_it_is)
{
    struct frame frame;
    cr_assert_eq(frame_read(&frame, BYTES("\x0A\x00")), REASON_NONE);
    cr_assert_not(frame.framed);
    cr_assert_eq(frame.payload.len, 2);
    cr_assert_eq(frame_read(&frame, BYTES("")), REASON_NONE);
    cr_assert_eq(frame.payload.len, 0);
}

Test(frame, strips_confluents_header)
{
    static const struct {
        struct slice record;
        size_t payload;
    } cases[] = {
        {SLICE_INIT("\0\0\0\x01\x02\0\x0A\0"), 2},         /* first message, short form */
        {SLICE_INIT("\0\0\0\x01\x02\x02\0\x0A\0"), 2},     /* zig-zag: one index, 0 */
        {SLICE_INIT("\0\0\0\x01\x02\x01\0\x0A\0"), 2},     /* plain: one index, 0 */
        {SLICE_INIT("\0\0\0\x01\x02\x04\0\x02\x0A\0"), 2}, /* zig-zag: two indexes */
        {SLICE_INIT("\0\0\0\x01\x02\0"), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct frame frame;
        cr_assert_eq(frame_read(&frame, cases[i].record), REASON_NONE, "case %zu", i);
        cr_assert(frame.framed);
        cr_assert_eq(frame.schema_id, 0x102);
        cr_assert_eq(frame.payload.len, cases[i].payload, "case %zu", i);
    }
}

Test(frame, refuses_a_header_that_breaks_off_or_lies)
{
    static const struct slice records[] = {
        SLICE_INIT("\0"),
        SLICE_INIT("\0\0\0\0\x01"),                     /* no index list */
        SLICE_INIT("\0\0\0\0\x01\x02"),                 /* one index promised, none there */
        SLICE_INIT("\0\0\0\0\x01\x22\0\0\0\0"),         /* seventeen indexes: one past the limit */
        SLICE_INIT("\0\0\0\0\x01\xFF\xFF\xFF\xFF\x7F"), /* beyond 32 bits */
        SLICE_INIT("\0\0\0\0\x01\x80\x80\x80\x80\x80\x01"),
    };
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct frame frame;
        cr_assert_eq(frame_read(&frame, records[i]), REASON_FRAMING, "case %zu", i);
        cr_assert_not(frame.framed);
    }
}

Test(frame, takes_as_many_indexes_as_its_limit)
{
    struct frame frame;
    cr_assert_eq(frame_read(&frame, BYTES("\0\0\0\0\x01\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0A")),
                 REASON_NONE);
    cr_assert_eq(frame.payload.len, 1);
}
