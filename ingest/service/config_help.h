/* SPDX-License-Identifier: Apache-2.0 */
/* Config help: config.def for people: what --help-config prints, and the example file. */
#pragma once

#include <stdio.h>

/* Every option with type, bounds, default and meaning. */
void config_help_write(FILE *out);
/* A config file that is valid as it stands and shows every option: deploy/yagurad.example.yaml. */
void config_example_write(FILE *out);
