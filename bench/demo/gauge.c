/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/gauge.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024 };

static int connect_local(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval second = {.tv_sec = 1};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Reads to the end of the stream: the request is HTTP/1.0. */
static char *read_all(int fd)
{
    char *page = NULL;
    size_t len = 0;
    for (;;) {
        char *larger = len < GAUGE_PAGE_BYTES_MAX ? realloc(page, len + CHUNK_BYTES + 1) : NULL;
        if (larger == NULL)
            break;
        page = larger;
        ssize_t got = read(fd, page + len, CHUNK_BYTES);
        if (got <= 0) {
            page[len] = '\0';
            if (got == 0 && len > 0)
                return page;
            break;
        }
        len += (size_t)got;
    }
    free(page);
    return NULL;
}

char *gauge_fetch(unsigned port)
{
    static const char request[] = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
    int fd = connect_local(port);
    if (fd < 0)
        return NULL;
    char *page = NULL;
    if (write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1)
        page = read_all(fd);
    close(fd);
    return page;
}

/* The value of a line "metric 1" or "metric{...} 1"; false: another metric's line. */
static bool line_value(double *out, const char *line, const char *metric, size_t metric_len)
{
    if (strncmp(line, metric, metric_len) != 0)
        return false;
    const char *at = line + metric_len;
    if (*at == '{') {
        at = strstr(at, "} ");
        if (at == NULL)
            return false;
        at++;
    }
    if (*at != ' ')
        return false;
    *out = strtod(at, NULL);
    return true;
}

bool gauge_sum(double *out, const char *page, const char *metric)
{
    size_t metric_len = strlen(metric);
    bool found = false;
    *out = 0;
    for (const char *line = page; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        double value;
        if (line_value(&value, line, metric, metric_len)) {
            *out += value;
            found = true;
        }
    }
    return found;
}
