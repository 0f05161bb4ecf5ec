/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar: what an unquoted YAML value means: null, boolean, number or text.
 *
 * Sigma's tools read YAML 1.1 (PyYAML's resolver, which the reference implementation uses) or the
 * core schema of YAML 1.2. Where both agree, that is the reading. Where they don't (`yes`, `0400`,
 * `1e3`, `1_000`, `12:30`), a rule would mean different things to different tools, so the value
 * is ambiguous and its author is asked for quotes. */
#pragma once

#include "rules/yaml.h"

enum scalar_type {
    SCALAR_TEXT,
    SCALAR_NULL,
    SCALAR_BOOLEAN,
    SCALAR_INTEGER,
    SCALAR_REAL,
    SCALAR_AMBIGUOUS,    /* YAML 1.1 and 1.2 disagree */
    SCALAR_OUT_OF_RANGE, /* an integer beyond 64 bits, an infinite number, no number (.nan) */
};

struct scalar {
    enum scalar_type type;
    union {
        bool boolean;
        int64_t integer;
        double real;
    };
};

/* A node of kind YAML_SCALAR; quoted ones are text. */
struct scalar scalar_read(const struct yaml_node *node);
/* The same for an unquoted text. */
struct scalar scalar_of(struct slice text);
/* The number that a text spells in decimal or 0x: 4688, -1, 0x1f, 1.5, 1e3; else SCALAR_TEXT or
 * SCALAR_OUT_OF_RANGE. */
struct scalar scalar_number(struct slice text);
