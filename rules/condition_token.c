/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/condition_token.h"

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool ends_word(uint8_t byte)
{
    return is_space(byte) || byte == '(' || byte == ')';
}

static enum token_kind word_kind(struct slice word)
{
    static const struct {
        struct slice text;
        enum token_kind kind;
    } operators[] = {
        {SLICE_INIT("and"), TOKEN_AND},
        {SLICE_INIT("or"), TOKEN_OR},
        {SLICE_INIT("not"), TOKEN_NOT},
        {SLICE_INIT("of"), TOKEN_OF},
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (slice_equal_ascii_caseless(word, operators[i].text))
            return operators[i].kind;
    return TOKEN_WORD;
}

struct token token_at(struct slice condition, size_t offset)
{
    while (offset < condition.len && is_space(condition.data[offset]))
        offset++;
    if (offset >= condition.len)
        return (struct token){.kind = TOKEN_END, .offset = condition.len};
    uint8_t first = condition.data[offset];
    if (first == '(' || first == ')')
        return (struct token){first == '(' ? TOKEN_OPEN : TOKEN_CLOSE,
                              slice_of(condition.data + offset, 1), offset};
    size_t end = offset;
    while (end < condition.len && !ends_word(condition.data[end]))
        end++;
    struct slice word = slice_of(condition.data + offset, end - offset);
    return (struct token){word_kind(word), word, offset};
}

struct token token_after(struct slice condition, struct token token)
{
    return token_at(condition, token.offset + token.text.len);
}

/* Greedy with one point to come back to: a later star never needs an earlier one to give way. */
bool token_matches(struct slice pattern, struct slice name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, resume = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.len && pattern.data[p] == name.data[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}
