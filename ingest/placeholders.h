/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders: the folder of list files from which `%name%` takes its values.
 *
 * One file `name.txt` for each placeholder, in the folder itself or below it. A list that is wrong
 * is left out and named; the rules that need it are then refused by the placeholder's name. */
#pragma once

#include "proto/diag.h"
#include "rules/lists.h"

struct placeholders;

/* path NULL: there are no lists, and never will be. */
MUST_USE int placeholders_new(struct placeholders **out, const char *path);
void placeholders_free(struct placeholders *placeholders);
DEFINE_AUTO(struct placeholders, placeholders_free)

/* Reads the folder again. A folder that cannot be read is a finding, and the lists stay as they
 * were. */
MUST_USE int placeholders_load(struct placeholders *placeholders);
/* Whether the load before last and the last one gave different lists. */
bool placeholders_changed(const struct placeholders *placeholders);
const struct list_set *placeholders_lists(const struct placeholders *placeholders);
/* Of the last load. */
const struct diag_list *placeholders_findings(const struct placeholders *placeholders);
