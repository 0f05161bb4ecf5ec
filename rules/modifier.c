/* SPDX-License-Identifier: Apache-2.0 */
/* Sigma defines each modifier by itself and says little about pairs, where tools then differ. Here
 * a pair is allowed only if it has one possible meaning; the rest is refused rather than guessed.
 * Order matters where one modifier destroys what the other looks for. */
#include "rules/modifier.h"

#include "rules/hint.h"

#include <assert.h>
#include <stdio.h>

#define BIT(name)   (1U << CLASS_##name)
#define TEXT_STEPS  (BIT(EXPAND) | BIT(DASH) | BIT(BASE64) | BIT(UNICODE))
#define ON_ANY_TEXT (BIT(ALL) | BIT(CASED) | BIT(NEQ))

static const struct {
    struct slice text;
    enum modifier_class class;
    unsigned argument;
    const char *help;
} modifiers[MODIFIER_COUNT] = {
#define MODIFIER(name, text, class_name, argument, help)                                           \
    [MODIFIER_##name] = {SLICE_INIT(text), CLASS_##class_name, argument, help},
#include "rules/modifier.def"
#undef MODIFIER
};

/* Classes that may stand in one chain with a class; the table is symmetric (a test says so). */
static const unsigned companions[CLASS_COUNT] = {
    [CLASS_CONTAINS] = TEXT_STEPS | ON_ANY_TEXT | BIT(REGEX) | BIT(REGEX_FLAG) | BIT(FIELDREF),
    [CLASS_EDGE] = TEXT_STEPS | ON_ANY_TEXT | BIT(FIELDREF),
    [CLASS_ALL] = TEXT_STEPS | BIT(CONTAINS) | BIT(EDGE) | BIT(CASED) | BIT(NEQ) | BIT(REGEX) |
                  BIT(REGEX_FLAG) | BIT(CIDR) | BIT(FIELDREF) | BIT(COMPARE) | BIT(TIME),
    [CLASS_CASED] = TEXT_STEPS | BIT(CONTAINS) | BIT(EDGE) | BIT(ALL) | BIT(NEQ) | BIT(FIELDREF),
    [CLASS_NEQ] = TEXT_STEPS | BIT(CONTAINS) | BIT(EDGE) | BIT(ALL) | BIT(CASED) | BIT(REGEX) |
                  BIT(REGEX_FLAG) | BIT(CIDR) | BIT(FIELDREF) | BIT(TIME),
    [CLASS_EXISTS] = 0,
    [CLASS_REGEX] = BIT(REGEX_FLAG) | BIT(CONTAINS) | BIT(ALL) | BIT(NEQ),
    [CLASS_REGEX_FLAG] = BIT(REGEX) | BIT(REGEX_FLAG) | BIT(CONTAINS) | BIT(ALL) | BIT(NEQ),
    [CLASS_CIDR] = BIT(EXPAND) | BIT(ALL) | BIT(NEQ),
    [CLASS_FIELDREF] = BIT(CONTAINS) | BIT(EDGE) | ON_ANY_TEXT,
    [CLASS_EXPAND] = BIT(DASH) | BIT(BASE64) | BIT(UNICODE) | BIT(CONTAINS) | BIT(EDGE) |
                     ON_ANY_TEXT | BIT(CIDR),
    [CLASS_DASH] =
        BIT(EXPAND) | BIT(BASE64) | BIT(UNICODE) | BIT(CONTAINS) | BIT(EDGE) | ON_ANY_TEXT,
    [CLASS_BASE64] =
        BIT(EXPAND) | BIT(DASH) | BIT(UNICODE) | BIT(CONTAINS) | BIT(EDGE) | ON_ANY_TEXT,
    [CLASS_UNICODE] =
        BIT(EXPAND) | BIT(DASH) | BIT(BASE64) | BIT(CONTAINS) | BIT(EDGE) | ON_ANY_TEXT,
    [CLASS_COMPARE] = BIT(TIME) | BIT(ALL),
    [CLASS_TIME] = BIT(COMPARE) | BIT(ALL) | BIT(NEQ),
};

/* `first` must not stand before `second`. */
static const struct {
    enum modifier_class first, second;
    const char *reason;
} wrong_orders[] = {
    {CLASS_CONTAINS, CLASS_BASE64, "wildcards cannot be encoded"},
    {CLASS_EDGE, CLASS_BASE64, "wildcards cannot be encoded"},
    {CLASS_BASE64, CLASS_EXPAND, "an encoded text holds no placeholder"},
    {CLASS_UNICODE, CLASS_EXPAND, "an encoded text holds no placeholder"},
    {CLASS_BASE64, CLASS_DASH, "an encoded text holds no option"},
    {CLASS_UNICODE, CLASS_DASH, "an encoded text holds no option"},
    {CLASS_REGEX_FLAG, CLASS_REGEX, "it is a flag of the regular expression"},
};

/* Reasons that say more than "do not go together". */
static const char *conflict_hint(enum modifier_class a, enum modifier_class b)
{
    unsigned pair = 1U << a | 1U << b;
    if (pair == (BIT(CASED) | BIT(REGEX)) || pair == (BIT(CASED) | BIT(REGEX_FLAG)))
        return "regular expressions are case-sensitive unless 'i' follows 're'";
    if (pair == (BIT(EDGE) | BIT(REGEX)) || pair == (BIT(EDGE) | BIT(REGEX_FLAG)))
        return "anchor the regular expression with ^ or $ instead";
    if (pair == (BIT(COMPARE) | BIT(NEQ)))
        return "use the opposite comparison, such as 'lte' for not 'gt'";
    if (pair == (BIT(EXISTS) | BIT(NEQ)))
        return "write 'exists: false'";
    if (pair == BIT(BASE64))
        return "encode once";
    if (pair == (BIT(CONTAINS) | BIT(EDGE)) || pair == BIT(EDGE))
        return "use one of them, or wildcards in the value";
    return "keep one of them";
}

const char *modifier_text(enum modifier modifier)
{
    return (const char *)modifiers[modifier].text.data;
}

unsigned modifier_argument(enum modifier modifier)
{
    return modifiers[modifier].argument;
}

bool modifier_encodes(enum modifier modifier)
{
    return modifiers[modifier].class == CLASS_BASE64 || modifiers[modifier].class == CLASS_UNICODE;
}

/* --- Reading --- */

struct chain_reader {
    struct draft *draft;
    const struct yaml_node *key;
    size_t at; /* of the modifier being read, in the key's text */
    enum modifier seen[MODIFIER_CHAIN_MAX];
    size_t seen_count;
};

static struct diag_position chain_position(const struct chain_reader *reader)
{
    return yaml_position_within(reader->draft->path, reader->key, reader->at);
}

static int find_modifier(struct slice text)
{
    for (int i = 0; i < MODIFIER_COUNT; i++)
        if (slice_equal(modifiers[i].text, text))
            return i;
    return -1;
}

/* The modifier nearest to a name, with what it means. */
static const char *hint_modifier(char *buffer, struct slice name)
{
    struct hint_search search = hint_search(name);
    const char *help = NULL;
    for (int i = 0; i < MODIFIER_COUNT; i++) {
        hint_offer(&search, modifiers[i].text);
        if (search.best.data == modifiers[i].text.data)
            help = modifiers[i].help;
    }
    if (help == NULL)
        return "the modifiers are those of Sigma 2.1";
    snprintf(buffer, HINT_BYTES_MAX, "did you mean '%.*s': %s?", SLICE_PRINTF(search.best), help);
    return buffer;
}

static void report_unknown(struct chain_reader *reader, struct slice text)
{
    char buffer[HINT_BYTES_MAX];
    draft_error(reader->draft, chain_position(reader), CODE_UNKNOWN_MODIFIER,
                hint_modifier(buffer, text),
                text.len == 0 ? "empty modifier%.*s" : "unknown modifier '%.*s'",
                SLICE_PRINTF(hint_clip(text)));
}

/* True: it goes with all that stand before it. */
static bool check_pairs(struct chain_reader *reader, enum modifier modifier)
{
    struct draft *draft = reader->draft;
    struct diag_position at = chain_position(reader);
    enum modifier_class class = modifiers[modifier].class;
    for (size_t i = 0; i < reader->seen_count; i++) {
        enum modifier before = reader->seen[i];
        if (before == modifier) {
            draft_error(draft, at, CODE_REPEATED_MODIFIER, "write it once",
                        "the modifier '%s' stands here twice", modifier_text(modifier));
            return false;
        }
        if ((companions[class] & 1U << modifiers[before].class) == 0) {
            draft_error(draft, at, CODE_MODIFIER_CONFLICT,
                        conflict_hint(class, modifiers[before].class),
                        "the modifiers '%s' and '%s' do not go together", modifier_text(before),
                        modifier_text(modifier));
            return false;
        }
        for (size_t j = 0; j < sizeof wrong_orders / sizeof *wrong_orders; j++) {
            if (wrong_orders[j].first != modifiers[before].class || wrong_orders[j].second != class)
                continue;
            draft_error(draft, at, CODE_MODIFIER_ORDER, wrong_orders[j].reason,
                        "the modifier '%s' must stand before '%s'", modifier_text(modifier),
                        modifier_text(before));
            return false;
        }
    }
    return true;
}

static void set_subject(struct modifier_chain *chain, enum modifier_class class)
{
    static const enum modifier_subject subjects[CLASS_COUNT] = {
        [CLASS_REGEX] = SUBJECT_REGEX,       [CLASS_CIDR] = SUBJECT_CIDR,
        [CLASS_FIELDREF] = SUBJECT_FIELDREF, [CLASS_EXISTS] = SUBJECT_EXISTS,
        [CLASS_COMPARE] = SUBJECT_COMPARE,   [CLASS_TIME] = SUBJECT_TIME,
    };
    /* `hour|gte`: the time is the subject, the comparison how it is compared. */
    if (subjects[class] != SUBJECT_VALUE && chain->subject != SUBJECT_TIME)
        chain->subject = subjects[class];
}

static void chain_apply(struct modifier_chain *chain, enum modifier modifier)
{
    unsigned argument = modifiers[modifier].argument;
    enum modifier_class class = modifiers[modifier].class;
    set_subject(chain, class);
    switch (class) {
    case CLASS_CONTAINS:
    case CLASS_EDGE:
        chain->operator= argument;
        chain->has_operator = true;
        break;
    case CLASS_ALL:
        chain->require_all = true;
        break;
    case CLASS_CASED:
        chain->cased = true;
        break;
    case CLASS_NEQ:
        chain->negate = true;
        break;
    case CLASS_REGEX_FLAG:
        chain->regex_flags |= argument;
        break;
    case CLASS_COMPARE:
        chain->comparison = argument;
        break;
    case CLASS_TIME:
        chain->time_part = argument;
        break;
    case CLASS_EXPAND:
        chain->expands = true;
        chain->steps[chain->step_count++] = modifier;
        break;
    case CLASS_DASH:
    case CLASS_BASE64:
    case CLASS_UNICODE:
        chain->steps[chain->step_count++] = modifier;
        break;
    case CLASS_EXISTS:
    case CLASS_REGEX:
    case CLASS_CIDR:
    case CLASS_FIELDREF:
    case CLASS_COUNT:
        break;
    }
}

static void read_one(struct chain_reader *reader, struct modifier_chain *chain, struct slice text)
{
    int found = find_modifier(text);
    if (found < 0) {
        report_unknown(reader, text);
        return;
    }
    if (reader->seen_count == MODIFIER_CHAIN_MAX) {
        draft_error(reader->draft, chain_position(reader), CODE_MODIFIER_CONFLICT,
                    "use fewer modifiers", "more than %d modifiers in one chain",
                    MODIFIER_CHAIN_MAX);
        return;
    }
    enum modifier modifier = (enum modifier)found;
    if (check_pairs(reader, modifier))
        chain_apply(chain, modifier);
    reader->seen[reader->seen_count++] = modifier;
}

/* What only the whole chain shows. */
static void check_whole(struct chain_reader *reader, const struct modifier_chain *chain)
{
    reader->at = 0;
    struct diag_position at = draft_at(reader->draft, reader->key);
    if (chain->regex_flags != 0 && chain->subject != SUBJECT_REGEX)
        draft_error(reader->draft, at, CODE_MODIFIER_ALONE, "write 're|i', 're|m' or 're|s'",
                    "a flag of regular expressions without the modifier 're'");
    if (chain->subject == SUBJECT_REGEX && chain->has_operator)
        draft_warning(reader->draft, at, CODE_USELESS_MODIFIER, "leave 'contains' out",
                      "'contains' has no effect: a regular expression is found anywhere");
    if (chain->negate && chain->require_all)
        draft_warning(reader->draft, at, CODE_USELESS_MODIFIER, "leave 'all' out",
                      "'all' has no effect: 'neq' already means none of the values");
    for (size_t i = 0; i < chain->step_count; i++)
        if (chain->steps[i] == MODIFIER_BASE64OFFSET && !chain->has_operator)
            draft_warning(reader->draft, at, CODE_MODIFIER_ALONE, "write 'base64offset|contains'",
                          "'base64offset' without 'contains' only finds a field that holds the "
                          "encoded text alone");
}

void modifier_chain_read(struct modifier_chain *out, struct draft *draft,
                         const struct yaml_node *key, size_t start)
{
    assert(start <= key->text.len);
    *out = (struct modifier_chain){.comparison = COMPARE_EQUAL};
    struct chain_reader reader = {.draft = draft, .key = key, .at = start};
    size_t errors_before = draft->error_count;
    for (;;) {
        struct slice rest = slice_from(key->text, reader.at);
        const uint8_t *bar = rest.len == 0 ? NULL : memchr(rest.data, '|', rest.len);
        size_t len = bar == NULL ? rest.len : (size_t)(bar - rest.data);
        read_one(&reader, out, slice_of(rest.data, len));
        if (bar == NULL)
            break;
        reader.at += len + 1;
    }
    if (draft->error_count == errors_before)
        check_whole(&reader, out);
}
