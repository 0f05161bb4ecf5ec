/* SPDX-License-Identifier: Apache-2.0 */
/* Option: one row of config.def as data, for reading, help and the example file. */
#pragma once

#include "ingest/service/config.h"

enum option_type {
    OPTION_TEXT,
    OPTION_NUMBER,
    OPTION_SWITCH,
    OPTION_CHOICE,
    OPTION_LIST,
    OPTION_PAIRS,
};

struct option_row {
    enum option_type type;
    const char *key;
    size_t offset;       /* of its field in struct config */
    const char *initial; /* as text; for lists and pairs: an example */
    uint64_t initial_number, low, high;
    const char *unit;    /* numbers */
    const char *choices; /* words with a space between */
    const char *help;
};

/* OPTION_COUNT rows, in the order of config.def. */
extern const struct option_row option_rows[];

/* Index of the word in "one two three", or -1. */
int option_choice_index(const char *choices, struct slice word);
