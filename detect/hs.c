/* SPDX-License-Identifier: Apache-2.0 */
/* Literals go through the literal API: against the same literals as regular expressions it compiles
 * ten times faster into half the size. Neither literals nor expressions get HS_FLAG_UTF8: event
 * bytes need not be valid UTF-8, and then the flag means undefined behaviour.
 *
 * A scan may fail: Hyperscan 5.4.0 answers HS_UNKNOWN_ERROR where a text holds a literal of 37
 * bytes or more that ends in a long run of one character. Such literals are cut short (trigger.c),
 * and whoever scans has a way to go on without the library. */
#include "detect/hs.h"

#include <assert.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

static int status_of(hs_error_t error)
{
    switch (error) {
    case HS_SUCCESS:
        return 0;
    case HS_NOMEM:
        return STATUS_NO_MEMORY;
    default:
        return STATUS_LIBRARY;
    }
}

struct literal_columns {
    const char **bytes;
    size_t *lens;
    unsigned *flags;
    unsigned *ids;
};

static void columns_free(struct literal_columns *columns)
{
    free(columns->bytes);
    free(columns->lens);
    free(columns->flags);
    free(columns->ids);
}

static int columns_fill(struct literal_columns *columns, const struct hs_literal literals[],
                        size_t count)
{
    columns->bytes = calloc(count, sizeof *columns->bytes);
    columns->lens = calloc(count, sizeof *columns->lens);
    columns->flags = calloc(count, sizeof *columns->flags);
    columns->ids = calloc(count, sizeof *columns->ids);
    if (columns->bytes == NULL || columns->lens == NULL || columns->flags == NULL ||
        columns->ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        assert(literals[i].bytes.len > 0 && literals[i].bytes.len <= HS_LITERAL_BYTES_MAX);
        columns->bytes[i] = (const char *)literals[i].bytes.data;
        columns->lens[i] = literals[i].bytes.len;
        columns->flags[i] = literals[i].caseless ? HS_FLAG_CASELESS : 0;
        columns->ids[i] = (unsigned)i;
    }
    return 0;
}

int hs_literals_new(struct hs_database **out, const struct hs_literal literals[], size_t count)
{
    assert(count > 0 && count <= UINT32_MAX);
    struct literal_columns columns = {0};
    int status = columns_fill(&columns, literals, count);
    if (status == 0) {
        hs_compile_error_t *error = NULL;
        status =
            status_of(hs_compile_lit_multi(columns.bytes, columns.flags, columns.ids, columns.lens,
                                           (unsigned)count, HS_MODE_BLOCK, NULL, out, &error));
        hs_free_compile_error(error);
    }
    columns_free(&columns);
    return status;
}

int hs_regex_new(struct hs_database **out, const char *expression,
                 const struct hs_regex_options *options, char *why)
{
    unsigned flags = HS_FLAG_ALLOWEMPTY;
    flags |= options->caseless ? HS_FLAG_CASELESS : 0;
    flags |= options->multiline ? HS_FLAG_MULTILINE : 0;
    flags |= options->dotall ? HS_FLAG_DOTALL : 0;
    flags |= options->prefilter ? HS_FLAG_PREFILTER : 0;
    hs_compile_error_t *error = NULL;
    hs_error_t result = hs_compile(expression, flags, HS_MODE_BLOCK, NULL, out, &error);
    if (result == HS_SUCCESS)
        return 0;
    snprintf(why, HS_WHY_BYTES, "%s", error == NULL ? "not supported" : error->message);
    hs_free_compile_error(error);
    return result == HS_COMPILER_ERROR ? HS_REFUSED : status_of(result);
}

void hs_database_free(struct hs_database *database)
{
    hs_free_database(database);
}

size_t hs_bytes(const struct hs_database *database)
{
    size_t bytes = 0;
    return hs_database_size(database, &bytes) == HS_SUCCESS ? bytes : 0;
}

int hs_space_reserve(struct hs_scratch **space, const struct hs_database *database)
{
    return status_of(hs_alloc_scratch(database, space));
}

int hs_space_clone(struct hs_scratch **out, const struct hs_scratch *space)
{
    return status_of(hs_clone_scratch(space, out));
}

void hs_space_free(struct hs_scratch *space)
{
    hs_free_scratch(space);
}

size_t hs_space_bytes(const struct hs_scratch *space)
{
    size_t bytes = 0;
    return space != NULL && hs_scratch_size(space, &bytes) == HS_SUCCESS ? bytes : 0;
}

bool hs_find(const struct hs_database *database, struct hs_scratch *space, struct slice text,
             hs_hit_fn *hit, void *context)
{
    assert(text.len <= UINT32_MAX);
    const char *data = text.data == NULL ? "" : (const char *)text.data;
    hs_error_t result = hs_scan(database, data, (unsigned)text.len, 0, space, hit, context);
    return result == HS_SUCCESS || result == HS_SCAN_TERMINATED;
}

static int stop_at_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *context)
{
    (void)id, (void)from, (void)to, (void)flags;
    *(bool *)context = true;
    return 1;
}

enum hs_answer hs_found(const struct hs_database *database, struct hs_scratch *space,
                        struct slice text)
{
    bool found = false;
    if (!hs_find(database, space, text, stop_at_hit, &found))
        return HS_FAILED;
    return found ? HS_FOUND : HS_ABSENT;
}
