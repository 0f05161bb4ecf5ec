/* SPDX-License-Identifier: Apache-2.0 */
/* What makes searching the raw bytes sure:
 *   - Only ASCII texts are searched for, without ASCII case. Two characters beyond ASCII fold into
 *     it, the Kelvin sign and the long s; either counts as a find.
 *   - A text that could be part of a rendered value is none for a filter. Rendered values are
 *     digits, a few signs and words; a run of letters in them is hexadecimal, one of "x", "t", "z",
 *     or part of a word that proto's tables know.
 * Rejected: searching every value as it is (it was half of the cost of judging), and leaving out
 * fields that hardly ever matter (a keyword means every field). */
#include "detect/keyword.h"

#include "detect/hs.h"
#include "proto/words.h"

#include <stddef.h>
#include <stdlib.h>

/* --- Rendered values --- */

static bool is_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_in_caseless(struct slice run, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + run.len <= len; at++) {
        if (slice_equal_ascii_caseless(slice_of(word + at, run.len), run))
            return true;
    }
    return false;
}

enum { HEX_DIGITS_MAX = 64 }; /* a SHA-256 is the longest run */

static bool is_of_digits(struct slice run)
{
    for (size_t i = 0; i < run.len; i++) {
        if (strchr("abcdefxtz", run.data[i]) == NULL)
            return false;
    }
    return run.len <= HEX_DIGITS_MAX;
}

static bool is_of_a_word(struct slice run)
{
    static const char *const others[] = {"dword", "qword", "inf", "nan"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (is_in_caseless(run, others[i]))
            return true;
    }
    for (size_t i = 0; i < WORDS_DIGEST_COUNT; i++) {
        if (is_in_caseless(run, words_digests[i].name))
            return true;
    }
    for (unsigned rendering = 0; rendering < RENDER_COUNT; rendering++) {
        const struct words *words = words_of((enum rendering)rendering);
        for (size_t i = 0; i < words->count; i++) {
            if (words->items[i] != NULL && is_in_caseless(run, words->items[i]))
                return true;
        }
    }
    return false;
}

static bool signs_are_rendered(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (!digit && !is_letter(text.data[i]) &&
            (text.data[i] == '\0' || strchr(" ()+,-.:={}%", text.data[i]) == NULL))
            return false;
    }
    return true;
}

bool keyword_may_be_rendered(struct slice text)
{
    for (size_t at = 0; at < text.len; at++) {
        size_t from = at;
        while (at < text.len && is_letter(text.data[at]))
            at++;
        struct slice run = slice_of(text.data + from, at - from);
        if (!is_of_digits(run) && !is_of_a_word(run))
            return false;
    }
    return signs_are_rendered(text);
}

/* --- The filter --- */

static bool holds(struct slice bytes, struct slice sign)
{
    for (size_t at = 0; at < bytes.len; at++) {
        const uint8_t *found = memchr(bytes.data + at, sign.data[0], bytes.len - at);
        if (found == NULL)
            return false;
        at = (size_t)(found - bytes.data);
        if (slice_starts_with(slice_from(bytes, at), sign))
            return true;
    }
    return false;
}

bool keyword_folds_into_ascii(struct slice bytes)
{
    return holds(bytes, SLICE_LITERAL("\xE2\x84\xAA")) || /* U+212A KELVIN SIGN: k */
           holds(bytes, SLICE_LITERAL("\xC5\xBF"));       /* U+017F LATIN SMALL LETTER LONG S: s */
}

static bool is_ascii(struct slice text)
{
    uint8_t seen = 0;
    for (size_t i = 0; i < text.len; i++)
        seen |= text.data[i];
    return seen < 0x80;
}

static bool can_be_filtered(const struct lane_text texts[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i].bytes.len == 0 || !is_ascii(texts[i].bytes) ||
            keyword_may_be_rendered(texts[i].bytes))
            return false;
    }
    return count > 0;
}

