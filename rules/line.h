/* SPDX-License-Identifier: Apache-2.0 */
/* Line: where lines end in a YAML text, by YAML 1.1 section 5.4: CR, LF, CR LF, NEL, LS and PS. */
#pragma once

#include "proto/diag.h"

/* Length in bytes of the line break at `at` (below text.len); 0: there is none. */
unsigned line_break(struct slice text, size_t at);
/* Line and column of a byte. O(offset). */
struct diag_position line_position(struct slice text, const char *path, size_t offset);
