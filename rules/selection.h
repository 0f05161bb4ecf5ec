/* SPDX-License-Identifier: Apache-2.0 */
/* Selection: a named group of tests: a map, a list of maps, keywords, or a mix. */
#pragma once

#include "rules/draft.h"

MUST_USE int selection_read(struct selection *out, struct draft *draft,
                            const struct yaml_pair *pair);
