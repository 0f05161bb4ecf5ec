/* SPDX-License-Identifier: Apache-2.0 */
/* Console: what a command writes to: results to standard output, everything else to standard error.
 *
 * Colour and progress only where a person looks: on a terminal, and colour not under NO_COLOR
 * (no-color.org) or TERM=dumb. Text from rules and events is escaped before it reaches either. */
#pragma once

#include "proto/diag.h"
#include "proto/json.h"

#include <stdio.h>

enum colour { COLOUR_PLAIN, COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_YELLOW, COLOUR_GREEN };

struct console {
    FILE *out, *err;
    const char *command; /* "yagura check", for messages */
    bool has_colour_out, has_colour_err;
    bool has_progress;
    bool is_progress_shown; /* a line that the next message must wipe */
    double progress_next_s;
    uint64_t complaint_count;
    uint8_t *buffer; /* of console_json */
    size_t capacity;
};

void console_init(struct console *console);
void console_deinit(struct console *console);

/* Escape sequences to switch to a colour and back, "" where there is no colour. */
const char *console_colour(const struct console *console, const FILE *file, enum colour colour);

/* "yagura check: message" on standard error. */
void console_error(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void console_finding(struct console *console, const struct diag *finding);
/* All that are at least so severe, in order of file, line and column. */
MUST_USE int console_findings(struct console *console, const struct diag_list *findings,
                              enum diag_severity least);

/* So many bad pieces of one input are named one by one: a file of something else altogether would
 * else scroll everything away. */
enum { CONSOLE_COMPLAINTS_MAX = 20 };
/* Counts one more, and whether it is to be named; says once that further ones are not. */
MUST_USE bool console_complains(struct console *console);
/* A line on standard error that is written over, at most a few times a second. Nothing where there
 * is no terminal. */
void console_progress(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Wipes the progress line. */
void console_progress_end(struct console *console);

/* Text from outside, with control characters and invalid UTF-8 escaped, cut behind bytes_max. */
void console_text(FILE *file, struct slice text, size_t bytes_max);

typedef void console_json_fn(struct json *json, const void *subject);
/* Writes one JSON document without a line feed. */
MUST_USE int console_json(struct console *console, console_json_fn *write, const void *subject);
/* 0, or STATUS_IO if something that was written to standard output did not arrive. */
MUST_USE int console_flush(struct console *console);
