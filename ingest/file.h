/* SPDX-License-Identifier: Apache-2.0 */
/* File: reading whole files with a bound, and finding files in folders. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

/* Reads a regular file of at most bytes_max bytes; *out->data is malloc'ed, freed by the caller
 * with free(). STATUS_IO (errno set), STATUS_LIMIT (larger than bytes_max). */
MUST_USE int file_read(struct slice *out, const char *path, size_t bytes_max);

struct file_list {
    char **paths; /* in order of name */
    size_t count;
    size_t capacity;
};
void file_list_deinit(struct file_list *list);
/* Adds path itself if it is a file, else every regular file below it whose name ends in one of the
 * NULL-terminated endings; hidden files and folders (leading dot) are passed over; symbolic links
 * to files are followed, to folders not. STATUS_IO: path does not exist or cannot be read (errno).
 */
MUST_USE int file_list_add(struct file_list *list, const char *path, const char *const endings[]);
