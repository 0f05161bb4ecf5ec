/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "proto/fold.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t once[FOLD_BYTES_MAX(65536)], twice[FOLD_BYTES_MAX(FOLD_BYTES_MAX(65536))];
    if (size > 65536)
        return 0;
    size_t len = fold_into(once, slice_of(data, size));
    assert(len <= FOLD_BYTES_MAX(size));
    assert(fold_equal(slice_of(data, size), slice_of(once, len)));
    assert(
        slice_equal(slice_of(twice, fold_into(twice, slice_of(once, len))), slice_of(once, len)));
    return 0;
}
