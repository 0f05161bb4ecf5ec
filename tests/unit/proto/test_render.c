/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/render.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"
#include "proto/scan.h"
#include "views.h"

#include <criterion/criterion.h>

enum {
    TEXT_NUMBERS = YAGURA__V1__SOURCE_FORM__SOURCE_FORM_NUMBERS_AS_TEXT,
    UPPER = YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_UPPER,
    BARE = YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_BARE,
};

static const uint8_t guid[16] = {0xfe, 0x86, 0xbe, 0x69, 0xfc, 0x03, 0x64, 0xb5,
                                 0x7b, 0,    0,    0,    0,    0,    0x10, 0};

/* Renders one number; an empty slice with data NULL if there is no rendering. */
static struct slice number_text(uint64_t number, enum rendering rendering)
{
    static uint8_t buffer[RENDER_BYTES_MAX];
    struct arena *arena = views_arena();
    struct view *view = views_message(arena, &yagura__v1__process_info__descriptor);
    struct value value;
    views_set(view, CELL_ProcessInfo_logon_id)->u64 = number;
    bool rendered =
        render_value(&value, view, CELL_ProcessInfo_logon_id, rendering, TEXT_NUMBERS, buffer);
    arena_free(arena);
    return rendered ? value.text : (struct slice){NULL, 0};
}

static struct slice bytes_text(const void *bytes, size_t len, enum rendering rendering,
                               uint32_t forms)
{
    static uint8_t buffer[RENDER_BYTES_MAX];
    struct arena *arena = views_arena();
    struct view *view = views_message(arena, &yagura__v1__process_info__descriptor);
    struct value value;
    views_set(view, CELL_ProcessInfo_guid)->bytes = slice_of(bytes, len);
    bool rendered = render_value(&value, view, CELL_ProcessInfo_guid, rendering, forms, buffer);
    arena_free(arena);
    return rendered ? value.text : (struct slice){NULL, 0};
}

