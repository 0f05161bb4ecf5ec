/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholder: the modifier expand; %name% becomes each value of its list, read with their
 * wildcards. */
#pragma once

#include "rules/expansion.h"

MUST_USE int placeholder_step(struct expansion *out, struct draft *draft,
                              const struct yaml_node *node, const struct pattern *in);
