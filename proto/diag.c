/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/diag.h"

#include "proto/arena.h"
#include "proto/array.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_BYTES_MAX = 2048 };

struct diag_list {
    struct arena *texts;
    struct diag *items;
    size_t count;
    size_t capacity;
    size_t severity_count[DIAG_ERROR + 1]; /* also of those that were not kept */
};

int diag_list_new(struct diag_list **out)
{
    AUTO(diag_list_free) struct diag_list *list = calloc(1, sizeof *list);
    if (list == NULL)
        return STATUS_NO_MEMORY;
    TRY(arena_new_growing(&list->texts, 4096, 0));
    *out = TAKE(&list);
    return 0;
}

void diag_list_free(struct diag_list *list)
{
    if (list == NULL)
        return;
    arena_free(list->texts);
    free(list->items);
    free(list);
}

static bool diag_reserve(struct diag_list *list)
{
    return list->count < DIAG_COUNT_MAX &&
           array_room(&list->items, &list->capacity, list->count, sizeof *list->items) == 0;
}

static const char *diag_keep(struct diag_list *list, const char *text)
{
    if (text == NULL)
        return NULL;
    struct slice copy = arena_copy(list->texts, slice_text(text));
    return copy.data == NULL ? "" : (const char *)copy.data;
}

void diag_add(struct diag_list *list, enum diag_severity severity, struct diag_position at,
              const char *code, const char *hint, const char *format, ...)
{
    assert(list != NULL && code != NULL && format != NULL);
    list->severity_count[severity]++;
    if (!diag_reserve(list))
        return;
    char message[MESSAGE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    list->items[list->count++] = (struct diag){
        .severity = severity,
        .file = at.file == NULL ? "" : diag_keep(list, at.file),
        .line = at.line,
        .column = at.column,
        .code = code,
        .message = diag_keep(list, message),
        .hint = diag_keep(list, hint),
    };
}

void diag_append(struct diag_list *list, const struct diag_list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct diag *d = &from->items[i];
        diag_add(list, d->severity, (struct diag_position){d->file, d->line, d->column}, d->code,
                 d->hint, "%s", d->message);
    }
}

size_t diag_count(const struct diag_list *list)
{
    return list->count;
}

const struct diag *diag_at(const struct diag_list *list, size_t index)
{
    assert(index < list->count);
    return &list->items[index];
}

size_t diag_count_of(const struct diag_list *list, enum diag_severity severity)
{
    return list->severity_count[severity];
}

bool diag_has_errors(const struct diag_list *list)
{
    return list->severity_count[DIAG_ERROR] > 0;
}

void diag_clear(struct diag_list *list)
{
    arena_reset(list->texts);
    list->count = 0;
    memset(list->severity_count, 0, sizeof list->severity_count);
}

const char *diag_severity_text(enum diag_severity severity)
{
    static const char *const texts[] = {
        [DIAG_NOTE] = "note", [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error"};
    return texts[severity];
}

/* Control characters become \xNN: the text may quote what an attacker wrote. */
static void escape_controls(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (; *text != '\0' && used + 5 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7f)
            used += (size_t)snprintf(out + used, size - used, "\\x%02x", byte);
        else
            out[used++] = *text;
    }
    out[used] = '\0';
}

int diag_format(char *buffer, size_t size, const struct diag *diag)
{
    char message[2 * MESSAGE_BYTES_MAX];
    char hint[2 * MESSAGE_BYTES_MAX];
    char place[32] = "";
    escape_controls(message, sizeof message, diag->message);
    escape_controls(hint, sizeof hint, diag->hint == NULL ? "" : diag->hint);
    if (diag->line > 0 && diag->column > 0)
        snprintf(place, sizeof place, ":%u:%u", diag->line, diag->column);
    else if (diag->line > 0)
        snprintf(place, sizeof place, ":%u", diag->line);
    return snprintf(buffer, size, "%s%s%s%s: %s [%s]\n%s%s%s", diag->file, place,
                    *diag->file == '\0' ? "" : ": ", diag_severity_text(diag->severity), message,
                    diag->code, *hint == '\0' ? "" : "    hint: ", hint, *hint == '\0' ? "" : "\n");
}
