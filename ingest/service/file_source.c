/* SPDX-License-Identifier: Apache-2.0 */
/* A batch is one record: the reader lends a record's bytes only until it reads the next, and to
 * copy them would buy nothing. */
#include "ingest/service/file_source.h"

#include "ingest/stream.h"

#include <assert.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

struct file_source {
    struct source source;
    FILE *file;
    struct stream_reader *reader;
    char *topic;
    struct partition partition;
    bool assigned;
    struct log *log;
    uint64_t record_count; /* read so far */
};

static struct file_source *source_of(struct source *source)
{
    return (struct file_source *)source;
}

static int file_poll(struct source *source, struct record *records, size_t max, size_t *count,
                     int timeout_ms)
{
    (void)timeout_ms;
    assert(max >= 1);
    struct file_source *file = source_of(source);
    *count = 0;
    if (!file->assigned)
        return SOURCE_CHANGE;
    struct slice value;
    int result = stream_next(file->reader, &value);
    if (result == STREAM_END)
        return SOURCE_END;
    if (result < 0) {
        LOG(file->log, LOG_ERROR, "the input file can't be read on",
            log_slice("file", file->partition.topic), log_text("status", status_text(result)),
            log_number("record", (int64_t)file->record_count),
            log_number("position", (int64_t)stream_record_position(file->reader)));
        return result;
    }
    file->record_count++;
    records[0] = (struct record){.topic = file->partition.topic,
                                 .offset = (int64_t)stream_record_index(file->reader),
                                 .value = value,
                                 .has_value = true};
    *count = 1;
    return 0;
}

static int file_headers(struct source *source, const struct record *record, struct arena *arena,
                        const struct record_header **out, size_t *count)
{
    (void)source;
    (void)record;
    (void)arena;
    *out = NULL;
    *count = 0;
    return 0;
}

static void file_release(struct source *source)
{
    (void)source;
}

static void file_change(struct source *source, struct source_change *out)
{
    *out = (struct source_change){.partitions = &source_of(source)->partition, .count = 1};
}

static int file_accept(struct source *source)
{
    source_of(source)->assigned = true;
    return 0;
}

static int file_store(struct source *source, const struct position *positions, size_t count)
{
    (void)source;
    (void)positions;
    (void)count;
    return 0; /* a file is read from its beginning each time */
}

static uint64_t file_lag(struct source *source)
{
    (void)source;
    return 0;
}

static bool file_reachable(struct source *source)
{
    (void)source;
    return true;
}

static void file_source_free(struct source *source)
{
    struct file_source *file = source_of(source);
    stream_reader_free(file->reader);
    if (file->file != NULL)
        fclose(file->file);
    free(file->topic);
    free(file);
}

static int topic_make(char **out, const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL)
        return STATUS_NO_MEMORY;
    int made = asprintf(out, "file:%s", basename(copy));
    free(copy);
    return made < 0 ? STATUS_NO_MEMORY : 0;
}

int file_source_new(struct source **out, const char *path, struct log *log)
{
    static const struct source_ops ops = {file_poll,   file_headers,   file_release,
                                          file_change, file_accept,    file_store,
                                          file_lag,    file_reachable, file_source_free};
    assert(out != NULL && path != NULL);
    struct file_source *file = calloc(1, sizeof *file);
    if (file == NULL)
        return STATUS_NO_MEMORY;
    file->source.ops = &ops;
    file->log = log;
    AUTO(source_free) struct source *owner = &file->source;
    TRY(topic_make(&file->topic, path));
    file->partition.topic = slice_text(file->topic);
    file->file = fopen(path, "rbe");
    if (file->file == NULL)
        return STATUS_IO;
    TRY(stream_reader_new(&file->reader, file->file));
    *out = TAKE(&owner);
    return 0;
}
