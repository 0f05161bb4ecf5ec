/* SPDX-License-Identifier: Apache-2.0 */
/* The log sources of every corpus event, against a second reading of SigmaHQ's thor.yml: the test
 * reads that file itself, line by line, and shares nothing with logsource.c and its tables. */
#include "events.h"
#include "proto/channel.h"
#include "proto/event.h"
#include "proto/flat.h"
#include "proto/logsource.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum { ENTRIES_MAX = 200, IDS_MAX = 32, SOURCES_MAX = 8, WORD = 128 };

struct entry {
    char category[WORD], service[WORD], event_type[WORD];
    long ids[IDS_MAX];
    size_t id_count;
    char channels[SOURCES_MAX][WORD];
    size_t channel_count;
};

struct mapping {
    struct entry entries[ENTRIES_MAX];
    size_t count;
};

/* A line as indentation, key (may be empty for list items) and value. */
struct thor_line {
    size_t indent;
    char key[WORD], value[WORD];
};

static bool read_line(struct thor_line *out, char *text)
{
    out->indent = strspn(text, " ");
    text += out->indent;
    text[strcspn(text, "\r\n")] = '\0';
    if (*text == '#' || *text == '\0')
        return false;
    bool item = strncmp(text, "- ", 2) == 0;
    char *colon = item ? NULL : strchr(text, ':');
    char *value = item ? text + 2 : colon == NULL ? text : colon + 1;
    out->key[0] = '\0';
    if (colon != NULL)
        snprintf(out->key, WORD, "%.*s", (int)(colon - text), text);
    value += strspn(value, " '\"");
    size_t len = strlen(value);
    while (len > 0 && strchr("'\" ", value[len - 1]) != NULL)
        len--;
    snprintf(out->value, WORD, "%.*s", (int)len, value);
    return true;
}

/* Entries start at four spaces; what belongs to them is deeper. */
static void take_line(struct mapping *mapping, const struct thor_line *line, char section[WORD])
{
    if (line->indent == 4) {
        cr_assert(mapping->count < ENTRIES_MAX);
        mapping->entries[mapping->count++] = (struct entry){0};
        return;
    }
    if (line->indent < 4 || mapping->count == 0)
        return;
    struct entry *entry = &mapping->entries[mapping->count - 1];
    if (line->key[0] != '\0' && line->value[0] == '\0')
        snprintf(section, WORD, "%s", line->key);
    if (strcmp(line->key, "category") == 0)
        snprintf(entry->category, WORD, "%s", line->value);
    if (strcmp(line->key, "service") == 0)
        snprintf(entry->service, WORD, "%s", line->value);
    if (strcmp(line->key, "EventType") == 0)
        snprintf(entry->event_type, WORD, "%s", line->value);
    bool id = strcmp(line->key, "EventID") == 0 ||
              (line->key[0] == '\0' && strcmp(section, "EventID") == 0);
    if (id && isdigit((unsigned char)line->value[0]))
        entry->ids[entry->id_count++] = strtol(line->value, NULL, 10);
    if (line->key[0] == '\0' && strncmp(line->value, "WinEventLog:", 12) == 0)
        snprintf(entry->channels[entry->channel_count++], WORD, "%s", line->value + 12);
}

static bool read_thor(struct mapping *out)
{
    FILE *stream = events_open_member("tests/thor.yml");
    if (stream == NULL)
        return false;
    char text[1024];
    char section[WORD] = "";
    struct thor_line line;
    out->count = 0;
    while (fgets(text, sizeof text, stream) != NULL)
        if (read_line(&line, text))
            take_line(out, &line, section);
    events_close(stream);
    cr_assert_gt(out->count, 80);
    return true;
}

/* --- What thor.yml says of one flat event --- */

struct expected {
    const char *names[16];
    size_t count;
};

static void expect(struct expected *expected, const char *name)
{
    for (size_t i = 0; i < expected->count; i++)
        if (strcmp(expected->names[i], name) == 0)
            return;
    cr_assert(expected->count < 16);
    expected->names[expected->count++] = name;
}

static const struct value *field_of(const struct events_line *line, const char *name)
{
    for (size_t i = 0; i < line->count; i++)
        if (slice_equal(line->fields[i].name, slice_text(name)))
            return &line->fields[i].value;
    return NULL;
}

static bool text_is(const struct value *value, const char *text)
{
    return value != NULL && value->type == VALUE_TEXT && value->text.len == strlen(text) &&
           strncasecmp((const char *)value->text.data, text, value->text.len) == 0;
}

static bool number_is(const struct value *value, long number)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", number);
    return value != NULL &&
           ((value->type == VALUE_INTEGER && value->integer == number) || text_is(value, text));
}

static const char *service_of(const struct mapping *mapping, const struct events_line *line)
{
    for (size_t i = 0; i < mapping->count; i++)
        for (size_t k = 0; k < mapping->entries[i].channel_count; k++)
            if (text_is(field_of(line, "Channel"), mapping->entries[i].channels[k]))
                return mapping->entries[i].service;
    return NULL;
}

