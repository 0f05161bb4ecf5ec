/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: what is wrong with a text that a person wrote, where, and what to write instead.
 *
 * Rules, lists, tables and config are read to the end, so that all findings of a file come at once.
 * A finding is an error (the thing is refused), a warning (accepted, probably not meant) or a note.
 */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

enum { DIAG_COUNT_MAX = 100000 }; /* findings per list; further ones are counted, not kept */

struct diag {
    enum diag_severity severity;
    const char *file; /* as the user named it; "" if there is none */
    unsigned line;    /* 1-based; 0: the whole file */
    unsigned column;  /* 1-based, in characters; 0: the whole line */
    const char *code; /* a stable, short name for the kind of finding, for counts and machine
                         readers: "unknown-modifier" */
    const char *message;
    const char *hint; /* what to do; NULL if there is nothing to say */
};

struct diag_list;

struct diag_position {
    const char *file;
    unsigned line;
    unsigned column;
};

MUST_USE int diag_list_new(struct diag_list **out);
void diag_list_free(struct diag_list *list);
DEFINE_AUTO(struct diag_list, diag_list_free)

/* Adds a finding; texts are copied. code is a static string. hint may be NULL. Never fails: out of
 * memory, it counts. */
void diag_add(struct diag_list *list, enum diag_severity severity, struct diag_position at,
              const char *code, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Appends copies of all of from's findings. */
void diag_append(struct diag_list *list, const struct diag_list *from);
size_t diag_count(const struct diag_list *list);
const struct diag *diag_at(const struct diag_list *list, size_t index);
size_t diag_count_of(const struct diag_list *list, enum diag_severity severity);
bool diag_has_errors(const struct diag_list *list);
void diag_clear(struct diag_list *list);
/* "error", "warning", "note". */
const char *diag_severity_text(enum diag_severity severity);
/* "file:line:column: error: message [code]\n    hint: ...\n" into buffer, as snprintf counts.
 * Control characters that came from the input are escaped, so that a hostile rule cannot write to
 * the terminal. */
int diag_format(char *buffer, size_t size, const struct diag *diag);
