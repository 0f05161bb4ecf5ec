/* SPDX-License-Identifier: Apache-2.0 */
/* Channel: what a Windows channel and the numbers of its events mean. The tables are channels.def
 * and eventids.def. Source: the mapping in SigmaHQ's thor.yml. */
#pragma once

#include "proto/logsource.h"

/* Service of a Windows channel, compared caseless; empty if it has none. O(log channels). */
struct slice channel_service(struct slice channel);
/* What a number of a channel means; SHAPE_NONE: nothing to us. */
enum shape logsource_shape(struct slice channel, uint64_t event_id);
/* Of a Sysmon 12: SHAPE_REGISTRY_ADD, _DELETE or _OTHER by its EventType. */
enum shape registry_shape(struct slice event_type);
