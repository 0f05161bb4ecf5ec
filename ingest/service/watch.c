/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/watch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENT_BYTES_MAX = 16 * 1024 };

/* IN_ATTRIB: a file that becomes readable. */
static const uint32_t watched_events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                       IN_CREATE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                       IN_ONLYDIR;

struct watch {
    int fd;
    char **paths;
    size_t count;
};

int watch_new(struct watch **out, const char *const paths[], size_t count)
{
    assert(out != NULL);
    AUTO(watch_free) struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return STATUS_NO_MEMORY;
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd < 0)
        return STATUS_IO;
    watch->paths = calloc(count + 1, sizeof *watch->paths);
    if (watch->paths == NULL)
        return STATUS_NO_MEMORY;
    for (; watch->count < count; watch->count++) {
        watch->paths[watch->count] = strdup(paths[watch->count]);
        if (watch->paths[watch->count] == NULL)
            return STATUS_NO_MEMORY;
    }
    *out = TAKE(&watch);
    return 0;
}

void watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->fd >= 0)
        close(watch->fd);
    for (size_t i = 0; i < watch->count; i++)
        free(watch->paths[i]);
    free(watch->paths);
    free(watch);
}

int watch_fd(const struct watch *watch)
{
    return watch->fd;
}

bool watch_take(struct watch *watch)
{
    char events[EVENT_BYTES_MAX];
    bool any = false;
    while (read(watch->fd, events, sizeof events) > 0)
        any = true;
    return any;
}

static int add_folder(struct watch *watch, const char *path)
{
    return inotify_add_watch(watch->fd, path, watched_events) < 0 ? STATUS_IO : 0;
}

/* The path's own folder: a file may be replaced, a folder made anew, a link to one led elsewhere.
 */
static int add_parent(struct watch *watch, const char *path)
{
    char copy[PATH_MAX];
    if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
        return STATUS_LIMIT;
    return add_folder(watch, dirname(copy));
}

static int add_tree(struct watch *watch, char *path, size_t *folders)
{
    char *const roots[] = {path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        return STATUS_IO;
    int result = 0;
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info != FTS_D)
            continue;
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            fts_set(tree, entry, FTS_SKIP);
        else if (++*folders > WATCH_FOLDERS_MAX)
            result = STATUS_LIMIT;
        else if (add_folder(watch, entry->fts_accpath) < 0)
            result = STATUS_IO;
    }
    fts_close(tree);
    return result;
}

/* Adding a folder that is watched already changes nothing, so everything is added each time. */
int watch_refresh(struct watch *watch)
{
    int result = 0;
    size_t folders = 0;
    for (size_t i = 0; i < watch->count; i++) {
        struct stat info, link;
        bool folder = stat(watch->paths[i], &info) == 0 && S_ISDIR(info.st_mode);
        bool linked = lstat(watch->paths[i], &link) == 0 && S_ISLNK(link.st_mode);
        int tree = folder ? add_tree(watch, watch->paths[i], &folders) : 0;
        int parent = folder && !linked ? 0 : add_parent(watch, watch->paths[i]);
        if (tree < 0 || parent < 0)
            result = tree < 0 ? tree : parent;
    }
    return result;
}
