/* SPDX-License-Identifier: Apache-2.0 */
/* Library: see library.h.
 *
 * A load lists the folders, lets each file read itself (rule_file.c: only what changed is parsed),
 * settles who owns an id (claims.c) and builds one rule set of everything. What is found wrong is
 * kept where it was found - with the file, the folder, the lists, the build - so that each report
 * is complete, also about files that did not change.
 *
 * The compiler can refuse a rule that the parser took. Then the version that ran before takes its
 * place, or another file's rule the id, and the set is built a second time; the file remembers its
 * stand-in, so this is paid once per edit. */
#include "ingest/library.h"

#include "ingest/claims.h"
#include "ingest/file.h"
#include "ingest/placeholders.h"
#include "ingest/rule_file.h"
#include "proto/array.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct library {
    char **paths;
    size_t path_count;
    struct placeholders *placeholders;
    struct rule_file_options file_options;
    struct rule_file **files; /* in order of path */
    size_t file_count;
    size_t file_capacity;
    struct claims claims; /* of the last set */
    bool has_built;
    struct diag_list *findings; /* the report's: all of the others */
    struct diag_list *folder_findings;
    struct diag_list *duplicate_findings;
    struct diag_list *build_findings;
};

enum { BUILD_AGAIN = 100 }; /* the compiler refused rules, and others can take their place */

static const char *const rule_file_endings[] = {".yml", ".yaml", NULL};

/* --- Folders --- */

static int compare_files(const void *a, const void *b)
{
    return strcmp((*(struct rule_file *const *)a)->path, (*(struct rule_file *const *)b)->path);
}

/* Only the first sorted_count files are in order: those of the load before. */
static struct rule_file *find_file(const struct library *library, size_t sorted_count,
                                   const char *path)
{
    for (size_t low = 0, high = sorted_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, library->files[middle]->path);
        if (order == 0)
            return library->files[middle];
        if (order < 0)
            high = middle;
        if (order > 0)
            low = middle + 1;
    }
    return NULL;
}

static int append_file(struct library *library, const char *path, size_t root)
{
    TRY(array_room(&library->files, &library->file_capacity, library->file_count,
                   sizeof(struct rule_file *)));
    TRY(rule_file_new(&library->files[library->file_count], path, root));
    library->files[library->file_count++]->is_present = true;
    return 0;
}

static int scan_paths(struct library *library, const struct file_list *found, size_t root,
                      size_t sorted_count)
{
    for (size_t i = 0; i < found->count; i++) {
        struct rule_file *known = find_file(library, sorted_count, found->paths[i]);
        if (known == NULL) {
            TRY(append_file(library, found->paths[i], root));
            continue;
        }
        known->is_present = true;
        known->root = root;
    }
    return 0;
}

/* A folder that cannot be read may hold everything that it held: its files count as present, and
 * those that are gone are reported one by one. */
static void report_root(struct library *library, const char *unreadable, size_t root)
{
    diag_add(library->folder_findings, DIAG_ERROR, (struct diag_position){.file = unreadable},
             "path-unreadable", "name an existing file or folder of rules", "%s",
             errno == EINVAL ? "neither a file nor a folder" : strerror(errno));
    for (size_t i = 0; i < library->file_count; i++)
        if (library->files[i]->root == root)
            library->files[i]->is_present = true;
}

static int scan_root(struct library *library, size_t root, size_t sorted_count)
{
    struct file_list found = {0};
    int result = file_list_add(&found, library->paths[root], rule_file_endings);
    if (result == STATUS_IO) {
        report_root(library, found.unreadable == NULL ? library->paths[root] : found.unreadable,
                    root);
        result = 0;
    }
    if (result == 0 && found.count == 0 && found.unreadable == NULL)
        diag_add(library->folder_findings, DIAG_WARNING,
                 (struct diag_position){.file = library->paths[root]}, "no-rule-file",
                 "rules are files named *.yml or *.yaml", "the folder holds no rule file");
    if (result == 0)
        result = scan_paths(library, &found, root, sorted_count);
    file_list_deinit(&found);
    return result;
}

static void drop_files(struct library *library,
                       bool (*is_dropped)(const struct rule_file *, const struct rule_file *))
{
    size_t kept = 0;
    for (size_t i = 0; i < library->file_count; i++) {
        struct rule_file *file = library->files[i];
        if (is_dropped(file, kept == 0 ? NULL : library->files[kept - 1]))
            rule_file_free(file);
        else
            library->files[kept++] = file;
    }
    library->file_count = kept;
}

