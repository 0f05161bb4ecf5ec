/* SPDX-License-Identifier: Apache-2.0 */
/* Regex: one regular expression of a rule, searched for in a value's text.
 *
 * What it means is said by PCRE2 over characters. Hyperscan answers alone where its bytes are those
 * characters: an ASCII expression on an ASCII text. Otherwise PCRE2 answers, after Hyperscan's
 * consent where that can be asked. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

struct hs_database;
struct hs_scratch;
struct pcre_space;
struct regex;

enum { REGEX_REFUSED = 1, REGEX_WHY_BYTES = 256 };

/* flags: REGEX_* of rules/rule.h. REGEX_REFUSED: `why` says why. */
MUST_USE int regex_new(struct regex **out, struct slice expression, unsigned flags, char *why);
void regex_free(struct regex *regex);
DEFINE_AUTO(struct regex, regex_free)
size_t regex_bytes(const struct regex *regex);
/* For which working memory is needed; NULL: none. */
const struct hs_database *regex_database(const struct regex *regex);

/* In order, so that "and" is the lesser of two and "or" the greater. Undecided: a limit was hit. */
enum answer { ANSWER_NO, ANSWER_UNDECIDED, ANSWER_YES };

struct regex_space {
    struct hs_scratch *hs;
    struct pcre_space *pcre;
};
enum answer regex_match(const struct regex *regex, const struct regex_space *space,
                        struct slice text);
/* PCRE2 alone: what the expression means, and where it is found (span may be NULL). */
enum answer regex_confirm(const struct regex *regex, struct pcre_space *space, struct slice text,
                          size_t span[2]);
