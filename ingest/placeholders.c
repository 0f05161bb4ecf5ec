/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/placeholders.h"

#include "ingest/file.h"
#include "proto/digest.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct placeholders {
    char *path;
    struct list_set *lists;
    struct diag_list *findings;   /* about the folder and its files, of the last load */
    uint8_t digest[SHA256_BYTES]; /* of all names and texts that `lists` was made from */
    bool changed;
};

/* A list file as it was read. */
struct list_text {
    const char *path;
    struct slice name;
    struct slice text;
    bool is_readable;
};

static const char *const list_file_endings[] = {".txt", NULL};

int placeholders_new(struct placeholders **out, const char *path)
{
    assert(out != NULL);
    AUTO(placeholders_free) struct placeholders *p = calloc(1, sizeof *p);
    if (p == NULL)
        return STATUS_NO_MEMORY;
    TRY(list_set_new(&p->lists));
    TRY(diag_list_new(&p->findings));
    p->path = path == NULL ? NULL : strdup(path);
    if (path != NULL && p->path == NULL)
        return STATUS_NO_MEMORY;
    *out = TAKE(&p);
    return 0;
}

void placeholders_free(struct placeholders *placeholders)
{
    if (placeholders == NULL)
        return;
    list_set_free(placeholders->lists);
    diag_list_free(placeholders->findings);
    free(placeholders->path);
    free(placeholders);
}

/* "lists/domain_controllers.txt" -> "domain_controllers" */
static struct slice list_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct slice name = slice_text(slash == NULL ? path : slash + 1);
    if (slice_ends_with(name, SLICE_LITERAL(".txt")))
        name.len -= strlen(".txt");
    return name;
}

static void report_unreadable(struct placeholders *p, const char *path, const char *what)
{
    diag_add(p->findings, DIAG_ERROR, (struct diag_position){.file = path}, "list-unreadable", NULL,
             "the list cannot be read: %s", what);
}

static int read_texts(struct list_text *texts, const struct file_list *files,
                      struct placeholders *p)
{
    for (size_t i = 0; i < files->count; i++) {
        texts[i].path = files->paths[i];
        texts[i].name = list_name(files->paths[i]);
        int result = file_read(&texts[i].text, files->paths[i], LIST_BYTES_MAX);
        if (result == STATUS_NO_MEMORY)
            return result;
        texts[i].is_readable = result == 0;
        if (result < 0)
            report_unreadable(p, files->paths[i],
                              result == STATUS_LIMIT ? "larger than 16 MiB" : strerror(errno));
    }
    return 0;
}

static void free_texts(struct list_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)texts[i].text.data);
    free(texts);
}

static int digest_texts(uint8_t out[SHA256_BYTES], const struct list_text *texts, size_t count)
{
    uint8_t running[SHA256_BYTES] = {0};
    for (size_t i = 0; i < count; i++) {
        const struct slice pieces[] = {slice_of(running, sizeof running), texts[i].name,
                                       SLICE_LITERAL("\0"), texts[i].text};
        TRY(digest_sha256(running, pieces, sizeof pieces / sizeof pieces[0]));
    }
    memcpy(out, running, sizeof running);
    return 0;
}

/* A new set from the texts; lists that are wrong are left out and reported. */
static int take_texts(struct placeholders *p, const struct list_text *texts, size_t count)
{
    uint8_t digest[SHA256_BYTES];
    TRY(digest_texts(digest, texts, count));
    AUTO(list_set_free) struct list_set *lists = NULL;
    TRY(list_set_new(&lists));
    for (size_t i = 0; i < count; i++)
        if (texts[i].is_readable)
            TRY(list_set_add(lists, texts[i].name, texts[i].text, texts[i].path, p->findings));
    p->changed = memcmp(digest, p->digest, sizeof digest) != 0;
    memcpy(p->digest, digest, sizeof digest);
    list_set_free(p->lists);
    p->lists = TAKE(&lists);
    return 0;
}

static int load_files(struct placeholders *p, const struct file_list *files)
{
    struct list_text *texts = calloc(files->count + 1, sizeof *texts);
    if (texts == NULL)
        return STATUS_NO_MEMORY;
    int result = read_texts(texts, files, p);
    if (result == 0)
        result = take_texts(p, texts, files->count);
    free_texts(texts, files->count);
    return result;
}

int placeholders_load(struct placeholders *p)
{
    p->changed = false;
    diag_clear(p->findings);
    if (p->path == NULL)
        return 0;
    struct file_list files = {0};
    int result = file_list_add(&files, p->path, list_file_endings);
    if (result == STATUS_IO) {
        report_unreadable(p, files.unreadable == NULL ? p->path : files.unreadable,
                          strerror(errno));
        result = 0;
    } else if (result == 0) {
        result = load_files(p, &files);
    }
    file_list_deinit(&files);
    return result;
}

bool placeholders_changed(const struct placeholders *placeholders)
{
    return placeholders->changed;
}

const struct list_set *placeholders_lists(const struct placeholders *placeholders)
{
    return placeholders->lists;
}

const struct diag_list *placeholders_findings(const struct placeholders *placeholders)
{
    return placeholders->findings;
}
