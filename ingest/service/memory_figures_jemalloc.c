/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/memory_figures.h"

#include <jemalloc/jemalloc.h>
#include <stddef.h>

void memory_figures(uint64_t out[MEMORY_FIGURE_COUNT])
{
    static const char *const names[] = {
#define FIGURE(name, source, metric, help) [MEMORY_##name] = (source),
#include "ingest/service/memory_figures.def"
#undef FIGURE
    };
    uint64_t epoch = 1; /* figures are as of the last change of the epoch */
    size_t size = sizeof epoch;
    mallctl("epoch", &epoch, &size, &epoch, sizeof epoch);
    for (size_t i = 0; i < MEMORY_FIGURE_COUNT; i++) {
        size_t figure = 0;
        size = sizeof figure;
        out[i] = mallctl(names[i], &figure, &size, NULL, 0) == 0 ? figure : 0;
    }
}
