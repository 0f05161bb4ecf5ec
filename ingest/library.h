/* SPDX-License-Identifier: Apache-2.0 */
/* Library: the rule files of some folders, and from them rule sets.
 *
 * It remembers each file's last good version: a file that breaks keeps running as it was, is
 * reported by name, and changes nothing else. Used by both programs; the service calls it on its
 * reload thread. */
#pragma once

#include "detect/ruleset.h"
#include "proto/diag.h"

struct library;

struct library_options {
    const char *const
        *paths; /* files, or folders searched recursively for *.yml and *.yaml, in order of name */
    size_t path_count;
    const char *lists_path; /* folder of list files; NULL: no placeholders */
    bool keep_last_good;    /* the service; the command does not */
};

struct library_report {
    size_t file_count;
    size_t rule_count_read;    /* rules and other documents found */
    size_t rule_count_loaded;  /* in the set that was built */
    size_t rule_count_refused; /* not in the set in their newest version */
    size_t rule_count_kept;    /* of those: running in their last good version */
    bool is_partial;           /* a folder that was named, or a list, cannot be read or used */
    double seconds;
    struct diag_list *findings; /* owned by the library until the next load */
};

MUST_USE int library_new(struct library **out, const struct library_options *options);
void library_free(struct library *library);
DEFINE_AUTO(struct library, library_free)

enum {
    LIBRARY_UNCHANGED = 1, /* content hash as before: *out untouched */
    LIBRARY_EMPTY = 2,     /* no rule at all: *out untouched, findings say why */
};
/* Reads what has changed, parses it and builds a rule set of everything; on 0 *out is the caller's.
 */
MUST_USE int library_load(struct ruleset **out, struct library *library,
                          struct library_report *report);
