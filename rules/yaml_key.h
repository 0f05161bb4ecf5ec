/* SPDX-License-Identifier: Apache-2.0 */
/* Yaml key: what a mapping's keys must be. For yaml.c. */
#pragma once

#include "rules/yaml.h"

enum { YAML_KEY_FAULTY = 1 }; /* findings of severity error were added */

/* Keys are nodes[0], nodes[2] ...: texts, no two equal, none "<<". 0, YAML_KEY_FAULTY,
 * STATUS_NO_MEMORY. */
MUST_USE int yaml_key_check(const struct yaml_node *const *nodes, size_t pair_count,
                            const char *path, struct diag_list *findings);
