/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations: how many this program has made so far, its libraries' included: malloc and its kin
 * are counted on their way. Not in builds with sanitizers, which bring their own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool allocations_are_counted(void);
uint64_t allocations_made(void);
