/* SPDX-License-Identifier: Apache-2.0 */
/* Array: room for one more item in a heap array that doubles. For reading and building: nothing
 * grows while events are judged. */
#pragma once

#include "proto/status.h"

#include <stdlib.h>
#include <string.h>

enum { ARRAY_FIRST = 16 };

/* items points to the array's pointer (of any type), which moves when there is no room. */
MUST_USE static inline int array_room(void *items, size_t *capacity, size_t count,
                                      size_t item_bytes)
{
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity == 0 ? ARRAY_FIRST : *capacity * 2;
    void *old;
    memcpy(&old, items, sizeof old);
    void *grown = reallocarray(old, wanted, item_bytes);
    if (grown == NULL)
        return STATUS_NO_MEMORY;
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return 0;
}
