/* SPDX-License-Identifier: Apache-2.0 */
/* Windash: each dash or slash that starts an option becomes each of five characters. */
#pragma once

#include "rules/expansion.h"

MUST_USE int windash_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
                          const struct pattern *in);
