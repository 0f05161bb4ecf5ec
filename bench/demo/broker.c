/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-broker: librdkafka's mock cluster as a process of its own, for the quick start.
 *
 * It speaks the real protocol on loopback ports of its choice, so the service and kcat connect as
 * to any Kafka, without Java. What it is not: durable (5 MiB per partition, then the oldest is
 * dropped), transactional, or secured. Tests of delivery use deploy/kafka.
 *
 * usage: yagura-broker PARTITIONS TOPIC...   prints the bootstrap address, runs until a signal */
#include <librdkafka/rdkafka.h>

#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTITIONS_MAX = 64, EXIT_USAGE = 64, ERROR_BYTES = 512 };

static int create_topics(rd_kafka_mock_cluster_t *cluster, int partitions, char *topics[])
{
    for (; *topics != NULL; topics++) {
        rd_kafka_resp_err_t error = rd_kafka_mock_topic_create(cluster, *topics, partitions, 1);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
            continue;
        fprintf(stderr, "yagura-broker: topic %s: %s\n", *topics, rd_kafka_err2str(error));
        return -1;
    }
    return 0;
}

/* The signals stay blocked in all threads; the main thread waits for one of them. */
static void wait_for_signal(const sigset_t *signals)
{
    int number;
    sigwait(signals, &number);
}

static int serve(rd_kafka_t *owner, int partitions, char *topics[], const sigset_t *signals)
{
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(owner, 1);
    if (cluster == NULL) {
        fputs("yagura-broker: the mock cluster does not start\n", stderr);
        return 1;
    }
    int result = create_topics(cluster, partitions, topics) < 0 ? 1 : 0;
    if (result == 0) {
        puts(rd_kafka_mock_cluster_bootstraps(cluster));
        fflush(stdout);
        wait_for_signal(signals);
    }
    rd_kafka_mock_cluster_destroy(cluster);
    return result;
}

int main(int argc, char *argv[])
{
    long partitions = argc >= 3 ? strtol(argv[1], NULL, 10) : 0;
    if (partitions < 1 || partitions > PARTITIONS_MAX) {
        fputs("usage: yagura-broker PARTITIONS TOPIC...\n", stderr);
        return EXIT_USAGE;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);

    char error[ERROR_BYTES];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "3", error, sizeof error); /* it has no brokers: fine */
    rd_kafka_t *owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (owner == NULL) {
        fprintf(stderr, "yagura-broker: %s\n", error);
        return 1;
    }
    int result = serve(owner, (int)partitions, argv + 2, &signals);
    rd_kafka_destroy(owner);
    return result;
}
