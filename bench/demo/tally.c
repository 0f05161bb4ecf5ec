/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/tally.h"

#include "demo/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SEVERITY_COUNT = 6 };

struct row {
    char id[TALLY_ID_BYTES];
    char title[TALLY_TITLE_BYTES];
    uint64_t count;
};

struct tally {
    uint64_t total;
    uint64_t by_severity[SEVERITY_COUNT];
    struct row *rows;
    size_t row_count;
};

int tally_new(struct tally **out)
{
    AUTO(tally_free) struct tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL)
        return STATUS_NO_MEMORY;
    tally->rows = calloc(TALLY_RULES_MAX, sizeof *tally->rows);
    if (tally->rows == NULL)
        return STATUS_NO_MEMORY;
    *out = TAKE(&tally);
    return 0;
}

void tally_free(struct tally *tally)
{
    if (tally == NULL)
        return;
    free(tally->rows);
    free(tally);
}

static struct row *find(struct tally *tally, const char *id)
{
    for (size_t i = 0; i < tally->row_count; i++)
        if (strcmp(tally->rows[i].id, id) == 0)
            return &tally->rows[i];
    return NULL;
}

void tally_add(struct tally *tally, const Yagura__V1__Alert *alert)
{
    tally->total++;
    tally->by_severity[alert->severity_id < SEVERITY_COUNT ? alert->severity_id : 0]++;
    if (alert->rule == NULL || alert->rule->id == NULL)
        return;
    struct row *row = find(tally, alert->rule->id);
    if (row == NULL && tally->row_count < TALLY_RULES_MAX) {
        row = &tally->rows[tally->row_count++];
        snprintf(row->id, sizeof row->id, "%s", alert->rule->id);
        snprintf(row->title, sizeof row->title, "%s",
                 alert->rule->title != NULL ? alert->rule->title : "");
    }
    if (row != NULL)
        row->count++;
}

uint64_t tally_total(const struct tally *tally)
{
    return tally->total;
}

size_t tally_rule_count(const struct tally *tally)
{
    return tally->row_count;
}

static int more_first(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->title, b->title);
}

void tally_write(FILE *out, struct tally *tally)
{
    qsort(tally->rows, tally->row_count, sizeof *tally->rows, more_first);
    fprintf(out, "  %" PRIu64 " alerts of %zu rules:", tally->total, tally->row_count);
    for (unsigned severity = SEVERITY_COUNT; severity-- > 0;)
        if (tally->by_severity[severity] > 0)
            fprintf(out, " %" PRIu64 " %s", tally->by_severity[severity], show_severity(severity));
    fputc('\n', out);
    for (size_t i = 0; i < tally->row_count && i < TALLY_TOP; i++)
        fprintf(out, "  %8" PRIu64 "  %s\n", tally->rows[i].count, tally->rows[i].title);
}