static bool is_repeated(const struct rule_file *file, const struct rule_file *before)
{
    return before != NULL && strcmp(file->path, before->path) == 0;
}

static bool is_gone(const struct rule_file *file, const struct rule_file *before)
{
    (void)before;
    return !file->is_present;
}

static int scan(struct library *library)
{
    diag_clear(library->folder_findings);
    for (size_t i = 0; i < library->file_count; i++) {
        library->files[i]->is_present = false;
        rule_list_deinit(&library->files[i]->before);
    }
    size_t sorted_count = library->file_count;
    int result = 0;
    for (size_t root = 0; root < library->path_count && result == 0; root++)
        result = scan_root(library, root, sorted_count);
    if (library->file_count > 0)
        qsort(library->files, library->file_count, sizeof(struct rule_file *), compare_files);
    drop_files(library, is_repeated);
    return result;
}

static int load_files(struct library *library)
{
    for (size_t i = 0; i < library->file_count; i++)
        if (library->files[i]->is_present)
            TRY(rule_file_load(library->files[i], &library->file_options));
    return 0;
}

/* --- Building --- */

static void copy_finding(struct diag_list *list, const struct diag *diag)
{
    diag_add(list, diag->severity, (struct diag_position){diag->file, diag->line, diag->column},
             diag->code, diag->hint, "%s", diag->message);
}

static int compile(struct ruleset **out, struct library *library, const struct claims *claims)
{
    struct rule **rules = calloc(claims->count + 1, sizeof *rules);
    if (rules == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < claims->count; i++)
        rules[i] = claims->items[i].rule;
    diag_clear(library->build_findings);
    struct ruleset_options options = {0};
    int result = ruleset_build(out, rules, claims->count, &options, library->build_findings);
    free(rules);
    return result;
}

/* The compiler's errors about a file stay with the file, until it changes. */
static void hand_over_errors(struct library *library)
{
    for (size_t i = 0; i < diag_count(library->build_findings); i++) {
        const struct diag *diag = diag_at(library->build_findings, i);
        struct rule_file *file = find_file(library, library->file_count, diag->file);
        if (file != NULL && diag->severity == DIAG_ERROR)
            rule_file_add_finding(file, diag);
    }
}

/* Takes out what the compiler left out; how many of those rules have a stand-in. */
static size_t replace_refused(struct library *library, struct claims *claims,
                              const struct ruleset *ruleset)
{
    size_t replaced = 0;
    size_t at = 0;
    while (at < claims->count) {
        const struct claim *claim = &claims->items[at];
        if (at < ruleset_rule_count(ruleset) &&
            slice_equal(ruleset_rule(ruleset, at)->id, claim->rule->id)) {
            at++;
            continue;
        }
        replaced += rule_file_replace(library->files[claim->file_index], claim->rule,
                                      &library->file_options);
        claims_drop(claims, at);
    }
    assert(at == ruleset_rule_count(ruleset));
    return replaced;
}

static void remember_claims(struct library *library, struct claims *claims)
{
    claims_deinit(&library->claims);
    library->claims = *claims;
    *claims = (struct claims){0};
}

/* One attempt. *out is untouched unless the result is 0. */
static int build_once(struct ruleset **out, struct library *library, struct claims *claims,
                      bool is_first)
{
    diag_clear(library->duplicate_findings);
    TRY(claims_make(claims, library->files, library->file_count, &library->claims,
                    library->duplicate_findings));
    if (claims->count == 0)
        return LIBRARY_EMPTY;
    if (library->has_built && claims_same_rules(claims, &library->claims)) {
        remember_claims(library, claims);
        return LIBRARY_UNCHANGED;
    }
    AUTO(ruleset_free) struct ruleset *ruleset = NULL;
    TRY(compile(&ruleset, library, claims));
    if (ruleset_rule_count(ruleset) < claims->count) {
        hand_over_errors(library);
        size_t replaced = replace_refused(library, claims, ruleset);
        bool frees_an_id = diag_count(library->duplicate_findings) > 0;
        if (is_first && (replaced > 0 || frees_an_id))
            return BUILD_AGAIN;
    }
    if (claims->count == 0)
        return LIBRARY_EMPTY;
    remember_claims(library, claims);
    library->has_built = true;
    *out = TAKE(&ruleset);
    return 0;
}

