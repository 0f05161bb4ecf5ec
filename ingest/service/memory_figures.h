/* SPDX-License-Identifier: Apache-2.0 */
/* Memory figures: what the allocator and the kernel say. The build picks the file that asks
 * jemalloc, or the one that has nobody to ask. */
#pragma once

#include <stdint.h>

enum memory_figure {
#define FIGURE(name, source, metric, help) MEMORY_##name,
#include "ingest/service/memory_figures.def"
#undef FIGURE
    MEMORY_FIGURE_COUNT
};

/* Any thread. */
void memory_figures(uint64_t out[MEMORY_FIGURE_COUNT]);
