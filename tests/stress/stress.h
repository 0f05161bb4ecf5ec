/* SPDX-License-Identifier: Apache-2.0 */
/* What the stress programs have in common: a claim that fails ends the program and says why, and
 * the first argument says how much to do. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(claim, ...)                                                                        \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #claim);                            \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static inline unsigned long stress_amount(int argc, char *argv[], int index, unsigned long usual)
{
    return argc > index ? strtoul(argv[index], NULL, 10) : usual;
}
