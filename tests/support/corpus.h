/* SPDX-License-Identifier: Apache-2.0 */
/* Corpus: real rules and events beside the project, read where they are and never copied. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Path of a file of the corpus into buffer: under YAGURA_CORPUS, else ../shared/corpus beside the
 * source tree. False, and a line on standard error that says what is skipped, where it does not
 * exist. */
bool corpus_path(char *buffer, size_t size, const char *name);
