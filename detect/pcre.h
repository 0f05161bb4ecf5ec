/* SPDX-License-Identifier: Apache-2.0 */
/* Pcre: PCRE2 over characters, bounded; the only door to that library.
 *
 * Text may hold invalid UTF-8: no character matches there, and matching goes on behind it. Time and
 * memory of one match are bounded by counts, never by a clock, so the answer is the same
 * everywhere. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum {
    PCRE_REFUSED = 1,
    PCRE_WHY_BYTES = 256,
    PCRE_STEPS_MAX = 1000 * 1000, /* items of the expression tried in one match, about 30 ms */
    PCRE_HEAP_KIB = 1024,         /* backtracking memory */
};

enum pcre_answer { PCRE_NO, PCRE_UNDECIDED, PCRE_YES };

struct pcre;
struct pcre_space;

/* flags: REGEX_* of rules/rule.h. PCRE_REFUSED: not an expression; `why` says where and why. */
MUST_USE int pcre_new(struct pcre **out, struct slice expression, unsigned flags, char *why);
void pcre_free(struct pcre *pcre);
size_t pcre_bytes(const struct pcre *pcre);

/* Working memory for one thread and any expression; no allocation after this. */
MUST_USE int pcre_space_new(struct pcre_space **out);
void pcre_space_free(struct pcre_space *space);
DEFINE_AUTO(struct pcre_space, pcre_space_free)

/* Searches; span (may be NULL) is where, when the answer is yes. */
enum pcre_answer pcre_match(const struct pcre *pcre, struct pcre_space *space, struct slice text,
                            size_t span[2]);
