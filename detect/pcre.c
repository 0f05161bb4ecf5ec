/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds. PCRE2's own match limit starts anew at each position of the text, so a long line of
 * repeated trigger text could still cost its length times the limit. Expressions are therefore
 * compiled with automatic call-outs, one before each item, and one budget of them for the whole
 * match. This is slower than a plain match; it runs only where Hyperscan cannot answer.
 *
 * Memory. PCRE2 keeps its backtracking frames in the match data and doubles them when they do not
 * suffice, up to the heap limit. They come from one block that is taken at start-up and handed out
 * front to back: the doublings sum up to less than twice the limit, so nothing need be reused. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "detect/pcre.h"

#include "rules/rule.h"

#include <assert.h>
#include <pcre2.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MATCH_LIMIT = 10 * PCRE_STEPS_MAX, /* above the step budget: what ends a match is the budget */
    FRAMES_BYTES = 3 * PCRE_HEAP_KIB * 1024,
};

struct pcre {
    pcre2_code *code;
};

struct pcre_space {
    pcre2_general_context *general;
    pcre2_match_context *context;
    pcre2_match_data *data;
    unsigned steps;
    size_t block_used;
    uint8_t *block;
};

static void *block_take(size_t size, void *context)
{
    struct pcre_space *space = context;
    size_t start = (space->block_used + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (size > FRAMES_BYTES || start > FRAMES_BYTES - size)
        return NULL;
    space->block_used = start + size;
    return space->block + start;
}

static void block_give_back(void *memory, void *context)
{
    (void)memory, (void)context;
}

static int count_step(pcre2_callout_block *callout, void *context)
{
    (void)callout;
    struct pcre_space *space = context;
    return ++space->steps > PCRE_STEPS_MAX ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static uint32_t options_of(unsigned flags)
{
    uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    options |= (flags & REGEX_CASELESS) != 0 ? PCRE2_CASELESS : 0;
    options |= (flags & REGEX_MULTILINE) != 0 ? PCRE2_MULTILINE : 0;
    options |= (flags & REGEX_DOTALL) != 0 ? PCRE2_DOTALL : 0;
    return options;
}

static int explain_refusal(int error, size_t offset, char *why)
{
    char text[PCRE_WHY_BYTES - 40];
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)text, sizeof text) < 0)
        snprintf(text, sizeof text, "error %d", error);
    snprintf(why, PCRE_WHY_BYTES, "%s (at offset %zu)", text, offset);
    return PCRE_REFUSED;
}

int pcre_new(struct pcre **out, struct slice expression, unsigned flags, char *why)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return STATUS_NO_MEMORY;
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    int error = 0;
    size_t offset = 0;
    const uint8_t *data = expression.data == NULL ? (const uint8_t *)"" : expression.data;
    pcre2_code *code =
        pcre2_compile(data, expression.len, options_of(flags), &error, &offset, context);
    pcre2_compile_context_free(context);
    if (code == NULL)
        return error == PCRE2_ERROR_HEAP_FAILED ? STATUS_NO_MEMORY
                                                : explain_refusal(error, offset, why);
    struct pcre *pcre = malloc(sizeof *pcre);
    if (pcre == NULL) {
        pcre2_code_free(code);
        return STATUS_NO_MEMORY;
    }
    pcre->code = code;
    *out = pcre;
    return 0;
}

void pcre_free(struct pcre *pcre)
{
    if (pcre == NULL)
        return;
    pcre2_code_free(pcre->code);
    free(pcre);
}

size_t pcre_bytes(const struct pcre *pcre)
{
    size_t bytes = 0;
    (void)pcre2_pattern_info(pcre->code, PCRE2_INFO_SIZE, &bytes);
    return bytes + sizeof *pcre;
}

int pcre_space_new(struct pcre_space **out)
{
    AUTO(pcre_space_free) struct pcre_space *space = calloc(1, sizeof *space);
    if (space == NULL)
        return STATUS_NO_MEMORY;
    space->block = malloc(FRAMES_BYTES);
    if (space->block == NULL)
        return STATUS_NO_MEMORY;
    space->general = pcre2_general_context_create(block_take, block_give_back, space);
    if (space->general == NULL)
        return STATUS_NO_MEMORY;
    space->context = pcre2_match_context_create(space->general);
    space->data = pcre2_match_data_create(1, space->general);
    if (space->context == NULL || space->data == NULL)
        return STATUS_NO_MEMORY;
    pcre2_set_heap_limit(space->context, PCRE_HEAP_KIB);
    pcre2_set_match_limit(space->context, MATCH_LIMIT);
    pcre2_set_callout(space->context, count_step, space);
    *out = TAKE(&space);
    return 0;
}

void pcre_space_free(struct pcre_space *space)
{
    if (space == NULL)
        return;
    pcre2_match_data_free(space->data);
    pcre2_match_context_free(space->context);
    pcre2_general_context_free(space->general);
    free(space->block);
    free(space);
}

enum pcre_answer pcre_match(const struct pcre *pcre, struct pcre_space *space, struct slice text,
                            size_t span[2])
{
    const uint8_t *data = text.data == NULL ? (const uint8_t *)"" : text.data;
    space->steps = 0;
    int result = pcre2_match(pcre->code, data, text.len, 0, 0, space->data, space->context);
    if (result == PCRE2_ERROR_NOMATCH)
        return PCRE_NO;
    if (result < 0)
        return PCRE_UNDECIDED; /* a limit: time, depth or memory */
    if (span != NULL) {
        const size_t *found = pcre2_get_ovector_pointer(space->data);
        span[0] = found[0] < found[1] ? found[0] : found[1]; /* \K may turn them round */
        span[1] = found[0] < found[1] ? found[1] : found[0];
    }
    return PCRE_YES;
}
