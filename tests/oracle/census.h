/* SPDX-License-Identifier: Apache-2.0 */
/* Census: how often everything that rules and events can hold was put to the engine. */
#pragma once

#include "random_event.h"
#include "rules/modifier.h"
#include "rules/rule.h"

#include <stdio.h>

enum census_row {
#define CENSUS(name, text) CENSUS_##name,
#include "census.def"
#undef CENSUS
    CENSUS_ROWS
};

struct census {
    uint64_t rows[CENSUS_ROWS];
    uint64_t modifiers[MODIFIER_COUNT];
};

void census_of_rule(struct census *census, const struct rule *rule);
void census_of_event(struct census *census, const struct random_event *event, size_t fields_max);
/* Prints all counts; returns how many are zero. */
size_t census_print(FILE *out, const struct census *census);
