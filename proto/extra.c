/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/extra.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"

#include <assert.h>

/* Only a GenericLog has fields of its own. */
static struct view_list log_fields(const struct event *event)
{
    if (!view_has(event->roots[ROOT_EVENT], CELL_Event_generic))
        return (struct view_list){NULL, 0};
    return view_list(event->roots[ROOT_KIND], CELL_GenericLog_fields);
}

size_t event_extra_count(const struct event *event)
{
    return log_fields(event).count + view_list(event->roots[ROOT_EVENT], CELL_Event_extra).count;
}

const struct view *event_extra(const struct event *event, size_t position)
{
    struct view_list fields = log_fields(event);
    if (position < fields.count)
        return fields.items[position].message;
    struct view_list extras = view_list(event->roots[ROOT_EVENT], CELL_Event_extra);
    assert(position - fields.count < extras.count);
    return extras.items[position - fields.count].message;
}

struct slice extra_key(const struct view *extra)
{
    return view_bytes(extra, CELL_KeyValue_key);
}

int extra_value(struct value *out, const struct view *extra)
{
    *out = (struct value){.type = VALUE_NULL};
    if (view_has(extra, CELL_KeyValue_text))
        *out = value_of_text(extra->cells[CELL_KeyValue_text].bytes);
    else if (view_has(extra, CELL_KeyValue_integer))
        *out = value_of_integer(extra->cells[CELL_KeyValue_integer].i64);
    else if (view_has(extra, CELL_KeyValue_real))
        *out = (struct value){.type = VALUE_REAL, .real = extra->cells[CELL_KeyValue_real].real};
    else if (view_has(extra, CELL_KeyValue_boolean))
        *out = (struct value){.type = VALUE_BOOLEAN,
                              .boolean = extra->cells[CELL_KeyValue_boolean].u64 != 0};
    else if (view_has(extra, CELL_KeyValue_mark) &&
             extra->cells[CELL_KeyValue_mark].u64 == YAGURA__V1__MARK__MARK_ARRAY)
        return EXTRA_MARK;
    return 0;
}
