/* SPDX-License-Identifier: Apache-2.0 */
/* Command: what yagura-bench can do. Each subcommand gets its own arguments (argv[0] is its name)
 * and returns the exit code: 0, 1 (it failed, and said so), EXIT_USAGE. */
#pragma once

enum { EXIT_USAGE = 64 };

typedef int command_fn(int argc, char *argv[]);

#define COMMAND(name, function, summary) command_fn function;
#include "command.def"
#undef COMMAND
