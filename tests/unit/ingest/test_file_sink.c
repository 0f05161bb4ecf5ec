/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/file_sink.h"
#include "ingest/service/file_source.h"

#include "folder.h"
#include "ingest/stream.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static struct folder folder;
static struct log *log_;
static struct sink *sink;
static size_t receipts;
static uint64_t last_ticket;

static void open_folder(void)
{
    const struct log_options options = {.fd = -1, .level = LOG_ERROR, .lines_per_minute = 10};
    folder_make(&folder);
    cr_assert_eq(log_new(&log_, &options), 0);
}

static void close_folder(void)
{
    sink_free(sink);
    log_free(log_);
    folder_remove(&folder);
}

TestSuite(file_sink, .init = open_folder, .fini = close_folder);
TestSuite(file_source, .init = open_folder, .fini = close_folder);

static void on_receipt(void *listener, const struct receipt *receipt)
{
    (void)listener;
    cr_expect_eq(receipt->kind, RECEIPT_DELIVERED);
    receipts++;
    last_ticket = receipt->ticket;
}

static void open_sink(unsigned worker)
{
    const struct file_sink_options options = {.folder = folder_path(&folder, "out"),
                                              .names = {"alerts", "", "info", "dead"},
                                              .worker = worker};
    cr_assert_eq(file_sink_new(&sink, &options), 0);
    sink_listen(sink, on_receipt, NULL);
}

