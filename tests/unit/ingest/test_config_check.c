/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/kafka/settings.h"
#include "ingest/service/config.h"

#include <criterion/criterion.h>

#define UUID "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define TEN  "0123456789"
#define GOOD "kafka: {bootstrap.servers: 'a:1'}\nrules: {paths: [r]}\n" /* two lines */
#define FILE_IN                                                                                    \
    "kafka: {bootstrap.servers: 'a:1'}\nrules: {paths: [r]}\ninput: {file: x}\ntenant: payload\n"

static const struct {
    const char *text;
    unsigned line;       /* of the finding; 0: what is wrong is not written anywhere */
    const char *message; /* "": nothing is wrong */
    const char *hint;
} cases[] = {
    {GOOD, 0, "", ""},
    {"kafka: {bootstrap.servers: 'a:1'}\n", 0, "rules.paths: there is no rule",
     "write the folders"},
    {"kafka: {bootstrap.servers: 'a:1'}\nrules: {paths: []}\n", 2, "rules.paths", "write"},
    /* Brokers */
    {"rules: {paths: [r]}\n", 0, "bootstrap.servers is missing", "HOST:9092"},
    {"rules: {paths: [r]}\nkafka: {client.rack: x}\n", 2, "bootstrap.servers is missing",
     "input.file"},
    {"rules: {paths: [r]}\nkafka: {consumer: {bootstrap.servers: a}}\n", 2, "is missing", ""},
    {"rules: {paths: [r]}\nkafka: {metadata.broker.list: a}\n", 0, "", ""},
    {"rules: {paths: [r]}\ninput: {file: x}\noutput: {folder: y}\ntenant: payload\n", 0, "", ""},
    {"rules: {paths: [r]}\ninput: {file: x}\ntenant: payload\n", 0, "is missing", ""},
    /* Instance */
    {GOOD "instance: Host-1.example_x\n", 0, "", ""},
    {GOOD "instance: 'two words'\n", 3, "can't be a name", "at most 200"},
    {GOOD "instance: 'a/b'\n", 3, "can't be a name", ""},
    {GOOD
     "instance: " TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
     "\n",
     0, "", ""},
    {GOOD
     "instance: x" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
     "\n",
     3, "can't be a name", ""},
    /* Tenants */
    {GOOD "tenant: " UUID "\n", 0, "", ""},
    {GOOD "tenant: payload\n", 3, "can't separate tenants", "tenant: header"},
    {GOOD "tenant: nobody\n", 3, "none of 'header', 'payload' and a UUID", "6ba7b810"},
    {GOOD "tenant: ''\n", 3, "none of", ""},
    {GOOD "tenant: " UUID "0\n", 3, "none of", ""},
    {GOOD "input: {file: x}\n", 0, "a file has no header", "tenant: payload"},
    {FILE_IN, 0, "", ""},
    {GOOD "input:\n  topics: [t]\n  tenants: {t: " UUID "}\n", 0, "", ""},
    {GOOD "input:\n  topics: [t]\n  tenants: {t: nobody}\n", 5, "is no UUID", "TOPIC: UUID"},
    {GOOD "input:\n  topics: [t]\n  tenants: {u: " UUID "}\n", 5, "topic u is not read",
     "input.topics"},
    {GOOD "input:\n  tenants: {telemetry.raw.v1: " UUID "}\n", 0, "", ""},
    /* Topics */
    {GOOD "output: {alerts: ''}\n", 3, "it must have a name", "topic's name"},
    {GOOD "output: {dead_letters: ''}\n", 3, "it must have a name", ""},
    {GOOD "output: {informational: ''}\n", 3, "it must have a name", ""},
    {GOOD "output: {alerts_ocsf: ''}\n", 0, "", ""},
    {GOOD "output: {alerts: a, alerts_ocsf: a}\n", 3, "two outputs have the same name", ""},
    {GOOD "output: {dead_letters: t}\ninput: {topics: [s, t]}\n", 3, "read again", "another topic"},
    {GOOD "output: {dead_letters: telemetry.raw.v1}\n", 3, "read again", "another topic"},
    /* Delivery */
    {GOOD "delivery: {mode: exactly_once}\n", 3, "not available yet", "at_least_once"},
    {GOOD "delivery: {commit_interval_ms: 14999}\n", 0, "", ""},
    {GOOD "delivery: {commit_interval_ms: 15000}\n", 3, "less often than a drain", ""},
    {GOOD "delivery: {drain_timeout_ms: 22500}\n", 0, "", ""},
    {GOOD "delivery: {drain_timeout_ms: 22501}\n", 3, "while they are being drained", "half"},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, consumer: {session.timeout.ms: 300000}}\n",
     0, "", ""},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, consumer: {session.timeout.ms: 300001}}\n",
     2, "longer than the poll interval", "max.poll.interval.ms"},
    {GOOD "http: {stuck_after_ms: 35000}\n", 0, "", ""},
    {GOOD "http: {stuck_after_ms: 34999}\n", 3, "taken for dead", "drain_timeout_ms"},
    {GOOD "http: {stuck_after_ms: 1000, port: 0}\n", 3, "taken for dead", ""},
    /* Sizes */
    {GOOD "workers: {arena_bytes: 8388608, record_bytes_max: 1048576}\n", 0, "", ""},
    {GOOD "workers: {arena_bytes: 8388608, record_bytes_max: 1048577}\n", 3,
     "largest record could not be judged", "eight times"},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, producer: {message.max.bytes: 1114112}}\n",
     0, "", ""},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, producer: {message.max.bytes: 1114111}}\n",
     2, "would not fit", "leave it out"},
    /* HTTP */
    {GOOD "http: {address: '::1'}\n", 0, "", ""},
    {GOOD "http: {address: localhost}\n", 3, "no IP address", "127.0.0.1"},
    {GOOD "http: {address: 127.0.0.1:80}\n", 3, "no IP address", ""},
    /* Settings on which delivery rests */
    {"rules: {paths: [r]}\nkafka:\n  bootstrap.servers: a\n  group.id: x\n", 4, "group.id can't be",
     "input.group"},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, producer: {acks: '1'}}\n", 2,
     "acks can't be", "always all"},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, enable.auto.offset.store: 'true'}\n", 2,
     "delivery rests on it", ""},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, consumer: {isolation.level: x}}\n", 2,
     "isolation.level can't be", ""},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, consumer: {partition.assignment.strategy: "
     "'roundrobin,range'}}\n",
     0, "", ""},
    /* What librdkafka itself refuses */
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, no.such.thing: x}\n", 2, "no.such.thing",
     "CONFIGURATION.md"},
    {"rules: {paths: [r]}\nkafka: {bootstrap.servers: a, producer: {linger.ms: soon}}\n", 2,
     "linger.ms", ""},
};

