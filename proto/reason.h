/* SPDX-License-Identifier: Apache-2.0 */
/* Reason: why a record went to the dead-letter topic. One row each in reason.def; the name is the
 * header value and the metric's label. */
#pragma once

enum reason {
    REASON_NONE,
#define REASON(name, label, text) REASON_##name,
#include "proto/reason.def"
#undef REASON
    REASON_COUNT
};

/* "truncated", as used in headers and metrics; never NULL. */
const char *reason_label(enum reason reason);
/* A sentence for people. */
const char *reason_text(enum reason reason);
