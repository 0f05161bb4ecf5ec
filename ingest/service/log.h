/* SPDX-License-Identifier: Apache-2.0 */
/* Log: JSON lines about changes of state; nothing is logged per event.
 *
 * A line is a fixed sentence and key=value fields, so that lines can be searched and counted. What
 * an attacker wrote can only be a value: it is escaped, and cut where it is long. Each place in the
 * program that logs has its own limit of lines a minute; what was held back is counted and told.
 * Any thread. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

#include <stdatomic.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum {
    LOG_LINE_BYTES_MAX = 4095, /* with its line feed PIPE_BUF, which a pipe takes in one piece */
    LOG_VALUE_BYTES_MAX = 512,
    LOG_FIELDS_MAX = 16,
};

struct log;

struct log_field {
    const char *key;
    bool is_number;
    struct slice text;
    int64_t number;
};

/* State of one place that logs; zeroed at first. */
struct log_site {
    _Atomic int64_t minute;
    _Atomic uint32_t lines;
    _Atomic uint32_t held_back;
};

struct log_options {
    int fd; /* where lines go; stays the caller's */
    enum log_level level;
    unsigned lines_per_minute; /* of one site */
};

MUST_USE int log_new(struct log **out, const struct log_options *options);
void log_free(struct log *log);
DEFINE_AUTO(struct log, log_free)

void log_write(struct log *log, struct log_site *site, enum log_level level, const char *sentence,
               const struct log_field fields[], size_t count);

static inline struct log_field log_slice(const char *key, struct slice text)
{
    return (struct log_field){.key = key, .text = text};
}

static inline struct log_field log_text(const char *key, const char *text)
{
    return (struct log_field){.key = key, .text = slice_text(text)};
}

static inline struct log_field log_number(const char *key, int64_t number)
{
    return (struct log_field){.key = key, .is_number = true, .number = number};
}

/* LOG(log, LOG_INFO, "a fixed sentence", log_text("key", value), ...): at least one field. */
#define LOG(log, level, sentence, ...)                                                             \
    do {                                                                                           \
        static struct log_site site_;                                                              \
        const struct log_field fields_[] = {__VA_ARGS__};                                          \
        log_write((log), &site_, (level), (sentence), fields_, sizeof fields_ / sizeof *fields_);  \
    } while (0)
