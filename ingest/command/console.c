/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/console.h"

#include "proto/deceptive.h"
#include "proto/fold.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FINDING_BYTES = 8192, PROGRESS_INTERVAL_MS = 200 };

static const char *const colour_codes[] = {
    [COLOUR_PLAIN] = "\x1b[0m", [COLOUR_BOLD] = "\x1b[1m",    [COLOUR_DIM] = "\x1b[2m",
    [COLOUR_RED] = "\x1b[31m",  [COLOUR_YELLOW] = "\x1b[33m", [COLOUR_GREEN] = "\x1b[32m",
};

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0';
}

void console_init(struct console *console)
{
    const char *term = getenv("TERM");
    bool may_colour = !is_set("NO_COLOR") && (term == NULL || strcmp(term, "dumb") != 0);
    *console = (struct console){
        .out = stdout,
        .err = stderr,
        .command = "yagura",
        .has_colour_out = may_colour && isatty(STDOUT_FILENO),
        .has_colour_err = may_colour && isatty(STDERR_FILENO),
        .has_progress = isatty(STDERR_FILENO),
    };
}

void console_deinit(struct console *console)
{
    free(console->buffer);
    console->buffer = NULL;
}

const char *console_colour(const struct console *console, const FILE *file, enum colour colour)
{
    bool has_colour = file == console->out ? console->has_colour_out : console->has_colour_err;
    return has_colour ? colour_codes[colour] : "";
}

/* --- Messages --- */

void console_progress_end(struct console *console)
{
    if (console->is_progress_shown)
        fputs("\r\x1b[K", console->err);
    console->is_progress_shown = false;
}

void console_error(struct console *console, const char *format, ...)
{
    char message[FINDING_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    console_progress_end(console);
    fprintf(console->err, "%s%s:%s ", console_colour(console, console->err, COLOUR_BOLD),
            console->command, console_colour(console, console->err, COLOUR_PLAIN));
    console_text(console->err, slice_text(message), sizeof message);
    fputc('\n', console->err);
}

void console_finding(struct console *console, const struct diag *finding)
{
    static const enum colour colours[] = {
        [DIAG_NOTE] = COLOUR_DIM, [DIAG_WARNING] = COLOUR_YELLOW, [DIAG_ERROR] = COLOUR_RED};
    char text[FINDING_BYTES];
    diag_format(text, sizeof text, finding);
    console_progress_end(console);
    fprintf(console->err, "%s%s%s",
            console_colour(console, console->err, colours[finding->severity]), text,
            console_colour(console, console->err, COLOUR_PLAIN));
}

struct place {
    const struct diag *finding;
    size_t order; /* as they were found */
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    int order = strcmp(x->finding->file, y->finding->file);
    if (order != 0)
        return order;
    if (x->finding->line != y->finding->line)
        return x->finding->line < y->finding->line ? -1 : 1;
    if (x->finding->column != y->finding->column)
        return x->finding->column < y->finding->column ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

int console_findings(struct console *console, const struct diag_list *findings,
                     enum diag_severity least)
{
    size_t count = diag_count(findings);
    struct place *places = calloc(count + 1, sizeof *places);
    if (places == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){diag_at(findings, i), i};
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++)
        if (places[i].finding->severity >= least)
            console_finding(console, places[i].finding);
    free(places);
    return 0;
}

bool console_complains(struct console *console)
{
    console->complaint_count++;
    if (console->complaint_count == CONSOLE_COMPLAINTS_MAX + 1)
        console_error(console, "further ones are counted, and not shown");
    return console->complaint_count <= CONSOLE_COMPLAINTS_MAX;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void console_progress(struct console *console, const char *format, ...)
{
    if (!console->has_progress)
        return;
    double now = seconds_now();
    if (now < console->progress_next_s)
        return;
    console->progress_next_s = now + PROGRESS_INTERVAL_MS / 1e3;
    console->is_progress_shown = true;
    va_list args;
    va_start(args, format);
    fputs("\r\x1b[K", console->err);
    vfprintf(console->err, format, args);
    va_end(args);
    fflush(console->err);
}

/* --- Text from outside --- */

static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || c == 0x7f || is_deceptive(c);
}

static void put_unsafe(FILE *file, uint32_t c)
{
    if (c == '\n' || c == '\t' || c == '\r')
        fprintf(file, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
    else if (c < 0x80)
        fprintf(file, "\\x%02x", (unsigned)c);
    else
        fprintf(file, "\\u%04x", (unsigned)c);
}

void console_text(FILE *file, struct slice text, size_t bytes_max)
{
    struct slice shown = text.len > bytes_max ? slice_of(text.data, bytes_max) : text;
    for (size_t at = 0; at < shown.len;) {
        unsigned length = 1;
        uint32_t c = utf8_decode(shown, at, &length);
        if (c == UTF8_INVALID)
            fprintf(file, "\\x%02x", shown.data[at]);
        else if (is_unsafe(c))
            put_unsafe(file, c);
        else
            fwrite(shown.data + at, 1, length, file);
        at += length;
    }
    if (text.len > bytes_max)
        fprintf(file, "... (%zu bytes)", text.len);
}

/* --- JSON --- */

int console_json(struct console *console, console_json_fn *write, const void *subject)
{
    struct json json;
    for (;;) {
        json_start(&json, console->buffer, console->capacity);
        write(&json, subject);
        if (json_complete(&json))
            break;
        if (json.len < console->capacity)
            return STATUS_LIMIT; /* nested deeper than the writer can */
        free(console->buffer);
        console->capacity = json.len + json.len / 2 + 4096;
        console->buffer = malloc(console->capacity);
        if (console->buffer == NULL) {
            console->capacity = 0;
            return STATUS_NO_MEMORY;
        }
    }
    return fwrite(console->buffer, 1, json.len, console->out) == json.len ? 0 : STATUS_IO;
}

int console_flush(struct console *console)
{
    console_progress_end(console);
    return fflush(console->out) == 0 && !ferror(console->out) ? 0 : STATUS_IO;
}
