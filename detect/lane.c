/* SPDX-License-Identifier: Apache-2.0 */
/* Uses are sorted by slot, way of finding, text, anchor and atom; neighbours that agree in all of
 * them are one trigger, in the text alone one literal. So each literal enters its database once,
 * however many rules wait for it. */
#include "detect/lane.h"

#include "detect/hs.h"
#include "detect/keyword.h"
#include "proto/array.h"

#include <assert.h>
#include <xxhash.h>

/* --- Plan --- */

int lane_plan_use(struct lane_plan *plan, const struct lane_use *use)
{
    TRY(array_room(&plan->uses, &plan->use_capacity, plan->use_count, sizeof *plan->uses));
    plan->uses[plan->use_count++] = *use;
    return 0;
}

int lane_plan_always(struct lane_plan *plan, uint32_t rule)
{
    TRY(array_room(&plan->always, &plan->always_capacity, plan->always_count,
                   sizeof *plan->always));
    plan->always[plan->always_count++] = rule;
    return 0;
}

void lane_plan_deinit(struct lane_plan *plan)
{
    free(plan->uses);
    free(plan->always);
    *plan = (struct lane_plan){0};
}

/* --- Grouping --- */

static int order_of_probes(const struct lane_use *a, const struct lane_use *b)
{
    if (a->probe != b->probe)
        return a->probe < b->probe ? -1 : 1;
    return (a->probe_atom > b->probe_atom) - (a->probe_atom < b->probe_atom);
}

static int order_of_texts(const struct lane_use *a, const struct lane_use *b)
{
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (a->finding != b->finding)
        return a->finding < b->finding ? -1 : 1;
    if (a->finding == FIND_PROBE)
        return order_of_probes(a, b);
    return slice_compare(a->trigger.bytes, b->trigger.bytes);
}

static int order_of_triggers(const struct lane_use *a, const struct lane_use *b)
{
    int order = order_of_texts(a, b);
    if (order != 0)
        return order;
    if (a->trigger.anchor != b->trigger.anchor)
        return a->trigger.anchor < b->trigger.anchor ? -1 : 1;
    return (a->atom > b->atom) - (a->atom < b->atom);
}

