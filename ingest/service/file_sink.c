/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts come when the data was handed to the kernel: poll and flush write out what is buffered
 * and then acknowledge everything sent before. */
#include "ingest/service/file_sink.h"

#include "ingest/stream.h"
#include "proto/json.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PATH_BYTES_MAX = 4096, WAITING_MAX = 4096 };

struct waiting {
    uint64_t ticket;
    enum output output;
};

struct file_sink {
    struct sink sink;
    FILE *files[OUTPUT_COUNT];
    struct waiting waiting[WAITING_MAX];
    size_t waiting_count;
};

static struct file_sink *sink_of(struct sink *sink)
{
    return (struct file_sink *)sink;
}

static bool is_dead_letter_header(struct slice name)
{
    return slice_starts_with(name, SLICE_LITERAL("x-dlq-")) ||
           slice_equal(name, SLICE_LITERAL("x-tenant-id"));
}

static void letter_write(struct json *json, const struct message *message)
{
    json_object(json, NULL);
    for (size_t i = 0; i < message->header_count; i++) {
        if (!is_dead_letter_header(message->headers[i].name))
            continue;
        json_name(json, message->headers[i].name);
        json_text(json, NULL, message->headers[i].value);
    }
    if (message->has_key)
        json_base64(json, "key", message->key);
    if (message->has_value)
        json_base64(json, "value", message->value);
    json_end(json);
}

static int write_line(FILE *file, struct slice line)
{
    bool good = fwrite(line.data, 1, line.len, file) == line.len && fputc('\n', file) != EOF;
    return good ? 0 : STATUS_IO;
}

static int write_letter(FILE *file, const struct message *message)
{
    struct json json;
    json_start(&json, NULL, 0);
    letter_write(&json, message);
    size_t len = json.len;
    uint8_t *line = malloc(len);
    if (line == NULL)
        return STATUS_NO_MEMORY;
    json_start(&json, line, len);
    letter_write(&json, message);
    int result = write_line(file, slice_of(line, len));
    free(line);
    return result;
}

static int file_send(struct sink *sink, const struct message *message)
{
    struct file_sink *own = sink_of(sink);
    FILE *file = own->files[message->output];
    assert(file != NULL);
    if (own->waiting_count == WAITING_MAX)
        return SINK_FULL;
    if (message->output == OUTPUT_DEAD_LETTERS)
        TRY(write_letter(file, message));
    else if (message->output == OUTPUT_ALERTS_OCSF)
        TRY(write_line(file, message->value));
    else
        TRY(stream_write(file, message->value));
    own->waiting[own->waiting_count++] = (struct waiting){message->ticket, message->output};
    return 0;
}

static int file_poll(struct sink *sink, int timeout_ms)
{
    (void)timeout_ms;
    struct file_sink *own = sink_of(sink);
    if (own->waiting_count == 0)
        return 0;
    for (size_t i = 0; i < OUTPUT_COUNT; i++) {
        if (own->files[i] != NULL && fflush(own->files[i]) != 0)
            return STATUS_IO;
    }
    for (size_t i = 0; i < own->waiting_count; i++) {
        const struct receipt receipt = {.kind = RECEIPT_DELIVERED,
                                        .output = own->waiting[i].output,
                                        .ticket = own->waiting[i].ticket};
        sink->listener_fn(sink->listener, &receipt);
    }
    own->waiting_count = 0;
    return 0;
}

static void file_sink_free(struct sink *sink)
{
    struct file_sink *own = sink_of(sink);
    for (size_t i = 0; i < OUTPUT_COUNT; i++) {
        if (own->files[i] != NULL)
            fclose(own->files[i]);
    }
    free(own);
}

static int open_output(struct file_sink *own, enum output output,
                       const struct file_sink_options *options)
{
    char path[PATH_BYTES_MAX];
    if (*options->names[output] == '\0')
        return 0;
    int len = options->worker == 0
                  ? snprintf(path, sizeof path, "%s/%s", options->folder, options->names[output])
                  : snprintf(path, sizeof path, "%s/%s.%u", options->folder, options->names[output],
                             options->worker);
    if (len < 0 || (size_t)len >= sizeof path)
        return STATUS_LIMIT;
    own->files[output] = fopen(path, "wbe");
    return own->files[output] == NULL ? STATUS_IO : 0;
}

int file_sink_new(struct sink **out, const struct file_sink_options *options)
{
    static const struct sink_ops ops = {file_send, file_poll, file_poll, file_sink_free};
    assert(out != NULL);
    if (mkdir(options->folder, 0750) != 0 && errno != EEXIST)
        return STATUS_IO;
    struct file_sink *own = calloc(1, sizeof *own);
    if (own == NULL)
        return STATUS_NO_MEMORY;
    own->sink.ops = &ops;
    AUTO(sink_free) struct sink *owner = &own->sink;
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        TRY(open_output(own, (enum output)i, options));
    *out = TAKE(&owner);
    return 0;
}
