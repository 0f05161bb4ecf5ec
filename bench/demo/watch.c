/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-watch: alerts as they come, and a status line: the quick start's screen.
 *
 * It reads all partitions of the alert topics by assignment, without a consumer group: joining one
 * takes three seconds on the embedded broker, and nobody shares this work.
 *
 * For machines, the OCSF topic's records go to standard output as they are, one a line, and what is
 * for people to standard error.
 *
 * usage: yagura-watch FORM BOOTSTRAP METRICS_PORT SECONDS FROM TOPIC...
 *        FORM: text or json; SECONDS 0: until a signal; FROM: beginning or end */
#include "demo/gauge.h"
#include "demo/show.h"
#include "demo/tally.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MIN = 7, EXIT_USAGE = 64, ERROR_BYTES = 512, METADATA_TIMEOUT_MS = 10000 };
enum { POLL_MS = 100, STATUS_EVERY_MS = 1000, STATUS_PLAIN_EVERY_MS = 5000 };
enum { SHOWN_PER_SECOND_MAX = 8 }; /* nobody reads faster; the rest is counted */

static const char ocsf_topic[] = "alerts.v1.ocsf";

struct watch {
    rd_kafka_t *consumer;
    struct tally *tally;
    unsigned metrics_port;
    FILE *screen;
    bool terminal; /* the screen is one */
    bool json;
    int64_t start_ms, status_ms, second_ms;
    unsigned shown, held_back; /* in the current second */
    double events, events_before;
    double rules, lag;
    bool has_figures;
};

static sig_atomic_t interrupted; /* by on_signal only */

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static rd_kafka_t *new_consumer(const char *bootstrap)
{
    static const char *const settings[][2] = {
        {"group.id", "yagura-watch"},
        {"enable.auto.commit", "false"},
        {"auto.offset.reset", "latest"},
        {"fetch.wait.max.ms", "100"},
        {"log_level", "2"},
        {"fetch.error.backoff.ms", "100"},
    };
    char error[ERROR_BYTES];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, error, sizeof error);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        rd_kafka_conf_set(conf, settings[i][0], settings[i][1], error, sizeof error);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (consumer == NULL) {
        fprintf(stderr, "yagura-watch: %s\n", error);
        rd_kafka_conf_destroy(conf);
    }
    return consumer;
}

static int add_topic(rd_kafka_topic_partition_list_t *list, rd_kafka_t *consumer, const char *topic,
                     int64_t offset)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
    rd_kafka_resp_err_t error =
        rd_kafka_metadata(consumer, 0, handle, &metadata, METADATA_TIMEOUT_MS);
    rd_kafka_topic_destroy(handle);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fprintf(stderr, "yagura-watch: %s: %s\n", topic, rd_kafka_err2str(error));
        return STATUS_KAFKA;
    }
    int count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    for (int partition = 0; partition < count; partition++)
        rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    rd_kafka_metadata_destroy(metadata);
    if (count > 0)
        return 0;
    fprintf(stderr, "yagura-watch: there is no topic %s\n", topic);
    return STATUS_KAFKA;
}

static int assign_all(rd_kafka_t *consumer, char *const topics[], int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
    int result = 0;
    for (; *topics != NULL && result == 0; topics++)
        result = add_topic(list, consumer, *topics, offset);
    if (result == 0 && rd_kafka_assign(consumer, list) != RD_KAFKA_RESP_ERR_NO_ERROR)
        result = STATUS_KAFKA;
    rd_kafka_topic_partition_list_destroy(list);
    return result;
}

static void clear_status(const struct watch *watch)
{
    if (watch->terminal)
        fputs("\r\033[K", watch->screen);
}

static void show(struct watch *watch, const Yagura__V1__Alert *alert)
{
    if (watch->shown++ >= SHOWN_PER_SECOND_MAX) {
        watch->held_back++;
        return;
    }
    clear_status(watch);
    show_alert(watch->screen, alert, watch->terminal);
}

static void take_alert(struct watch *watch, const rd_kafka_message_t *message)
{
    Yagura__V1__Alert *alert =
        yagura__v1__alert__unpack(NULL, message->len, (const uint8_t *)message->payload);
    if (alert == NULL) {
        clear_status(watch);
        fprintf(watch->screen, "(a record of %zu bytes in %s is no alert)\n", message->len,
                rd_kafka_topic_name(message->rkt));
        return;
    }
    tally_add(watch->tally, alert);
    if (!watch->json)
        show(watch, alert);
    yagura__v1__alert__free_unpacked(alert, NULL);
}

