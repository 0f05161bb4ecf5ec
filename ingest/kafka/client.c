/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/kafka/client.h"

/* Severities as syslog numbers them; its header's names are taken by log.h. */
enum { SEVERITY_ERROR = 3, SEVERITY_NOTICE = 5, SITE_COUNT = 61 };

/* A limit of lines for each kind of message: one that comes without end must not hide the others.
 */
static struct log_site *site_of(const char *facility)
{
    static struct log_site sites[SITE_COUNT];
    unsigned hash = 0;
    for (const char *at = facility; *at != '\0'; at++)
        hash = hash * 31 + (unsigned char)*at;
    return &sites[hash % SITE_COUNT];
}

/* librdkafka's own threads call this. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    const struct kafka_client *client = rd_kafka_opaque(rk);
    enum log_level own = level <= SEVERITY_ERROR    ? LOG_ERROR
                         : level <= SEVERITY_NOTICE ? LOG_WARNING
                                                    : LOG_INFO;
    const struct log_field fields[] = {log_text("client", client->role),
                                       log_text("facility", facility), log_text("text", text)};
    log_write(client->log, site_of(facility), own, "the Kafka client says", fields,
              sizeof fields / sizeof *fields);
}

/* Called from poll, so on the owner's thread. */
static void on_error(rd_kafka_t *rk, int error, const char *text, void *opaque)
{
    (void)rk;
    struct kafka_client *client = opaque;
    /* Relaxed: a flag of its own, read by the owner. */
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        atomic_store_explicit(&client->down, true, memory_order_relaxed);
    LOG(client->log, LOG_WARNING, "the Kafka client reports an error",
        log_text("client", client->role),
        log_text("error", rd_kafka_err2name((rd_kafka_resp_err_t)error)), log_text("text", text));
}

void kafka_client_configure(struct kafka_client *client, rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
}

bool kafka_client_reachable(struct kafka_client *client, rd_kafka_t *rk, int timeout_ms)
{
    if (!atomic_load_explicit(&client->down, memory_order_relaxed))
        return true;
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(rk, 0, NULL, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    rd_kafka_metadata_destroy(metadata);
    atomic_store_explicit(&client->down, false, memory_order_relaxed);
    return true;
}
