/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the file that a command reads: a path, or `-` for standard input. */
#pragma once

#include "ingest/command/console.h"

/* NULL: it cannot be opened or is a folder, which the console was told. */
FILE *input_open(const char *path, struct console *console);
/* NULL is fine; standard input stays open. */
void input_close(FILE *file);
/* What messages call it. */
const char *input_name(const char *path);
