/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/draft.h"

#include "proto/array.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_BYTES_MAX = 1024 };

void draft_begin(struct draft *draft, struct arena *arena)
{
    draft->arena = arena;
    draft->error_count = 0;
    draft->finding_count = 0;
    draft->test_count = 0;
    draft->expanded_bytes = 0;
    draft->item_test_count = 0;
    draft->placeholder_count = 0;
}

void draft_deinit(struct draft *draft)
{
    free(draft->tests);
    free(draft->placeholders);
    arena_free(draft->scratch);
}

static void draft_report(struct draft *draft, enum diag_severity severity, struct diag_position at,
                         enum parser_code code, const char *hint, const char *message)
{
    draft->finding_count++;
    if (draft->finding_count <= RULE_FINDINGS_MAX)
        diag_add(draft->findings, severity, at, parser_code_name(code), hint, "%s", message);
    if (draft->finding_count == RULE_FINDINGS_MAX)
        diag_add(draft->findings, DIAG_NOTE, at, parser_code_name(CODE_TOO_MANY_FINDINGS), NULL,
                 "further findings of this rule are not listed");
}

void draft_error(struct draft *draft, struct diag_position at, enum parser_code code,
                 const char *hint, const char *format, ...)
{
    char message[MESSAGE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    draft->error_count++;
    draft_report(draft, DIAG_ERROR, at, code, hint, message);
}

void draft_warning(struct draft *draft, struct diag_position at, enum parser_code code,
                   const char *hint, const char *format, ...)
{
    char message[MESSAGE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    draft_report(draft, DIAG_WARNING, at, code, hint, message);
}

struct diag_position draft_at(const struct draft *draft, const struct yaml_node *node)
{
    return yaml_position(draft->path, node);
}

int draft_copy(struct draft *draft, struct slice *out, struct slice text)
{
    *out = arena_copy(draft->arena, text);
    return out->data == NULL ? STATUS_NO_MEMORY : 0;
}

int draft_add_test(struct draft *draft, const struct yaml_node *node, const struct test *test)
{
    if (draft->test_count > RULE_TESTS_MAX)
        return 0;
    if (++draft->test_count > RULE_TESTS_MAX) {
        draft_error(draft, draft_at(draft, node), CODE_TOO_MANY_TESTS,
                    "split the rule, or shorten its lists",
                    "the rule has more than %d values after its modifiers are worked out",
                    RULE_TESTS_MAX);
        return 0;
    }
    TRY(array_room(&draft->tests, &draft->item_test_capacity, draft->item_test_count,
                   sizeof *draft->tests));
    draft->tests[draft->item_test_count++] = *test;
    return 0;
}

bool draft_charge(struct draft *draft, const struct yaml_node *node, size_t bytes)
{
    if (draft->expanded_bytes > RULE_EXPANSION_BYTES_MAX)
        return false;
    draft->expanded_bytes += bytes;
    if (draft->expanded_bytes <= RULE_EXPANSION_BYTES_MAX)
        return true;
    draft_error(draft, draft_at(draft, node), CODE_EXPANSION_TOO_LARGE,
                "shorten the value or its lists",
                "the rule's modifiers make more than %d bytes of text", RULE_EXPANSION_BYTES_MAX);
    return false;
}

bool draft_is_full(const struct draft *draft)
{
    return draft->test_count > RULE_TESTS_MAX || draft->finding_count > RULE_FINDINGS_MAX ||
           draft->expanded_bytes > RULE_EXPANSION_BYTES_MAX;
}

int draft_note_placeholder(struct draft *draft, struct slice name)
{
    for (size_t i = 0; i < draft->placeholder_count; i++)
        if (slice_equal(draft->placeholders[i], name))
            return 0;
    TRY(array_room(&draft->placeholders, &draft->placeholder_capacity, draft->placeholder_count,
                   sizeof *draft->placeholders));
    struct slice copy;
    TRY(draft_copy(draft, &copy, name));
    draft->placeholders[draft->placeholder_count++] = copy;
    return 0;
}
