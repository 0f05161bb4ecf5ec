/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/edition.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct shared_ruleset {
    struct ruleset *ruleset;
    uint64_t number;
    size_t references;
};

struct shared_context {
    struct context *context;
    size_t references;
};

int shared_ruleset_new(struct shared_ruleset **out, struct ruleset *ruleset, uint64_t number)
{
    assert(out != NULL && ruleset != NULL);
    struct shared_ruleset *shared = malloc(sizeof *shared);
    if (shared == NULL)
        return STATUS_NO_MEMORY;
    *shared = (struct shared_ruleset){ruleset, number, 1};
    *out = shared;
    return 0;
}

void shared_ruleset_unref(struct shared_ruleset *shared)
{
    if (shared == NULL)
        return;
    assert(shared->references > 0);
    if (--shared->references > 0)
        return;
    ruleset_free(shared->ruleset);
    free(shared);
}

int shared_context_new(struct shared_context **out, struct context *context)
{
    assert(out != NULL && context != NULL);
    struct shared_context *shared = malloc(sizeof *shared);
    if (shared == NULL)
        return STATUS_NO_MEMORY;
    *shared = (struct shared_context){context, 1};
    *out = shared;
    return 0;
}

void shared_context_unref(struct shared_context *shared)
{
    if (shared == NULL)
        return;
    assert(shared->references > 0);
    if (--shared->references > 0)
        return;
    context_free(shared->context);
    free(shared);
}

int edition_new(struct edition **out, const struct edition_options *options)
{
    assert(out != NULL && options->ruleset != NULL && options->context != NULL);
    struct edition *edition = calloc(1, sizeof *edition);
    if (edition == NULL)
        return STATUS_NO_MEMORY;
    edition->shared_ruleset = options->ruleset;
    edition->shared_context = options->context;
    edition->shared_ruleset->references++;
    edition->shared_context->references++;
    edition->ruleset = options->ruleset->ruleset;
    edition->context = options->context->context;
    edition->number = options->number;
    edition->ruleset_number = options->ruleset->number;
    edition->loaded_unix_s = options->loaded_unix_s;
    const uint8_t *hash = ruleset_sha256(edition->ruleset);
    for (size_t i = 0; i < 32; i++)
        snprintf(edition->ruleset_hex + 2 * i, 3, "%02x", hash[i]);
    *out = edition;
    return 0;
}

void edition_free(struct edition *edition)
{
    if (edition == NULL)
        return;
    shared_ruleset_unref(edition->shared_ruleset);
    shared_context_unref(edition->shared_context);
    free(edition);
}
