/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds: the events of one kind from a file of batches, so that each kind can be timed by itself.
 */
#pragma once

#include "proto/logsource.h"
#include "records.h"

/* For every record that has events of that shape a record with them alone: the origin, the tables
 * with what those events point to (other entries empty), and the events. Frees with
 * records_deinit. */
MUST_USE int records_of_shape(struct records *out, const struct records *all, enum shape shape);
