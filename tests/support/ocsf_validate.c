/* SPDX-License-Identifier: Apache-2.0 */
/* ocsf-validate: reads OCSF findings, one a line, from standard input. Exit 1 and a line per
 * violation if any has one, 2 if there was no line at all. */
#include "ocsf_check.h"

#include <stdio.h>
#include <stdlib.h>

enum { REPORT_BYTES = 16 * 1024 };

int main(void)
{
    static char report[REPORT_BYTES];
    char *line = NULL;
    size_t capacity = 0;
    size_t lines = 0;
    size_t violations = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        size_t found = ocsf_check(slice_of(line, (size_t)length), report, sizeof report);
        lines++;
        violations += found;
        if (found > 0)
            fprintf(stderr, "line %zu: %zu violations\n%s", lines, found, report);
    }
    free(line);
    printf("%zu findings, %zu violations\n", lines, violations);
    return lines == 0 ? 2 : violations > 0;
}
