/* SPDX-License-Identifier: Apache-2.0 */
/* Ocsf check: whether a JSON text is a Detection Finding as OCSF 1.8 wants it.
 *
 * Held against ocsf.def: members required, at least one of, known at all, of the right type, with
 * an allowed number; type_uid; a label beside every "99, other". Profiles and extensions are not
 * part of it. */
#pragma once

#include "proto/slice.h"

/* Number of violations. They are written to report, one a line ("path: what"), as far as they fit;
 * report may be NULL. */
size_t ocsf_check(struct slice json, char *report, size_t report_bytes);
