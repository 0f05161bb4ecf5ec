/* SPDX-License-Identifier: Apache-2.0 */
/* Views: messages made by hand, for tests. */
#pragma once

#include "proto/arena.h"
#include "proto/view.h"

/* A growing arena; the caller frees it. */
struct arena *views_arena(void);
/* A message without any field. */
struct view *views_message(struct arena *arena, const ProtobufCMessageDescriptor *descriptor);
/* Makes a cell present; the caller fills it. */
union view_cell *views_set(struct view *view, unsigned cell);
