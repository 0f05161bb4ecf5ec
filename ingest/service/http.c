/* SPDX-License-Identifier: Apache-2.0 */
/* One thread of libmicrohttpd serves all clients in turn, each bounded in time and memory: this is
 * for a few monitors on a trusted network, not for the world. */
#include "ingest/service/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <time.h>

enum {
    CONNECTIONS_MAX = 32,
    CONNECTIONS_PER_ADDRESS_MAX = 16,
    TIMEOUT_S = 5,
    CONNECTION_BYTES_MAX = 32 * 1024,
};

struct http {
    struct http_options options;
    struct MHD_Daemon *daemon;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum MHD_Result reply_with(struct MHD_Connection *connection, unsigned status,
                                  const char *type, struct MHD_Response *response)
{
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return reply_with(connection, status, "text/plain; charset=utf-8",
                      MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                                      MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result serve_metrics(struct http *http, struct MHD_Connection *connection)
{
    struct slice page;
    if (metrics_page(&page, &http->options.view, now_ms()) < 0)
        return reply(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    return reply_with(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                      MHD_create_response_from_buffer(page.len, (void *)(uintptr_t)page.data,
                                                      MHD_RESPMEM_MUST_FREE));
}

static enum MHD_Result serve_live(struct http *http, struct MHD_Connection *connection)
{
    if (health_is_live(&http->options.view.health, now_ms()))
        return reply(connection, MHD_HTTP_OK, "live\n");
    return reply(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "a worker is stuck\n");
}

static enum MHD_Result serve_ready(struct http *http, struct MHD_Connection *connection)
{
    if (health_is_ready(&http->options.view.health))
        return reply(connection, MHD_HTTP_OK, "ready\n");
    return reply(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "a worker has no source or sink\n");
}

static const struct {
    const char *path;
    enum MHD_Result (*serve)(struct http *http, struct MHD_Connection *connection);
} pages[] = {
    {"/metrics", serve_metrics},
    {"/livez", serve_live},
    {"/readyz", serve_ready},
};

static enum MHD_Result serve(void *owner, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (strcmp(url, pages[i].path) == 0)
            return pages[i].serve(owner, connection);
    }
    return reply(connection, MHD_HTTP_NOT_FOUND, "there is /metrics, /livez and /readyz\n");
}

static bool address_of(struct sockaddr_storage *out, const struct http_options *options)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(options->port)};
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, options->address, &v4.sin_addr) == 1) {
        memcpy(out, &v4, sizeof v4);
        return true;
    }
    if (inet_pton(AF_INET6, options->address, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        return true;
    }
    return false;
}

int http_new(struct http **out, const struct http_options *options)
{
    assert(out != NULL);
    struct sockaddr_storage address;
    if (!address_of(&address, options))
        return STATUS_BAD_INPUT;
    AUTO(http_free) struct http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return STATUS_NO_MEMORY;
    http->options = *options;
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD;
    if (address.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    http->daemon = MHD_start_daemon(
        flags, options->port, NULL, NULL, serve, http, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_PER_ADDRESS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX, MHD_OPTION_END);
    if (http->daemon == NULL)
        return STATUS_IO;
    *out = TAKE(&http);
    return 0;
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    free(http);
}
