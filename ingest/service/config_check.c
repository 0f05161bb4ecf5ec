/* SPDX-License-Identifier: Apache-2.0 */
/* What one value alone can't show: two that contradict each other, a mode that needs what is not
 * given, a pass-through setting that would break a promise. One small function per question; the
 * table at the end is the list of questions. */
#include "ingest/service/config.h"

#include "ingest/service/option.h"
#include "proto/uuid.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    ARENA_PER_RECORD_BYTE = 8,  /* views and alerts of the densest record, roughly */
    SESSION_TIMEOUT_MS = 45000, /* librdkafka's defaults */
    MAX_POLL_INTERVAL_MS = 300000,
    SESSION_END_MS = 20000, /* beyond the drain: commit, leave the group, close; with a margin */
};

static const struct config_pair *pair_find(const struct config_pairs *pairs, const char *key)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->items[i].key, key) == 0)
            return &pairs->items[i];
    }
    return NULL;
}

const struct config_pair *config_setting(const struct config *config, enum option_id specific,
                                         const char *key)
{
    assert(specific == OPTION_kafka_consumer || specific == OPTION_kafka_producer);
    const struct config_pairs *own =
        specific == OPTION_kafka_consumer ? &config->kafka_consumer : &config->kafka_producer;
    const struct config_pair *pair = pair_find(own, key);
    return pair != NULL ? pair : pair_find(&config->kafka, key);
}

uint64_t config_setting_number(const struct config *config, enum option_id specific,
                               const char *key, uint64_t initial)
{
    const struct config_pair *pair = config_setting(config, specific, key);
    return pair == NULL ? initial : strtoull(pair->value, NULL, 10);
}

static void refuse(const struct config *config, struct diag_list *findings, enum option_id option,
                   const char *hint, const char *message)
{
    diag_add(findings, DIAG_ERROR, config->at[option], "conflict", hint, "%s: %s",
             option_rows[option].key, message);
}

static bool is_uuid(const char *text)
{
    uint8_t uuid[UUID_BYTES];
    return strlen(text) == UUID_TEXT_BYTES && uuid_parse(uuid, slice_text(text));
}

/* As Kafka wants a group.instance.id. */
static void check_instance(const struct config *config, struct diag_list *findings)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(config->instance);
    if (len > INSTANCE_BYTES_MAX || strspn(config->instance, legal) != len)
        refuse(config, findings, OPTION_instance,
               "write at most 200 letters, digits, dots, underscores and hyphens",
               "this can't be a name in a consumer group");
}

static void check_rules(const struct config *config, struct diag_list *findings)
{
    if (config->rule_paths.count == 0)
        refuse(config, findings, OPTION_rule_paths,
               "write the folders with your Sigma rules: rules: {paths: [/etc/yagura/rules]}",
               "there is no rule to judge events by");
}

static void check_brokers(const struct config *config, struct diag_list *findings)
{
    static const char *const keys[] = {"bootstrap.servers", "metadata.broker.list"};
    const enum option_id sides[] = {OPTION_kafka_consumer, OPTION_kafka_producer};
    const bool needed[] = {*config->input_file == '\0', *config->output_folder == '\0'};
    for (size_t i = 0; i < 2; i++) {
        if (needed[i] && config_setting(config, sides[i], keys[0]) == NULL &&
            config_setting(config, sides[i], keys[1]) == NULL) {
            refuse(config, findings, OPTION_kafka,
                   "write kafka: {bootstrap.servers: HOST:9092}, or use input.file and "
                   "output.folder",
                   "bootstrap.servers is missing");
            return;
        }
    }
}

static void check_tenant(const struct config *config, struct diag_list *findings)
{
    bool file = *config->input_file != '\0';
    if (strcmp(config->tenant, "header") == 0) {
        if (file)
            refuse(config, findings, OPTION_tenant,
                   "write tenant: UUID, or tenant: payload to believe the file",
                   "a file has no header that says whose records these are");
        return;
    }
    if (strcmp(config->tenant, "payload") == 0) {
        if (!file)
            refuse(config, findings, OPTION_tenant, "write tenant: header, or tenant: UUID",
                   "what an endpoint says of itself can't separate tenants");
        return;
    }
    if (!is_uuid(config->tenant))
        refuse(config, findings, OPTION_tenant,
               "write header, payload or a UUID like 6ba7b810-9dad-41d1-80b4-00c04fd430c8",
               "this is none of 'header', 'payload' and a UUID");
}

static bool is_read(const struct config *config, const char *topic)
{
    struct config_list topics = config_input_topics(config);
    for (size_t i = 0; i < topics.count; i++) {
        if (strcmp(topics.items[i], topic) == 0)
            return true;
    }
    return false;
}

static void check_tenants(const struct config *config, struct diag_list *findings)
{
    for (size_t i = 0; i < config->input_tenants.count; i++) {
        const struct config_pair *pair = &config->input_tenants.items[i];
        if (!is_uuid(pair->value))
            diag_add(findings, DIAG_ERROR, pair->at, "bad-value", "write TOPIC: UUID",
                     "input.tenants: \"%s\" is no UUID", pair->value);
        if (!is_read(config, pair->key))
            diag_add(findings, DIAG_ERROR, pair->at, "conflict", "add it to input.topics",
                     "input.tenants: topic %s is not read", pair->key);
    }
}

