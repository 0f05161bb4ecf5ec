/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/span.h"

#include "proto/fold.h"

/* The offset in raw text of what stands at `folded` in its folded form: folding goes character by
 * character, so both are walked side by side. An offset inside a character means its start. */
static size_t raw_offset(struct slice raw, size_t folded)
{
    size_t at = 0;
    for (size_t seen = 0; at < raw.len;) {
        unsigned len = 0;
        uint8_t bytes[4];
        uint32_t c = utf8_decode(raw, at, &len);
        seen += c == UTF8_INVALID ? 1 : utf8_encode(bytes, fold_code_point(c));
        if (seen > folded)
            return at;
        at += len;
    }
    return at;
}

/* In the text that was compared. Patterns with inner wildcards speak of the whole text. */
static bool literal_span(struct span *out, const struct atom *atom, struct slice seen)
{
    size_t len = atom->literal.len;
    switch (atom->kind) {
    case ATOM_PREFIX:
        *out = (struct span){0, len};
        return true;
    case ATOM_SUFFIX:
        *out = (struct span){seen.len - len, seen.len};
        return true;
    case ATOM_CONTAINS:
        out->from = slice_find(seen, atom->literal);
        out->to = out->from + len;
        return out->from != SIZE_MAX;
    case ATOM_EXACT:
    case ATOM_PATTERN:
        *out = (struct span){0, seen.len};
        return true;
    case ATOM_REGEX:
    case ATOM_CIDR:
    case ATOM_NUMBER:
    case ATOM_COMPARE:
    case ATOM_FIELDREF:
    case ATOM_NULL:
    case ATOM_EXISTS:
    case ATOM_BOOLEAN:
    case ATOM_TIME:
    default:
        return false;
    }
}

bool span_find(struct span *out, const struct atom *atom, const struct subject_text *text,
               const struct regex_space *space)
{
    if (atom->kind == ATOM_REGEX) {
        size_t found[2];
        if (regex_confirm(atom->regex, space->pcre, text->raw, found) != ANSWER_YES)
            return false;
        *out = (struct span){found[0], found[1]};
        return true;
    }
    if (!literal_span(out, atom, atom->cased ? text->raw : text->folded))
        return false;
    if (!atom->cased) {
        out->from = raw_offset(text->raw, out->from);
        out->to = raw_offset(text->raw, out->to);
    }
    return true;
}
