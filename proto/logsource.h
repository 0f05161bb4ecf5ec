/* SPDX-License-Identifier: Apache-2.0 */
/* Log source: which Sigma log sources an event belongs to.
 *
 * A rule applies to an event if each of product, category and service that the rule names is one
 * that the event has. An event can have several: Sysmon's event 1 is {windows, process_creation}
 * and {windows, service sysmon}. The table is shapes.def (typed kinds); channels and their EventIDs
 * are in channel.h. Source: the mapping in SigmaHQ's thor.yml. */
#pragma once

#include "proto/slice.h"

struct event;
struct view;

/* A kind of event together with its action: what decides the category and which fields there are.
 */
enum shape {
    SHAPE_NONE,
#define SHAPE(name, kind, category, also) SHAPE_##name,
#include "proto/shapes.def"
#undef SHAPE
    SHAPE_COUNT
};

/* Messages that fields.def's paths start from. */
enum root {
    ROOT_EVENT,   /* Event */
    ROOT_KIND,    /* the message of the kind */
    ROOT_FILE,    /* FileFacts of the kind, or of the new process */
    ROOT_ACTOR,   /* ProcessInfo of the acting process */
    ROOT_PROCESS, /* ProcessInfo of the process the event is about (started, stopped) */
    ROOT_TARGET,  /* ProcessInfo of the process acted upon */
    ROOT_SOURCE,  /* LogSource: channel, provider */
    ROOT_ORIGIN,  /* Origin */
    ROOT_COUNT
};

enum { LOGSOURCE_CATEGORIES_MAX = 4, LOGSOURCE_SERVICES_MAX = 4 };

struct logsource_set {
    struct slice product; /* empty: not known */
    struct slice categories[LOGSOURCE_CATEGORIES_MAX];
    size_t category_count;
    struct slice services[LOGSOURCE_SERVICES_MAX];
    size_t service_count;
};

/* Cell of Event (cells.h) that holds the message's kind; VIEW_CELLS_MAX: it has none that we know.
 */
unsigned event_kind(const struct view *message);
/* Slices point into static tables or into the event. O(1). */
void event_logsources(struct logsource_set *out, const struct event *event);
/* Whether shape, platform of the batch and channel alone decide an event's log sources, so that
 * what was found for one event holds for all that agree in these. Not so for a GenericLog. */
bool event_logsources_repeat(const struct event *event);
/* The shape of an event whose roots are filled and whose kind is known (exactly one member of
 * Event.kind is present): by the kind's action, or by channel and event id where it states none.
 * batch_decode asks this once per event. SHAPE_NONE: no kind. */
enum shape event_shape_find(const struct event *event);
/* Set (bit s: enum shape s) of the shapes of a category; 0: no shape has it. */
uint64_t category_shapes(struct slice category);
/* Sigma's category of a shape, empty if it has none. */
struct slice shape_category(enum shape shape);
/* Cell of Event (cells.h) that holds the kind of a shape. */
unsigned shape_kind(enum shape shape);
/* The cell of the kind's message, and the value in it, that state this shape. False: the kind alone
 * does, or the log. */
bool shape_action(enum shape shape, unsigned *cell, uint64_t *action);
/* enum Platform of event.proto; 0: the product is none. */
uint32_t platform_of_product(struct slice product);
/* A name for each shape, for metrics and benches: "PROCESS_START". */
const char *shape_name(enum shape shape);
