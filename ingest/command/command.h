/* SPDX-License-Identifier: Apache-2.0 */
/* Command: one of yagura's, with what its help says. */
#pragma once

#include "ingest/command/arguments.h"
#include "ingest/command/console.h"

enum yagura_exit {
#define YAGURA_EXIT(name, number, text) YAGURA_EXIT_##name = (number),
#include "ingest/command/exits.def"
#undef YAGURA_EXIT
};

struct command {
    const char *name;
    const char *usage;   /* "[options] DIR|FILE ..." */
    const char *summary; /* one line */
    const char *text;    /* paragraphs behind the options; lines of at most 100 columns */
    const struct argument_row *rows;
    size_t operands_min, operands_max;
    /* Returns a yagura_exit, or a negative status that main turns into one. */
    int (*run)(const struct arguments *arguments, struct console *console);
};

#define COMMAND(name) extern const struct command command_##name;
#include "ingest/command/command.def"
#undef COMMAND

/* Of an event that a batch cannot hold (EVENT_FIELDS_MAX). */
#define EVENT_TOO_LARGE_TEXT "the event has more than 4096 fields and elements of lists; split it"

/* Options that several commands share. */
#define ARGUMENT_HELP                                                                              \
    {                                                                                              \
        .kind = ARGUMENT_FLAG, .name = "--help", .short_name = "-h", .help = "show this and exit"  \
    }
#define ARGUMENT_FORMAT                                                                            \
    {                                                                                              \
        .kind = ARGUMENT_CHOICE, .name = "--format", .value = "text|json",                         \
        .help = "for people (the default), or for machines"                                        \
    }
#define ARGUMENT_LISTS                                                                             \
    {                                                                                              \
        .kind = ARGUMENT_TEXT, .name = "--lists", .value = "DIR",                                  \
        .help = "lists for placeholders: %name% takes the lines of DIR/name.txt"                   \
    }
#define ARGUMENT_RULES                                                                             \
    {                                                                                              \
        .kind = ARGUMENT_TEXTS, .name = "--rules", .value = "DIR|FILE",                            \
        .help = "rules to use; may be repeated"                                                    \
    }
#define ARGUMENT_LOGSOURCE                                                                         \
    {.kind = ARGUMENT_TEXT,                                                                        \
     .name = "--product",                                                                          \
     .value = "NAME",                                                                              \
     .help = "log source of events that do not show it themselves: product"},                      \
        {.kind = ARGUMENT_TEXT, .name = "--category", .value = "NAME", .help = "... category"},    \
    {                                                                                              \
        .kind = ARGUMENT_TEXT, .name = "--service", .value = "NAME", .help = "... service"         \
    }
