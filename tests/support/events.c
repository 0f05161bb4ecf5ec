/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include "corpus.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

static FILE *run(const char *tool, const char *path, const char *argument)
{
    char command[8192];
    int length = snprintf(command, sizeof command, "%s '%s' %s", tool, path, argument);
    assert(length > 0 && (size_t)length < sizeof command);
    return popen(command, "r");
}

FILE *events_open(const char *name)
{
    char path[4096];
    if (!corpus_path(path, sizeof path, name))
        return NULL;
    return run(strstr(name, ".xz") == NULL ? "cat" : "xz -dc", path, "");
}

FILE *events_open_member(const char *member)
{
    char path[4096];
    if (!corpus_path(path, sizeof path, "sigmahq-rules-8eaafff1.tar.xz"))
        return NULL;
    return run("tar -xJOf", path, member);
}

void events_close(FILE *stream)
{
    int status = pclose(stream);
    assert(status == 0);
}

static struct value value_of(struct arena *arena, const json_t *json)
{
    struct value *items;
    switch (json_typeof(json)) {
    case JSON_STRING:
        return value_of_text(
            arena_copy(arena, slice_of(json_string_value(json), json_string_length(json))));
    case JSON_INTEGER:
        return value_of_integer(json_integer_value(json));
    case JSON_REAL:
        return (struct value){.type = VALUE_REAL, .real = json_real_value(json)};
    case JSON_TRUE:
    case JSON_FALSE:
        return (struct value){.type = VALUE_BOOLEAN, .boolean = json_is_true(json)};
    case JSON_ARRAY:
        items = arena_array(arena, struct value, json_array_size(json) + 1);
        for (size_t i = 0; i < json_array_size(json); i++)
            items[i] = value_of(arena, json_array_get(json, i));
        return (struct value){.type = VALUE_LIST, .list = {items, json_array_size(json)}};
    case JSON_NULL:
        return (struct value){.type = VALUE_NULL};
    case JSON_OBJECT:
        break;
    }
    assert(!"a flat event holds no object");
    abort();
}

void events_parse(struct events_line *out, const char *json, size_t len)
{
    json_error_t error;
    json_t *object = json_loadb(json, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    assert(json_is_object(object));
    arena_reset(out->arena);
    out->fields = arena_array(out->arena, struct flat_field, json_object_size(object) + 1);
    out->count = 0;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        struct flat_field *field = &out->fields[out->count++];
        field->name = arena_copy(out->arena, slice_text(key));
        field->value = value_of(out->arena, value);
    }
    json_decref(object);
}

bool events_next(struct events_line *out, FILE *stream)
{
    ssize_t len = getline(&out->line, &out->size, stream);
    if (len < 0)
        return false;
    events_parse(out, out->line, (size_t)len);
    return true;
}
