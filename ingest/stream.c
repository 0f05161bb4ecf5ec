/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/stream.h"

#include <assert.h>
#include <stdlib.h>

struct stream_reader {
    FILE *file;
    uint8_t *buffer;
    size_t capacity;
    uint64_t record_count;
    uint64_t record_position;
    uint64_t position; /* behind everything that was read */
};

int stream_reader_new(struct stream_reader **out, FILE *file)
{
    assert(out != NULL && file != NULL);
    struct stream_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return STATUS_NO_MEMORY;
    reader->file = file;
    *out = reader;
    return 0;
}

void stream_reader_free(struct stream_reader *reader)
{
    if (reader == NULL)
        return;
    free(reader->buffer);
    free(reader);
}

static int status_of_end(const struct stream_reader *reader)
{
    return ferror(reader->file) ? STATUS_IO : STATUS_BAD_INPUT;
}

/* STREAM_END only where no byte of a length was there. */
static int read_length(struct stream_reader *reader, size_t *length)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < STREAM_LENGTH_BYTES_MAX; i++) {
        int byte = getc(reader->file);
        if (byte == EOF)
            return i == 0 && !ferror(reader->file) ? STREAM_END : status_of_end(reader);
        reader->position++;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) != 0)
            continue;
        *length = (size_t)value;
        return value > STREAM_RECORD_BYTES_MAX ? STATUS_LIMIT : 0;
    }
    return STATUS_BAD_INPUT;
}

static int reserve(struct stream_reader *reader, size_t bytes)
{
    if (bytes <= reader->capacity)
        return 0;
    uint8_t *grown = realloc(reader->buffer, bytes);
    if (grown == NULL)
        return STATUS_NO_MEMORY;
    reader->buffer = grown;
    reader->capacity = bytes;
    return 0;
}

/* In pieces, so that a forged length makes us take no more memory than there are bytes. */
static int read_body(struct stream_reader *reader, size_t length)
{
    enum { PIECE_BYTES = 1024 * 1024 };
    for (size_t done = 0; done < length;) {
        size_t piece = length - done < PIECE_BYTES ? length - done : PIECE_BYTES;
        TRY(reserve(reader, done + piece));
        if (fread(reader->buffer + done, 1, piece, reader->file) != piece)
            return status_of_end(reader);
        done += piece;
    }
    reader->position += length;
    return 0;
}

int stream_next(struct stream_reader *reader, struct slice *record)
{
    assert(reader != NULL && record != NULL);
    reader->record_position = reader->position;
    size_t length = 0;
    int result = read_length(reader, &length);
    if (result != 0)
        return result;
    TRY(read_body(reader, length));
    reader->record_count++;
    *record = slice_of(reader->buffer, length);
    return 0;
}

uint64_t stream_record_index(const struct stream_reader *reader)
{
    assert(reader->record_count > 0);
    return reader->record_count - 1;
}

uint64_t stream_record_position(const struct stream_reader *reader)
{
    return reader->record_position;
}

int stream_write(FILE *file, struct slice record)
{
    if (record.len > STREAM_RECORD_BYTES_MAX)
        return STATUS_LIMIT;
    uint8_t length[STREAM_LENGTH_BYTES_MAX];
    size_t count = 0;
    for (size_t rest = record.len; count == 0 || rest > 0; rest >>= 7)
        length[count++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (fwrite(length, 1, count, file) != count ||
        fwrite(record.data, 1, record.len, file) != record.len)
        return STATUS_IO;
    return 0;
}