static int build(struct ruleset **out, struct library *library)
{
    struct claims claims = {0};
    int result = build_once(out, library, &claims, true);
    claims_deinit(&claims);
    if (result != BUILD_AGAIN)
        return result;
    result = build_once(out, library, &claims, false);
    claims_deinit(&claims);
    return result;
}

/* --- Report --- */

static void report_file(struct library_report *report, const struct rule_file *file)
{
    report->file_count++;
    report->rule_count_read += file->rules.count - file->kept_count + file->refused_count;
    report->rule_count_refused += file->refused_count;
    report->rule_count_kept += file->kept_count;
    if (file->findings != NULL)
        diag_append(report->findings, file->findings);
}

/* The compiler's findings that no file has taken over. */
static void report_build(struct library *library)
{
    for (size_t i = 0; i < diag_count(library->build_findings); i++) {
        const struct diag *diag = diag_at(library->build_findings, i);
        if (diag->severity != DIAG_ERROR ||
            find_file(library, library->file_count, diag->file) == NULL)
            copy_finding(library->findings, diag);
    }
}

static void fill_report(struct library_report *report, struct library *library, int result)
{
    *report = (struct library_report){
        .findings = library->findings,
        .is_partial = diag_has_errors(library->folder_findings) ||
                      diag_has_errors(placeholders_findings(library->placeholders)),
    };
    diag_clear(library->findings);
    diag_append(library->findings, placeholders_findings(library->placeholders));
    diag_append(library->findings, library->folder_findings);
    for (size_t i = 0; i < library->file_count; i++)
        if (library->files[i]->is_present)
            report_file(report, library->files[i]);
    diag_append(library->findings, library->duplicate_findings);
    report_build(library);
    report->rule_count_refused += diag_count(library->duplicate_findings);
    report->rule_count_loaded =
        result == 0 || result == LIBRARY_UNCHANGED ? library->claims.count : 0;
}

/* --- Library --- */

static int copy_paths(struct library *library, const struct library_options *options)
{
    library->paths = calloc(options->path_count + 1, sizeof *library->paths);
    if (library->paths == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < options->path_count; i++) {
        library->paths[i] = strdup(options->paths[i]);
        if (library->paths[i] == NULL)
            return STATUS_NO_MEMORY;
        library->path_count++;
    }
    return 0;
}

int library_new(struct library **out, const struct library_options *options)
{
    assert(out != NULL && options != NULL);
    AUTO(library_free) struct library *library = calloc(1, sizeof *library);
    if (library == NULL)
        return STATUS_NO_MEMORY;
    TRY(copy_paths(library, options));
    TRY(placeholders_new(&library->placeholders, options->lists_path));
    library->file_options = (struct rule_file_options){
        .placeholders = library->placeholders,
        .keep_last_good = options->keep_last_good,
    };
    TRY(diag_list_new(&library->findings));
    TRY(diag_list_new(&library->folder_findings));
    TRY(diag_list_new(&library->duplicate_findings));
    TRY(diag_list_new(&library->build_findings));
    *out = TAKE(&library);
    return 0;
}

void library_free(struct library *library)
{
    if (library == NULL)
        return;
    claims_deinit(&library->claims);
    for (size_t i = 0; i < library->file_count; i++)
        rule_file_free(library->files[i]);
    free(library->files);
    for (size_t i = 0; i < library->path_count; i++)
        free(library->paths[i]);
    free(library->paths);
    placeholders_free(library->placeholders);
    diag_list_free(library->findings);
    diag_list_free(library->folder_findings);
    diag_list_free(library->duplicate_findings);
    diag_list_free(library->build_findings);
    free(library);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int load(struct ruleset **out, struct library *library)
{
    TRY(placeholders_load(library->placeholders));
    TRY(scan(library));
    TRY(load_files(library));
    return build(out, library);
}

int library_load(struct ruleset **out, struct library *library, struct library_report *report)
{
    assert(out != NULL && library != NULL && report != NULL);
    double start = seconds_now();
    int result = load(out, library);
    fill_report(report, library, result);
    report->seconds = seconds_now() - start;
    if (result == 0 || result == LIBRARY_UNCHANGED)
        drop_files(library, is_gone);
    return result;
}
