/* SPDX-License-Identifier: Apache-2.0 */
/* Rule: one Sigma rule, read, checked and with its modifiers worked out.
 *
 * After parsing only a handful of primitive tests remain (enum test_kind): base64, UTF-16, windash,
 * placeholders are already expanded into patterns. The tree keeps the rule's shape - condition,
 * selections, maps, items - so that "why" can be said in the author's own terms. Immutable after
 * parsing; everything lives in the rule's own arena. */
#pragma once

#include "proto/arena.h"
#include "proto/diag.h"
#include "rules/test.h"

enum rule_level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };

struct logsource {
    struct slice product, category, service; /* empty: the rule does not name it; lower case */
};

/* One line of a map: field|modifiers: values. */
struct item {
    struct slice field; /* empty: keyword, tested on every value of the event and its raw message */
    struct slice modifiers; /* "contains|all" as written, "" if none */
    const struct test *tests;
    size_t test_count;
    bool require_all; /* every group must be true, else any */
    bool negate;      /* neq: not (any); true if the field is absent */
    struct diag_position at;
};

struct item_map { /* all items must be true */
    const struct item *items;
    size_t item_count;
};

struct selection { /* any of its maps; keywords are maps of one keyword item */
    struct slice name;
    const struct item_map *maps;
    size_t map_count;
    struct diag_position at;
};

/* --- Condition --- */
enum condition_kind {
    CONDITION_SELECTION, /* leaf */
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_NOT,
    CONDITION_AT_LEAST, /* at least `count` of the children ("2 of filter_*") */
};

struct condition {
    enum condition_kind kind;
    const struct selection *selection;
    const struct condition *const *children;
    size_t child_count;
    unsigned count;
};

struct rule {
    struct slice id; /* canonical lower-case UUID text as given; required */
    uint8_t uuid[16];
    struct diag_position at; /* of the id */
    struct slice title, name, description, author, status, date, modified, license;
    enum rule_level level; /* medium if the rule says none */
    struct logsource logsource;
    const struct slice *references;
    size_t reference_count;
    const struct slice *false_positives;
    size_t false_positive_count;
    const struct slice *tags; /* "attack.t1059.001" */
    size_t tag_count;
    const struct slice *fields;
    size_t field_count;

    const struct selection *selections;
    size_t selection_count;
    const struct condition *condition; /* a list of conditions is one OR */
    const struct slice *condition_texts;
    size_t condition_text_count;

    struct slice path; /* file as the user named it */
    struct slice text; /* the document's own YAML bytes */
    uint8_t
        sha256[32]; /* of text and of the values of its placeholders: equal hash, equal behaviour */
    struct arena *arena;
    unsigned references_held; /* rule_ref, rule_unref: control plane only */
};

/* Whether a condition holds of which true_count children are true. Not for a selection. */
bool condition_holds(const struct condition *condition, size_t true_count);
struct rule *rule_ref(struct rule *rule);
void rule_unref(struct rule *rule); /* NULL is fine */
DEFINE_AUTO(struct rule, rule_unref)
const char *rule_level_text(enum rule_level level);
