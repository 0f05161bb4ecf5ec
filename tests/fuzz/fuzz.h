/* SPDX-License-Identifier: Apache-2.0 */
/* What every harness defines: libFuzzer's entry point. Returns 0; a finding is an assertion or a
 * sanitizer's report. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
