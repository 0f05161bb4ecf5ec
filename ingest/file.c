/* SPDX-License-Identifier: Apache-2.0 */
/* File: see file.h.
 *
 * Folders change while they are read: a file may be gone, may grow, may be a pipe that somebody
 * left there. So a file is opened without blocking, judged by its open descriptor and read to its
 * end under the caller's bound, never by the size that a listing promised. */
#include "ingest/file.h"

#include "proto/array.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Reading --- */

static int read_to_end(struct slice *out, int fd, size_t size_expected, size_t bytes_max)
{
    size_t capacity = size_expected + 1; /* one more than expected shows whether the file grew */
    uint8_t *buffer = malloc(capacity + 1);
    size_t len = 0;
    for (;;) {
        if (buffer == NULL)
            return STATUS_NO_MEMORY;
        ssize_t got = read(fd, buffer + len, capacity - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || len + (size_t)got > bytes_max) {
            free(buffer);
            return got < 0 ? STATUS_IO : STATUS_LIMIT;
        }
        if (got == 0)
            break;
        len += (size_t)got;
        if (len < capacity)
            continue;
        capacity *= 2;
        uint8_t *grown = realloc(buffer, capacity + 1);
        if (grown == NULL)
            free(buffer);
        buffer = grown;
    }
    buffer[len] = '\0';
    *out = slice_of(buffer, len);
    return 0;
}

static int read_regular(struct slice *out, int fd, size_t bytes_max)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return STATUS_IO;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return STATUS_IO;
    }
    if ((uintmax_t)st.st_size > bytes_max)
        return STATUS_LIMIT;
    return read_to_end(out, fd, (size_t)st.st_size, bytes_max);
}

int file_read(struct slice *out, const char *path, size_t bytes_max)
{
    assert(out != NULL && path != NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return STATUS_IO;
    int result = read_regular(out, fd, bytes_max);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

/* --- Listing --- */

static bool ends_in_one_of(const char *name, const char *const endings[])
{
    for (size_t i = 0; endings[i] != NULL; i++)
        if (slice_ends_with(slice_text(name), slice_text(endings[i])))
            return true;
    return false;
}

static int append(struct file_list *list, const char *path)
{
    if (list->count == FILE_LIST_MAX)
        return STATUS_LIMIT;
    TRY(array_room(&list->paths, &list->capacity, list->count, sizeof *list->paths));
    char *copy = strdup(path);
    if (copy == NULL)
        return STATUS_NO_MEMORY;
    list->paths[list->count++] = copy;
    return 0;
}

static int remember_unreadable(struct file_list *list, const char *path, int error)
{
    if (list->unreadable == NULL)
        list->unreadable = strdup(path);
    errno = error;
    return STATUS_IO;
}

static bool is_wanted(const FTSENT *entry, const char *const endings[])
{
    struct stat st;
    if (entry->fts_level == 0) /* named by the user: whatever its ending */
        return entry->fts_info == FTS_F;
    if (entry->fts_name[0] == '.' || !ends_in_one_of(entry->fts_name, endings))
        return false;
    if (entry->fts_info == FTS_F)
        return true;
    if (entry->fts_info == FTS_SLNONE) /* reading it will fail, and so report it */
        return true;
    return entry->fts_info == FTS_SL && (stat(entry->fts_path, &st) != 0 || S_ISREG(st.st_mode));
}

/* One entry of the walk. STATUS_IO does not end it: what can be read is still wanted. */
static int visit(struct file_list *list, FTS *walk, FTSENT *entry, const char *const endings[])
{
    switch (entry->fts_info) {
    case FTS_D:
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            (void)fts_set(walk, entry, FTS_SKIP);
        return 0;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return remember_unreadable(list, entry->fts_path, entry->fts_errno);
    case FTS_SLNONE:
        if (entry->fts_level == 0)
            return remember_unreadable(list, entry->fts_path, ENOENT);
        break;
    case FTS_DEFAULT:
        if (entry->fts_level == 0)
            return remember_unreadable(list, entry->fts_path, EINVAL);
        break;
    default:
        break;
    }
    return is_wanted(entry, endings) ? append(list, entry->fts_path) : 0;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk_tree(struct file_list *list, char *root, const char *const endings[])
{
    char *const roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    if (walk == NULL)
        return errno == ENOMEM ? STATUS_NO_MEMORY : remember_unreadable(list, root, errno);
    int result = 0;
    int error = 0;
    for (FTSENT *entry; (entry = fts_read(walk)) != NULL;) {
        int visited = visit(list, walk, entry, endings);
        if (visited == 0)
            continue;
        result = visited;
        error = errno;
        if (visited != STATUS_IO)
            break;
    }
    fts_close(walk);
    errno = error;
    return result;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int file_list_add(struct file_list *list, const char *path, const char *const endings[])
{
    assert(list != NULL && path != NULL && endings != NULL);
    size_t count_before = list->count;
    char *root = strdup(path);
    if (root == NULL)
        return STATUS_NO_MEMORY;
    for (size_t len = strlen(root); len > 1 && root[len - 1] == '/'; len--)
        root[len - 1] = '\0';
    int result = walk_tree(list, root, endings);
    int error = errno;
    free(root);
    if (list->count > count_before)
        qsort(list->paths + count_before, list->count - count_before, sizeof *list->paths,
              compare_paths);
    errno = error;
    return result;
}

void file_list_deinit(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    free(list->unreadable);
    *list = (struct file_list){0};
}
