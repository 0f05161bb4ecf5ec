/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/claims.h"

#include <assert.h>
#include <stdlib.h>

static int compare_claims(const void *a, const void *b)
{
    const struct claim *x = a;
    const struct claim *y = b;
    int order = slice_compare(x->rule->id, y->rule->id);
    if (order != 0)
        return order;
    if (x->held_before != y->held_before)
        return x->held_before ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void claims_deinit(struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        rule_unref(claims->items[i].rule);
    free(claims->items);
    *claims = (struct claims){0};
}

static const struct claim *claims_find(const struct claims *claims, struct slice id)
{
    for (size_t low = 0, high = claims->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(id, claims->items[middle].rule->id);
        if (order == 0)
            return &claims->items[middle];
        if (order < 0)
            high = middle;
        if (order > 0)
            low = middle + 1;
    }
    return NULL;
}

/* Who held an id in the last set keeps it; else the first by name of file. */
static void settle_claims(struct claims *claims, struct diag_list *findings)
{
    if (claims->count > 0)
        qsort(claims->items, claims->count, sizeof *claims->items, compare_claims);
    size_t kept = 0;
    for (size_t i = 0; i < claims->count; i++) {
        struct claim *claim = &claims->items[i];
        struct claim *owner = kept == 0 ? NULL : &claims->items[kept - 1];
        if (owner == NULL || !slice_equal(owner->rule->id, claim->rule->id)) {
            claims->items[kept++] = *claim;
            continue;
        }
        diag_add(findings, DIAG_ERROR, claim->rule->at, "duplicate-id",
                 "give one of the two rules an id of its own (uuidgen makes one)",
                 "id %.*s already belongs to a rule of %s", SLICE_PRINTF(claim->rule->id),
                 owner->file->path);
        rule_unref(claim->rule);
    }
    claims->count = kept;
}

static size_t count_rules(struct rule_file *const files[], size_t file_count)
{
    size_t count = 0;
    for (size_t i = 0; i < file_count; i++)
        if (files[i]->is_present)
            count += files[i]->rules.count;
    return count;
}

static void claim_rules(struct claims *claims, const struct claims *before,
                        struct rule_file *const files[], size_t file_index)
{
    const struct rule_file *file = files[file_index];
    for (size_t i = 0; i < file->rules.count; i++) {
        struct rule *rule = file->rules.items[i];
        const struct claim *held = claims_find(before, rule->id);
        claims->items[claims->count] = (struct claim){
            .rule = rule_ref(rule),
            .file = file,
            .file_index = file_index,
            .held_before = held != NULL && held->file == file,
            .order = claims->count,
        };
        claims->count++;
    }
}

int claims_make(struct claims *out, struct rule_file *const files[], size_t file_count,
                const struct claims *before, struct diag_list *findings)
{
    assert(out != NULL && before != NULL && out != before);
    *out = (struct claims){.items = calloc(count_rules(files, file_count) + 1, sizeof *out->items)};
    if (out->items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < file_count; i++)
        if (files[i]->is_present)
            claim_rules(out, before, files, i);
    settle_claims(out, findings);
    return 0;
}

bool claims_same_rules(const struct claims *a, const struct claims *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (memcmp(a->items[i].rule->sha256, b->items[i].rule->sha256,
                   sizeof a->items[i].rule->sha256) != 0 ||
            !slice_equal(a->items[i].rule->id, b->items[i].rule->id))
            return false;
    return true;
}

void claims_drop(struct claims *claims, size_t index)
{
    assert(index < claims->count);
    rule_unref(claims->items[index].rule);
    memmove(&claims->items[index], &claims->items[index + 1],
            (claims->count - index - 1) * sizeof *claims->items);
    claims->count--;
}
