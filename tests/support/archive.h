/* SPDX-License-Identifier: Apache-2.0 */
/* Archive: the corpus's rule files, straight from their packed tar. */
#pragma once

#include "proto/slice.h"

typedef void archive_file_fn(const char *name, struct slice content, void *context);

/* Calls visit for every file whose name starts with one of the folders ("rules/", ...; at most
 * `count`) and ends in .yml, in the archive's order. False, and a line on standard error, where the
 * corpus is absent; a damaged archive aborts the test. */
bool archive_rules(const char *const folders[], size_t count, archive_file_fn *visit,
                   void *context);
