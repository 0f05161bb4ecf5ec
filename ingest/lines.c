/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/lines.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 };

struct lines {
    FILE *file;
    size_t line_bytes_max;
    char *buffer; /* [start, end) is read and not yet taken */
    size_t start, end, capacity;
    bool at_end;
};

int lines_new(struct lines **out, FILE *file, size_t line_bytes_max)
{
    assert(out != NULL && file != NULL);
    AUTO(lines_free) struct lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL)
        return STATUS_NO_MEMORY;
    lines->file = file;
    lines->line_bytes_max = line_bytes_max;
    lines->capacity = 2 * READ_BYTES;
    lines->buffer = malloc(lines->capacity);
    if (lines->buffer == NULL)
        return STATUS_NO_MEMORY;
    *out = TAKE(&lines);
    return 0;
}

void lines_free(struct lines *lines)
{
    if (lines == NULL)
        return;
    free(lines->buffer);
    free(lines);
}

/* Makes room for READ_BYTES behind what is there. */
static int make_room(struct lines *lines)
{
    memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    if (lines->capacity - lines->end >= READ_BYTES)
        return 0;
    char *grown = realloc(lines->buffer, 2 * lines->capacity);
    if (grown == NULL)
        return STATUS_NO_MEMORY;
    lines->buffer = grown;
    lines->capacity *= 2;
    return 0;
}

/* read(), since fread() waits until it has all it was asked for: a line that came through a pipe
 * would be answered a quarter of a megabyte later. */
static int read_more(struct lines *lines)
{
    TRY(make_room(lines));
    ssize_t got = 0;
    do
        got = read(fileno(lines->file), lines->buffer + lines->end, READ_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return STATUS_IO;
    lines->end += (size_t)got;
    lines->at_end = got == 0;
    return 0;
}

/* The line feed that ends the line at start, or NULL at the end of the file. What was searched is
 * not searched again. A line over the bound is thrown away as it comes, and *length still grows. */
static int find_end(struct lines *lines, char **feed, size_t *length)
{
    *length = 0;
    for (size_t searched = 0;;) {
        char *begin = lines->buffer + lines->start;
        size_t len = lines->end - lines->start;
        *feed = memchr(begin + searched, '\n', len - searched);
        if (*feed != NULL) {
            *length += (size_t)(*feed - begin) - searched;
            return 0;
        }
        *length += len - searched;
        searched = len;
        if (*length > lines->line_bytes_max) {
            lines->start = lines->end;
            searched = 0;
        }
        TRY(read_more(lines));
        if (lines->at_end)
            return 0;
    }
}

int lines_next(struct lines *lines, struct slice *line)
{
    assert(lines != NULL && line != NULL);
    char *feed = NULL;
    size_t length = 0;
    TRY(find_end(lines, &feed, &length));
    if (feed == NULL && length == 0)
        return LINES_END;
    char *end = feed == NULL ? lines->buffer + lines->end : feed;
    *line = slice_of(lines->buffer + lines->start, (size_t)(end - lines->buffer) - lines->start);
    lines->start = feed == NULL ? lines->end : (size_t)(feed - lines->buffer) + 1;
    return length > lines->line_bytes_max ? LINES_TOO_LONG : 0;
}
