/* SPDX-License-Identifier: Apache-2.0 */
/* Rules shrink as text, without knowing what a selection is: whatever the parser refuses does not
 * differ, so it is put back. Large pieces go first, which leaves little for the small ones. Only a
 * condition needs help, since a pair of parentheses goes together: there every run of words is
 * tried, alone and left out. */
#include "shrink.h"

#include <assert.h>

enum {
    TRIALS_MAX = 100000,
    PASSES_MAX = 8,
    CONDITION_WORDS_MAX = 64,
    LINES_SLOW = 12, /* so many lines and fewer are tried at every place */
};

struct shrinker {
    struct oracle_case *of;
    oracle_differs_fn *differs;
    void *context;
    struct arena *arena;
    size_t trials;
    bool progress;
};

static bool still_differs(struct shrinker *shrinker)
{
    if (shrinker->trials++ >= TRIALS_MAX || !shrinker->differs(shrinker->context, shrinker->of))
        return false;
    shrinker->progress = true;
    return true;
}

static struct slice without(struct arena *arena, struct slice text, size_t from, size_t to)
{
    assert(from <= to && to <= text.len);
    uint8_t *bytes = arena_take_bytes(arena, text.len + 1);
    assert(bytes != NULL);
    memcpy(bytes, text.data, from);
    memcpy(bytes + from, text.data + to, text.len - to);
    return slice_of(bytes, text.len - (to - from));
}

/* --- Rules --- */

static bool try_rules(struct shrinker *shrinker, struct slice rules)
{
    struct slice before = shrinker->of->rules;
    shrinker->of->rules = rules;
    if (still_differs(shrinker))
        return true;
    shrinker->of->rules = before;
    return false;
}

static bool try_without(struct shrinker *shrinker, size_t from, size_t to)
{
    return try_rules(shrinker, without(shrinker->arena, shrinker->of->rules, from, to));
}

/* Where line `line` begins, or the end of the text. */
static size_t line_start(struct slice text, size_t line)
{
    size_t at = 0;
    while (line > 0 && at < text.len)
        line -= text.data[at++] == '\n';
    return at;
}

static size_t count_lines(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '\n';
    return count;
}

static void drop_lines(struct shrinker *shrinker)
{
    const struct slice *text = &shrinker->of->rules;
    size_t run = count_lines(*text) / 2;
    for (; run > 0; run = run > LINES_SLOW ? run / 2 : run - 1) {
        size_t step = run > LINES_SLOW ? run / 4 : 1;
        for (size_t at = 0; at + run <= count_lines(*text);) {
            if (!try_without(shrinker, line_start(*text, at), line_start(*text, at + run)))
                at += step;
        }
    }
}

struct words {
    size_t from[CONDITION_WORDS_MAX], to[CONDITION_WORDS_MAX]; /* in the text */
    size_t count;
};

static bool is_parenthesis(uint8_t byte)
{
    return byte == '(' || byte == ')';
}

static void read_words(struct words *out, struct slice text, size_t at)
{
    out->count = 0;
    while (at < text.len && text.data[at] != '\n' && out->count < CONDITION_WORDS_MAX) {
        if (text.data[at] == ' ') {
            at++;
            continue;
        }
        out->from[out->count] = at++;
        while (!is_parenthesis(text.data[at - 1]) && at < text.len && text.data[at] > ' ' &&
               !is_parenthesis(text.data[at]))
            at++;
        out->to[out->count++] = at;
    }
}

/* True: a run of words was left alone or left out. */
static bool shorten_condition(struct shrinker *shrinker, size_t start)
{
    struct slice text = shrinker->of->rules;
    struct words words;
    read_words(&words, text, start);
    for (size_t i = 0; i < words.count; i++) {
        for (size_t j = i; j < words.count && j - i + 1 < words.count; j++) {
            struct slice head =
                without(shrinker->arena, text, words.to[j], words.to[words.count - 1]);
            if (try_rules(shrinker, without(shrinker->arena, head, start, words.from[i])) ||
                try_without(shrinker, words.from[i], words.to[j]))
                return true;
        }
    }
    return false;
}

static void shorten_conditions(struct shrinker *shrinker)
{
    static const struct slice key = SLICE_INIT("  condition: ");
    const struct slice *text = &shrinker->of->rules;
    for (size_t line = 0; line < count_lines(*text);) {
        size_t start = line_start(*text, line);
        struct slice rest = slice_from(*text, start);
        bool found = rest.len > key.len && memcmp(rest.data, key.data, key.len) == 0;
        if (!found || !shorten_condition(shrinker, start + key.len))
            line++;
    }
}

