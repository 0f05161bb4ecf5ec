/* SPDX-License-Identifier: Apache-2.0 */
/* Extra: the fields of an event without a typed home. Those of Event.extra and of a GenericLog are
 * one sequence: first the log's, then the event's. */
#pragma once

#include "proto/event.h"
#include "proto/value.h"

/* KeyValue messages of the event; positions are 0 .. count - 1. */
size_t event_extra_count(const struct event *event);
const struct view *event_extra(const struct event *event, size_t position);

/* Empty if it has none: then it is no field. */
struct slice extra_key(const struct view *extra);
enum { EXTRA_MARK = 1 };
/* Its value, text pointing into the message. EXTRA_MARK: it only says that the key is an array;
 * *out is null. */
int extra_value(struct value *out, const struct view *extra);
