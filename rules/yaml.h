/* SPDX-License-Identifier: Apache-2.0 */
/* Yaml: a text as a tree of nodes that know their line and column.
 *
 * For rules, tables and config alike: the only user of libyaml. What the text may cost is bounded
 * before it is believed: a YAML bomb is a finding, quick and small. Aliases share the node they
 * point to, and its nodes are counted again, so walking a tree visits at most nodes_max nodes.
 * Tags other than !!str, merge keys ("<<"), duplicate keys and keys that are collections are
 * findings. */
#pragma once

#include "proto/arena.h"
#include "proto/diag.h"

enum { YAML_DEPTH_MAX = 64 }; /* what depth_max may be at most */

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_pair;

struct yaml_node {
    enum yaml_kind kind;
    bool quoted; /* scalar that is text whatever it looks like: any style but plain, or !!str */
    bool in_one_line;      /* scalar whose text[i] stands at column + text_column + i (if ASCII) */
    uint8_t text_column;   /* characters before the text: 1 for a quote */
    unsigned line, column; /* 1-based; columns in characters */
    struct slice text;     /* scalar; NUL-terminated behind its end */
    size_t count;          /* sequence: items; mapping: pairs */
    union {
        const struct yaml_node *const *items;
        const struct yaml_pair *pairs; /* in the text's order */
    };
};

struct yaml_pair {
    const struct yaml_node *key; /* always a scalar */
    const struct yaml_node *value;
};

struct yaml_document {
    const struct yaml_node *root;
    struct slice text; /* its own bytes, from its "---" to the next; points into the text read */
    bool sound;        /* false: findings of severity error speak of it */
};

struct yaml_file {
    struct arena *arena;
    struct yaml_document *documents; /* those that were read to their end */
    size_t count;
    bool complete; /* false: reading stopped at an error; the findings say where */
};

struct yaml_limits {
    size_t bytes_max;
    unsigned depth_max; /* collections within collections: 1..YAML_DEPTH_MAX */
    size_t nodes_max;   /* in the whole text, aliases' nodes counted at each use */
    size_t aliases_max; /* an alias may not refer to a collection that holds an alias */
    size_t documents_max;
};

/* Reads all documents. path is only quoted in findings. Borrows text; documents[].text points into
 * it. 0 also when findings of severity error were added. STATUS_NO_MEMORY. */
MUST_USE int yaml_read(struct yaml_file **out, struct slice text, const char *path,
                       const struct yaml_limits *limits, struct diag_list *findings);
void yaml_file_free(struct yaml_file *file);
DEFINE_AUTO(struct yaml_file, yaml_file_free)

/* The value of a key of a mapping, or NULL. O(pairs). */
const struct yaml_node *yaml_find(const struct yaml_node *mapping, struct slice key);
struct diag_position yaml_position(const char *path, const struct yaml_node *node);
/* Where byte `offset` of a scalar stands; the scalar's own position if that cannot be known. */
struct diag_position yaml_position_within(const char *path, const struct yaml_node *node,
                                          size_t offset);
/* "text", "list", "map". */
const char *yaml_kind_text(enum yaml_kind kind);