/* Values, names and modifiers of the detections. */
static void drop_characters(struct shrinker *shrinker)
{
    const struct slice *text = &shrinker->of->rules;
    for (size_t len = 64; len > 0; len /= 2) {
        size_t at = slice_find(*text, SLICE_LITERAL("detection:"));
        while (at + len <= text->len) {
            bool breaks = memchr(text->data + at, '\n', len) != NULL;
            if (breaks || !try_without(shrinker, at, at + len))
                at++;
        }
    }
}

/* --- Events --- */

static void drop_events(struct shrinker *shrinker)
{
    struct oracle_case *of = shrinker->of;
    for (size_t run = of->event_count / 2; run > 0; run /= 2) {
        for (size_t at = 0; at + run <= of->event_count;) {
            struct random_event *all = of->events;
            size_t count = of->event_count;
            of->events = arena_array(shrinker->arena, struct random_event, count);
            assert(of->events != NULL);
            memcpy(of->events, all, at * sizeof *all);
            memcpy(of->events + at, all + at + run, (count - at - run) * sizeof *all);
            of->event_count = count - run;
            if (still_differs(shrinker))
                continue;
            of->events = all;
            of->event_count = count;
            at += run;
        }
    }
}

static void drop_fields(struct shrinker *shrinker, struct random_event *event)
{
    for (size_t i = 0; i < event->count;) {
        struct random_event before = *event;
        event->count--;
        memmove(&event->fields[i], &event->fields[i + 1],
                (event->count - i) * sizeof event->fields[0]);
        if (still_differs(shrinker))
            continue;
        *event = before;
        i++;
    }
}

static void drop_source(struct shrinker *shrinker, struct slice *part)
{
    struct slice before = *part;
    *part = slice_of(before.data, 0);
    if (before.len > 0 && !still_differs(shrinker))
        *part = before;
}

static void shorten_text(struct shrinker *shrinker, struct value *value)
{
    for (size_t len = 2048; len > 0; len /= 2) {
        for (size_t at = 0; at + len <= value->text.len;) {
            struct slice before = value->text;
            value->text = without(shrinker->arena, before, at, at + len);
            if (still_differs(shrinker))
                continue;
            value->text = before;
            at += len > 8 ? len / 4 : 1;
        }
    }
}

static void shorten_list(struct shrinker *shrinker, struct value *value)
{
    for (size_t i = 0; value->type == VALUE_LIST && i < value->list.count; i++) {
        struct value before = *value;
        *value = before.list.items[i];
        if (still_differs(shrinker))
            return;
        *value = before;
    }
    for (size_t i = 0; value->type == VALUE_LIST && i < value->list.count;) {
        struct value before = *value;
        struct value *items = arena_array(shrinker->arena, struct value, before.list.count);
        assert(items != NULL);
        memcpy(items, before.list.items, i * sizeof *items);
        memcpy(items + i, before.list.items + i + 1, (before.list.count - i - 1) * sizeof *items);
        value->list.items = items;
        value->list.count--;
        if (still_differs(shrinker))
            continue;
        *value = before;
        i++;
    }
}

static void shrink_event(struct shrinker *shrinker, struct random_event *event)
{
    drop_fields(shrinker, event);
    drop_source(shrinker, &event->source.category);
    drop_source(shrinker, &event->source.service);
    for (size_t i = 0; i < event->count; i++) {
        struct value *value = &event->fields[i].value;
        shorten_list(shrinker, value);
        if (value->type == VALUE_TEXT)
            shorten_text(shrinker, value);
    }
}

/* --- Public --- */

void oracle_shrink(struct oracle_case *of, oracle_differs_fn *differs, void *context,
                   struct arena *arena)
{
    struct shrinker shrinker = {of, differs, context, arena, 0, true};
    assert(differs(context, of));
    for (size_t pass = 0; pass < PASSES_MAX && shrinker.progress; pass++) {
        shrinker.progress = false;
        drop_events(&shrinker);
        drop_lines(&shrinker);
        shorten_conditions(&shrinker);
        for (size_t i = 0; i < of->event_count; i++)
            shrink_event(&shrinker, &of->events[i]);
        drop_characters(&shrinker);
    }
}
