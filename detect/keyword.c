/* SPDX-License-Identifier: Apache-2.0 */
/* What makes searching the raw bytes sure:
 *   - Only ASCII texts are searched for, without ASCII case. Two characters beyond ASCII fold into
 *     it, the Kelvin sign and the long s; either counts as a find. (They are not in the database:
 *     a literal of two bytes makes it several times slower.)
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

static bool holds_fold_into_ascii(struct slice bytes)
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

bool keyword_filter_finds(const struct hs_database *filter, struct hs_scratch *space,
                          struct slice bytes)
{
    return hs_found(filter, space, bytes) != HS_ABSENT || holds_fold_into_ascii(bytes);
}

/* --- One event --- */

void keyword_forget(struct keyword_memory *memory)
{
    if (memory->quiet_count > 0)
        *memory = (struct keyword_memory){.quiet_count = 0};
}

/* A view is one object for all events of a batch that refer to it. */
static bool found_in_view(struct keyword_memory *memory, const struct lane_scan *scan,
                          const struct view *view, struct hs_scratch *space)
{
    size_t at = ((uintptr_t)view / _Alignof(max_align_t) ^ (uintptr_t)scan / sizeof *scan) %
                KEYWORD_QUIET_ENTRIES;
    if (memory->quiet[at].view == view && memory->quiet[at].scan == scan)
        return false;
    if (keyword_filter_finds(scan->filter, space, view->bytes))
        return true;
    memory->quiet[at].view = view;
    memory->quiet[at].scan = scan;
    memory->quiet_count++;
    return false;
}

static bool lies_within(struct slice inner, struct slice outer)
{
    uintptr_t from = (uintptr_t)inner.data;
    uintptr_t start = (uintptr_t)outer.data;
    return from >= start && from + inner.len <= start + outer.len;
}

bool keyword_wanted(struct keyword_memory *memory, const struct lane_scan *scan,
                    const struct event *event, struct hs_scratch *space)
{
    if (scan->filter == NULL || (event->flags & EVENT_NOTE_TEXT_TRUNCATED) != 0)
        return true;
    if (keyword_filter_finds(scan->filter, space, event->bytes))
        return true;
    for (unsigned root = 0; root < ROOT_COUNT; root++) {
        const struct view *view = event->roots[root];
        if (view != NULL && !lies_within(view->bytes, event->bytes) &&
            found_in_view(memory, scan, view, space))
            return true;
    }
    return false;
}
