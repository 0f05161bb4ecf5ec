/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lists.h"

#include "proto/array.h"
#include "proto/fold.h"
#include "rules/codes.h"
#include "rules/hint.h"

#include <assert.h>
#include <stdlib.h>

struct list {
    struct slice name;
    const struct slice *values;
    size_t count;
};

struct list_set {
    struct arena *arena;
    struct list *items;
    size_t count, capacity;
};

int list_set_new(struct list_set **out)
{
    assert(out != NULL);
    AUTO(list_set_free) struct list_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        return STATUS_NO_MEMORY;
    TRY(arena_new_growing(&set->arena, 16 * 1024, 0));
    *out = TAKE(&set);
    return 0;
}

void list_set_free(struct list_set *set)
{
    if (set == NULL)
        return;
    arena_free(set->arena);
    free(set->items);
    free(set);
}

const struct slice *list_set_find(const struct list_set *set, struct slice name, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (!slice_equal(set->items[i].name, name))
            continue;
        *count = set->items[i].count;
        return set->items[i].values;
    }
    return NULL;
}

/* --- Reading --- */

struct list_reader {
    struct slice rest;
    unsigned line;
};

/* The next line that holds a value, trimmed; false at the end. */
static bool next_value(struct list_reader *reader, struct slice *out)
{
    while (reader->rest.len > 0) {
        const uint8_t *end = memchr(reader->rest.data, '\n', reader->rest.len);
        size_t len = end == NULL ? reader->rest.len : (size_t)(end - reader->rest.data);
        *out = slice_trim(slice_of(reader->rest.data, len));
        reader->rest = slice_from(reader->rest, end == NULL ? len : len + 1);
        reader->line++;
        if (out->len > 0 && out->data[0] != '#')
            return true;
    }
    return false;
}

static void list_error(struct diag_list *findings, const char *path, unsigned line,
                       enum parser_code code, const char *hint, const char *message)
{
    diag_add(findings, DIAG_ERROR, (struct diag_position){path, line, 0}, parser_code_name(code),
             hint, "%s", message);
}

/* Counts the values; false, with findings, if the text cannot be used. */
static bool check_text(struct slice text, const char *path, struct diag_list *findings,
                       size_t *count)
{
    struct list_reader reader = {.rest = text};
    struct slice value;
    bool good = true;
    for (*count = 0; next_value(&reader, &value); ++*count) {
        if (*count == LIST_VALUES_MAX) {
            list_error(findings, path, reader.line, CODE_LIST_TOO_LARGE, "split the list",
                       "a list of more than 100000 values");
            return false;
        }
        if (utf8_valid_prefix(value) == value.len)
            continue;
        list_error(findings, path, reader.line, CODE_NOT_UTF8, "save the file as UTF-8",
                   "the value is not UTF-8");
        good = false;
    }
    if (*count == 0 && good)
        list_error(findings, path, 0, CODE_LIST_EMPTY, "write one value a line",
                   "the list holds no value: a rule with it could never be true");
    return good && *count > 0;
}

static bool check_name(const struct list_set *set, struct slice name, const char *path,
                       struct diag_list *findings)
{
    size_t unused;
    bool legal = name.len > 0 && name.len <= LIST_NAME_BYTES_MAX;
    for (size_t i = 0; i < name.len && legal; i++)
        legal =
            name.data[i] > ' ' && name.data[i] != 0x7f && strchr("%/\\*?", name.data[i]) == NULL;
    if (!legal)
        list_error(findings, path, 0, CODE_LIST_NAME,
                   "use at most 128 letters, digits, dashes and underscores",
                   "no placeholder can have the list's name");
    else if (list_set_find(set, name, &unused) != NULL)
        list_error(findings, path, 0, CODE_LIST_DUPLICATE, "rename or remove one of them",
                   "there is already a list of this name");
    else
        return true;
    return false;
}

static int list_keep(struct list_set *set, struct slice name, struct slice text, size_t count)
{
    TRY(array_room(&set->items, &set->capacity, set->count, sizeof *set->items));
    struct slice *values = arena_array(set->arena, struct slice, count);
    struct slice kept_name = arena_copy(set->arena, name);
    struct slice kept_text = arena_copy(set->arena, text);
    if (values == NULL || kept_name.data == NULL || kept_text.data == NULL)
        return STATUS_NO_MEMORY;
    struct list_reader reader = {.rest = kept_text};
    for (size_t i = 0; i < count; i++) {
        bool found = next_value(&reader, &values[i]);
        assert(found);
    }
    set->items[set->count++] = (struct list){kept_name, values, count};
    return 0;
}

int list_set_add(struct list_set *set, struct slice name, struct slice text, const char *path,
                 struct diag_list *findings)
{
    assert(set != NULL && findings != NULL);
    size_t count;
    if (text.len > LIST_BYTES_MAX) {
        list_error(findings, path, 0, CODE_LIST_TOO_LARGE, "split the list",
                   "the list has more than 16 MiB");
        return 0;
    }
    if (slice_starts_with(text, SLICE_LITERAL("\xef\xbb\xbf")))
        text = slice_from(text, 3);
    if (!check_name(set, name, path, findings) || !check_text(text, path, findings, &count))
        return 0;
    return list_keep(set, name, text, count);
}
