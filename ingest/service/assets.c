/* SPDX-License-Identifier: Apache-2.0 */
/* A context is built from all tables at once and checks each whole, so whether a table is good is
 * known only by adding it: each is first added to a context of its own, which is thrown away. That
 * doubles the work of a reload, and keeps a bad table from taking the good ones with it. */
#include "ingest/service/assets.h"

#include "ingest/file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ASSET_BYTES_MAX = 256 * 1024 * 1024 };

struct asset_file {
    const char *path;
    struct slice text; /* the last good version; data NULL: none yet */
    int64_t as_of_unix_s;
};

struct assets {
    struct asset_file *files;
    size_t count;
    int64_t stale_after_s;
    bool loaded;
};

int assets_new(struct assets **out, const struct config_list *paths, int64_t stale_after_s)
{
    assert(out != NULL);
    AUTO(assets_free) struct assets *assets = calloc(1, sizeof *assets);
    if (assets == NULL)
        return STATUS_NO_MEMORY;
    assets->stale_after_s = stale_after_s;
    assets->files = calloc(paths->count + 1, sizeof *assets->files);
    if (assets->files == NULL)
        return STATUS_NO_MEMORY;
    for (; assets->count < paths->count; assets->count++)
        assets->files[assets->count].path = paths->items[assets->count];
    *out = TAKE(&assets);
    return 0;
}

static void text_free(struct slice text)
{
    free((void *)(uintptr_t)text.data);
}

void assets_free(struct assets *assets)
{
    if (assets == NULL)
        return;
    for (size_t i = 0; i < assets->count; i++)
        text_free(assets->files[i].text);
    free(assets->files);
    free(assets);
}

static int add(struct context *context, const struct assets *assets, const struct asset_file *file,
               struct diag_list *findings)
{
    bool csv = slice_ends_with(slice_text(file->path), SLICE_LITERAL(".csv"));
    const struct context_options options = {.as_of_unix_s = file->as_of_unix_s,
                                            .stale_after_s = assets->stale_after_s};
    return context_add_assets(context, file->text, csv ? CONTEXT_CSV : CONTEXT_YAML, file->path,
                              &options, findings);
}

/* Whether the table is good; findings tell otherwise. */
static bool is_good(const struct assets *assets, const struct asset_file *file,
                    struct diag_list *findings)
{
    AUTO(context_free) struct context *trial = NULL;
    size_t errors = diag_count_of(findings, DIAG_ERROR);
    return context_new(&trial) == 0 && add(trial, assets, file, findings) == 0 &&
           diag_count_of(findings, DIAG_ERROR) == errors;
}

static bool same(const struct asset_file *a, const struct asset_file *b)
{
    return a->text.data != NULL && a->as_of_unix_s == b->as_of_unix_s &&
           slice_equal(a->text, b->text);
}

/* Takes the file's newest version if it is good; *changed then. */
static void refresh(struct assets *assets, struct asset_file *file, struct diag_list *findings,
                    bool *changed)
{
    struct asset_file fresh = {.path = file->path};
    struct stat info;
    int result = stat(file->path, &info) != 0 ? STATUS_IO
                                              : file_read(&fresh.text, file->path, ASSET_BYTES_MAX);
    if (result < 0) {
        diag_add(findings, DIAG_ERROR, (struct diag_position){file->path, 0, 0}, "unreadable",
                 file->text.data == NULL ? "its endpoints have no context"
                                         : "its last good version stays in use",
                 "the asset table can't be read: %s",
                 result == STATUS_IO ? strerror(errno) : status_text(result));
        return;
    }
    fresh.as_of_unix_s = info.st_mtime;
    if (same(file, &fresh) || !is_good(assets, &fresh, findings)) {
        text_free(fresh.text);
        return;
    }
    text_free(file->text);
    *file = fresh;
    *changed = true;
}

int assets_load(struct context **out, struct assets *assets, struct diag_list *findings)
{
    bool changed = !assets->loaded;
    for (size_t i = 0; i < assets->count; i++)
        refresh(assets, &assets->files[i], findings, &changed);
    if (!changed)
        return ASSETS_UNCHANGED;
    AUTO(context_free) struct context *context = NULL;
    TRY(context_new(&context));
    for (size_t i = 0; i < assets->count; i++) {
        if (assets->files[i].text.data != NULL)
            TRY(add(context, assets, &assets->files[i], findings));
    }
    assets->loaded = true;
    *out = TAKE(&context);
    return 0;
}
