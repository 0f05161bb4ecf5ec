/* SPDX-License-Identifier: Apache-2.0 */
/* Deceptive: characters that make a reader see something else than what is there.
 *
 * C1 controls, which steer terminals; marks that turn the direction of text; characters without
 * width, which hide in names; line separators; tags. Whoever shows what an endpoint sent spells
 * them out, each in the form of its medium. C0 controls and DEL are the caller's.
 * Source: Unicode 15, general categories Cc and Cf, and the line separators. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool is_deceptive(uint32_t character);
