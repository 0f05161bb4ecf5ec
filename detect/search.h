/* SPDX-License-Identifier: Apache-2.0 */
/* Search: which triggers of a lane fire in an event, and so which rules become candidates. */
#pragma once

#include "detect/scratch.h"

/* For each event, before the first lane: no trigger has fired yet. */
void search_begin(struct scratch *scratch);
/* Adds the lane's candidates, and notes the atoms that its triggers answer. */
void search_lane(struct scratch *scratch, const struct lane *lane);
