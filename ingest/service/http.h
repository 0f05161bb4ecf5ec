/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP: /metrics, /livez and /readyz, read-only, for monitoring. */
#pragma once

#include "ingest/service/metrics.h"

struct http;

struct http_options {
    const char *address;
    uint16_t port;
    struct metrics_view view; /* what it points to must outlive the server */
};

/* Starts its thread. STATUS_IO: the address is taken or not ours (errno). */
MUST_USE int http_new(struct http **out, const struct http_options *options);
void http_free(struct http *http);
DEFINE_AUTO(struct http, http_free)
