/* SPDX-License-Identifier: Apache-2.0 */
/* Why bytes and characters differ: over "–" (three bytes) the class [-/–] would match each of its
 * bytes alone, "." would match a third of it, and caseless k knows nothing of U+212A. All of that
 * needs a byte above 0x7F in the expression or in the text, so that is what decides. An escape can
 * spell such a character too (\x{2013}, \p{L}, \N{U+..}): on an ASCII text those mean nothing that
 * bytes could get wrong, but Hyperscan refuses or reads them in its own way, so it is used only for
 * expressions without them. */
#include "detect/regex.h"

#include "detect/hs.h"
#include "detect/pcre.h"
#include "rules/rule.h"

#include <assert.h>
#include <stdlib.h>

enum consent { CONSENT_NONE, CONSENT_NECESSARY, CONSENT_EXACT };

struct regex {
    struct pcre *pcre;
    struct hs_database *database;
    enum consent consent; /* what the database's answer means for an ASCII text */
};

/* Eight bytes at a step: it is asked of every text that an expression is tried on. */
static bool is_ascii(struct slice text)
{
    uint64_t seen = 0;
    size_t at = 0;
    for (; at + sizeof seen <= text.len; at += sizeof seen) {
        uint64_t word;
        memcpy(&word, text.data + at, sizeof word);
        seen |= word;
    }
    for (; at < text.len; at++)
        seen |= text.data[at];
    return (seen & 0x8080808080808080U) == 0;
}

/* Escapes whose meaning both libraries share to the letter. */
static bool escapes_are_plain(struct slice expression)
{
    static const char plain[] = "abBdDefnrsStwWxAzZ";
    for (size_t i = 0; i + 1 < expression.len; i++) {
        if (expression.data[i] != '\\')
            continue;
        uint8_t c = expression.data[++i];
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (word && strchr(plain, c) == NULL)
            return false;
        if (c == 'x' && i + 1 < expression.len && expression.data[i + 1] > '7')
            return false; /* \x80 and above, \x{...}: a character, not a byte */
    }
    return true;
}

static bool bytes_will_do(struct slice expression)
{
    if (!is_ascii(expression) || memchr(expression.data, '\0', expression.len) != NULL)
        return false;
    if (slice_find(expression, SLICE_LITERAL("(*")) != SIZE_MAX) /* verbs and their like */
        return false;
    return expression.len > 0 && escapes_are_plain(expression);
}

static int ask_hyperscan(struct regex *regex, const char *expression, unsigned flags)
{
    struct hs_regex_options options = {
        .caseless = (flags & REGEX_CASELESS) != 0,
        .multiline = (flags & REGEX_MULTILINE) != 0,
        .dotall = (flags & REGEX_DOTALL) != 0,
    };
    char why[HS_WHY_BYTES];
    int result = hs_regex_new(&regex->database, expression, &options, why);
    if (result == 0)
        regex->consent = CONSENT_EXACT;
    if (result != HS_REFUSED)
        return result;
    options.prefilter = true;
    result = hs_regex_new(&regex->database, expression, &options, why);
    if (result == 0)
        regex->consent = CONSENT_NECESSARY;
    return result == HS_REFUSED ? 0 : result;
}

int regex_new(struct regex **out, struct slice expression, unsigned flags, char *why)
{
    _Static_assert((int)REGEX_WHY_BYTES >= (int)PCRE_WHY_BYTES, "room for the library's words");
    AUTO(regex_free) struct regex *regex = calloc(1, sizeof *regex);
    if (regex == NULL)
        return STATUS_NO_MEMORY;
    int result = pcre_new(&regex->pcre, expression, flags, why);
    if (result != 0)
        return result < 0 ? result : REGEX_REFUSED;
    if (bytes_will_do(expression)) {
        char *text = strndup((const char *)expression.data, expression.len);
        if (text == NULL)
            return STATUS_NO_MEMORY;
        result = ask_hyperscan(regex, text, flags);
        free(text);
        TRY(result);
    }
    *out = TAKE(&regex);
    return 0;
}

void regex_free(struct regex *regex)
{
    if (regex == NULL)
        return;
    hs_database_free(regex->database);
    pcre_free(regex->pcre);
    free(regex);
}

size_t regex_bytes(const struct regex *regex)
{
    size_t bytes = sizeof *regex + pcre_bytes(regex->pcre);
    return regex->database == NULL ? bytes : bytes + hs_bytes(regex->database);
}

const struct hs_database *regex_database(const struct regex *regex)
{
    return regex->database;
}

enum answer regex_confirm(const struct regex *regex, struct pcre_space *space, struct slice text,
                          size_t span[2])
{
    switch (pcre_match(regex->pcre, space, text, span)) {
    case PCRE_YES:
        return ANSWER_YES;
    case PCRE_UNDECIDED:
        return ANSWER_UNDECIDED;
    case PCRE_NO:
    default:
        return ANSWER_NO;
    }
}

enum answer regex_match(const struct regex *regex, const struct regex_space *space,
                        struct slice text)
{
    if (regex->consent == CONSENT_NONE || text.len == 0 || !is_ascii(text))
        return regex_confirm(regex, space->pcre, text, NULL);
    enum hs_answer answer = hs_found(regex->database, space->hs, text);
    if (answer == HS_ABSENT)
        return ANSWER_NO;
    return answer == HS_FOUND && regex->consent == CONSENT_EXACT
               ? ANSWER_YES
               : regex_confirm(regex, space->pcre, text, NULL);
}
