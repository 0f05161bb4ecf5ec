/* SPDX-License-Identifier: Apache-2.0 */
/* Keyword filter: whether an event has to be searched for a lane's keywords at all.
 *
 * A keyword may stand in any value of an event, so one rule with keywords for all of a platform
 * makes every value of every event be rendered, folded and searched. But values are pieces of the
 * event's encoded bytes, but for those that are rendered: so those bytes are searched first, as
 * they came, and most events need no more. */
#pragma once

#include "detect/lane.h"
#include "proto/event.h"

struct hs_scratch;

/* A filter finds something in the bytes of every event of which a text could fire, unless a text
 * was longer than TEXT_BYTES_MAX or the bytes fold into ASCII. *out NULL: these texts allow none.
 * STATUS_NO_MEMORY, STATUS_LIBRARY. */
MUST_USE int keyword_filter_new(struct hs_database **out, const struct lane_text texts[],
                                size_t count);
/* Whether bytes hold a character beyond ASCII that folds into it, which no filter sees. */
bool keyword_folds_into_ascii(struct slice bytes);

/* Views of one batch in which a filter found nothing; zeroed at first, and whenever a batch ends.
 */
enum { KEYWORD_QUIET_ENTRIES = 256 };
struct keyword_memory {
    struct {
        const struct view *view;
        const struct lane_scan *scan;
    } quiet[KEYWORD_QUIET_ENTRIES];
    size_t quiet_count;
    /* Of the event at hand. */
    bool event_is_known, may_fold;
    const struct view *views[ROOT_COUNT]; /* with values outside of its own bytes */
    size_t view_count;
};
/* Before each event. */
void keyword_begin(struct keyword_memory *memory);
void keyword_forget(struct keyword_memory *memory);
/* Whether any of the scan's texts could fire in the event. */
bool keyword_wanted(struct keyword_memory *memory, const struct lane_scan *scan,
                    const struct event *event, struct hs_scratch *space);

/* Whether a folded text could occur in a value that is not bytes of the event: a number, a GUID, a
 * word of an enumeration. */
bool keyword_may_be_rendered(struct slice text);