static bool conditions_hold(const struct entry *entry, const struct events_line *line)
{
    bool id = false;
    for (size_t i = 0; i < entry->id_count; i++)
        id = id || number_is(field_of(line, "EventID"), entry->ids[i]);
    return id && (entry->event_type[0] == '\0' ||
                  text_is(field_of(line, "EventType"), entry->event_type));
}

static struct expected expected_categories(const struct mapping *mapping,
                                           const struct events_line *line)
{
    struct expected expected = {.count = 0};
    const char *service = service_of(mapping, line);
    for (size_t i = 0; service != NULL && i < mapping->count; i++) {
        const struct entry *entry = &mapping->entries[i];
        if (entry->category[0] != '\0' && strcmp(entry->service, service) == 0 &&
            conditions_hold(entry, line))
            expect(&expected, entry->category);
    }
    return expected;
}

static bool is_expected(const struct expected *expected, struct slice name)
{
    for (size_t i = 0; i < expected->count; i++)
        if (slice_equal(slice_text(expected->names[i]), name))
            return true;
    return false;
}

/* Names beyond thor.yml that are meant: what SigmaHQ's rules and logsource.json call the same. */
static bool is_known_addition(struct slice name)
{
    static const char *const additions[] = {"clipboard_capture", "file_block"};
    for (size_t i = 0; i < sizeof additions / sizeof additions[0]; i++)
        if (slice_equal(slice_text(additions[i]), name))
            return true;
    return false;
}

static void compare(const struct mapping *mapping, const struct events_line *line,
                    const struct event *event)
{
    struct logsource_set set;
    event_logsources(&set, event);
    cr_assert(slice_equal(set.product, SLICE_LITERAL("windows")));
    struct expected categories = expected_categories(mapping, line);
    size_t additions = 0;
    for (size_t i = 0; i < set.category_count; i++) {
        bool expected = is_expected(&categories, set.categories[i]);
        cr_assert(expected || is_known_addition(set.categories[i]), "%.*s of %s",
                  SLICE_PRINTF(set.categories[i]), shape_name((enum shape)event->shape));
        additions += !expected;
    }
    cr_assert_eq(set.category_count - additions, categories.count, "categories of a %s: %s",
                 shape_name((enum shape)event->shape), line->line);
    const char *service = service_of(mapping, line);
    cr_assert_eq(set.service_count, (size_t)(service != NULL), "%s", line->line);
    if (service != NULL)
        cr_assert(slice_equal(set.services[0], slice_text(service)));
}

static size_t compare_file(const struct mapping *mapping, const char *name)
{
    static const struct flat_origin origin = {.tenant_id = {1}, .endpoint_id = {2}};
    static const struct batch_options options = {0};
    struct flat_encoder *encoder;
    struct arena *arena;
    struct events_line line = {0};
    struct batch batch;
    struct slice bytes;
    size_t compared = 0;
    FILE *stream = events_open(name);
    cr_assert_not_null(stream);
    cr_assert_eq(flat_encoder_new(&encoder, &origin), 0);
    cr_assert_eq(arena_new_fixed(&arena, 16 * 1024 * 1024), 0);
    cr_assert_eq(arena_new_growing(&line.arena, 64 * 1024, 0), 0);
    while (events_next(&line, stream)) {
        arena_reset(arena);
        cr_assert_eq(flat_encoder_add(encoder, line.fields, line.count, NULL), 0);
        cr_assert_eq(flat_encoder_finish(encoder, &bytes), 0);
        cr_assert_eq(batch_decode(&batch, bytes, &options, arena), 0);
        compare(mapping, &line, &batch.events[0]);
        compared++;
    }
    free(line.line);
    arena_free(line.arena);
    arena_free(arena);
    flat_encoder_free(encoder);
    events_close(stream);
    return compared;
}

Test(logsource_corpus, agrees_with_a_second_reading_of_the_mapping)
{
    static struct mapping mapping;
    if (!read_thor(&mapping))
        return;
    cr_assert_gt(compare_file(&mapping, "otrf/events.jsonl.xz"), 80000);
    cr_assert_gt(compare_file(&mapping, "regression/flat.jsonl"), 200);
}

/* Every channel that thor.yml knows has its service here; every service has a channel. */
Test(logsource_corpus, knows_every_windows_channel_of_the_mapping)
{
    static struct mapping mapping;
    if (!read_thor(&mapping))
        return;
    for (size_t i = 0; i < mapping.count; i++) {
        const struct entry *entry = &mapping.entries[i];
        for (size_t k = 0; k < entry->channel_count; k++)
            cr_expect(slice_equal(channel_service(slice_text(entry->channels[k])),
                                  slice_text(entry->service)),
                      "%s", entry->channels[k]);
        for (size_t k = 0; entry->category[0] != '\0' && k < entry->id_count; k++)
            cr_expect(category_shapes(slice_text(entry->category)) != 0, "%s", entry->category);
    }
}
