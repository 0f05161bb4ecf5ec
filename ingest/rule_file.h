/* SPDX-License-Identifier: Apache-2.0 */
/* Rule file: one file of the library, and the rules that it contributes now.
 *
 * It remembers what the file said when it was read last (its digest), what was found wrong with it,
 * and the rules that it contributes: those of its newest text, and with keep_last_good, while the
 * newest text has errors, earlier versions of what it no longer yields. */
#pragma once

#include "ingest/placeholders.h"
#include "proto/digest.h"
#include "rules/parser.h"

struct rule_file_options {
    const struct placeholders *placeholders;
    bool keep_last_good;
};

struct rule_file {
    char *path;
    size_t root;     /* index of the library's path under which it was found */
    bool is_present; /* in the load at hand */
    uint8_t digest[SHA256_BYTES];
    bool was_read;
    bool uses_lists;         /* to be parsed again when a list changes */
    struct rule_list rules;  /* what it contributes */
    struct rule_list before; /* what it contributed before this load, if it changed */
    size_t kept_count;       /* of rules: versions that its newest text does not hold */
    size_t refused_count;
    struct diag_list *findings; /* about its newest text; NULL: none */
};

MUST_USE int rule_file_new(struct rule_file **out, const char *path, size_t root);
void rule_file_free(struct rule_file *file);
DEFINE_AUTO(struct rule_file, rule_file_free)

/* Reads the file, and parses it if it or a list that it may use has changed. What is wrong with the
 * file is a finding, never a failure. STATUS_NO_MEMORY, STATUS_LIBRARY. */
MUST_USE int rule_file_load(struct rule_file *file, const struct rule_file_options *options);
/* Says something about its newest text that the parser did not see. */
void rule_file_add_finding(struct rule_file *file, const struct diag *finding);
/* The compiler refused one of its rules, which is taken out. True: the version before this load
 * stands in for it. */
bool rule_file_replace(struct rule_file *file, struct rule *refused,
                       const struct rule_file_options *options);