int keyword_filter_new(struct hs_database **out, const struct lane_text texts[], size_t count)
{
    *out = NULL;
    if (!can_be_filtered(texts, count))
        return 0;
    struct hs_literal *literals = calloc(count, sizeof *literals);
    if (literals == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        literals[i] = (struct hs_literal){.bytes = texts[i].bytes, .caseless = true};
    int status = hs_literals_new(out, literals, count);
    free(literals);
    return status;
}

/* --- One event --- */

void keyword_forget(struct keyword_memory *memory)
{
    if (memory->quiet_count > 0)
        *memory = (struct keyword_memory){.quiet_count = 0};
}

void keyword_begin(struct keyword_memory *memory)
{
    memory->event_is_known = false;
}

/* A view is one object for all events of a batch that refer to it, so what was found quiet stays
 * so. scan NULL: quiet as to characters that fold into ASCII. */
static bool is_quiet(const struct keyword_memory *memory, const struct view *view,
                     const struct lane_scan *scan, size_t *at)
{
    *at = ((uintptr_t)view / _Alignof(max_align_t) ^ (uintptr_t)scan / sizeof *scan) %
          KEYWORD_QUIET_ENTRIES;
    return memory->quiet[*at].view == view && memory->quiet[*at].scan == scan;
}

static void keep_quiet(struct keyword_memory *memory, const struct view *view,
                       const struct lane_scan *scan, size_t at)
{
    memory->quiet[at].view = view;
    memory->quiet[at].scan = scan;
    memory->quiet_count++;
}

static bool lies_within(struct slice inner, struct slice outer)
{
    uintptr_t from = (uintptr_t)inner.data;
    uintptr_t start = (uintptr_t)outer.data;
    return from >= start && from + inner.len <= start + outer.len;
}

static bool lies_within_view(const struct view *inner, const struct view *outer)
{
    return outer != NULL && lies_within(inner->bytes, outer->bytes);
}

/* Views that hold values of the event outside of its own bytes, each byte once: table entries, and
 * facts of a file unless they are part of a process. */
static void find_views(struct keyword_memory *memory, const struct event *event)
{
    memory->view_count = 0;
    for (unsigned root = 0; root < ROOT_COUNT; root++) {
        const struct view *view = event->roots[root];
        if (view == NULL || lies_within(view->bytes, event->bytes))
            continue;
        if (root == ROOT_FILE && (lies_within_view(view, event->roots[ROOT_PROCESS]) ||
                                  lies_within_view(view, event->roots[ROOT_ACTOR])))
            continue;
        memory->views[memory->view_count++] = view;
    }
}

static bool may_fold_into_ascii(struct keyword_memory *memory, const struct event *event)
{
    if (keyword_folds_into_ascii(event->bytes))
        return true;
    for (size_t i = 0; i < memory->view_count; i++) {
        size_t at = 0;
        if (is_quiet(memory, memory->views[i], NULL, &at))
            continue;
        if (keyword_folds_into_ascii(memory->views[i]->bytes))
            return true;
        keep_quiet(memory, memory->views[i], NULL, at);
    }
    return false;
}

static bool may_hold(struct keyword_memory *memory, const struct lane_scan *scan,
                     const struct event *event, struct hs_scratch *space)
{
    if (hs_found(scan->filter, space, event->bytes) != HS_ABSENT)
        return true;
    for (size_t i = 0; i < memory->view_count; i++) {
        size_t at = 0;
        if (is_quiet(memory, memory->views[i], scan, &at))
            continue;
        if (hs_found(scan->filter, space, memory->views[i]->bytes) != HS_ABSENT)
            return true;
        keep_quiet(memory, memory->views[i], scan, at);
    }
    return false;
}

static void look_at(struct keyword_memory *memory, const struct event *event)
{
    find_views(memory, event);
    memory->may_fold = may_fold_into_ascii(memory, event);
    memory->event_is_known = true;
}

bool keyword_wanted(struct keyword_memory *memory, const struct lane_scan *scan,
                    const struct event *event, struct hs_scratch *space)
{
    if (scan->filter == NULL || (event->flags & EVENT_NOTE_TEXT_TRUNCATED) != 0)
        return true;
    if (!memory->event_is_known)
        look_at(memory, event);
    return memory->may_fold || may_hold(memory, scan, event, space);
}
