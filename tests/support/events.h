/* SPDX-License-Identifier: Apache-2.0 */
/* Events: the corpus's flat events, one JSON object a line. */
#pragma once

#include "proto/flat.h"

#include <stdio.h>

/* The events of a corpus file, unpacked if its name ends in .xz; NULL (and a line on standard
 * error) where the corpus is absent. Closed with events_close. */
FILE *events_open(const char *name);
/* A file inside the archive of rules, the same way. */
FILE *events_open_member(const char *member);
void events_close(FILE *stream);

struct events_line {
    char *line; /* of getline */
    size_t size;
    struct arena *arena; /* reset by every read; the caller's */
    struct flat_field *fields;
    size_t count;
};
/* The next line's fields, in the arena. False at the end; a malformed line aborts the test. */
bool events_next(struct events_line *out, FILE *stream);
/* The fields of one JSON object. */
void events_parse(struct events_line *out, const char *json, size_t len);
