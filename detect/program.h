/* SPDX-License-Identifier: Apache-2.0 */
/* Program: a rule's condition over atoms, evaluated lazily.
 *
 * Answers are ordered no < undecided < yes, so "and" is the least, "or" the greatest and "not"
 * turns the order round: a rule that hangs on a regular expression which hit its limit comes out
 * undecided, whichever way the expression stands in it, and is reported as such. */
#pragma once

#include "detect/atom.h"
#include "detect/cover.h"

/* A child: an atom with PROGRAM_ATOM set, else the index of a node. */
enum {
    PROGRAM_ATOM = 0x40000000,
    PROGRAM_SCANNED = 0x20000000, /* the scans have answered already: not yes means no */
    PROGRAM_INDEX_MAX = 0x1FFFFFFF,
};

enum program_kind { PROGRAM_ALL, PROGRAM_ANY, PROGRAM_NOT, PROGRAM_AT_LEAST };

struct program_node {
    enum program_kind kind;
    uint32_t from, count; /* children: code->children[from .. from + count) */
    uint32_t threshold;   /* AT_LEAST */
};

struct program_code { /* of all rules; heap, grows while building */
    struct program_node *nodes;
    size_t node_count, node_capacity;
    uint32_t *children;
    size_t child_count, child_capacity;
};
void program_code_deinit(struct program_code *code);

struct program_options {
    const struct atom *atoms;
    const bool *scanned; /* per atom: answered by the scans of the rule's lane */
};
/* Appends a rule's program; *root is its entry. arena: working memory, growing. STATUS_NO_MEMORY,
 * STATUS_LIMIT (more code than an index can address). */
MUST_USE int program_build(uint32_t *root, struct program_code *code, const struct rule_atoms *rule,
                           const struct program_options *options, struct arena *arena);

/* What evaluating needs and leaves behind, for one event after the other. */
struct judge {
    const struct program_code *code;
    const struct atom *atoms;
    struct subject *subject;
    struct regex_space space;
    uint32_t *answers; /* per atom: epoch * 4 + answer */
    uint32_t epoch;    /* of the event, 1 to JUDGE_EPOCH_MAX */
    uint64_t evaluations, limit_hits;
};
enum { JUDGE_EPOCH_MAX = UINT32_MAX / 4 };

/* What an atom answers for the event, computed at most once. */
enum answer judge_atom(struct judge *judge, uint32_t atom);
/* The scans have found it. */
static inline void judge_note(struct judge *judge, uint32_t atom)
{
    judge->answers[atom] = judge->epoch * 4 + ANSWER_YES;
}
enum answer program_evaluate(struct judge *judge, uint32_t root);
