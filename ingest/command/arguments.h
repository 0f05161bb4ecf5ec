/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments: a command line, read by a table of rows.
 *
 * `--name value`, `--name=value`, `-n value`; `--` ends options; `-` alone is an operand (standard
 * input). A command asks for what was given by the option's name. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum argument_kind {
    ARGUMENT_FLAG,   /* --explain */
    ARGUMENT_TEXT,   /* --lists DIR; the last one counts */
    ARGUMENT_TEXTS,  /* --rules DIR, may be repeated */
    ARGUMENT_CHOICE, /* --format text|json */
    ARGUMENT_NUMBER, /* --line N */
};

struct argument_row {
    enum argument_kind kind;
    const char *name;       /* "--lists" */
    const char *short_name; /* "-o", or NULL */
    const char *value;      /* "DIR", or the choices: "text|json" */
    const char *help;
    uint64_t low, high; /* of a number */
};

struct arguments;

enum { ARGUMENT_MESSAGE_BYTES = 512, ARGUMENTS_WRONG = 1 };

/* Reads argv[0..count), the program's and command's names already taken off. rows end with one that
 * has no name. ARGUMENTS_WRONG: message (ARGUMENT_MESSAGE_BYTES) says what and what to write. The
 * texts stay argv's. */
MUST_USE int arguments_new(struct arguments **out, const struct argument_row rows[], int count,
                           char *const argv[], char *message);
void arguments_free(struct arguments *arguments);
DEFINE_AUTO(struct arguments, arguments_free)

/* name must be a row's. */
bool arguments_flag(const struct arguments *arguments, const char *name);
/* NULL if it was not given. */
const char *arguments_text(const struct arguments *arguments, const char *name);
const char *const *arguments_texts(const struct arguments *arguments, const char *name,
                                   size_t *count);
bool arguments_is(const struct arguments *arguments, const char *name, const char *choice);
uint64_t arguments_number(const struct arguments *arguments, const char *name, uint64_t otherwise);
/* What is no option, in order. */
const char *const *arguments_operands(const struct arguments *arguments, size_t *count);
