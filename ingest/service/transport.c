/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/transport.h"

#include "ingest/kafka/consumer.h"
#include "ingest/kafka/producer.h"
#include "ingest/service/file_sink.h"
#include "ingest/service/file_source.h"

#include <errno.h>
#include <string.h>

static int tell_io(const struct transport *transport, int result, const char *path)
{
    if (result == STATUS_IO)
        LOG(transport->log, LOG_ERROR, "a file can't be used", log_text("path", path),
            log_text("error", strerror(errno)));
    return result;
}

static int open_sink(const struct transport *transport, unsigned worker, struct sink **out)
{
    const struct config *config = transport->config;
    if (*config->output_folder == '\0') {
        const struct producer_options options = {config, transport->instance, worker,
                                                 transport->log};
        return producer_new(out, &options);
    }
    const struct file_sink_options options = {.folder = config->output_folder,
                                              .names =
                                                  {
#define OUTPUT(name, label, option) [OUTPUT_##name] = config->option,
#include "ingest/outputs.def"
#undef OUTPUT
                                                  },
                                              .worker = worker};
    return tell_io(transport, file_sink_new(out, &options), config->output_folder);
}

static int open_source(const struct transport *transport, unsigned worker, struct source **out)
{
    const struct config *config = transport->config;
    if (*config->input_file != '\0')
        return tell_io(transport, file_source_new(out, config->input_file, transport->log),
                       config->input_file);
    const struct consumer_options options = {config, transport->instance, worker, transport->log};
    return consumer_new(out, &options);
}

int transport_open(void *owner, unsigned worker, struct source **source, struct sink **sink)
{
    const struct transport *transport = owner;
    AUTO(sink_free) struct sink *made = NULL;
    TRY(open_sink(transport, worker, &made)); /* first: without it nothing may be read */
    TRY(open_source(transport, worker, source));
    *sink = TAKE(&made);
    return 0;
}
