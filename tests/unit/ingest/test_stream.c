/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/stream.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static FILE *file_of(struct slice bytes)
{
    FILE *file = tmpfile();
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    rewind(file);
    return file;
}

/* What the first read of these bytes says. */
static int first_result(struct slice bytes)
{
    FILE *file = file_of(bytes);
    AUTO(stream_reader_free) struct stream_reader *reader = NULL;
    cr_assert_eq(stream_reader_new(&reader, file), 0);
    struct slice record;
    int result = stream_next(reader, &record);
    fclose(file);
    return result;
}

static uint8_t *filled(size_t len, uint8_t seed)
{
    uint8_t *bytes = malloc(len + 1);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 31 + seed);
    return bytes;
}

Test(stream, gives_back_what_was_written_at_every_edge_of_a_length)
{
    static const size_t lengths[] = {0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 3000000};
    enum { COUNT = sizeof lengths / sizeof lengths[0] };
    FILE *file = tmpfile();
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t *bytes = filled(lengths[i], (uint8_t)i);
        cr_assert_eq(stream_write(file, slice_of(bytes, lengths[i])), 0);
        free(bytes);
    }
    rewind(file);
    AUTO(stream_reader_free) struct stream_reader *reader = NULL;
    cr_assert_eq(stream_reader_new(&reader, file), 0);
    struct slice record;
    for (size_t i = 0; i < COUNT; i++) {
        cr_assert_eq(stream_next(reader, &record), 0, "record %zu", i);
        uint8_t *bytes = filled(lengths[i], (uint8_t)i);
        cr_assert(slice_equal(record, slice_of(bytes, lengths[i])), "record %zu", i);
        cr_assert_eq(stream_record_index(reader), i);
        free(bytes);
    }
    cr_assert_eq(stream_next(reader, &record), STREAM_END);
    cr_assert_eq(stream_next(reader, &record), STREAM_END);
    fclose(file);
}

Test(stream, tells_where_a_record_began)
{
    FILE *file = file_of(SLICE_LITERAL("\003abc\002de"));
    AUTO(stream_reader_free) struct stream_reader *reader = NULL;
    cr_assert_eq(stream_reader_new(&reader, file), 0);
    struct slice record;
    cr_assert_eq(stream_next(reader, &record), 0);
    cr_assert_eq(stream_record_position(reader), 0);
    cr_assert_eq(stream_next(reader, &record), 0);
    cr_assert_eq(stream_record_position(reader), 4);
    fclose(file);
}

Test(stream, ends_at_once_in_an_empty_file)
{
    cr_assert_eq(first_result(SLICE_LITERAL("")), STREAM_END);
}

Test(stream, refuses_a_file_that_ends_inside_a_record)
{
    cr_assert_eq(first_result(SLICE_LITERAL("\003ab")), STATUS_BAD_INPUT);
}

Test(stream, refuses_a_file_that_ends_inside_a_length)
{
    cr_assert_eq(first_result(SLICE_LITERAL("\x83")), STATUS_BAD_INPUT);
}

Test(stream, refuses_a_length_that_never_ends)
{
    cr_assert_eq(first_result(SLICE_LITERAL("\x80\x80\x80\x80\x80\x01")), STATUS_BAD_INPUT);
}

Test(stream, takes_the_longest_record_and_refuses_one_byte_more)
{
    /* 64 MiB exactly is read (and its bytes are missing); one more is refused by its length. */
    cr_assert_eq(first_result(SLICE_LITERAL("\x80\x80\x80\x20")), STATUS_BAD_INPUT);
    cr_assert_eq(first_result(SLICE_LITERAL("\x81\x80\x80\x20")), STATUS_LIMIT);
}

Test(stream, refuses_to_write_what_could_not_be_read_again)
{
    FILE *file = tmpfile();
    struct slice record = slice_of("", (size_t)STREAM_RECORD_BYTES_MAX + 1);
    cr_assert_eq(stream_write(file, record), STATUS_LIMIT);
    cr_assert_eq(ftell(file), 0);
    fclose(file);
}

Test(stream, says_when_writing_fails)
{
    FILE *file = fopen("/dev/full", "wb");
    cr_assert_not_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    cr_assert_eq(stream_write(file, SLICE_LITERAL("x")), STATUS_IO);
    fclose(file);
}
