/* SPDX-License-Identifier: Apache-2.0 */
/* A recursive descent over a flat text, bounded by CONDITION_DEPTH_MAX.
 *
 * A term that stands for no selection at all (a pattern without match) is dropped: NULL goes up
 * through the tree, and an operator that is left without operands is dropped itself. Reading it as
 * true or false instead would make `1 of filter_*` of a rule without filters mean something. If
 * nothing is left, the rule is refused. */
#include "rules/condition.h"

#include "rules/condition_token.h"
#include "rules/hint.h"

#include <assert.h>

struct condition_reader {
    struct draft *draft;
    const struct condition_scope *scope;
    const struct yaml_node *node;
    struct token token; /* the next one */
    unsigned depth;
    size_t node_count;
    bool failed; /* an error was added; nothing further is read */
};

/* Operands of an operator while it is read; a list, as their number is not known. */
struct operand_list {
    const struct condition **items;
    size_t count, capacity;
};

static struct diag_position here(const struct condition_reader *reader)
{
    return yaml_position_within(reader->draft->path, reader->node, reader->token.offset);
}

static void advance(struct condition_reader *reader)
{
    reader->token = token_after(reader->node->text, reader->token);
}

static void syntax_error(struct condition_reader *reader, const char *hint, const char *expected)
{
    struct token token = reader->token;
    reader->failed = true;
    if (token.kind == TOKEN_END)
        draft_error(reader->draft, here(reader), CODE_CONDITION_SYNTAX, hint,
                    "the condition ends where %s is expected", expected);
    else
        draft_error(reader->draft, here(reader), CODE_CONDITION_SYNTAX, hint,
                    "'%.*s' where %s is expected", SLICE_PRINTF(hint_clip(token.text)), expected);
}

/* --- Building --- */

static int node_new(struct condition_reader *reader, struct condition **out,
                    enum condition_kind kind)
{
    *out = NULL;
    if (++reader->node_count > CONDITION_NODES_MAX) {
        reader->failed = true;
        draft_error(reader->draft, here(reader), CODE_CONDITION_TOO_LARGE,
                    "name selections less often", "the condition has more than %d terms",
                    CONDITION_NODES_MAX);
        return 0;
    }
    *out = arena_new(reader->draft->arena, struct condition);
    if (*out == NULL)
        return STATUS_NO_MEMORY;
    (*out)->kind = kind;
    return 0;
}

static int list_push(struct condition_reader *reader, struct operand_list *list,
                     const struct condition *condition)
{
    if (condition == NULL)
        return 0;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        const struct condition **items =
            arena_take(reader->draft->arena, capacity * sizeof(struct condition *));
        if (items == NULL)
            return STATUS_NO_MEMORY;
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = condition;
    return 0;
}

/* One operand is itself; none is NULL. */
static int join(struct condition_reader *reader, const struct condition **out,
                enum condition_kind kind, const struct operand_list *list, unsigned count)
{
    *out = list->count == 0 ? NULL : list->items[0];
    if (list->count < 2)
        return 0;
    struct condition *node;
    TRY(node_new(reader, &node, kind));
    *out = node;
    if (node == NULL)
        return 0;
    node->children = list->items;
    node->child_count = list->count;
    node->count = count;
    return 0;
}

static int leaf(struct condition_reader *reader, struct operand_list *list, size_t selection)
{
    struct condition *node;
    TRY(node_new(reader, &node, CONDITION_SELECTION));
    if (node == NULL)
        return 0;
    reader->scope->used[selection] = true;
    node->selection = &reader->scope->selections[selection];
    return list_push(reader, list, node);
}

/* --- Terms --- */

/* "selection | count() by User > 5": Sigma before correlations. */
static bool is_aggregation(const struct condition_reader *reader)
{
    struct slice text = reader->token.text;
    return text.len > 0 && memchr(text.data, '|', text.len) != NULL;
}

static void aggregation_error(struct condition_reader *reader)
{
    reader->failed = true;
    draft_error(reader->draft, here(reader), CODE_LEGACY_AGGREGATION,
                "write a correlation document (correlation: type: event_count ...) beside the rule",
                "an aggregation behind a pipe is no longer Sigma; a correlation document replaces "
                "it");
}

static void unknown_selection(struct condition_reader *reader)
{
    struct slice name = reader->token.text;
    if (is_aggregation(reader)) {
        aggregation_error(reader);
        return;
    }
    reader->failed = true;
    if (memchr(name.data, '*', name.len) != NULL) {
        draft_error(reader->draft, here(reader), CODE_CONDITION_SYNTAX,
                    "write '1 of' or 'all of' before it", "a pattern without 'of': '%.*s'",
                    SLICE_PRINTF(hint_clip(name)));
        return;
    }
    char buffer[HINT_BYTES_MAX];
    struct hint_search search = hint_search(name);
    for (size_t i = 0; i < reader->scope->count; i++)
        hint_offer(&search, reader->scope->selections[i].name);
    draft_error(reader->draft, here(reader), CODE_UNKNOWN_SELECTION,
                hint_nearest(&search, buffer, "add the selection, or correct its name"),
                "there is no selection '%.*s'", SLICE_PRINTF(hint_clip(name)));
}

