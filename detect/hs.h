/* SPDX-License-Identifier: Apache-2.0 */
/* Hs: Hyperscan behind a handful of calls; the only door to that library.
 *
 * Databases are immutable and shared by all threads. A space is the library's working memory: one
 * per thread, grown for every database that will be scanned with it, never inside a callback. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

struct hs_database;
struct hs_scratch; /* "space" here: scratch is the engine's word */

struct hs_literal {
    struct slice bytes; /* 1 to HS_LITERAL_BYTES_MAX; any byte, NUL too */
    bool caseless;      /* letters of ASCII alone */
};

/* Called for each hit: id is the literal's index, to is the offset behind its last byte. Anything
 * but 0 stops. */
typedef int hs_hit_fn(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                      void *context);

enum { HS_REFUSED = 1, HS_WHY_BYTES = 256, HS_LITERAL_BYTES_MAX = 256 };

/* count > 0. Seconds for tens of thousands of literals. */
MUST_USE int hs_literals_new(struct hs_database **out, const struct hs_literal literals[],
                             size_t count);
struct hs_regex_options {
    bool caseless, multiline, dotall;
    bool prefilter; /* may report more than the expression means, never less */
};
/* One expression over bytes. HS_REFUSED: the library cannot; `why` says so (HS_WHY_BYTES). */
MUST_USE int hs_regex_new(struct hs_database **out, const char *expression,
                          const struct hs_regex_options *options, char *why);
void hs_database_free(struct hs_database *database);
size_t hs_bytes(const struct hs_database *database);

/* Grows *space (NULL at first) so that it serves the database too. */
MUST_USE int hs_space_reserve(struct hs_scratch **space, const struct hs_database *database);
MUST_USE int hs_space_clone(struct hs_scratch **out, const struct hs_scratch *space);
void hs_space_free(struct hs_scratch *space);
size_t hs_space_bytes(const struct hs_scratch *space);

/* Reports every hit. Text may be empty. False: the library failed, and has perhaps not reported
 * all.
 */
MUST_USE bool hs_find(const struct hs_database *database, struct hs_scratch *space,
                      struct slice text, hs_hit_fn *hit, void *context);
enum hs_answer { HS_ABSENT, HS_FOUND, HS_FAILED };
/* Whether there is any hit. */
enum hs_answer hs_found(const struct hs_database *database, struct hs_scratch *space,
                        struct slice text);
