/* SPDX-License-Identifier: Apache-2.0 */
/* Attack: MITRE ATT&CK's names of the techniques and tactics that a rule's tags name.
 *
 * Data with a version (attack.def), because numbers change their meaning between versions: 19 made
 * Stealth out of TA0005, which had been Defense Evasion. */
#pragma once

#include "proto/alert.h"
#include "proto/arena.h"

#define ATTACK_VERSION "19.2"

enum { ATTACK_TAGS_MAX = 64 }; /* techniques and tactics of one rule; further tags are left out */

/* Techniques ("attack.t1059.001") with their names, and tactics ("attack.execution"). A rule with a
 * single tactic has it with each of its techniques; several tactics stand alone, before the
 * techniques, since tags do not say which belongs to which. Other tags are passed over; a technique
 * that the data does not know has no name. Memory from arena. STATUS_LIMIT: arena full. */
MUST_USE int attack_of_tags(const struct alert_attack **out, size_t *count,
                            const struct slice tags[], size_t tag_count, struct arena *arena);
/* Empty: not in the data. O(log techniques). */
struct slice attack_technique_name(struct slice id);
