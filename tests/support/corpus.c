/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool corpus_path(char *buffer, size_t size, const char *name)
{
    const char *folder = getenv("YAGURA_CORPUS");
    const char *source = getenv("YAGURA_SOURCE");
    int length =
        folder != NULL && *folder != '\0'
            ? snprintf(buffer, size, "%s/%s", folder, name)
            : snprintf(buffer, size, "%s/../shared/corpus/%s", source == NULL ? "." : source, name);
    if (length > 0 && (size_t)length < size && access(buffer, R_OK) == 0)
        return true;
    fprintf(stderr, "skipped: the corpus has no %s here (set YAGURA_CORPUS to its folder)\n", name);
    return false;
}