static void check_topics(const struct config *config, struct diag_list *findings)
{
    static const enum option_id outputs[] = {OPTION_output_alerts, OPTION_output_alerts_ocsf,
                                             OPTION_output_informational,
                                             OPTION_output_dead_letters};
    const char *const names[] = {config->output_alerts, config->output_alerts_ocsf,
                                 config->output_informational, config->output_dead_letters};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (*names[i] == '\0' && outputs[i] != OPTION_output_alerts_ocsf)
            refuse(config, findings, outputs[i], "write a topic's name", "it must have a name");
        if (is_read(config, names[i]))
            refuse(config, findings, outputs[i], "write to another topic than is read",
                   "what the service writes it would read again");
        for (size_t j = 0; j < i; j++) {
            if (*names[i] != '\0' && strcmp(names[i], names[j]) == 0)
                refuse(config, findings, outputs[i], "give each output a name of its own",
                       "two outputs have the same name");
        }
    }
}

static void check_mode(const struct config *config, struct diag_list *findings)
{
    if (config->delivery_mode == DELIVERY_EXACTLY_ONCE)
        refuse(config, findings, OPTION_delivery_mode,
               "write at_least_once: equal alert_ids mark repeated alerts",
               "exactly_once is not available yet");
}

static void check_timeouts(const struct config *config, struct diag_list *findings)
{
    uint64_t session = config_setting_number(config, OPTION_kafka_consumer, "session.timeout.ms",
                                             SESSION_TIMEOUT_MS);
    uint64_t max_poll = config_setting_number(config, OPTION_kafka_consumer, "max.poll.interval.ms",
                                              MAX_POLL_INTERVAL_MS);
    if (config->commit_interval_ms >= config->drain_timeout_ms)
        refuse(config, findings, OPTION_commit_interval_ms,
               "write a commit interval below delivery.drain_timeout_ms",
               "offsets would be committed less often than a drain may take");
    if (config->drain_timeout_ms > session / 2)
        refuse(config, findings, OPTION_drain_timeout_ms,
               "write at most half of kafka.consumer's session.timeout.ms",
               "the group could give partitions away while they are being drained");
    if (config->stuck_after_ms < config->drain_timeout_ms + SESSION_END_MS)
        refuse(config, findings, OPTION_stuck_after_ms,
               "write delivery.drain_timeout_ms + 20000 or more",
               "a worker that only drains would be taken for dead");
    if (session > max_poll)
        refuse(config, findings, OPTION_kafka,
               "write session.timeout.ms (45000) <= max.poll.interval.ms (300000)",
               "the session timeout is longer than the poll interval");
}

static void check_sizes(const struct config *config, struct diag_list *findings)
{
    uint64_t least = config->record_bytes_max + DEAD_LETTER_HEADER_BYTES;
    uint64_t message =
        config_setting_number(config, OPTION_kafka_producer, "message.max.bytes", least);
    if (message < least)
        diag_add(findings, DIAG_ERROR,
                 config_setting(config, OPTION_kafka_producer, "message.max.bytes")->at, "conflict",
                 "leave it out, or write workers.record_bytes_max + 65536 or more",
                 "message.max.bytes is %" PRIu64 ": a dead letter of %" PRIu64
                 " bytes and its headers would not fit",
                 message, config->record_bytes_max);
    if (config->worker_arena_bytes < config->record_bytes_max * ARENA_PER_RECORD_BYTE)
        refuse(config, findings, OPTION_worker_arena_bytes,
               "write at least eight times workers.record_bytes_max",
               "the largest record could not be judged");
}

/* What Yagura sets itself, because a promise rests on it. */
static void check_reserved(const struct config *config, struct diag_list *findings)
{
    static const struct {
        const char *key, *hint;
    } reserved[] = {
        {"group.id", "write input.group"},
        {"group.instance.id", "write instance, and delivery.static_membership"},
        {"client.id", "write instance"},
        {"transactional.id", "write delivery.mode"},
        {"auto.offset.reset", "write input.offset_reset"},
        {"auto.commit.interval.ms", "write delivery.commit_interval_ms"},
        {"enable.auto.commit", "leave it out"},
        {"enable.auto.offset.store", "leave it out"},
        {"enable.idempotence", "leave it out: it is always on"},
        {"acks", "leave it out: it is always all"},
        {"request.required.acks", "leave it out: it is always all"},
        {"isolation.level", "leave it out: it is always read_committed"},
    };
    const struct config_pairs *maps[] = {&config->kafka, &config->kafka_consumer,
                                         &config->kafka_producer};
    for (size_t m = 0; m < 3; m++) {
        for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
            const struct config_pair *pair = pair_find(maps[m], reserved[i].key);
            if (pair != NULL)
                diag_add(findings, DIAG_ERROR, pair->at, "reserved", reserved[i].hint,
                         "%s can't be passed through: delivery rests on it", pair->key);
        }
    }
}

static void check_http(const struct config *config, struct diag_list *findings)
{
    struct in_addr v4;
    struct in6_addr v6;
    bool is_v4 = inet_pton(AF_INET, config->http_address, &v4) == 1;
    bool is_v6 = inet_pton(AF_INET6, config->http_address, &v6) == 1;
    if (!is_v4 && !is_v6) {
        refuse(config, findings, OPTION_http_address, "write 127.0.0.1 or ::1",
               "this is no IP address");
        return;
    }
    bool local = is_v4 ? (ntohl(v4.s_addr) >> 24) == 127 : IN6_IS_ADDR_LOOPBACK(&v6);
    if (!local && config->http_port != 0)
        diag_add(findings, DIAG_WARNING, config->at[OPTION_http_address], "open-port",
                 "write 127.0.0.1, or make sure that only your monitoring reaches it",
                 "http.address: the metrics port is open to the network");
}

void config_check(const struct config *config, struct diag_list *findings)
{
    static void (*const checks[])(const struct config *, struct diag_list *) = {
        check_instance, check_rules,    check_brokers, check_tenant,   check_tenants, check_topics,
        check_mode,     check_timeouts, check_sizes,   check_reserved, check_http,
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        checks[i](config, findings);
}