static void take(struct watch *watch, const rd_kafka_message_t *message)
{
    if (strcmp(rd_kafka_topic_name(message->rkt), ocsf_topic) != 0) {
        take_alert(watch, message);
        return;
    }
    fwrite(message->payload, 1, message->len, stdout);
    putchar('\n');
}

static void read_figures(struct watch *watch)
{
    char *page = gauge_fetch(watch->metrics_port);
    watch->events_before = watch->events;
    watch->has_figures = page != NULL && gauge_sum(&watch->events, page, "yagura_events_total");
    if (watch->has_figures) {
        if (!gauge_sum(&watch->rules, page, "yagura_ruleset_rules"))
            watch->rules = 0;
        if (!gauge_sum(&watch->lag, page, "yagura_lag_records"))
            watch->lag = 0;
    }
    free(page);
}

static void put_status(struct watch *watch, int64_t now)
{
    int64_t every = watch->terminal ? STATUS_EVERY_MS : STATUS_PLAIN_EVERY_MS;
    if (now - watch->status_ms < every)
        return;
    read_figures(watch);
    double seconds = (double)(now - watch->status_ms) / 1000;
    watch->status_ms = now;
    clear_status(watch);
    FILE *screen = watch->screen;
    fprintf(screen, "-- %3" PRId64 " s  ", (now - watch->start_ms) / 1000);
    if (watch->has_figures)
        fprintf(screen, "%.0f events/s  %.0f events  %.0f rules  lag %.0f records  ",
                (watch->events - watch->events_before) / seconds, watch->events, watch->rules,
                watch->lag);
    else
        fputs("(no answer from the service's /metrics)  ", screen);
    fprintf(screen, "%" PRIu64 " alerts", tally_total(watch->tally));
    if (!watch->terminal)
        fputc('\n', screen);
    fflush(screen);
}

static void begin_second(struct watch *watch, int64_t now)
{
    if (now - watch->second_ms < 1000)
        return;
    if (watch->held_back > 0) {
        clear_status(watch);
        fprintf(watch->screen, "         ... and %u more in this second\n", watch->held_back);
    }
    watch->second_ms = now;
    watch->shown = watch->held_back = 0;
}

static void watch_until(struct watch *watch, int64_t end_ms)
{
    while (!interrupted) {
        int64_t now = now_ms();
        if (end_ms > 0 && now >= end_ms)
            return;
        rd_kafka_message_t *message = rd_kafka_consumer_poll(watch->consumer, POLL_MS);
        if (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            take(watch, message);
        if (message != NULL)
            rd_kafka_message_destroy(message);
        begin_second(watch, now);
        put_status(watch, now);
    }
}

static void put_summary(struct watch *watch)
{
    clear_status(watch);
    read_figures(watch);
    fprintf(watch->screen, "\nSummary of %.1f s\n", (double)(now_ms() - watch->start_ms) / 1000);
    if (watch->has_figures)
        fprintf(watch->screen, "  %.0f events judged by %.0f rules, lag %.0f records\n",
                watch->events, watch->rules, watch->lag);
    tally_write(watch->screen, watch->tally);
    fflush(watch->screen);
}

static int run(char *argv[])
{
    AUTO(tally_free) struct tally *tally = NULL;
    TRY(tally_new(&tally));
    struct watch watch = {.tally = tally, .json = strcmp(argv[1], "json") == 0};
    watch.screen = watch.json ? stderr : stdout;
    watch.terminal = isatty(fileno(watch.screen));
    watch.consumer = new_consumer(argv[2]);
    if (watch.consumer == NULL)
        return STATUS_KAFKA;
    watch.metrics_port = (unsigned)strtoul(argv[3], NULL, 10);
    rd_kafka_poll_set_consumer(watch.consumer);
    int64_t from = strcmp(argv[5], "end") == 0 ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING;
    int result = assign_all(watch.consumer, argv + 6, from);
    if (result == 0) {
        int64_t seconds = strtoll(argv[4], NULL, 10);
        watch.start_ms = watch.status_ms = watch.second_ms = now_ms();
        watch_until(&watch, seconds > 0 ? watch.start_ms + seconds * 1000 : 0);
        put_summary(&watch);
    }
    rd_kafka_consumer_close(watch.consumer);
    rd_kafka_destroy(watch.consumer);
    return result;
}

int main(int argc, char *argv[])
{
    if (argc < ARGUMENTS_MIN) {
        fputs(
            "usage: yagura-watch text|json BOOTSTRAP METRICS_PORT SECONDS beginning|end TOPIC...\n",
            stderr);
        return EXIT_USAGE;
    }
    struct sigaction stop = {.sa_handler = on_signal};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    return run(argv) < 0 ? 1 : 0;
}