static int read_name(struct condition_reader *reader, const struct condition **out)
{
    struct operand_list list = {0};
    for (size_t i = 0; i < reader->scope->count; i++) {
        if (!slice_equal(reader->scope->selections[i].name, reader->token.text))
            continue;
        TRY(leaf(reader, &list, i));
        *out = list.count == 0 ? NULL : list.items[0];
        advance(reader);
        return 0;
    }
    unknown_selection(reader);
    return 0;
}

/* --- Quantifiers --- */

enum { QUANTIFIER_NONE = -1, QUANTIFIER_ALL = -2, QUANTIFIER_DIGITS_MAX = 4 };

/* The number before `of`, QUANTIFIER_ALL, or QUANTIFIER_NONE if the word is none. */
static int quantifier(struct slice word)
{
    int number = 0;
    if (slice_equal_ascii_caseless(word, SLICE_LITERAL("all")))
        return QUANTIFIER_ALL;
    if (slice_equal_ascii_caseless(word, SLICE_LITERAL("any")))
        return 1;
    if (word.len == 0 || word.len > QUANTIFIER_DIGITS_MAX)
        return QUANTIFIER_NONE;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9')
            return QUANTIFIER_NONE;
        number = number * 10 + word.data[i] - '0';
    }
    return number;
}

static bool is_visible(struct slice name, struct slice pattern)
{
    return name.data[0] != '_' || pattern.data[0] == '_';
}

static int collect_matches(struct condition_reader *reader, struct operand_list *list)
{
    struct slice pattern = reader->token.text;
    if (slice_equal_ascii_caseless(pattern, SLICE_LITERAL("them")))
        pattern = SLICE_LITERAL("*");
    for (size_t i = 0; i < reader->scope->count && !reader->failed; i++) {
        struct slice name = reader->scope->selections[i].name;
        if (name.len > 0 && token_matches(pattern, name) && is_visible(name, pattern))
            TRY(leaf(reader, list, i));
    }
    return 0;
}

static bool check_count(struct condition_reader *reader, int wanted, size_t found)
{
    struct slice pattern = hint_clip(reader->token.text);
    if (wanted == 0)
        draft_error(reader->draft, here(reader), CODE_CONDITION_COUNT,
                    "write 'not 1 of' if none may match", "'0 of %.*s' is true of everything",
                    SLICE_PRINTF(pattern));
    else if (wanted > 0 && found > 0 && (size_t)wanted > found)
        draft_error(reader->draft, here(reader), CODE_CONDITION_COUNT,
                    "lower the number, or add selections",
                    "'%d of %.*s' can never be true: it matches %zu", wanted, SLICE_PRINTF(pattern),
                    found);
    else
        return true;
    reader->failed = true;
    return false;
}

static int read_quantified(struct condition_reader *reader, const struct condition **out,
                           int wanted)
{
    struct operand_list list = {0};
    if (reader->token.kind != TOKEN_WORD) {
        syntax_error(reader, "write '1 of selection_*' or 'all of them'",
                     "a selection, a pattern or 'them'");
        return 0;
    }
    if (is_aggregation(reader)) {
        bool known = false;
        for (size_t i = 0; i < reader->scope->count; i++)
            known |= token_matches(reader->token.text, reader->scope->selections[i].name);
        if (!known) {
            aggregation_error(reader);
            return 0;
        }
    }
    TRY(collect_matches(reader, &list));
    if (reader->failed || !check_count(reader, wanted, list.count))
        return 0;
    if (list.count == 0)
        draft_warning(reader->draft, here(reader), CODE_PATTERN_WITHOUT_MATCH,
                      "remove the term, or correct the pattern",
                      "'%.*s' matches no selection; the term is dropped",
                      SLICE_PRINTF(hint_clip(reader->token.text)));
    advance(reader);
    if (wanted == QUANTIFIER_ALL || (size_t)wanted == list.count)
        return join(reader, out, CONDITION_AND, &list, 0);
    if (wanted == 1)
        return join(reader, out, CONDITION_OR, &list, 0);
    return join(reader, out, CONDITION_AT_LEAST, &list, (unsigned)wanted);
}

/* --- Grammar: mutual recursion from here on --- */

static int read_or(struct condition_reader *reader, const struct condition **out);

static int read_parentheses(struct condition_reader *reader, const struct condition **out)
{
    advance(reader);
    TRY(read_or(reader, out));
    if (reader->failed)
        return 0;
    if (reader->token.kind != TOKEN_CLOSE) {
        syntax_error(reader, "close the parenthesis", "')', 'and' or 'or'");
        return 0;
    }
    advance(reader);
    return 0;
}

