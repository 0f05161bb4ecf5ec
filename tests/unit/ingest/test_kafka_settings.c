/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/kafka/settings.h"

#include <criterion/criterion.h>

static struct config *config;

static void close_config(void)
{
    config_free(config);
}

TestSuite(kafka_settings, .fini = close_config);

static void parse(const char *text)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(config_parse(&config, slice_text(text), "y", findings), 0);
}

static rd_kafka_conf_t *conf_of(enum option_id side)
{
    rd_kafka_conf_t *conf = NULL;
    int made = side == OPTION_kafka_consumer ? kafka_settings_consumer(&conf, config, "host", 3)
                                             : kafka_settings_producer(&conf, config, "host", 3);
    cr_assert_eq(made, 0);
    return conf;
}

static void expect(enum option_id side, const char *key, const char *wanted)
{
    char value[512] = "";
    size_t size = sizeof value;
    rd_kafka_conf_t *conf = conf_of(side);
    cr_expect_eq(rd_kafka_conf_get(conf, key, value, &size), RD_KAFKA_CONF_OK, "%s", key);
    cr_expect_str_eq(value, wanted, "%s: %s", key, value);
    rd_kafka_conf_destroy(conf);
}

static const struct {
    enum option_id side;
    const char *key, *value;
} promises[] = {
    {OPTION_kafka_consumer, "enable.auto.offset.store", "false"},
    {OPTION_kafka_consumer, "enable.auto.commit", "true"},
    {OPTION_kafka_consumer, "isolation.level", "read_committed"},
    {OPTION_kafka_consumer, "group.id", "yagura"},
    {OPTION_kafka_consumer, "group.instance.id", "host-3"},
    {OPTION_kafka_consumer, "client.id", "yagurad-host-3"},
    {OPTION_kafka_consumer, "auto.commit.interval.ms", "1000"},
    {OPTION_kafka_consumer, "auto.offset.reset", "smallest"}, /* as librdkafka calls earliest */
    {OPTION_kafka_producer, "enable.idempotence", "true"},
    {OPTION_kafka_producer, "request.required.acks", "-1"},
    {OPTION_kafka_producer, "message.timeout.ms", "0"},
    {OPTION_kafka_producer, "retry.backoff.ms", "10"},
    {OPTION_kafka_producer, "client.id", "yagurad-host-3"},
};

Test(kafka_settings, keep_what_delivery_rests_on_whatever_is_passed_through)
{
    parse("kafka:\n  bootstrap.servers: a:1\n  enable.auto.offset.store: 'true'\n"
          "  enable.idempotence: 'false'\n  consumer: {isolation.level: read_uncommitted}\n");
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        expect(promises[i].side, promises[i].key, promises[i].value);
}

Test(kafka_settings, pass_everything_else_to_its_side)
{
    parse("kafka:\n  bootstrap.servers: a:1\n  linger.ms: 7\n  consumer: {fetch.wait.max.ms: 11}\n"
          "  producer: {linger.ms: 9, message.timeout.ms: 5000}\n");
    expect(OPTION_kafka_consumer, "bootstrap.servers", "a:1");
    expect(OPTION_kafka_consumer, "fetch.wait.max.ms", "11");
    expect(OPTION_kafka_producer, "linger.ms", "9");
    expect(OPTION_kafka_producer, "message.timeout.ms", "5000");
    expect(OPTION_kafka_producer, "fetch.wait.max.ms", "500");
}

Test(kafka_settings, follow_the_options_of_the_config)
{
    parse("input: {group: g, offset_reset: error}\ndelivery: {commit_interval_ms: 50, "
          "static_membership: false}\n");
    expect(OPTION_kafka_consumer, "group.id", "g");
    expect(OPTION_kafka_consumer, "auto.offset.reset", "error");
    expect(OPTION_kafka_consumer, "auto.commit.interval.ms", "50");
    char value[64] = "";
    size_t size = sizeof value;
    rd_kafka_conf_t *conf = conf_of(OPTION_kafka_consumer);
    cr_expect_neq(rd_kafka_conf_get(conf, "group.instance.id", value, &size), RD_KAFKA_CONF_OK);
    rd_kafka_conf_destroy(conf);
}

Test(kafka_settings, fail_on_what_librdkafka_does_not_know)
{
    rd_kafka_conf_t *conf = NULL;
    parse("kafka: {no.such.thing: x}\n");
    cr_expect_eq(kafka_settings_consumer(&conf, config, "host", 0), STATUS_KAFKA);
    cr_expect_eq(kafka_settings_producer(&conf, config, "host", 0), STATUS_KAFKA);
    cr_expect_eq(conf, NULL);
}
