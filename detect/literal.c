/* SPDX-License-Identifier: Apache-2.0 */
/* Reads PCRE2's syntax just far enough: sequences of plain characters, groups, alternatives and
 * quantifiers. A run of characters that must stand side by side is a candidate; so is a group that
 * must occur; of several candidates the longest wins. Only ASCII characters count, because there
 * folding and PCRE2's idea of "caseless" agree: whatever matches k, K or U+212A folds to k. */
#include "detect/literal.h"

enum element_kind {
    ELEMENT_CHAR,   /* exactly that character, in either case */
    ELEMENT_GROUP,  /* a group, with what is known of it */
    ELEMENT_OPAQUE, /* consumes something unknown */
    ELEMENT_EMPTY,  /* consumes nothing: anchors, look-around, flags */
};

struct reader {
    struct slice text;
    size_t at;
    struct arena *arena;
    unsigned depth;
    bool failed;
};

struct element {
    enum element_kind kind;
    uint8_t c;
    struct literal_set set;
};

static void read_alternatives(struct literal_set *out, struct reader *reader);

static int peek(const struct reader *reader, size_t ahead)
{
    size_t at = reader->at + ahead;
    return at < reader->text.len ? reader->text.data[at] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static void skip_behind(struct reader *reader, uint8_t end)
{
    while (peek(reader, 0) >= 0 && peek(reader, 0) != end)
        reader->at++;
    reader->failed |= peek(reader, 0) < 0;
    reader->at++;
}

/* --- Elements --- */

/* Behind "\x", "\p" or "\P": {...}, or the short form. */
static void skip_braced(struct reader *reader, bool hexadecimal)
{
    if (peek(reader, 0) == '{') {
        skip_behind(reader, '}');
        return;
    }
    if (!hexadecimal) {
        reader->at++;
        return;
    }
    for (unsigned i = 0; i < 2 && is_hex(peek(reader, 0)); i++)
        reader->at++;
}

static void read_escape(struct element *out, struct reader *reader)
{
    static const char opaque[] = "dDwWsShHvVNRX";
    static const char empty[] = "bBAzZGK";
    static const char controls[] = "n\nt\tr\rf\fe\033a\a";
    int c = peek(reader, 1);
    reader->at += 2;
    out->kind = ELEMENT_OPAQUE;
    if (c < 0) {
        reader->failed = true;
    } else if (is_digit(c)) {
        while (is_digit(peek(reader, 0)))
            reader->at++;
    } else if (c == 'x' || c == 'p' || c == 'P') {
        skip_braced(reader, c == 'x');
    } else if (!is_letter(c)) {
        out->kind = c < 0x80 ? ELEMENT_CHAR : ELEMENT_OPAQUE;
        out->c = (uint8_t)c;
        reader->failed |= c >= 0x80;
    } else if (strchr(empty, c) != NULL) {
        out->kind = ELEMENT_EMPTY;
    } else if (strchr(opaque, c) == NULL) {
        const char *control = strchr(controls, c);
        reader->failed |= control == NULL;
        out->kind = ELEMENT_CHAR;
        out->c = control == NULL ? 0 : (uint8_t)control[1];
    }
}

static void skip_class(struct reader *reader)
{
    reader->at++;
    if (peek(reader, 0) == '^')
        reader->at++;
    if (peek(reader, 0) == ']')
        reader->at++;
    while (peek(reader, 0) >= 0 && peek(reader, 0) != ']') {
        if (peek(reader, 0) == '[' && peek(reader, 1) == ':') {
            reader->at += 2;
            while (peek(reader, 0) >= 0 && !(peek(reader, 0) == ':' && peek(reader, 1) == ']'))
                reader->at++;
            reader->at += 2;
        } else {
            reader->at += peek(reader, 0) == '\\' ? 2 : 1;
        }
    }
    reader->failed |= peek(reader, 0) != ']';
    reader->at++;
}

/* The letters of (?im-sx) or (?i: ...): true if a group's body follows. */
static bool read_flags(struct reader *reader)
{
    for (int c = peek(reader, 0); c != ')' && c != ':'; c = peek(reader, 0)) {
        if (c != 'i' && c != 'm' && c != 's' && c != '-' && c != '^' && c != 'U' && c != 'J') {
            reader->failed = true; /* x changes what characters mean; the rest is no flag */
            return false;
        }
        reader->at++;
    }
    bool body = peek(reader, 0) == ':';
    reader->at += body ? 1 : 0;
    return body;
}

enum group_kind { GROUP_PLAIN, GROUP_EMPTY };

/* Behind "(": reads up to the body. GROUP_EMPTY: the body, if any, consumes nothing. */
static enum group_kind read_group_head(struct reader *reader)
{
    if (peek(reader, 0) == '*') {
        reader->failed = true;
        return GROUP_EMPTY;
    }
    if (peek(reader, 0) != '?')
        return GROUP_PLAIN;
    int c = peek(reader, 1);
    int next = peek(reader, 2);
    reader->at += 2;
    if (c == ':' || c == '|' || c == '>')
        return GROUP_PLAIN;
    if (c == '=' || c == '!')
        return GROUP_EMPTY;
    if (c == '<' && (next == '=' || next == '!')) {
        reader->at++;
        return GROUP_EMPTY;
    }
    if (c == '<' || c == '\'' || (c == 'P' && next == '<')) {
        reader->at += c == 'P' ? 1 : 0;
        skip_behind(reader, c == '\'' ? '\'' : '>');
        return GROUP_PLAIN;
    }
    reader->at--;
    return read_flags(reader) ? GROUP_PLAIN : GROUP_EMPTY;
}

static void read_group(struct element *out, struct reader *reader)
{
    reader->at++;
    if (peek(reader, 0) == '?' && peek(reader, 1) == '#') {
        skip_behind(reader, ')');
        out->kind = ELEMENT_EMPTY;
        return;
    }
    enum group_kind kind = read_group_head(reader);
    if (reader->failed || ++reader->depth > LITERAL_DEPTH_MAX) {
        reader->failed = true;
        return;
    }
    read_alternatives(&out->set, reader);
    reader->depth--;
    reader->failed |= peek(reader, 0) != ')';
    reader->at++;
    out->kind = kind == GROUP_PLAIN ? ELEMENT_GROUP : ELEMENT_EMPTY;
}

static void read_element(struct element *out, struct reader *reader)
{
    *out = (struct element){.kind = ELEMENT_OPAQUE};
    int c = peek(reader, 0);
    switch (c) {
    case '\\':
        read_escape(out, reader);
        return;
    case '[':
        skip_class(reader);
        return;
    case '(':
        read_group(out, reader);
        return;
    case '^':
    case '$':
        out->kind = ELEMENT_EMPTY;
        break;
    case '.':
        break;
    case '*':
    case '+':
    case '?':
        reader->failed = true;
        break;
    default:
        out->kind = c < 0x80 ? ELEMENT_CHAR : ELEMENT_OPAQUE;
        out->c = (uint8_t)c;
        while (c >= 0x80 && (peek(reader, 1) & 0xC0) == 0x80 && peek(reader, 1) >= 0)
            reader->at++;
    }
    reader->at++;
}

/* --- Quantifiers --- */

/* "{2}", "{2,}" or "{2,5}": its length, or 0. */
static size_t counted_len(const struct reader *reader, bool *optional)
{
    size_t len = 1;
    *optional = true;
    while (is_digit(peek(reader, len)))
        *optional &= peek(reader, len++) == '0';
    if (len == 1)
        return 0;
    if (peek(reader, len) == ',')
        len++;
    while (is_digit(peek(reader, len)))
        len++;
    return peek(reader, len) == '}' ? len + 1 : 0;
}

/* True if there is one; *optional: it lets the element be absent. */
static bool read_quantifier(struct reader *reader, bool *optional)
{
    int c = peek(reader, 0);
    size_t len = c == '*' || c == '+' || c == '?' ? 1 : 0;
    *optional = c == '*' || c == '?';
    if (c == '{')
        len = counted_len(reader, optional);
    if (len == 0)
        return false;
    reader->at += len;
    if (peek(reader, 0) == '?' || peek(reader, 0) == '+')
        reader->at++;
    return true;
}

/* --- Candidates --- */

static size_t shortest(const struct literal_set *set)
{
    size_t len = set->count == 0 ? 0 : SIZE_MAX;
    for (size_t i = 0; i < set->count; i++)
        len = set->items[i].len < len ? set->items[i].len : len;
    return len;
}

static void keep_better(struct literal_set *best, const struct literal_set *other)
{
    size_t a = shortest(best);
    size_t b = shortest(other);
    if (b > a || (b == a && b > 0 && other->count < best->count))
        *best = *other;
}

struct run {
    uint8_t bytes[LITERAL_BYTES_MAX];
    size_t len;
};

static void end_run(struct literal_set *best, struct run *run, struct reader *reader)
{
    if (run->len > 0) {
        struct literal_set set = {.count = 1};
        set.items[0] = arena_copy(reader->arena, slice_of(run->bytes, run->len));
        reader->failed |= set.items[0].data == NULL;
        keep_better(best, &set);
    }
    run->len = 0;
}

static void add_char(struct literal_set *best, struct run *run, struct reader *reader, uint8_t c)
{
    if (run->len == LITERAL_BYTES_MAX)
        end_run(best, run, reader);
    run->bytes[run->len++] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static void read_sequence(struct literal_set *best, struct reader *reader)
{
    struct run run = {.len = 0};
    best->count = 0;
    for (int c = peek(reader, 0); c >= 0 && c != '|' && c != ')' && !reader->failed;
         c = peek(reader, 0)) {
        struct element element;
        read_element(&element, reader);
        bool optional = false;
        bool quantified = read_quantifier(reader, &optional);
        if (element.kind == ELEMENT_EMPTY)
            continue;
        if (element.kind == ELEMENT_CHAR && !optional)
            add_char(best, &run, reader, element.c);
        if (element.kind == ELEMENT_CHAR && !quantified)
            continue;
        end_run(best, &run, reader);
        if (element.kind == ELEMENT_GROUP && !optional)
            keep_better(best, &element.set);
    }
    end_run(best, &run, reader);
}

/* All branches together; nothing is known if nothing is known of one. */
static void read_alternatives(struct literal_set *out, struct reader *reader)
{
    read_sequence(out, reader);
    bool known = out->count > 0;
    while (peek(reader, 0) == '|' && !reader->failed) {
        reader->at++;
        struct literal_set branch;
        read_sequence(&branch, reader);
        known = known && branch.count > 0 && out->count + branch.count <= LITERAL_ALTERNATIVES_MAX;
        for (size_t i = 0; known && i < branch.count; i++)
            out->items[out->count++] = branch.items[i];
    }
    if (!known)
        out->count = 0;
}

void literal_set_of(struct literal_set *out, struct slice expression, struct arena *arena)
{
    struct reader reader = {.text = expression, .arena = arena};
    out->count = 0;
    if (slice_find(expression, SLICE_LITERAL("\\Q")) != SIZE_MAX)
        return;
    read_alternatives(out, &reader);
    if (reader.failed || reader.at != expression.len)
        out->count = 0;
}
