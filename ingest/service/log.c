/* SPDX-License-Identifier: Apache-2.0 */
/* A line is made on the stack and leaves in one write of at most PIPE_BUF bytes, so lines of
 * several threads do not mix, not even in a full pipe, and no thread waits for another's lock. A
 * line that the reader does not take (a full pipe with O_NONBLOCK, a closed terminal) is lost:
 * logging must not stop the service. */
#include "ingest/service/log.h"

#include "proto/deceptive.h"
#include "proto/fold.h"
#include "proto/json.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

_Static_assert(LOG_LINE_BYTES_MAX + 1 <= PIPE_BUF, "a line is written in one piece");

struct log {
    struct log_options options;
};

int log_new(struct log **out, const struct log_options *options)
{
    assert(out != NULL && options->lines_per_minute >= 1);
    struct log *log = malloc(sizeof *log);
    if (log == NULL)
        return STATUS_NO_MEMORY;
    log->options = *options;
    *out = log;
    return 0;
}

void log_free(struct log *log)
{
    free(log);
}

/* Characters that a terminal obeys or that turn text around, beyond those JSON escapes itself. */
static bool is_treacherous(uint32_t c)
{
    return c == 0x7f || is_deceptive(c);
}

/* Copies text into out, with treacherous characters written as <U+202E>. */
static struct slice tame(char out[LOG_VALUE_BYTES_MAX + 16], struct slice text)
{
    size_t used = 0;
    for (size_t at = 0; at < text.len && used + 16 < LOG_VALUE_BYTES_MAX;) {
        unsigned length = 1;
        uint32_t c = utf8_decode(text, at, &length);
        if (is_treacherous(c)) {
            used += (size_t)snprintf(out + used, 16, "<U+%04X>", (unsigned)c);
        } else {
            memcpy(out + used, text.data + at, length);
            used += length;
        }
        at += length;
        if (used + 16 >= LOG_VALUE_BYTES_MAX && at < text.len)
            used += (size_t)snprintf(out + used, 16, "<cut>");
    }
    return slice_of(out, used);
}

/* Whether the site may write now; *held_back: how many lines it could not before this one.
 *
 * Relaxed: the counters belong together only roughly. Two threads that meet at the turn of a minute
 * may let a line or two more through; nothing else depends on these values. */
static bool site_may_write(struct log_site *site, unsigned lines_per_minute, int64_t now_s,
                           uint32_t *held_back)
{
    int64_t minute = now_s / 60;
    if (atomic_load_explicit(&site->minute, memory_order_relaxed) != minute) {
        atomic_store_explicit(&site->minute, minute, memory_order_relaxed);
        atomic_store_explicit(&site->lines, 0, memory_order_relaxed);
    }
    if (atomic_fetch_add_explicit(&site->lines, 1, memory_order_relaxed) >= lines_per_minute) {
        atomic_fetch_add_explicit(&site->held_back, 1, memory_order_relaxed);
        return false;
    }
    *held_back = atomic_exchange_explicit(&site->held_back, 0, memory_order_relaxed);
    return true;
}

struct line {
    enum log_level level;
    const char *sentence;
    const struct log_field *fields;
    size_t field_count;
    uint32_t held_back;
    struct timespec now;
};

static void write_head(struct json *json, enum log_level level, const char *sentence,
                       struct timespec now)
{
    static const char *const levels[] = {[LOG_DEBUG] = "debug",
                                         [LOG_INFO] = "info",
                                         [LOG_WARNING] = "warning",
                                         [LOG_ERROR] = "error"};
    char date[32], time[48];
    struct tm tm;
    gmtime_r(&now.tv_sec, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(time, sizeof time, "%s.%03ldZ", date, now.tv_nsec / 1000000);
    json_text(json, "time", slice_text(time));
    json_text(json, "level", slice_text(levels[level]));
    json_text(json, "message", slice_text(sentence));
}

static void write_field(struct json *json, const struct log_field *field)
{
    char tamed[LOG_VALUE_BYTES_MAX + 16];
    if (field->is_number)
        json_integer(json, field->key, field->number);
    else
        json_text(json, field->key, tame(tamed, field->text));
}

/* The line without its line feed; false: so many fields have no room. */
static bool write_line(struct json *json, const struct line *line, size_t field_count)
{
    json_object(json, NULL);
    write_head(json, line->level, line->sentence, line->now);
    if (line->held_back > 0)
        json_integer(json, "held_back", line->held_back);
    for (size_t i = 0; i < field_count; i++)
        write_field(json, &line->fields[i]);
    if (field_count < line->field_count)
        json_integer(json, "fields_left_out", (int64_t)(line->field_count - field_count));
    json_end(json);
    return json_complete(json);
}

void log_write(struct log *log, struct log_site *site, enum log_level level, const char *sentence,
               const struct log_field fields[], size_t count)
{
    assert(count <= LOG_FIELDS_MAX);
    struct line line = {level, sentence, fields, count, 0, {0}};
    clock_gettime(CLOCK_REALTIME, &line.now);
    if (level < log->options.level ||
        !site_may_write(site, log->options.lines_per_minute, line.now.tv_sec, &line.held_back))
        return;
    uint8_t text[LOG_LINE_BYTES_MAX + 1];
    struct json json;
    size_t fields_written = count;
    for (;; fields_written--) {
        json_start(&json, text, LOG_LINE_BYTES_MAX);
        if (write_line(&json, &line, fields_written))
            break;
        assert(fields_written > 0); /* a sentence is ours, and short */
    }
    text[json.len] = '\n';
    ssize_t written = write(log->options.fd, text, json.len + 1);
    (void)written;
}
