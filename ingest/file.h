/* SPDX-License-Identifier: Apache-2.0 */
/* File: reading whole files with a bound, and finding files in folders. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum { FILE_LIST_MAX = 200000 };

/* Reads a regular file of at most bytes_max bytes; out->data is malloc'ed, freed by the caller with
 * free(), and holds a NUL behind its end. STATUS_IO (errno set; EINVAL: no regular file),
 * STATUS_LIMIT (larger than bytes_max), STATUS_NO_MEMORY. */
MUST_USE int file_read(struct slice *out, const char *path, size_t bytes_max);

struct file_list {
    char **paths; /* each file_list_add's in order of name */
    size_t count;
    size_t capacity;
    char *unreadable; /* the first folder or path that could not be read, or NULL */
};
void file_list_deinit(struct file_list *list);
/* Adds path itself if it is a file, else every regular file below it whose name ends in one of the
 * NULL-terminated endings; hidden files and folders (leading dot) are passed over; symbolic links
 * to files are followed, to folders not. STATUS_IO: path does not exist or cannot be read (errno;
 * list->unreadable names it), and what could be read is in the list. STATUS_LIMIT: more than
 * FILE_LIST_MAX files. */
MUST_USE int file_list_add(struct file_list *list, const char *path, const char *const endings[]);
