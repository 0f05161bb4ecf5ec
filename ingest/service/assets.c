/* SPDX-License-Identifier: Apache-2.0 */
/* A context is built from all tables at once and checks each whole, so whether a table is good is
 * known only by adding it: each is first added to a context of its own, which is thrown away. That
 * doubles the work of a reload, and keeps a bad table from taking the good ones with it.
 *
 * A table that is good by itself may still clash with another (an endpoint in both). Then the
 * version that was in use before takes its place, until one of the two changes. */
#include "ingest/service/assets.h"

#include "ingest/file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ASSET_BYTES_MAX = 256 * 1024 * 1024 };

struct asset_version {
    struct slice text; /* data NULL: none */
    int64_t as_of_unix_s;
};

struct asset_file {
    const char *path;
    struct asset_version last; /* the last one that was good by itself */
    struct asset_version used; /* what is in use instead, where that clashes with another table */
};

struct assets {
    struct asset_file *files;
    struct diag_list *clashes; /* of the last build */
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
    TRY(diag_list_new(&assets->clashes));
    for (; assets->count < paths->count; assets->count++)
        assets->files[assets->count].path = paths->items[assets->count];
    *out = TAKE(&assets);
    return 0;
}

static void version_free(struct asset_version *version)
{
    free((void *)(uintptr_t)version->text.data);
    *version = (struct asset_version){{NULL, 0}, 0};
}

void assets_free(struct assets *assets)
{
    if (assets == NULL)
        return;
    for (size_t i = 0; i < assets->count; i++) {
        version_free(&assets->files[i].last);
        version_free(&assets->files[i].used);
    }
    free(assets->files);
    diag_list_free(assets->clashes);
    free(assets);
}

/* CONTEXT_REFUSED: as context_add_assets. */
static int add(struct context *context, const struct assets *assets, const struct asset_file *file,
               const struct asset_version *version, struct diag_list *findings)
{
    bool csv = slice_ends_with(slice_text(file->path), SLICE_LITERAL(".csv"));
    const struct context_options options = {.as_of_unix_s = version->as_of_unix_s,
                                            .stale_after_s = assets->stale_after_s};
    return context_add_assets(context, version->text, csv ? CONTEXT_CSV : CONTEXT_YAML, file->path,
                              &options, findings);
}

/* Whether the version is good by itself; findings tell otherwise. */
static bool is_good(const struct assets *assets, const struct asset_file *file,
                    const struct asset_version *version, struct diag_list *findings)
{
    AUTO(context_free) struct context *trial = NULL;
    size_t errors = diag_count_of(findings, DIAG_ERROR);
    return context_new(&trial) == 0 && add(trial, assets, file, version, findings) == 0 &&
           diag_count_of(findings, DIAG_ERROR) == errors;
}

static bool same(const struct asset_version *a, const struct asset_version *b)
{
    return a->text.data != NULL && a->as_of_unix_s == b->as_of_unix_s &&
           slice_equal(a->text, b->text);
}

/* Takes the newest version in, and keeps what was in use until the build has shown that it fits. */
static void take(struct asset_file *file, const struct asset_version *fresh)
{
    if (file->used.text.data == NULL)
        file->used = file->last;
    else
        version_free(&file->last); /* it was not in use */
    file->last = *fresh;
}

/* Takes the file's newest version if it is good; *changed then. */
static void refresh(struct assets *assets, struct asset_file *file, struct diag_list *findings,
                    bool *changed)
{
    struct asset_version fresh = {{NULL, 0}, 0};
    struct stat info;
    int result = stat(file->path, &info) != 0 ? STATUS_IO
                                              : file_read(&fresh.text, file->path, ASSET_BYTES_MAX);
    if (result < 0) {
        diag_add(findings, DIAG_ERROR, (struct diag_position){file->path, 0, 0}, "unreadable",
                 file->last.text.data == NULL ? "its endpoints have no context"
                                              : "its last good version stays in use",
                 "the asset table can't be read: %s",
                 result == STATUS_IO ? strerror(errno) : status_text(result));
        return;
    }
    fresh.as_of_unix_s = info.st_mtime;
    if (same(&file->last, &fresh) || !is_good(assets, file, &fresh, findings)) {
        version_free(&fresh);
        return;
    }
    take(file, &fresh);
    *changed = true;
}

/* The newest version, or the one before where that does not fit in. */
static int add_file(struct context *context, struct assets *assets, struct asset_file *file)
{
    if (file->last.text.data == NULL)
        return 0;
    int result = add(context, assets, file, &file->last, assets->clashes);
    if (result == 0)
        version_free(&file->used);
    if (result != CONTEXT_REFUSED || file->used.text.data == NULL)
        return result < 0 ? result : 0;
    result = add(context, assets, file, &file->used, assets->clashes);
    return result < 0 ? result : 0;
}

static int build(struct context **out, struct assets *assets)
{
    AUTO(context_free) struct context *context = NULL;
    TRY(context_new(&context));
    diag_clear(assets->clashes);
    for (size_t i = 0; i < assets->count; i++)
        TRY(add_file(context, assets, &assets->files[i]));
    assets->loaded = true;
    *out = TAKE(&context);
    return 0;
}

int assets_load(struct context **out, struct assets *assets, struct diag_list *findings)
{
    bool changed = !assets->loaded;
    for (size_t i = 0; i < assets->count; i++)
        refresh(assets, &assets->files[i], findings, &changed);
    int result = changed ? build(out, assets) : ASSETS_UNCHANGED;
    if (result < 0)
        assets->loaded = false; /* to be built next time, whatever changes */
    diag_append(findings, assets->clashes);
    return result;
}
