/* SPDX-License-Identifier: Apache-2.0 */
/* Field: from a Sigma field name to its value in an event.
 *
 * fields.def is the one table: name, shapes, path, rendering. A field with no typed home travels in
 * `extra` (or in a GenericLog's fields) under its Sigma name; where both exist the typed one wins.
 * Names are case-sensitive.
 *
 * A name's path may depend on the log source under which a rule reads it: of a Security 4688, rules
 * of a category read `Image` (which is NewProcessName), rules of service security do not. That is
 * the field view. */
#pragma once

#include "proto/event.h"
#include "proto/twins.h"
#include "proto/value.h"

enum field_view {
    FIELD_VIEW_NATIVE,   /* the rule names no category: fields as the source itself calls them */
    FIELD_VIEW_CATEGORY, /* the rule names a category: also under the category's usual names */
};

/* --- Projection: the fields that a rule set names, compiled once, immutable, shared by all
 * workers. --- */
struct projection;
struct projection_name {
    struct slice name;
    enum field_view view;
};
/* The slot of names[i] is i. Names are copied. count <= 65535. */
MUST_USE int projection_new(struct projection **out, const struct projection_name names[],
                            size_t count);
void projection_free(struct projection *projection);
DEFINE_AUTO(struct projection, projection_free)
/* Whether events of that shape can have this field in a typed home (extras are always possible). */
bool projection_is_typed(const struct projection *projection, unsigned slot, enum shape shape);

/* --- Projected: the values of one event under a projection. One per worker and projection; no
 * allocation per event. --- */
struct projected;
/* text_bytes_max bounds what rendered values of one event may need. */
MUST_USE int projected_new(struct projected **out, const struct projection *projection,
                           size_t text_bytes_max);
void projected_free(struct projected *projected);
DEFINE_AUTO(struct projected, projected_free)
/* Starts with an event; values of the event before become invalid. Cost O(extras of the event). */
void projected_begin(struct projected *projected, const struct event *event);
/* Value of a slot, computed on first use; valid until the next begin. Never NULL: VALUE_ABSENT. */
const struct value *projected_get(struct projected *projected, unsigned slot);
/* Where the value comes from: the 1-based index of the process in the batch's table whose entry
 * alone decides it (with the slot and the event's shape and forms), so that work on it may be kept
 * for the batch; 0: it comes from the event itself, or is absent. */
uint32_t projected_process(const struct projected *projected, unsigned slot);
/* How often, over all events so far, an extra named a field of the projection that also had a typed
 * value, and lost. */
uint64_t projected_duplicate_count(const struct projected *projected);
/* A rendered value did not fit and was left out: the event's answers are not to be trusted. Sticky
 * until begin. */
bool projected_overflowed(const struct projected *projected);

/* --- Every field of one event, under native names, each name once: for keyword rules, alerts and
 * `yagura decode`. --- */
struct field_iterator {
    const struct event *event;
    struct arena *arena; /* rendered values are made here */
    size_t row;
    uint32_t extra;
    struct twins twins; /* of the extras' names */
};
void field_iterate(struct field_iterator *iterator, const struct event *event, struct arena *arena);
/* False at the end, and where the arena is full. Elements of a repeated extra come as one
 * VALUE_LIST. */
bool field_next(struct field_iterator *iterator, struct slice *name, struct value *value);
/* The unparsed message of a GenericLog, for keyword rules; empty if there is none. */
struct slice event_raw(const struct event *event);

/* --- The legal fields of a log source, for the linter. --- */
/* Whether rules of that category may name the field: it has a typed home there. Unknown categories:
 * always true. */
bool field_is_legal(struct slice category, struct slice name);
