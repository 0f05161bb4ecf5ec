/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads, one log: stress_log [LINES].
 *
 * Every line that arrives at the other end of a pipe is whole, valid JSON, and each line of each
 * thread comes once, in its order. Then the same with a limit: what was not written was counted. */
#include "stress.h"

#include "ingest/service/log.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, LIMIT = 7, MINUTES_MAX = 10, LONG_BYTES = 3000 };

struct writer {
    struct log *log;
    struct log_site *site; /* one for all: as if the same place logged in each thread */
    unsigned thread;
    unsigned long lines;
    pthread_t id;
};

/* Values of all lengths, so that lines are short, long and longer than may be. */
static void *write_lines(void *argument)
{
    const struct writer *writer = argument;
    char text[LONG_BYTES];
    memset(text, '\n', sizeof text);
    for (unsigned long i = 0; i < writer->lines; i++) {
        struct slice value = slice_of(text, (i * 37 + writer->thread) % LONG_BYTES);
        const struct log_field fields[] = {log_number("thread", writer->thread),
                                           log_number("line", (int64_t)i), log_slice("a", value),
                                           log_slice("b", value), log_slice("c", value)};
        log_write(writer->log, writer->site, LOG_INFO, "a line", fields,
                  sizeof fields / sizeof *fields);
    }
    return NULL;
}

struct reader {
    FILE *file;
    unsigned long lines, held_back;
    json_int_t next[THREADS];
};

static void *read_lines(void *argument)
{
    struct reader *reader = argument;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, reader->file) > 0) {
        json_t *object = json_loads(line, 0, NULL);
        REQUIRE(json_is_object(object), "no JSON: %.200s", line);
        json_int_t thread = json_integer_value(json_object_get(object, "thread"));
        json_int_t number = json_integer_value(json_object_get(object, "line"));
        REQUIRE(json_object_get(object, "line") != NULL && thread < THREADS, "%.200s", line);
        REQUIRE(number >= reader->next[thread], "a line came again, or too late");
        reader->next[thread] = number + 1;
        reader->held_back +=
            (unsigned long)json_integer_value(json_object_get(object, "held_back"));
        reader->lines++;
        json_decref(object);
    }
    free(line);
    return NULL;
}

static struct reader run(unsigned long lines, unsigned lines_per_minute)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0, "pipe");
    const struct log_options options = {ends[1], LOG_INFO, lines_per_minute};
    struct reader reader = {.file = fdopen(ends[0], "r")};
    struct writer writers[THREADS];
    pthread_t reading;
    struct log *log = NULL;
    struct log_site site = {0};
    REQUIRE(reader.file != NULL && log_new(&log, &options) == 0, "memory");
    REQUIRE(pthread_create(&reading, NULL, read_lines, &reader) == 0, "thread");
    for (unsigned i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){.log = log, .site = &site, .thread = i, .lines = lines};
        REQUIRE(pthread_create(&writers[i].id, NULL, write_lines, &writers[i]) == 0, "thread");
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(writers[i].id, NULL);
    close(ends[1]);
    pthread_join(reading, NULL);
    fclose(reader.file);
    log_free(log);
    return reader;
}

int main(int argc, char *argv[])
{
    unsigned long lines = stress_amount(argc, argv, 1, 1000);
    struct reader all = run(lines, UINT32_MAX);
    REQUIRE(all.lines == lines * THREADS, "%lu of %lu lines", all.lines, lines * THREADS);
    struct reader few = run(lines, LIMIT);
    REQUIRE(few.lines >= LIMIT && few.lines <= LIMIT * MINUTES_MAX, "%lu lines", few.lines);
    REQUIRE(few.lines + few.held_back <= lines * THREADS, "more than was written");
    printf("%lu lines, whole and in order; of as many %lu within the limit\n", all.lines,
           few.lines);
    return 0;
}
