/* SPDX-License-Identifier: Apache-2.0 */
/* Spelling: how the source of a flat event writes what has several spellings, by the majority of
 * its fields. */
#pragma once

#include "proto/flat.h"
#include "proto/projection.h"

/* SourceForm bits (event.proto). names has every name of the field table; shape says which of the
 * fields have a typed home, and so a spelling. */
uint32_t spelling_forms(const struct projection *names, const struct flat_field fields[],
                        size_t count, enum shape shape);
