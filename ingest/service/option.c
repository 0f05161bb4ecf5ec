/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/option.h"

#define ROW(kind, field, name, ...)                                                                \
    [OPTION_##field] = {.type = OPTION_##kind,                                                     \
                        .key = (name),                                                             \
                        .offset = offsetof(struct config, field),                                  \
                        __VA_ARGS__}

const struct option_row option_rows[] = {
#define TEXT(field, name, text, about) ROW(TEXT, field, name, .initial = (text), .help = (about)),
#define NUMBER(field, name, number, least, most, measure, about)                                   \
    ROW(NUMBER, field, name, .initial = #number, .initial_number = (number), .low = (least),       \
        .high = (most), .unit = (measure), .help = (about)),
#define SWITCH(field, name, truth, about)                                                          \
    ROW(SWITCH, field, name, .initial = #truth, .initial_number = (truth), .help = (about)),
#define CHOICE(field, name, word, words, about)                                                    \
    ROW(CHOICE, field, name, .initial = (word), .choices = (words), .help = (about)),
#define LIST(field, name, example, about)                                                          \
    ROW(LIST, field, name, .initial = (example), .help = (about)),
#define PAIRS(field, name, example, about)                                                         \
    ROW(PAIRS, field, name, .initial = (example), .help = (about)),
#include "ingest/service/config.def"
};

_Static_assert(sizeof option_rows / sizeof *option_rows == OPTION_COUNT, "a row for each option");

int option_choice_index(const char *choices, struct slice word)
{
    int index = 0;
    for (const char *at = choices; *at != '\0'; index++) {
        size_t len = strcspn(at, " ");
        if (slice_equal(slice_of(at, len), word))
            return index;
        at += len + strspn(at + len, " ");
    }
    return -1;
}
