/* SPDX-License-Identifier: Apache-2.0 */
/* All layouts: of every message of event.proto, alert.proto and sample.proto. */
#pragma once

#include "proto/layout.h"

#include <criterion/criterion.h>

enum { LAYOUTS_MAX = 256 };

extern const struct layout layout_Everything, layout_Strict; /* sample.proto */

struct layouts {
    const struct layout *items[LAYOUTS_MAX];
    size_t count;
};

/* The layout and every layout reachable from it. */
static inline void layouts_add(struct layouts *layouts, const struct layout *layout)
{
    for (size_t i = 0; i < layouts->count; i++)
        if (layouts->items[i] == layout)
            return;
    cr_assert_lt(layouts->count, LAYOUTS_MAX);
    layouts->items[layouts->count++] = layout;
    for (unsigned number = 0; number < layout->number_count; number++)
        if (layout->fields[number].form == FORM_MESSAGE)
            layouts_add(layouts, layout->children[layout->fields[number].cell]);
}

static inline void layouts_all(struct layouts *layouts)
{
    layouts->count = 0;
    layouts_add(layouts, &layout_Everything);
    layouts_add(layouts, &layout_Strict);
    layouts_add(layouts, &layout_EventBatch);
    layouts_add(layouts, &layout_Alert);
    cr_assert_gt(layouts->count, 30);
}
