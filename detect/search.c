/* SPDX-License-Identifier: Apache-2.0 */
/* Each text of a field that the lane's rules wait for is looked up in the memo; what is not known
 * is folded, searched for literals, looked up as a whole, and kept. Either way the triggers that
 * fire are the same, and nothing else is done for them than fire().
 *
 * What is remembered per event (fired triggers, candidates) is stamped with the event's number
 * instead of being cleared. */
#include "detect/search.h"

#include "detect/compiled.h"
#include "detect/hs.h"

/* --- What follows from a trigger --- */

static void add_candidate(struct scratch *scratch, uint32_t rule)
{
    if (scratch->seen[rule] == scratch->judge.epoch)
        return;
    scratch->seen[rule] = scratch->judge.epoch;
    scratch->candidates[scratch->candidate_count++] = rule;
}

static void fire(struct scratch *scratch, const struct lane *lane,
                 const struct lane_trigger *trigger)
{
    if (scratch->fired[trigger->id] == scratch->judge.epoch)
        return;
    scratch->fired[trigger->id] = scratch->judge.epoch;
    if (trigger->atom != LANE_NO_ATOM)
        judge_note(&scratch->judge, trigger->atom);
    for (uint32_t i = trigger->from; i < trigger->to; i++)
        add_candidate(scratch, lane->postings[i]);
}

/* --- One text --- */

struct search {
    struct scratch *scratch;
    const struct lane *lane;
    const struct lane_scan *scan;
    size_t text_len;
    uint32_t hits[MEMO_HITS_MAX]; /* triggers that fired, each once */
    size_t hit_count;             /* may be more than there is room for */
};

static void note_hit(struct search *search, uint32_t trigger)
{
    fire(search->scratch, search->lane, &search->lane->triggers[trigger]);
    for (size_t i = 0; i < search->hit_count && i < MEMO_HITS_MAX; i++) {
        if (search->hits[i] == trigger)
            return;
    }
    if (search->hit_count < MEMO_HITS_MAX)
        search->hits[search->hit_count] = trigger;
    search->hit_count++;
}

static bool stands_right(enum trigger_anchor anchor, bool at_start, bool at_end)
{
    switch (anchor) {
    case ANCHOR_START:
        return at_start;
    case ANCHOR_END:
        return at_end;
    case ANCHOR_BOTH:
        return at_start && at_end;
    case ANCHOR_NONE:
    default:
        return true;
    }
}

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                  void *context)
{
    (void)from, (void)flags;
    struct search *search = context;
    const struct lane_text *literal = &search->scan->literals[id];
    bool at_start = to == literal->bytes.len;
    bool at_end = to == search->text_len;
    for (uint32_t i = literal->from; i < literal->to; i++) {
        if (stands_right(search->lane->triggers[i].anchor, at_start, at_end))
            note_hit(search, i);
    }
    return 0;
}

/* Where the library has failed: one literal after the other. Hits may come twice. */
static void find_plainly(struct search *search, struct slice folded)
{
    for (size_t i = 0; i < search->scan->literal_count; i++) {
        struct slice literal = search->scan->literals[i].bytes;
        for (size_t at = 0; at < folded.len;) {
            size_t found = slice_find(slice_from(folded, at), literal);
            if (found == SIZE_MAX)
                break;
            at += found + 1;
            (void)on_hit((unsigned)i, 0, at - 1 + literal.len, 0, search);
        }
    }
    search->scratch->counters.failed_scans++;
}

static void fire_all(struct search *search, const struct lane_text *text)
{
    for (uint32_t i = text->from; i < text->to; i++)
        note_hit(search, i);
}

static void search_folded(struct search *search, struct slice folded)
{
    struct scratch *scratch = search->scratch;
    const struct lane_scan *scan = search->scan;
    const struct lane_text *whole = lane_look_up(scan, folded);
    if (whole != NULL)
        fire_all(search, whole);
    if (scan->database == NULL || folded.len == 0)
        return;
    search->text_len = folded.len;
    if (!hs_find(scan->database, scratch->judge.space.hs, folded, on_hit, search))
        find_plainly(search, folded);
    scratch->counters.scans++;
    scratch->counters.scanned_bytes += folded.len;
}

static void ask_probes(struct search *search, const struct subject_text *text)
{
    const struct judge *judge = &search->scratch->judge;
    for (size_t i = 0; i < search->scan->probe_count; i++) {
        const struct lane_text *probe = &search->scan->probes[i];
        if (probe->probe == PROBE_NONE)
            continue;
        enum answer answer =
            atom_answer_text(&judge->atoms[probe->probe_atom], text, &judge->space);
        if (answer != (probe->probe == PROBE_TRUE ? ANSWER_NO : ANSWER_YES))
            fire_all(search, probe);
    }
}

/* --- One field --- */

static void search_text(struct scratch *scratch, const struct lane *lane,
                        const struct lane_scan *scan, struct subject_text *text)
{
    struct memo_hits known;
    if (memo_find(&known, scratch->memo, scan->id, text->raw)) {
        scratch->counters.remembered++;
        for (size_t i = 0; i < known.count; i++)
            fire(scratch, lane, &lane->triggers[known.items[i]]);
        return;
    }
    struct search search = {.scratch = scratch, .lane = lane, .scan = scan};
    search_folded(&search, subject_fold(scratch->judge.subject, text));
    ask_probes(&search, text);
    memo_keep(scratch->memo, scan->id, text->raw,
              (struct memo_hits){search.hits, search.hit_count});
}

/* No text, or a list: what waits for something missing cannot be ruled out. */
static void search_absence(struct scratch *scratch, const struct lane *lane,
                           const struct lane_scan *scan, bool has_texts)
{
    for (size_t i = 0; i < scan->probe_count; i++) {
        const struct lane_text *probe = &scan->probes[i];
        if (probe->probe == PROBE_TRUE || (probe->probe == PROBE_FALSE && has_texts))
            continue;
        for (uint32_t j = probe->from; j < probe->to; j++)
            fire(scratch, lane, &lane->triggers[j]);
    }
}

static void search_field(struct scratch *scratch, const struct lane *lane,
                         const struct lane_scan *scan)
{
    if (scan->on_keywords &&
        !keyword_wanted(&scratch->keywords, scan, scratch->judged, scratch->judge.space.hs))
        return;
    struct subject_text *texts = NULL;
    size_t count = subject_raw_texts(&texts, scratch->judge.subject, scan->slot);
    for (size_t i = 0; i < count; i++)
        search_text(scratch, lane, scan, &texts[i]);
    if (scan->probe_count > 0 &&
        (count == 0 || subject_value(scratch->judge.subject, scan->slot)->type == VALUE_LIST))
        search_absence(scratch, lane, scan, count > 0);
}

/* --- Public --- */

void search_begin(struct scratch *scratch)
{
    scratch->candidate_count = 0;
    keyword_begin(&scratch->keywords);
}

void search_lane(struct scratch *scratch, const struct lane *lane)
{
    for (size_t i = 0; i < lane->scan_count; i++)
        search_field(scratch, lane, &lane->scans[i]);
    for (size_t i = 0; i < lane->always_count; i++)
        add_candidate(scratch, lane->always[i]);
}
