/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: the values of placeholders (`%name%` under the modifier `expand`).
 *
 * One text per placeholder, one value a line, UTF-8; white space at the ends goes, empty lines and
 * lines that start with '#' are skipped. A value may hold Sigma wildcards. A list without any value
 * is an error: a rule that expands to nothing could never be true. */
#pragma once

#include "proto/arena.h"
#include "proto/diag.h"

enum { LIST_BYTES_MAX = 16 * 1024 * 1024, LIST_VALUES_MAX = 100000, LIST_NAME_BYTES_MAX = 128 };

struct list_set;

MUST_USE int list_set_new(struct list_set **out);
void list_set_free(struct list_set *set);
DEFINE_AUTO(struct list_set, list_set_free)

/* Adds the list `name` (the file's name without ".txt"). Findings tell what is wrong with it; then
 * it is not added. */
MUST_USE int list_set_add(struct list_set *set, struct slice name, struct slice text,
                          const char *path, struct diag_list *findings);
/* Values of a list, or NULL and 0. */
const struct slice *list_set_find(const struct list_set *set, struct slice name, size_t *count);