static char *content(const char *name)
{
    static char text[64 * 1024];
    FILE *file = fopen(folder_path(&folder, name), "rb");
    cr_assert_neq(file, NULL, "%s", name);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

Test(file_sink, acknowledges_what_it_has_handed_to_the_kernel)
{
    open_sink(0);
    const struct message message = {
        .output = OUTPUT_ALERTS, .value = SLICE_INIT("abc"), .has_value = true, .ticket = 7};
    cr_assert_eq(sink->ops->send(sink, &message), 0);
    cr_assert_eq(receipts, 0);
    cr_assert_eq(sink->ops->poll(sink, 0), 0);
    cr_assert_eq(receipts, 1);
    cr_assert_eq(last_ticket, 7);
    cr_assert_str_eq(content("out/alerts"), "\x03"
                                            "abc");
    cr_assert_eq(sink->ops->flush(sink, 0), 0);
    cr_assert_eq(receipts, 1, "once");
}

Test(file_sink, is_full_before_it_forgets_a_ticket)
{
    size_t sent = 0;
    open_sink(0);
    const struct message message = {
        .output = OUTPUT_INFORMATIONAL, .value = SLICE_INIT("x"), .has_value = true};
    int result = 0;
    while ((result = sink->ops->send(sink, &message)) == 0)
        sent++;
    cr_assert_eq(result, SINK_FULL);
    cr_assert_eq(sink->ops->poll(sink, 0), 0);
    cr_assert_eq(receipts, sent);
    cr_assert_eq(sink->ops->send(sink, &message), 0);
}

Test(file_sink, writes_dead_letters_whole_as_json)
{
    static const struct record_header headers[] = {
        {SLICE_INIT("x-tenant-id"), SLICE_INIT("\xff\n\""), false},
        {SLICE_INIT("secret"), SLICE_INIT("kept out"), false},
        {SLICE_INIT("x-dlq-reason"), SLICE_INIT("framing"), false}};
    open_sink(0);
    const struct message message = {.output = OUTPUT_DEAD_LETTERS,
                                    .key = SLICE_INIT("\0k"),
                                    .value = SLICE_INIT("\0\1\2"),
                                    .has_key = true,
                                    .has_value = true,
                                    .headers = headers,
                                    .header_count = 3};
    cr_assert_eq(sink->ops->send(sink, &message), 0);
    cr_assert_eq(sink->ops->flush(sink, 0), 0);
    json_t *letter = json_loads(content("out/dead"), 0, NULL);
    cr_assert_neq(letter, NULL, "%s", content("out/dead"));
    cr_assert_str_eq(json_string_value(json_object_get(letter, "x-dlq-reason")), "framing");
    cr_assert_str_eq(json_string_value(json_object_get(letter, "key")), "AGs=");
    cr_assert_str_eq(json_string_value(json_object_get(letter, "value")), "AAEC");
    json_decref(letter);
}

Test(file_sink, keeps_null_and_empty_apart_in_dead_letters)
{
    open_sink(0);
    const struct message message = {.output = OUTPUT_DEAD_LETTERS, .has_key = true};
    cr_assert_eq(sink->ops->send(sink, &message), 0);
    cr_assert_eq(sink->ops->flush(sink, 0), 0);
    cr_assert_str_eq(content("out/dead"), "{\"key\":\"\"}\n");
}

Test(file_sink, gives_each_worker_files_of_its_own)
{
    open_sink(3);
    content("out/alerts.3");
    cr_assert_eq(access(folder_path(&folder, "out/alerts"), F_OK), -1);
}

Test(file_sink, says_when_its_folder_cannot_be_used)
{
    struct sink *other = NULL;
    folder_write(&folder, "file", "x");
    const struct file_sink_options in_a_file = {.folder = folder_path(&folder, "file"),
                                                .names = {"a", "b", "c", "d"}};
    cr_assert_eq(file_sink_new(&other, &in_a_file), STATUS_IO);
    const struct file_sink_options nowhere = {.folder = folder_path(&folder, "no/such"),
                                              .names = {"a", "b", "c", "d"}};
    cr_assert_eq(file_sink_new(&other, &nowhere), STATUS_IO);
    cr_assert_eq(errno, ENOENT);
}

Test(file_sink, reports_a_full_disk_and_acknowledges_nothing)
{
    static char large[1 << 20];
    if (access("/dev/full", W_OK) != 0)
        cr_skip("there is no /dev/full");
    const struct file_sink_options options = {.folder = "/dev", .names = {"full", "", "", ""}};
    cr_assert_eq(file_sink_new(&sink, &options), 0);
    sink_listen(sink, on_receipt, NULL);
    const struct message message = {
        .output = OUTPUT_ALERTS, .value = slice_of(large, 10), .has_value = true};
    cr_assert_eq(sink->ops->send(sink, &message), 0, "it is only buffered");
    cr_assert_eq(sink->ops->poll(sink, 0), STATUS_IO);
    cr_assert_eq(receipts, 0);
}

/* --- Source --- */

static struct source *source_of(const char *bytes, size_t len)
{
    struct source *source = NULL;
    folder_write_bytes(&folder, "in.bin", bytes, len);
    cr_assert_eq(file_source_new(&source, folder_path(&folder, "in.bin"), log_), 0);
    return source;
}

static int poll_once(struct source *source, struct record *record)
{
    size_t count = 0;
    int result = source->ops->poll(source, record, 1, &count, 0);
    cr_assert_eq(count, result == 0 ? 1 : 0);
    return result;
}

Test(file_source, is_one_partition_named_after_the_file_whose_offsets_count_records)
{
    struct record record;
    struct source_change change;
    struct source *source = source_of("\x01"
                                      "a"
                                      "\x00"
                                      "\x02"
                                      "bc",
                                      6);
    cr_assert_eq(poll_once(source, &record), SOURCE_CHANGE);
    source->ops->change(source, &change);
    cr_assert_eq(change.count, 1);
    cr_assert_not(change.revoked);
    cr_assert_eq(source->ops->accept(source), 0);
    const char *const values[] = {"a", "", "bc"};
    for (int64_t i = 0; i < 3; i++) {
        cr_assert_eq(poll_once(source, &record), 0);
        cr_assert_eq(record.offset, i);
        cr_assert(slice_equal(record.topic, slice_text("file:in.bin")));
        cr_assert(slice_equal(record.value, slice_text(values[i])));
        cr_assert(record.has_value && !record.has_key);
    }
    cr_assert_eq(poll_once(source, &record), SOURCE_END);
    cr_assert_eq(poll_once(source, &record), SOURCE_END);
    source_free(source);
}

Test(file_source, fails_where_a_file_breaks_off)
{
    struct record record;
    struct source *source = source_of("\x01"
                                      "a"
                                      "\x05"
                                      "b",
                                      4);
    cr_assert_eq(source->ops->accept(source), 0);
    cr_assert_eq(poll_once(source, &record), 0);
    cr_assert_eq(poll_once(source, &record), STATUS_BAD_INPUT);
    source_free(source);
}

Test(file_source, says_when_there_is_no_file)
{
    struct source *source = NULL;
    cr_assert_eq(file_source_new(&source, folder_path(&folder, "nothing"), log_), STATUS_IO);
    cr_assert_eq(errno, ENOENT);
    cr_assert_eq(source, NULL);
}
