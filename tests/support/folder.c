/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A test whose files cannot be made has nothing to say. */
static void require(int is_true, const char *what)
{
    if (is_true)
        return;
    perror(what);
    abort();
}

void folder_make(struct folder *folder)
{
    const char *tmp = getenv("TMPDIR");
    memset(folder, 0, sizeof *folder);
    snprintf(folder->path, sizeof folder->path, "%s/yagura-test-XXXXXX",
             tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);
    require(mkdtemp(folder->path) != NULL, folder->path);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void folder_remove(struct folder *folder)
{
    (void)nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *folder_path(struct folder *folder, const char *name)
{
    char joined[sizeof folder->joined[0]];
    snprintf(joined, sizeof joined, "%s%s%s", folder->path, *name == '\0' ? "" : "/", name);
    return memcpy(folder->joined[folder->next++ % 4], joined, sizeof joined);
}

void folder_write_bytes(struct folder *folder, const char *name, const void *bytes, size_t count)
{
    const char *path = folder_path(folder, name);
    const char *draft = folder_path(folder, ".draft");
    FILE *file = fopen(draft, "wb");
    require(file != NULL, draft);
    require(fwrite(bytes, 1, count, file) == count, draft);
    require(fclose(file) == 0, draft);
    require(rename(draft, path) == 0, path);
}

void folder_write(struct folder *folder, const char *name, const char *text)
{
    folder_write_bytes(folder, name, text, strlen(text));
}

void folder_delete(struct folder *folder, const char *name)
{
    const char *path = folder_path(folder, name);
    require(remove(path) == 0, path);
}

void folder_make_folder(struct folder *folder, const char *name)
{
    const char *path = folder_path(folder, name);
    require(mkdir(path, 0700) == 0, path);
}
