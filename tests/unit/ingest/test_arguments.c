/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/arguments.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct argument_row rows[] = {
    {.kind = ARGUMENT_FLAG, .name = "--flag", .short_name = "-f", .help = ""},
    {.kind = ARGUMENT_TEXT, .name = "--text", .short_name = "-t", .value = "T", .help = ""},
    {.kind = ARGUMENT_TEXTS, .name = "--texts", .value = "T", .help = ""},
    {.kind = ARGUMENT_CHOICE, .name = "--choice", .value = "one|two", .help = ""},
    {.kind = ARGUMENT_NUMBER, .name = "--number", .value = "N", .low = 2, .high = 9, .help = ""},
    {0},
};

enum { WORDS_MAX = 16 };

/* Words are split at single spaces; `_` stands for an empty word. */
static int read_words(struct arguments **out, char *line, char *message)
{
    static char empty[] = "";
    static char *words[WORDS_MAX];
    int count = 0;
    for (char *word = line; word != NULL && count < WORDS_MAX;) {
        char *space = strchr(word, ' ');
        if (space != NULL)
            *space = '\0';
        words[count++] = strcmp(word, "_") == 0 ? empty : word;
        word = space == NULL ? NULL : space + 1;
    }
    return arguments_new(out, rows, count, words, message);
}

static void read_good(struct arguments **out, char *line)
{
    char message[ARGUMENT_MESSAGE_BYTES] = "";
    cr_assert_eq(read_words(out, line, message), 0, "%s", message);
}

Test(arguments, take_options_in_either_form_and_operands_between_them)
{
    char line[] = "a --text x -f b --choice=two --number 9 -";
    AUTO(arguments_free) struct arguments *arguments = NULL;
    read_good(&arguments, line);
    cr_expect(arguments_flag(arguments, "--flag"));
    cr_expect_str_eq(arguments_text(arguments, "--text"), "x");
    cr_expect(arguments_is(arguments, "--choice", "two"));
    cr_expect_eq(arguments_number(arguments, "--number", 0), 9);
    size_t count;
    const char *const *operands = arguments_operands(arguments, &count);
    cr_assert_eq(count, 3);
    cr_expect_str_eq(operands[0], "a");
    cr_expect_str_eq(operands[1], "b");
    cr_expect_str_eq(operands[2], "-");
}

Test(arguments, that_are_not_given_have_no_value)
{
    char line[] = "_";
    AUTO(arguments_free) struct arguments *arguments = NULL;
    read_good(&arguments, line);
    size_t count;
    cr_expect_not(arguments_flag(arguments, "--flag"));
    cr_expect_null(arguments_text(arguments, "--text"));
    cr_expect_not(arguments_is(arguments, "--choice", "one"));
    cr_expect_eq(arguments_number(arguments, "--number", 7), 7);
    (void)arguments_texts(arguments, "--texts", &count);
    cr_expect_eq(count, 0);
    (void)arguments_operands(arguments, &count);
    cr_expect_eq(count, 1); /* the empty word */
}

Test(arguments, keep_the_last_text_and_all_texts)
{
    char line[] = "--text a -t b --texts c --texts=d";
    AUTO(arguments_free) struct arguments *arguments = NULL;
    read_good(&arguments, line);
    size_t count;
    cr_expect_str_eq(arguments_text(arguments, "--text"), "b");
    const char *const *texts = arguments_texts(arguments, "--texts", &count);
    cr_assert_eq(count, 2);
    cr_expect_str_eq(texts[0], "c");
    cr_expect_str_eq(texts[1], "d");
}

Test(arguments, behind_two_dashes_are_operands)
{
    char line[] = "--flag -- --text -f --";
    AUTO(arguments_free) struct arguments *arguments = NULL;
    read_good(&arguments, line);
    size_t count;
    const char *const *operands = arguments_operands(arguments, &count);
    cr_assert_eq(count, 3);
    cr_expect_str_eq(operands[0], "--text");
    cr_expect_str_eq(operands[2], "--");
}

Test(arguments, that_are_wrong_are_refused_with_a_reason)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--flga", "did you mean '--flag'?"},
        {"-x", "unknown option '-x'"},
        {"--zzzzzzzz", "--help lists"},
        {"--flag=1", "--flag takes no value"},
        {"--flag=", "--flag takes no value"},
        {"--text", "--text needs a value"},
        {"--choice three", "--choice is one|two, not 'three'"},
        {"--choice on", "--choice is one|two"},
        {"--choice one|two", "--choice is one|two"},
        {"--choice=", "--choice is one|two"},
        {"--number 1", "from 2 to 9, not '1'"},
        {"--number 10", "from 2 to 9"},
        {"--number -3", "from 2 to 9"},
        {"--number +3", "from 2 to 9"},
        {"--number 3x", "from 2 to 9"},
        {"--number 0x3", "from 2 to 9"},
        {"--number _", "from 2 to 9"},
        {"--number 99999999999999999999999", "from 2 to 9"},
        {"-t=x", "unknown option '-t=x'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[64];
        char message[ARGUMENT_MESSAGE_BYTES] = "";
        snprintf(line, sizeof line, "%s", cases[i].line);
        struct arguments *arguments = NULL;
        cr_expect_eq(read_words(&arguments, line, message), ARGUMENTS_WRONG, "%s", cases[i].line);
        cr_expect_not_null(strstr(message, cases[i].message), "%s: %s", cases[i].line, message);
        cr_expect_null(arguments);
    }
}

Test(arguments, take_numbers_at_both_bounds)
{
    for (unsigned number = 2; number <= 9; number += 7) {
        char line[32];
        snprintf(line, sizeof line, "--number %u", number);
        AUTO(arguments_free) struct arguments *arguments = NULL;
        read_good(&arguments, line);
        cr_expect_eq(arguments_number(arguments, "--number", 0), number);
    }
}
