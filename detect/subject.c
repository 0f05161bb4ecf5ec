/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/subject.h"

#include "detect/number.h"
#include "proto/fold.h"

#include <assert.h>
#include <stdlib.h>

enum { KEYWORD_TEXTS_MAX = 2 * EVENT_FIELDS_MAX };

struct slot {
    uint32_t epoch;           /* texts are of this event */
    struct subject_text only; /* where the one text of most values lives */
    struct subject_text *texts;
    size_t count;
    bool folded;
};

struct subject {
    struct projected *projected;
    const struct event *event;
    struct arena *arena; /* folded texts, texts of numbers, arrays of lists; reset per event */
    bool overflowed;
    uint32_t epoch;
    size_t slot_count;
    struct subject_text *keywords; /* KEYWORD_TEXTS_MAX */
    struct slot slots[];           /* the keywords' slot is last */
};

int subject_new(struct subject **out, const struct projection *projection, size_t slot_count)
{
    AUTO(subject_free)
    struct subject *subject = calloc(1, sizeof *subject + (slot_count + 1) * sizeof(struct slot));
    if (subject == NULL)
        return STATUS_NO_MEMORY;
    subject->slot_count = slot_count;
    subject->keywords = malloc(KEYWORD_TEXTS_MAX * sizeof *subject->keywords);
    if (subject->keywords == NULL)
        return STATUS_NO_MEMORY;
    TRY(projected_new(&subject->projected, projection, SUBJECT_TEXT_BYTES_MAX));
    TRY(arena_new_fixed(&subject->arena, SUBJECT_TEXT_BYTES_MAX));
    *out = TAKE(&subject);
    return 0;
}

void subject_free(struct subject *subject)
{
    if (subject == NULL)
        return;
    projected_free(subject->projected);
    arena_free(subject->arena);
    free(subject->keywords);
    free(subject);
}

static void forget_all(struct subject *subject)
{
    for (size_t i = 0; i <= subject->slot_count; i++)
        subject->slots[i].epoch = 0;
    subject->epoch = 1;
}

void subject_begin(struct subject *subject, const struct event *event)
{
    subject->event = event;
    subject->overflowed = false;
    arena_reset(subject->arena);
    projected_begin(subject->projected, event);
    if (++subject->epoch == 0)
        forget_all(subject);
}

const struct value *subject_value(struct subject *subject, unsigned slot)
{
    assert(slot < subject->slot_count);
    return projected_get(subject->projected, slot);
}

bool subject_overflowed(const struct subject *subject)
{
    return subject->overflowed || arena_overflowed(subject->arena) ||
           projected_overflowed(subject->projected);
}

uint64_t subject_duplicate_count(const struct subject *subject)
{
    return projected_duplicate_count(subject->projected);
}

static struct slice fold_here(struct arena *arena, struct slice raw)
{
    size_t mark = arena_mark(arena);
    uint8_t *folded = arena_take_bytes(arena, FOLD_BYTES_MAX(raw.len));
    if (folded == NULL)
        return (struct slice){NULL, 0};
    size_t len = fold_into(folded, raw);
    arena_rewind(arena, mark + len);
    return slice_of(folded, len);
}

static bool has_text(const struct value *value)
{
    return value->type == VALUE_TEXT || value->type == VALUE_INTEGER || value->type == VALUE_REAL ||
           value->type == VALUE_BOOLEAN;
}

static void text_of_scalar(struct subject_text *out, struct arena *arena, const struct value *value)
{
    out->is_folded = false;
    if (value->type == VALUE_TEXT) {
        out->raw = value->text;
        return;
    }
    char *buffer = arena_take_bytes(arena, VALUE_TEXT_BYTES_MAX);
    out->raw = buffer == NULL ? (struct slice){NULL, 0} : number_text(value, buffer);
}

/* Appends the texts of a value; returns how many there are now, at most room. */
static size_t append_texts(struct subject_text items[], size_t count, size_t room,
                           struct subject *subject, const struct value *value)
{
    bool is_list = value->type == VALUE_LIST;
    const struct value *elements = is_list ? value->list.items : value;
    size_t element_count = is_list ? value->list.count : 1;
    for (size_t i = 0; i < element_count; i++) {
        if (!has_text(&elements[i]))
            continue;
        if (count == room) {
            subject->overflowed = true;
            return count;
        }
        text_of_scalar(&items[count++], subject->arena, &elements[i]);
    }
    return count;
}

static void fill_list(struct subject *subject, struct slot *slot, const struct value *value)
{
    size_t room = value->list.count;
    slot->texts = arena_take(subject->arena, room * sizeof *slot->texts);
    slot->count = append_texts(slot->texts, 0, slot->texts == NULL ? 0 : room, subject, value);
}

/* Most values are one text: no detour for those. */
static void fill_slot(struct subject *subject, struct slot *slot, const struct value *value)
{
    slot->texts = &slot->only;
    if (value->type == VALUE_TEXT) {
        slot->only.raw = value->text;
        slot->only.is_folded = false;
        slot->count = 1;
    } else if (value->type == VALUE_LIST) {
        fill_list(subject, slot, value);
    } else {
        slot->count = append_texts(&slot->only, 0, 1, subject, value);
    }
}

static void fill_keywords(struct subject *subject, struct slot *slot)
{
    struct field_iterator iterator;
    field_iterate(&iterator, subject->event, subject->arena);
    struct slice name;
    struct value value;
    size_t count = 0;
    while (field_next(&iterator, &name, &value))
        count = append_texts(subject->keywords, count, KEYWORD_TEXTS_MAX, subject, &value);
    struct value raw = value_of_text(event_raw(subject->event));
    if (raw.text.len > 0)
        count = append_texts(subject->keywords, count, KEYWORD_TEXTS_MAX, subject, &raw);
    slot->texts = subject->keywords;
    slot->count = count;
}

static struct slot *slot_of(struct subject *subject, unsigned index)
{
    assert(index <= subject->slot_count);
    struct slot *slot = &subject->slots[index];
    if (slot->epoch == subject->epoch)
        return slot;
    slot->epoch = subject->epoch;
    slot->folded = false;
    if (index == subject->slot_count)
        fill_keywords(subject, slot);
    else
        fill_slot(subject, slot, projected_get(subject->projected, index));
    return slot;
}

size_t subject_raw_texts(struct subject_text **out, struct subject *subject, unsigned slot)
{
    struct slot *from = slot_of(subject, slot);
    *out = from->texts;
    return from->count;
}

struct slice subject_fold(struct subject *subject, struct subject_text *text)
{
    if (!text->is_folded)
        text->folded = fold_here(subject->arena, text->raw);
    text->is_folded = true;
    return text->folded;
}

struct subject_texts subject_texts(struct subject *subject, unsigned slot)
{
    struct slot *from = slot_of(subject, slot);
    for (size_t i = 0; i < from->count && !from->folded; i++)
        (void)subject_fold(subject, &from->texts[i]);
    from->folded = true;
    return (struct subject_texts){from->texts, from->count};
}
