/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "proto/event.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_free) struct arena *arena = NULL;
    const struct batch_options options = {.broker_time_ms = 1};
    struct batch batch;
    assert(arena_new_growing(&arena, 1 << 16, 0) == 0);
    int status = batch_decode(&batch, slice_of(data, size), &options, arena);
    assert(status == 0 || status == BATCH_BAD || status == BATCH_UNREADABLE);
    assert((status == 0) == (batch.reason == REASON_NONE));
    for (size_t i = 0; i < batch.event_count; i++) {
        const struct event *event = &batch.events[i];
        assert(event->bytes.data >= data && event->bytes.data + event->bytes.len <= data + size);
        assert((event->reason == REASON_NONE) == (event->roots[ROOT_EVENT] != NULL));
    }
    return 0;
}
