/* SPDX-License-Identifier: Apache-2.0 */
/* Lines: a file line by line, in bounded memory, whatever bytes it holds; from a pipe each line as
 * soon as it is there. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

#include <stdio.h>

struct lines;

/* Reads from file's descriptor, so what is in the file's own buffer is not seen; the file stays the
 * caller's. */
MUST_USE int lines_new(struct lines **out, FILE *file, size_t line_bytes_max);
void lines_free(struct lines *lines);
DEFINE_AUTO(struct lines, lines_free)

enum { LINES_END = 1, LINES_TOO_LONG = 2 };
/* The next line without its line feed, valid until the next call; what stands behind the last line
 * feed is a line too, if it is not empty. LINES_TOO_LONG: the line was skipped. STATUS_IO (errno).
 */
MUST_USE int lines_next(struct lines *lines, struct slice *line);