static int order_of_uses(const void *left, const void *right)
{
    const struct lane_use *a = left;
    const struct lane_use *b = right;
    int order = order_of_triggers(a, b);
    return order != 0 ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

/* Arrays as long as there are uses: the most there can be of anything. */
struct groups {
    struct lane_trigger *triggers;
    size_t trigger_count;
    struct lane_text *texts;
    size_t text_count;
    uint32_t *postings;
    size_t posting_count;
};

static int group_uses(struct groups *out, const struct lane_plan *plan, uint32_t *trigger_count,
                      struct arena *arena)
{
    size_t count = plan->use_count;
    out->triggers = arena_array(arena, struct lane_trigger, count);
    out->texts = arena_array(arena, struct lane_text, count);
    out->postings = arena_array(arena, uint32_t, count);
    if (out->triggers == NULL || out->texts == NULL || out->postings == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct lane_use *use = &plan->uses[i];
        const struct lane_use *before = i == 0 ? NULL : use - 1;
        if (before == NULL || order_of_texts(before, use) != 0)
            out->texts[out->text_count++] = (struct lane_text){
                .bytes = use->trigger.bytes,
                .from = (uint32_t)out->trigger_count,
                .slot = use->slot,
                .on_keywords = use->on_keywords,
                .finding = use->finding,
                .probe = use->probe,
                .probe_atom = use->probe_atom,
            };
        if (before == NULL || order_of_triggers(before, use) != 0)
            out->triggers[out->trigger_count++] = (struct lane_trigger){
                .id = (*trigger_count)++,
                .atom = use->atom,
                .anchor = use->trigger.anchor,
                .from = (uint32_t)out->posting_count,
            };
        if (before == NULL || order_of_uses(before, use) != 0)
            out->postings[out->posting_count++] = use->rule;
        out->triggers[out->trigger_count - 1].to = (uint32_t)out->posting_count;
        out->texts[out->text_count - 1].to = (uint32_t)out->trigger_count;
    }
    return 0;
}

/* --- Scans --- */

_Static_assert((int)TRIGGER_BYTES_MAX <= (int)HS_LITERAL_BYTES_MAX, "what a database takes");

static int compile_literals(struct lane_scan *scan)
{
    if (scan->literal_count == 0)
        return 0;
    struct hs_literal *literals = calloc(scan->literal_count, sizeof *literals);
    if (literals == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < scan->literal_count; i++)
        literals[i].bytes = scan->literals[i].bytes;
    int status = hs_literals_new(&scan->database, literals, scan->literal_count);
    free(literals);
    return status;
}

static uint64_t hash_of(struct slice text)
{
    return XXH3_64bits(text.data, text.len);
}

static int index_wholes(struct lane_scan *scan, struct arena *arena)
{
    if (scan->whole_count == 0)
        return 0;
    size_t size = 4;
    while (size < scan->whole_count * 2)
        size *= 2;
    uint32_t *buckets = arena_array(arena, uint32_t, size);
    if (buckets == NULL)
        return STATUS_NO_MEMORY;
    scan->bucket_mask = size - 1;
    for (size_t i = 0; i < scan->whole_count; i++) {
        size_t at = hash_of(scan->wholes[i].bytes) & scan->bucket_mask;
        while (buckets[at] != 0)
            at = (at + 1) & scan->bucket_mask;
        buckets[at] = (uint32_t)i + 1;
        if (scan->wholes[i].bytes.len > scan->whole_bytes_max)
            scan->whole_bytes_max = scan->wholes[i].bytes.len;
    }
    scan->buckets = buckets;
    return 0;
}

const struct lane_text *lane_look_up(const struct lane_scan *scan, struct slice text)
{
    if (scan->whole_count == 0 || text.len > scan->whole_bytes_max)
        return NULL;
    for (size_t at = hash_of(text) & scan->bucket_mask;; at = (at + 1) & scan->bucket_mask) {
        if (scan->buckets[at] == 0)
            return NULL;
        const struct lane_text *found = &scan->wholes[scan->buckets[at] - 1];
        if (slice_equal(found->bytes, text))
            return found;
    }
}

static size_t end_of_finding(const struct lane_text texts[], size_t from, size_t count,
                             unsigned slot, enum lane_finding finding)
{
    while (from < count && texts[from].slot == slot && texts[from].finding == finding)
        from++;
    return from;
}

/* Texts of one slot stand together, in the order of how they are found. Returns where the next slot
 * begins.
 */
static size_t slice_scan(struct lane_scan *scan, const struct lane_text texts[], size_t from,
                         size_t count)
{
    size_t wholes = end_of_finding(texts, from, count, texts[from].slot, FIND_LITERAL);
    size_t probes = end_of_finding(texts, wholes, count, texts[from].slot, FIND_WHOLE);
    size_t end = end_of_finding(texts, probes, count, texts[from].slot, FIND_PROBE);
    scan->slot = texts[from].slot;
    scan->on_keywords = texts[from].on_keywords;
    scan->literals = texts + from;
    scan->literal_count = wholes - from;
    scan->wholes = texts + wholes;
    scan->whole_count = probes - wholes;
    scan->probes = texts + probes;
    scan->probe_count = end - probes;
    return end;
}

static size_t count_slots(const struct lane_text texts[], size_t count)
{
    size_t slots = 0;
    for (size_t i = 0; i < count; i++)
        slots += i == 0 || texts[i].slot != texts[i - 1].slot;
    return slots;
}

static int build_scans(struct lane *lane, const struct groups *groups, struct arena *arena)
{
    struct lane_scan *scans =
        arena_array(arena, struct lane_scan, count_slots(groups->texts, groups->text_count));
    if (scans == NULL)
        return STATUS_NO_MEMORY;
    lane->scans = scans;
    for (size_t at = 0; at < groups->text_count;) {
        struct lane_scan *scan = &scans[lane->scan_count++];
        at = slice_scan(scan, groups->texts, at, groups->text_count);
        TRY(compile_literals(scan));
        TRY(index_wholes(scan, arena));
        if (scan->on_keywords) /* literals and wholes stand together */
            TRY(keyword_filter_new(&scan->filter, scan->literals,
                                   scan->literal_count + scan->whole_count));
    }
    return 0;
}

int lane_build(struct lane *out, struct lane_plan *plan, uint32_t *trigger_count,
               struct arena *arena)
{
    if (plan->use_count > 0)
        qsort(plan->uses, plan->use_count, sizeof *plan->uses, order_of_uses);
    struct groups groups = {0};
    TRY(group_uses(&groups, plan, trigger_count, arena));
    uint32_t *always = arena_array(arena, uint32_t, plan->always_count);
    if (always == NULL)
        return STATUS_NO_MEMORY;
    if (plan->always_count > 0)
        memcpy(always, plan->always, plan->always_count * sizeof *always);
    out->logsource = plan->logsource;
    out->triggers = groups.triggers;
    out->trigger_count = groups.trigger_count;
    out->postings = groups.postings;
    out->always = always;
    out->always_count = plan->always_count;
    return build_scans(out, &groups, arena);
}

void lane_deinit(struct lane *lane)
{
    for (size_t i = 0; i < lane->scan_count; i++) {
        hs_database_free(lane->scans[i].filter);
        hs_database_free(lane->scans[i].database);
    }
}
