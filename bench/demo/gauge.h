/* SPDX-License-Identifier: Apache-2.0 */
/* Gauge: a few figures from the service's own /metrics, on loopback. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { GAUGE_PAGE_BYTES_MAX = 4 * 1024 * 1024 };

/* The page of http://127.0.0.1:port/metrics, NUL-terminated, malloc'ed; NULL: no answer within a
 * second, or too long. */
char *gauge_fetch(unsigned port);
/* Sum of all series of a metric, whatever their labels; false: there is none. */
bool gauge_sum(double *out, const char *page, const char *metric);