static int read_term(struct condition_reader *reader, const struct condition **out)
{
    if (reader->token.kind == TOKEN_OPEN)
        return read_parentheses(reader, out);
    if (reader->token.kind != TOKEN_WORD) {
        syntax_error(reader, "look for a missing selection or a surplus operator",
                     "the name of a selection");
        return 0;
    }
    struct token next = token_after(reader->node->text, reader->token);
    if (next.kind != TOKEN_OF)
        return read_name(reader, out);
    int wanted = quantifier(reader->token.text);
    if (wanted == QUANTIFIER_NONE) {
        syntax_error(reader, "write '1 of', 'any of', 'all of', or a number",
                     "a number before 'of'");
        return 0;
    }
    advance(reader);
    advance(reader);
    return read_quantified(reader, out, wanted);
}

static int read_not(struct condition_reader *reader, const struct condition **out)
{
    bool negated = false;
    for (; reader->token.kind == TOKEN_NOT; advance(reader))
        negated = !negated;
    TRY(read_term(reader, out));
    if (reader->failed || !negated || *out == NULL)
        return 0;
    struct operand_list list = {0};
    struct condition *node;
    TRY(list_push(reader, &list, *out));
    TRY(node_new(reader, &node, CONDITION_NOT));
    *out = node;
    if (node == NULL)
        return 0;
    node->children = list.items;
    node->child_count = 1;
    return 0;
}

static int read_and(struct condition_reader *reader, const struct condition **out)
{
    struct operand_list list = {0};
    for (;;) {
        const struct condition *operand = NULL;
        TRY(read_not(reader, &operand));
        TRY(list_push(reader, &list, operand));
        if (reader->failed || reader->token.kind != TOKEN_AND)
            break;
        advance(reader);
    }
    return join(reader, out, CONDITION_AND, &list, 0);
}

static int read_or(struct condition_reader *reader, const struct condition **out)
{
    struct operand_list list = {0};
    if (reader->depth == CONDITION_DEPTH_MAX) {
        reader->failed = true;
        draft_error(reader->draft, here(reader), CODE_CONDITION_TOO_LARGE,
                    "remove parentheses that change nothing",
                    "the condition's parentheses are nested deeper than %d", CONDITION_DEPTH_MAX);
        return 0;
    }
    reader->depth++;
    for (;;) {
        const struct condition *operand = NULL;
        TRY(read_and(reader, &operand));
        TRY(list_push(reader, &list, operand));
        if (reader->failed || reader->token.kind != TOKEN_OR)
            break;
        advance(reader);
    }
    reader->depth--;
    return join(reader, out, CONDITION_OR, &list, 0);
}

static int read_text(struct condition_reader *reader, const struct condition **out,
                     const struct yaml_node *node)
{
    *out = NULL;
    reader->node = node;
    reader->depth = 0;
    reader->failed = false;
    if (node->kind != YAML_SCALAR || slice_trim(node->text).len == 0) {
        draft_error(reader->draft, draft_at(reader->draft, node), CODE_MISSING_CONDITION,
                    "write a condition such as 'selection and not filter'",
                    "a condition is a text");
        return 0;
    }
    if (node->text.len > CONDITION_BYTES_MAX) {
        draft_error(reader->draft, draft_at(reader->draft, node), CODE_CONDITION_TOO_LARGE,
                    "use patterns such as '1 of selection_*'",
                    "a condition of %zu bytes; at most %d", node->text.len, CONDITION_BYTES_MAX);
        return 0;
    }
    reader->token = token_at(node->text, 0);
    TRY(read_or(reader, out));
    if (!reader->failed && reader->token.kind != TOKEN_END) {
        if (is_aggregation(reader))
            aggregation_error(reader);
        else
            syntax_error(reader, "join terms with 'and' or 'or'", "'and', 'or' or the end");
    }
    if (!reader->failed && *out == NULL)
        draft_error(
            reader->draft, draft_at(reader->draft, node), CODE_CONDITION_EMPTY,
            "name a selection that exists",
            "nothing is left of the condition after dropping terms that match no selection");
    if (reader->failed)
        *out = NULL;
    return 0;
}

int condition_read(const struct condition **out, struct draft *draft,
                   const struct condition_scope *scope, const struct yaml_node *node)
{
    struct condition_reader reader = {.draft = draft, .scope = scope};
    if (node->kind != YAML_SEQUENCE || node->count == 0)
        return read_text(&reader, out, node);
    if (node->count > RULE_CONDITIONS_MAX) {
        draft_error(draft, draft_at(draft, node), CODE_CONDITION_TOO_LARGE,
                    "join conditions with 'or'", "a list of %zu conditions; at most %d",
                    node->count, RULE_CONDITIONS_MAX);
        return 0;
    }
    struct operand_list list = {0};
    size_t errors_before = draft->error_count;
    for (size_t i = 0; i < node->count; i++) {
        const struct condition *condition;
        TRY(read_text(&reader, &condition, node->items[i]));
        TRY(list_push(&reader, &list, condition));
    }
    TRY(join(&reader, out, CONDITION_OR, &list, 0));
    if (draft->error_count != errors_before)
        *out = NULL;
    return 0;
}
