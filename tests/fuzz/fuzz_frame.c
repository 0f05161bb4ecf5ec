/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "proto/frame.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame frame;
    enum reason reason = frame_read(&frame, slice_of(data, size));
    assert(reason == REASON_NONE || reason == REASON_FRAMING);
    assert(frame.payload.len <= size);
    assert(frame.framed || frame.payload.len == size);
    return 0;
}