static void check_case(size_t i, struct diag_list *findings)
{
    AUTO(config_free) struct config *config = NULL;
    cr_assert_eq(config_parse(&config, slice_text(cases[i].text), "y.yaml", findings), 0,
                 "case %zu", i);
    config_check(config, findings);
    kafka_settings_check(config, findings);
    bool good = *cases[i].message == '\0';
    cr_assert_eq(diag_has_errors(findings), !good, "case %zu: %s", i,
                 good ? diag_at(findings, 0)->message : "nothing found");
    for (size_t f = 0; f < diag_count(findings); f++) {
        const struct diag *finding = diag_at(findings, f);
        if (strstr(finding->message, cases[i].message) == NULL)
            continue;
        cr_expect_eq(finding->line, cases[i].line, "case %zu: line %u", i, finding->line);
        cr_expect_str_eq(finding->file, "y.yaml");
        cr_expect(finding->hint != NULL && strstr(finding->hint, cases[i].hint) != NULL,
                  "case %zu: %s", i, finding->hint == NULL ? "no hint" : finding->hint);
        return;
    }
    cr_expect(good, "case %zu: %s", i, good ? "" : diag_at(findings, 0)->message);
}

Test(config_check, finds_what_does_not_fit_together_and_says_where_and_what_to_write)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(diag_list_free) struct diag_list *findings = NULL;
        cr_assert_eq(diag_list_new(&findings), 0);
        check_case(i, findings);
    }
}

Test(config_check, warns_of_an_open_port_and_lets_it_be)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(config_free) struct config *config = NULL;
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(
        config_parse(&config, slice_text(GOOD "http: {address: 0.0.0.0}\n"), "y", findings), 0);
    config_check(config, findings);
    cr_assert_not(diag_has_errors(findings));
    cr_assert_eq(diag_count_of(findings, DIAG_WARNING), 1);
    cr_assert_eq(diag_at(findings, 0)->line, 3);
}

Test(config_check, refuses_an_assignor_with_which_this_librdkafka_crashes)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(config_free) struct config *config = NULL;
    const char *text = "rules: {paths: [r]}\nkafka:\n  bootstrap.servers: a\n"
                       "  partition.assignment.strategy: cooperative-sticky\n";
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(config_parse(&config, slice_text(text), "y", findings), 0);
    kafka_settings_check(config, findings);
    cr_assert_eq(diag_has_errors(findings), rd_kafka_version() < 0x020300ff);
    cr_assert(!diag_has_errors(findings) || diag_at(findings, 0)->line == 4);
}
