/* SPDX-License-Identifier: Apache-2.0 */
/* An abstract unix socket is held by whoever has bound it and goes with its process, however that
 * ends. A file with a lock would need a folder that all processes of a host may write to. */
#include "ingest/service/instance.h"

#include "proto/digest.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int instance_name(char out[INSTANCE_BYTES_MAX + 1], const struct config *config)
{
    size_t len = strlen(config->instance);
    if (len > INSTANCE_BYTES_MAX)
        return STATUS_LIMIT;
    memcpy(out, config->instance, len + 1);
    if (len > 0)
        return 0;
    out[INSTANCE_BYTES_MAX] = '\0';
    return gethostname(out, INSTANCE_BYTES_MAX) == 0 ? 0 : STATUS_IO;
}

static struct slice bootstrap_of(const struct config *config)
{
    const struct config_pair *pair =
        config_setting(config, OPTION_kafka_consumer, "bootstrap.servers");
    return slice_text(pair == NULL ? "" : pair->value);
}

/* A name of fixed length, whatever group, brokers and instance are called. */
static int address_of(struct sockaddr_un *out, socklen_t *size, const struct config *config,
                      const char *name)
{
    const struct slice parts[] = {slice_text(config->input_group), SLICE_LITERAL("\0"),
                                  bootstrap_of(config), SLICE_LITERAL("\0"), slice_text(name)};
    uint8_t digest[SHA256_BYTES];
    TRY(digest_sha256(digest, parts, sizeof parts / sizeof *parts));
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int used = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "yagurad-");
    for (size_t i = 0; i < SHA256_BYTES; i++)
        used += snprintf(out->sun_path + 1 + used, sizeof out->sun_path - 1 - (size_t)used, "%02x",
                         digest[i]);
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)used);
    return 0;
}

int instance_hold(int *fd, const struct config *config, const char *name)
{
    struct sockaddr_un address;
    socklen_t size = 0;
    TRY(address_of(&address, &size, config, name));
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0)
        return STATUS_IO;
    if (bind(made, (const struct sockaddr *)&address, size) == 0) {
        *fd = made;
        return 0;
    }
    bool taken = errno == EADDRINUSE;
    close(made);
    return taken ? INSTANCE_TAKEN : STATUS_IO;
}
