/* SPDX-License-Identifier: Apache-2.0 */
/* yagura: what rule authors and analysts use; it works without a broker. Here the command is found,
 * its arguments are read, and its result becomes an exit code; the commands are in command/. */
#include "ingest/command/command.h"
#include "rules/hint.h"

#include <errno.h>
#include <stdio.h>

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "ingest/command/command.def"
#undef COMMAND
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

/* --- Help --- */

static void print_commands(FILE *file)
{
    fputs("yagura " YAGURA_VERSION ": Sigma rules on endpoint events\n"
          "\n"
          "Usage: yagura COMMAND [options] ...\n"
          "\n"
          "Commands:\n",
          file);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs(
        "\n"
        "`yagura COMMAND --help` tells all about a command. `yagura --version` tells the version.\n"
        "\n"
        "Exit codes:\n",
        file);
#define YAGURA_EXIT(name, number, text) fprintf(file, "  %-3d %s\n", number, text);
#include "ingest/command/exits.def"
#undef YAGURA_EXIT
}

static void print_row(FILE *file, const struct argument_row *row)
{
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s%s", row->short_name == NULL ? "" : row->short_name,
             row->short_name == NULL ? "" : ", ", row->name, row->value == NULL ? "" : " ",
             row->value == NULL ? "" : row->value);
    fprintf(file, "  %-26s %s\n", left, row->help);
}

static void print_help(FILE *file, const struct command *command)
{
    fprintf(file, "yagura %s: %s\n\nUsage: yagura %s %s\n\nOptions:\n", command->name,
            command->summary, command->name, command->usage);
    for (const struct argument_row *row = command->rows; row->name != NULL; row++)
        print_row(file, row);
    fprintf(file, "\n%s", command->text);
}

/* --- Running --- */

static int refuse_usage(struct console *console, const struct command *command, const char *message)
{
    console_error(console, "%s", message);
    if (command != NULL)
        fprintf(console->err, "Usage: yagura %s %s\n", command->name, command->usage);
    return YAGURA_EXIT_USAGE;
}

static int exit_of_status(struct console *console, int status)
{
    if (status >= 0)
        return status;
    if (status == STATUS_IO) {
        console_error(console, "%s: %s", status_text(status), strerror(errno));
        return YAGURA_EXIT_IO;
    }
    console_error(console, "%s", status_text(status));
    return status == STATUS_BAD_INPUT ? YAGURA_EXIT_DATA : YAGURA_EXIT_SOFTWARE;
}

static int run_command(struct console *console, const struct command *command, int count,
                       char *const argv[])
{
    char message[ARGUMENT_MESSAGE_BYTES];
    AUTO(arguments_free) struct arguments *arguments = NULL;
    int result = arguments_new(&arguments, command->rows, count, argv, message);
    if (result == ARGUMENTS_WRONG)
        return refuse_usage(console, command, message);
    if (result < 0)
        return exit_of_status(console, result);
    if (arguments_flag(arguments, "--help")) {
        print_help(console->out, command);
        return exit_of_status(console, console_flush(console));
    }
    size_t operand_count;
    (void)arguments_operands(arguments, &operand_count);
    if (operand_count < command->operands_min)
        return refuse_usage(console, command, "something is missing");
    if (operand_count > command->operands_max)
        return refuse_usage(console, command, "too many arguments");
    result = exit_of_status(console, command->run(arguments, console));
    int flushed = exit_of_status(console, console_flush(console));
    return flushed != 0 ? flushed : result;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int refuse_command(struct console *console, const char *name)
{
    char hint[HINT_BYTES_MAX];
    struct hint_search search = hint_search(slice_text(name));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        hint_offer(&search, slice_text(commands[i]->name));
    console_error(console, "no command '%.80s'; %s", name,
                  hint_nearest(&search, hint, "`yagura --help` lists what there is"));
    return YAGURA_EXIT_USAGE;
}

static int dispatch(struct console *console, int argc, char *const argv[])
{
    const char *name = argc < 2 ? "" : argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_commands(console->out);
        return exit_of_status(console, console_flush(console));
    }
    if (strcmp(name, "--version") == 0) {
        fputs("yagura " YAGURA_VERSION "\n", console->out);
        return exit_of_status(console, console_flush(console));
    }
    if (*name == '\0') {
        print_commands(console->err);
        return YAGURA_EXIT_USAGE;
    }
    const struct command *command = find_command(name);
    if (command == NULL)
        return refuse_command(console, name);
    char prefix[64];
    snprintf(prefix, sizeof prefix, "yagura %s", command->name);
    console->command = prefix;
    return run_command(console, command, argc - 2, argv + 2);
}

int main(int argc, char *argv[])
{
    struct console console;
    console_init(&console);
    int result = dispatch(&console, argc, argv);
    console_deinit(&console);
    return result;
}