Test(render, writes_numbers_in_the_form_of_their_field)
{
    static const struct {
        uint64_t number;
        enum rendering rendering;
        const char *text;
    } rows[] = {
        {0, RENDER_NUMBER, "0"},
        {4460, RENDER_NUMBER, "4460"},
        {UINT64_MAX, RENDER_NUMBER, "18446744073709551615"},
        {0, RENDER_HEX, "0x0"},
        {0x3e7, RENDER_HEX, "0x3e7"},
        {0x10, RENDER_HEX, "0x10"},
        {UINT64_MAX, RENDER_HEX, "0xffffffffffffffff"},
        {0xc000006d, RENDER_HEX32, "0xc000006d"},
        {0, RENDER_HEX32, "0x00000000"},
        {0x16EF7BA0000, RENDER_HEX64, "0x0000016EF7BA0000"},
        {1, RENDER_DWORD, "DWORD (0x00000001)"},
        {UINT32_MAX, RENDER_DWORD, "DWORD (0xffffffff)"},
        {UINT64_C(1) << 32, RENDER_QWORD, "QWORD (0x00000001-0x00000000)"},
        {1936, RENDER_ELEVATION, "%%1936"},
        {6, RENDER_PROTOCOL, "tcp"},
        {17, RENDER_PROTOCOL, "udp"},
        {0, RENDER_BOOLEAN, "false"},
        {1, RENDER_BOOLEAN, "true"},
        {4, RENDER_INTEGRITY, "High"},
        {4, RENDER_LABEL, "S-1-16-12288"},
        {3, RENDER_SIGNATURE_STATUS, "Unavailable"},
        {1, RENDER_REGISTRY_ACTION, "SetValue"},
        {0, RENDER_PIPE_ACTION, "CreatePipe"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice text = number_text(rows[i].number, rows[i].rendering);
        cr_expect(slice_equal(text, slice_text(rows[i].text)), "row %zu: %.*s", i,
                  SLICE_PRINTF(text));
    }
}

Test(render, leaves_out_numbers_that_have_no_word)
{
    static const struct {
        uint64_t number;
        enum rendering rendering;
    } rows[] = {{2, RENDER_BOOLEAN},          {0, RENDER_PROTOCOL},
                {18, RENDER_PROTOCOL},        {0, RENDER_INTEGRITY},
                {99, RENDER_INTEGRITY},       {6, RENDER_LABEL},
                {6, RENDER_SIGNATURE_STATUS}, {UINT64_MAX, RENDER_REGISTRY_ACTION}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_null(number_text(rows[i].number, rows[i].rendering).data, "row %zu", i);
}

Test(render, keeps_numbers_numbers_unless_the_source_writes_text)
{
    struct arena *arena = views_arena();
    struct view *view = views_message(arena, &yagura__v1__process_info__descriptor);
    struct value value;
    uint8_t buffer[RENDER_BYTES_MAX];
    views_set(view, CELL_ProcessInfo_logon_id)->u64 = 7;
    cr_assert(render_value(&value, view, CELL_ProcessInfo_logon_id, RENDER_NUMBER, 0, buffer));
    cr_expect_eq(value.type, VALUE_INTEGER);
    cr_expect_eq(value.integer, 7);
    cr_assert(render_value(&value, view, CELL_ProcessInfo_logon_id, RENDER_INTEGER, TEXT_NUMBERS,
                           buffer));
    cr_expect_eq(value.type, VALUE_INTEGER);
    views_set(view, CELL_ProcessInfo_logon_id)->u64 = UINT64_C(1) << 63;
    cr_expect_not(render_value(&value, view, CELL_ProcessInfo_logon_id, RENDER_NUMBER, 0, buffer));
    arena_free(arena);
}

Test(render, writes_guids_in_the_forms_of_their_source)
{
    static const struct {
        uint32_t forms;
        enum rendering rendering;
        const char *text;
    } rows[] = {
        {0, RENDER_GUID, "{fe86be69-fc03-64b5-7b00-000000001000}"},
        {UPPER, RENDER_GUID, "{FE86BE69-FC03-64B5-7B00-000000001000}"},
        {BARE, RENDER_GUID, "fe86be69-fc03-64b5-7b00-000000001000"},
        {UPPER | BARE, RENDER_GUID, "FE86BE69-FC03-64B5-7B00-000000001000"},
        {UPPER, RENDER_GUID_BARE, "fe86be69-fc03-64b5-7b00-000000001000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice text = bytes_text(guid, sizeof guid, rows[i].rendering, rows[i].forms);
        cr_expect(slice_equal(text, slice_text(rows[i].text)), "row %zu: %.*s", i,
                  SLICE_PRINTF(text));
    }
    cr_expect_null(bytes_text(guid, 15, RENDER_GUID, 0).data);
    cr_expect_null(bytes_text(guid, 0, RENDER_GUID, 0).data);
}

Test(render, writes_addresses_as_sysmon_does)
{
    static const uint8_t v4[] = {192, 0, 2, 255};
    static const uint8_t v6[] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0xab, 0xcd, 0, 4};
    struct slice text = bytes_text(v4, sizeof v4, RENDER_IP, 0);
    cr_expect(slice_equal(text, SLICE_LITERAL("192.0.2.255")));
    text = bytes_text(v6, sizeof v6, RENDER_IP, 0);
    cr_expect(slice_equal(text, SLICE_LITERAL("fe80:0:0:0:1:2:abcd:4")));
    cr_expect_null(bytes_text(v6, 5, RENDER_IP, 0).data);
    cr_expect_null(bytes_text(v6, 0, RENDER_IP, 0).data);
}

Test(render, writes_times_to_the_millisecond_or_as_exactly_as_they_are)
{
    static const struct {
        uint64_t nanos;
        enum rendering rendering;
        const char *text;
    } rows[] = {
        {0, RENDER_TIME, "1970-01-01 00:00:00.000"},
        {UINT64_C(1764229210132999999), RENDER_TIME, "2025-11-27 07:40:10.132"},
        {UINT64_C(951782400000000000), RENDER_TIME, "2000-02-29 00:00:00.000"},
        {UINT64_C(4107542399999000000), RENDER_TIME, "2100-02-28 23:59:59.999"},
        {UINT64_MAX, RENDER_TIME, "2554-07-21 23:34:33.709"},
        {UINT64_C(1764229210165000000), RENDER_TIME_ISO, "2025-11-27T07:40:10.165Z"},
        {UINT64_C(1764229210165324000), RENDER_TIME_ISO, "2025-11-27T07:40:10.165324Z"},
        {UINT64_C(1764229210165324001), RENDER_TIME_ISO, "2025-11-27T07:40:10.165324001Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice text = number_text(rows[i].nanos, rows[i].rendering);
        cr_expect(slice_equal(text, slice_text(rows[i].text)), "row %zu: %.*s", i,
                  SLICE_PRINTF(text));
    }
}

Test(render, writes_digests_in_sysmons_order_and_skips_broken_ones)
{
    struct arena *arena = views_arena();
    struct view *file = views_message(arena, &yagura__v1__file_facts__descriptor);
    struct value value;
    uint8_t buffer[RENDER_BYTES_MAX];
    cr_expect_not(render_value(&value, file, CELL_FileFacts_sha1, RENDER_HASHES, 0, buffer));
    views_set(file, CELL_FileFacts_sha256)->bytes = slice_of(guid, 16); /* half a digest */
    cr_expect_not(render_value(&value, file, CELL_FileFacts_sha1, RENDER_HASHES, 0, buffer));
    views_set(file, CELL_FileFacts_imphash)->bytes = slice_of(guid, 16);
    views_set(file, CELL_FileFacts_md5)->bytes = slice_of(guid, 16);
    cr_assert(render_value(&value, file, CELL_FileFacts_sha1, RENDER_HASHES, 0, buffer));
    cr_expect(slice_equal(value.text, SLICE_LITERAL("MD5=FE86BE69FC0364B57B00000000001000,"
                                                    "IMPHASH=FE86BE69FC0364B57B00000000001000")));
    arena_free(arena);
}

Test(render, fits_its_longest_text)
{
    static const uint8_t zeros[32];
    struct arena *arena = views_arena();
    struct view *file = views_message(arena, &yagura__v1__file_facts__descriptor);
    struct value value;
    uint8_t buffer[RENDER_BYTES_MAX];
    views_set(file, CELL_FileFacts_sha1)->bytes = slice_of(zeros, 20);
    views_set(file, CELL_FileFacts_md5)->bytes = slice_of(zeros, 16);
    views_set(file, CELL_FileFacts_sha256)->bytes = slice_of(zeros, 32);
    views_set(file, CELL_FileFacts_imphash)->bytes = slice_of(zeros, 16);
    cr_assert(render_value(&value, file, CELL_FileFacts_sha1, RENDER_HASHES, 0, buffer));
    cr_expect_eq(value.text.len, 195);
    arena_free(arena);
}

/* --- The other way --- */

Test(scan, reads_back_what_was_rendered)
{
    static const struct {
        enum rendering rendering;
        const char *text;
    } rows[] = {
        {RENDER_NUMBER, "4460"},
        {RENDER_HEX, "0x3e7"},
        {RENDER_HEX64, "0x0000016EF7BA0000"},
        {RENDER_QWORD, "QWORD (0x00000001-0x00000000)"},
        {RENDER_TIME, "2025-11-27 07:40:10.132"},
        {RENDER_TIME, "2000-02-29 23:59:59.999"},
        {RENDER_TIME_ISO, "2025-11-27T07:40:10.165324Z"},
        {RENDER_ELEVATION, "%%1938"},
        {RENDER_INTEGRITY, "AppContainer"},
        {RENDER_LABEL, "S-1-16-8448"},
        {RENDER_BOOLEAN, "true"},
    };
    struct arena *arena = views_arena();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct view *view = views_message(arena, &yagura__v1__process_info__descriptor);
        struct value value = value_of_text(slice_text(rows[i].text));
        cr_assert(scan_value(view, CELL_ProcessInfo_logon_id, rows[i].rendering, &value, arena),
                  "row %zu", i);
        struct slice text =
            number_text(view->cells[CELL_ProcessInfo_logon_id].u64, rows[i].rendering);
        cr_expect(slice_equal(text, value.text), "row %zu: %.*s", i, SLICE_PRINTF(text));
    }
    arena_free(arena);
}

Test(scan, refuses_what_is_none_of_its_form)
{
    static const struct {
        enum rendering rendering;
        const char *text;
    } rows[] = {
        {RENDER_NUMBER, ""},
        {RENDER_NUMBER, "-1"},
        {RENDER_NUMBER, "12 "},
        {RENDER_NUMBER, "18446744073709551616"},
        {RENDER_INTEGER, "12"},
        {RENDER_HEX, "3e7"},
        {RENDER_HEX, "0x"},
        {RENDER_HEX, "0xg"},
        {RENDER_HEX, "0x10000000000000000"},
        {RENDER_DWORD, "DWORD (0x00000001"},
        {RENDER_QWORD, "QWORD (0x00000001-0x0000000)"},
        {RENDER_QWORD, "QWORD (0x00000001-0x00000000) "},
        {RENDER_GUID, "{fe86be69-fc03-64b5-7b00-000000001000"},
        {RENDER_GUID, "fe86be69-fc03-64b5-7b00-00000000100"},
        {RENDER_GUID, "fe86be69fc0364b57b00000000001000"},
        {RENDER_GUID, "fe86be69-fc03-64b5-7b00-00000000100z"},
        {RENDER_IP, ""},
        {RENDER_IP, "1.2.3"},
        {RENDER_IP, "1.2.3.256"},
        {RENDER_IP, "1.2.3.4.5"},
        {RENDER_IP, "fe80::1"},
        {RENDER_IP, "1:2:3:4:5:6:7:10000"},
        {RENDER_TIME, "2025-13-27 07:40:10.132"},
        {RENDER_TIME, "2025-11-00 07:40:10.132"},
        {RENDER_TIME, "2025-11-27 24:00:00.000"},
        {RENDER_TIME, "1969-12-31 23:59:59.999"},
        {RENDER_TIME, "2554-01-01 00:00:00.000"},
        {RENDER_TIME, "2025-11-27 07:40:10.132Z"},
        {RENDER_TIME_ISO, "2025-11-27T07:40:10.132"},
        {RENDER_TIME_ISO, "2025-11-27T07:40:10.Z"},
        {RENDER_HASHES, ""},
        {RENDER_HASHES, "MD5="},
        {RENDER_HASHES, "MD5=FE86BE69FC0364B57B00000000001000,"},
        {RENDER_HASHES, ",MD5=FE86BE69FC0364B57B00000000001000"},
        {RENDER_HASHES, "Unknown"},
        {RENDER_INTEGRITY, "high"},
        {RENDER_BOOLEAN, "True"},
        {RENDER_ELEVATION, "1936"},
    };
    struct arena *arena = views_arena();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct view *view = views_message(arena, &yagura__v1__file_facts__descriptor);
        struct value value = value_of_text(slice_text(rows[i].text));
        cr_expect_not(scan_value(view, CELL_FileFacts_sha1, rows[i].rendering, &value, arena),
                      "row %zu: %s", i, rows[i].text);
        cr_expect_eq(view->present, 0, "row %zu", i);
    }
    arena_free(arena);
}

Test(scan, refuses_numbers_beyond_their_fields_width)
{
    struct arena *arena = views_arena();
    struct view *view = views_message(arena, &yagura__v1__process_info__descriptor);
    struct value edge = value_of_integer(UINT32_MAX);
    struct value beyond = value_of_integer((int64_t)UINT32_MAX + 1);
    struct value negative = value_of_integer(-1);
    cr_expect(scan_value(view, CELL_ProcessInfo_pid, RENDER_NUMBER, &edge, arena));
    cr_expect_not(scan_value(view, CELL_ProcessInfo_pid, RENDER_NUMBER, &beyond, arena));
    cr_expect_not(scan_value(view, CELL_ProcessInfo_pid, RENDER_NUMBER, &negative, arena));
    cr_expect_not(scan_value(view, CELL_ProcessInfo_image, RENDER_TEXT, &edge, arena));
    cr_expect_not(scan_value(view, CELL_ProcessInfo_logon_id, RENDER_HEX, &edge, arena));
    arena_free(arena);
}
