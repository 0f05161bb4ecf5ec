/* SPDX-License-Identifier: Apache-2.0 */
/* Rule file: see rule_file.h.
 *
 * What stays when something breaks is decided by rule, not by file: a file in which a document
 * broke contributes its good documents in their new version and, for what it no longer yields, the
 * rules that it contributed before. So a broken rule keeps running as it was while an edit of its
 * neighbour in the same file goes live, also in a file that was never good as a whole. Rejected:
 * taking a file whole or not at all; a document of a kind that is always refused would then freeze
 * the rules beside it for ever. A rule leaves when its file is removed, or is read without errors
 * and does not hold it. A file that was emptied counts as broken: editors truncate before they
 * write. */
#include "ingest/rule_file.h"

#include "ingest/file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void rule_file_free(struct rule_file *file)
{
    if (file == NULL)
        return;
    rule_list_deinit(&file->rules);
    rule_list_deinit(&file->before);
    diag_list_free(file->findings);
    free(file->path);
    free(file);
}

int rule_file_new(struct rule_file **out, const char *path, size_t root)
{
    AUTO(rule_file_free) struct rule_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return STATUS_NO_MEMORY;
    file->path = strdup(path);
    file->root = root;
    if (file->path == NULL)
        return STATUS_NO_MEMORY;
    *out = TAKE(&file);
    return 0;
}

static void forget_findings(struct rule_file *file)
{
    diag_list_free(file->findings);
    file->findings = NULL;
}

void rule_file_add_finding(struct rule_file *file, const struct diag *finding)
{
    if (file->findings == NULL && diag_list_new(&file->findings) != 0)
        return; /* out of memory, it is lost, as in a list */
    diag_add(file->findings, finding->severity,
             (struct diag_position){finding->file, finding->line, finding->column}, finding->code,
             finding->hint, "%s", finding->message);
}

/* The file's newest text is not to be had; what it contributed goes on, if that is wanted. */
static void refuse_file(struct rule_file *file, const struct rule_file_options *options,
                        const char *code, const char *hint, const char *message)
{
    forget_findings(file);
    rule_file_add_finding(file, &(struct diag){.severity = DIAG_ERROR,
                                               .file = file->path,
                                               .code = code,
                                               .hint = hint,
                                               .message = message});
    if (!options->keep_last_good)
        rule_list_deinit(&file->rules);
    file->kept_count = file->rules.count;
    file->refused_count = file->rules.count == 0 ? 1 : file->rules.count;
    file->was_read = false; /* whatever the digest was: read it anew at the next load */
}

static bool list_holds_id(const struct rule_list *list, struct slice id)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i]->id, id))
            return true;
    return false;
}

/* Rules that the file contributed before and no longer yields are taken over. */
static int keep_missing(struct rule_file *file)
{
    for (size_t i = 0; i < file->before.count; i++) {
        if (list_holds_id(&file->rules, file->before.items[i]->id))
            continue;
        TRY(rule_list_add(&file->rules, file->before.items[i]));
        file->kept_count++;
    }
    return 0;
}

static int parse(struct rule_file *file, const struct rule_file_options *options, struct slice text)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    TRY(diag_list_new(&findings));
    forget_findings(file);
    file->before = file->rules;
    file->rules = (struct rule_list){0};
    file->kept_count = 0;
    file->uses_lists = slice_find(text, SLICE_LITERAL("expand")) != SIZE_MAX;
    struct parser_options parser = {.lists = placeholders_lists(options->placeholders)};
    TRY(parser_read(&file->rules, text, file->path, &parser, findings));
    file->refused_count = file->rules.refused_count;
    if (diag_count(findings) > 0)
        file->findings = TAKE(&findings);
    bool is_emptied = file->rules.count == 0 && file->refused_count == 0;
    if (options->keep_last_good && (file->refused_count > 0 || is_emptied))
        TRY(keep_missing(file));
    if (is_emptied)
        file->refused_count = file->kept_count;
    return 0;
}

static int take_text(struct rule_file *file, const struct rule_file_options *options,
                     struct slice text)
{
    uint8_t digest[SHA256_BYTES];
    TRY(digest_sha256(digest, &text, 1));
    bool same = file->was_read && memcmp(digest, file->digest, sizeof digest) == 0;
    if (same && !(file->uses_lists && placeholders_changed(options->placeholders)))
        return 0;
    file->was_read = false;
    TRY(parse(file, options, text));
    memcpy(file->digest, digest, sizeof digest);
    file->was_read = true;
    return 0;
}

int rule_file_load(struct rule_file *file, const struct rule_file_options *options)
{
    struct slice text;
    int result = file_read(&text, file->path, RULE_FILE_BYTES_MAX);
    if (result == STATUS_NO_MEMORY)
        return result;
    if (result == STATUS_LIMIT) {
        refuse_file(file, options, "file-too-large",
                    "split it: one file may hold many rules, not a library",
                    "the file is larger than 4 MiB");
        return 0;
    }
    if (result < 0) {
        refuse_file(file, options, "file-unreadable", NULL, strerror(errno));
        return 0;
    }
    result = take_text(file, options, text);
    free((void *)(uintptr_t)text.data);
    return result;
}

static struct rule *rule_before(const struct rule_file *file, struct slice id)
{
    for (size_t i = 0; i < file->before.count; i++)
        if (slice_equal(file->before.items[i]->id, id))
            return file->before.items[i];
    return NULL;
}

bool rule_file_replace(struct rule_file *file, struct rule *refused,
                       const struct rule_file_options *options)
{
    struct rule *stand_in = options->keep_last_good ? rule_before(file, refused->id) : NULL;
    file->refused_count++;
    for (size_t i = 0; i < file->rules.count; i++) {
        if (file->rules.items[i] != refused)
            continue;
        if (stand_in != NULL && stand_in != refused) {
            file->rules.items[i] = rule_ref(stand_in);
            file->kept_count++;
        } else {
            memmove(&file->rules.items[i], &file->rules.items[i + 1],
                    (file->rules.count - i - 1) * sizeof(struct rule *));
            file->rules.count--;
        }
        rule_unref(refused);
        break;
    }
    return stand_in != NULL && stand_in != refused;
}
