/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/arguments.h"

#include "rules/hint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What was given for one row. */
struct given {
    const char **texts;
    size_t count;
    uint64_t number;
};

struct arguments {
    const struct argument_row *rows;
    size_t row_count;
    struct given *given; /* one for each row, and behind them the operands */
    const char **texts;  /* room for all of them */
};

static size_t count_rows(const struct argument_row rows[])
{
    size_t count = 0;
    while (rows[count].name != NULL)
        count++;
    return count;
}

static int allocate(struct arguments *arguments, size_t texts_max)
{
    size_t slots = arguments->row_count + 1;
    arguments->given = calloc(slots, sizeof *arguments->given);
    arguments->texts = calloc(slots * (texts_max + 1), sizeof *arguments->texts);
    if (arguments->given == NULL || arguments->texts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < slots; i++)
        arguments->given[i].texts = arguments->texts + i * (texts_max + 1);
    return 0;
}

void arguments_free(struct arguments *arguments)
{
    if (arguments == NULL)
        return;
    free(arguments->given);
    free(arguments->texts);
    free(arguments);
}

/* --- Reading --- */

/* One argument as it is looked at: its option's name, and the value if it holds one ("--a=b"). */
struct word {
    struct slice name;
    const char *value;
};

static struct word split_word(const char *text)
{
    const char *equals = strncmp(text, "--", 2) == 0 ? strchr(text, '=') : NULL;
    if (equals == NULL)
        return (struct word){slice_text(text), NULL};
    return (struct word){slice_of(text, (size_t)(equals - text)), equals + 1};
}

/* Index of the row, or row_count. */
static size_t find_row(const struct arguments *arguments, struct slice name)
{
    size_t i = 0;
    while (i < arguments->row_count && !slice_equal(slice_text(arguments->rows[i].name), name) &&
           !(arguments->rows[i].short_name != NULL &&
             slice_equal(slice_text(arguments->rows[i].short_name), name)))
        i++;
    return i;
}

static int refuse_unknown(const struct arguments *arguments, struct slice name, char *message)
{
    char hint[HINT_BYTES_MAX];
    struct hint_search search = hint_search(name);
    for (size_t i = 0; i < arguments->row_count; i++)
        hint_offer(&search, slice_text(arguments->rows[i].name));
    snprintf(message, ARGUMENT_MESSAGE_BYTES, "unknown option '%.*s'; %s",
             SLICE_PRINTF(hint_clip(name)),
             hint_nearest(&search, hint, "--help lists what there is"));
    return ARGUMENTS_WRONG;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (const char *at = choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|' ? 1 : 0;
        if (strcspn(at, "|") == len && strncmp(at, value, len) == 0)
            return true;
    }
    return false;
}

static int take_number(struct given *given, const struct argument_row *row, const char *value,
                       char *message)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool is_number = *value >= '0' && *value <= '9' && *end == '\0' && errno == 0;
    if (is_number && number >= row->low && number <= row->high) {
        given->number = number;
        return 0;
    }
    snprintf(message, ARGUMENT_MESSAGE_BYTES,
             "%s needs a whole number from %llu to %llu, not '%.80s'", row->name,
             (unsigned long long)row->low, (unsigned long long)row->high, value);
    return ARGUMENTS_WRONG;
}

static int take_value(struct given *given, const struct argument_row *row, const char *value,
                      char *message)
{
    if (row->kind == ARGUMENT_CHOICE && !is_choice(row->value, value)) {
        snprintf(message, ARGUMENT_MESSAGE_BYTES, "%s is %s, not '%.80s'", row->name, row->value,
                 value);
        return ARGUMENTS_WRONG;
    }
    if (row->kind == ARGUMENT_NUMBER && take_number(given, row, value, message) != 0)
        return ARGUMENTS_WRONG;
    if (row->kind != ARGUMENT_TEXTS)
        given->count = 0;
    given->texts[given->count++] = value;
    return 0;
}

/* *taken: how many arguments the option is. */
static int take_option(struct arguments *arguments, struct word word, const char *next, int *taken,
                       char *message)
{
    size_t index = find_row(arguments, word.name);
    if (index == arguments->row_count)
        return refuse_unknown(arguments, word.name, message);
    const struct argument_row *row = &arguments->rows[index];
    struct given *given = &arguments->given[index];
    *taken = 1;
    if (row->kind == ARGUMENT_FLAG && word.value != NULL) {
        snprintf(message, ARGUMENT_MESSAGE_BYTES, "%s takes no value", row->name);
        return ARGUMENTS_WRONG;
    }
    if (row->kind == ARGUMENT_FLAG) {
        given->count = 1;
        return 0;
    }
    if (word.value == NULL && next == NULL) {
        snprintf(message, ARGUMENT_MESSAGE_BYTES, "%s needs a value: %s %s", row->name, row->name,
                 row->value);
        return ARGUMENTS_WRONG;
    }
    *taken = word.value == NULL ? 2 : 1;
    return take_value(given, row, word.value == NULL ? next : word.value, message);
}

static int read_all(struct arguments *arguments, int count, char *const argv[], char *message)
{
    struct given *operands = &arguments->given[arguments->row_count];
    bool options_ended = false;
    for (int i = 0; i < count;) {
        const char *text = argv[i];
        if (!options_ended && strcmp(text, "--") == 0) {
            options_ended = true;
            i++;
            continue;
        }
        if (options_ended || text[0] != '-' || text[1] == '\0') {
            operands->texts[operands->count++] = text;
            i++;
            continue;
        }
        int taken = 0;
        int result = take_option(arguments, split_word(text), i + 1 < count ? argv[i + 1] : NULL,
                                 &taken, message);
        if (result != 0)
            return result;
        i += taken;
    }
    return 0;
}

int arguments_new(struct arguments **out, const struct argument_row rows[], int count,
                  char *const argv[], char *message)
{
    assert(out != NULL && rows != NULL && count >= 0 && message != NULL);
    AUTO(arguments_free) struct arguments *arguments = calloc(1, sizeof *arguments);
    if (arguments == NULL)
        return STATUS_NO_MEMORY;
    arguments->rows = rows;
    arguments->row_count = count_rows(rows);
    TRY(allocate(arguments, (size_t)count));
    int result = read_all(arguments, count, argv, message);
    if (result != 0)
        return result;
    *out = TAKE(&arguments);
    return 0;
}

/* --- Asking --- */

static const struct given *given_for(const struct arguments *arguments, const char *name)
{
    size_t index = find_row(arguments, slice_text(name));
    assert(index < arguments->row_count);
    return &arguments->given[index];
}

bool arguments_flag(const struct arguments *arguments, const char *name)
{
    return given_for(arguments, name)->count > 0;
}

const char *arguments_text(const struct arguments *arguments, const char *name)
{
    const struct given *given = given_for(arguments, name);
    return given->count == 0 ? NULL : given->texts[0];
}

const char *const *arguments_texts(const struct arguments *arguments, const char *name,
                                   size_t *count)
{
    const struct given *given = given_for(arguments, name);
    *count = given->count;
    return given->texts;
}

bool arguments_is(const struct arguments *arguments, const char *name, const char *choice)
{
    const char *text = arguments_text(arguments, name);
    return text != NULL && strcmp(text, choice) == 0;
}

uint64_t arguments_number(const struct arguments *arguments, const char *name, uint64_t otherwise)
{
    const struct given *given = given_for(arguments, name);
    return given->count == 0 ? otherwise : given->number;
}

const char *const *arguments_operands(const struct arguments *arguments, size_t *count)
{
    const struct given *given = &arguments->given[arguments->row_count];
    *count = given->count;
    return given->texts;
}
