/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up is a table of steps, run forward; the end is the same table, backward, from the last
 * step that succeeded. Each step knows only itself, so a failure in the middle needs no code of its
 * own.
 *
 * Signals are blocked in every thread and read by the main one from a descriptor, between
 * everything else: no handler, nothing to be careful about. */
#include "ingest/service/service.h"

#include "ingest/service/http.h"
#include "ingest/service/instance.h"
#include "ingest/service/log.h"
#include "ingest/service/notify.h"
#include "ingest/service/plane.h"
#include "ingest/service/transport.h"
#include "ingest/service/worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, TICK_MS = 1000 };
_Static_assert(WORKERS_MAX + 1 <= PUBLICATION_READERS_MAX, "a hold slot each, and the metrics'");

struct service {
    const struct config *config;
    char instance[INSTANCE_BYTES_MAX + 1];
    int instance_fd; /* holds the name; -1: nobody else could want it */
    struct log *log;
    int signal_fd;
    int ended_fd; /* counts workers that ended */
    struct reloader *reloader;
    struct tenants *tenants;
    struct transport transport;
    _Atomic bool stop;
    struct worker *workers[WORKERS_MAX];
    struct counters *counters[WORKERS_MAX];
    struct tally *tallies[WORKERS_MAX];
    size_t worker_count;
    struct http *http;
    struct plane *plane;
    enum exit_code exit_code;
};

/* --- Steps. Each returns 0, or the reason to stop with service->exit_code set. --- */

static int start_log(struct service *service)
{
    const struct log_options options = {.fd = STDERR_FILENO,
                                        .level = (enum log_level)service->config->log_level,
                                        .lines_per_minute =
                                            (unsigned)service->config->log_lines_per_minute};
    TRY(instance_name(service->instance, service->config));
    TRY(log_new(&service->log, &options));
    LOG(service->log, LOG_INFO, "yagurad starts", log_text("version", YAGURA_VERSION),
        log_text("instance", service->instance));
    return 0;
}

static void stop_log(struct service *service)
{
    LOG(service->log, LOG_INFO, "yagurad ends", log_number("exit", service->exit_code));
    log_free(TAKE(&service->log));
}

/* A name that two processes share is found out now, not by a group that never rests. */
static int start_instance(struct service *service)
{
    service->instance_fd = -1;
    if (*service->config->input_file != '\0' || !service->config->static_membership)
        return 0;
    int result = instance_hold(&service->instance_fd, service->config, service->instance);
    if (result == INSTANCE_TAKEN) {
        service->exit_code = EXIT_CODE_FENCED;
        LOG(service->log, LOG_ERROR, "another yagurad on this host has this instance name",
            log_text("instance", service->instance),
            log_text("group", service->config->input_group),
            log_text("hint", "give each process a name of its own: instance: NAME"));
    }
    return result;
}

static void stop_instance(struct service *service)
{
    if (service->instance_fd >= 0)
        close(service->instance_fd);
}

static int start_signals(struct service *service)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return STATUS_LIBRARY;
    signal(SIGPIPE, SIG_IGN);
    service->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    service->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return service->signal_fd < 0 || service->ended_fd < 0 ? STATUS_IO : 0;
}

static void stop_signals(struct service *service)
{
    close(service->signal_fd);
    close(service->ended_fd);
}

static int start_rules(struct service *service)
{
    const struct reloader_options options = {.config = service->config,
                                             .log = service->log,
                                             .reader_count =
                                                 (unsigned)service->config->worker_count + 1};
    int result = reloader_new(&service->reloader, &options);
    if (result == RELOADER_NO_RULES) {
        service->exit_code = EXIT_CODE_NO_RULES;
        LOG(service->log, LOG_ERROR, "no rule could be loaded: there is nothing to judge by",
            log_text("first_path", service->config->rule_paths.items[0]));
    }
    return result;
}

static void stop_rules(struct service *service)
{
    reloader_free(TAKE(&service->reloader));
}

static int start_tenants(struct service *service)
{
    return tenants_new(&service->tenants, service->config);
}

static void stop_tenants(struct service *service)
{
    tenants_free(TAKE(&service->tenants));
}

/* A worker that ends before its source does ends the service: the others can't do its part. One
 * that was fenced above all: two processes of one name would throw each other out for ever. */
static void worker_ended(void *owner, unsigned worker, int result)
{
    struct service *service = owner;
    uint64_t weight = result == 0 ? 1 : WORKERS_MAX;
    if (result < 0)
        LOG(service->log, LOG_ERROR, "a worker ended", log_number("worker", worker),
            log_text("status", status_text(result)));
    if (result == WORKER_FENCED)
        LOG(service->log, LOG_ERROR,
            "another process has the same instance name: give each its own (option 'instance')",
            log_number("worker", worker), log_text("instance", service->instance));
    ssize_t put = write(service->ended_fd, &weight, sizeof weight);
    (void)put;
}

static int open_transport(void *owner, unsigned worker, struct source **source, struct sink **sink)
{
    struct service *service = owner;
    return transport_open(&service->transport, worker, source, sink);
}

static int start_worker(struct service *service, unsigned number)
{
    const struct config *config = service->config;
    const struct worker_options options = {
        .number = number,
        .publication = reloader_publication(service->reloader),
        .tenants = service->tenants,
        .log = service->log,
        .transport = open_transport,
        .ended = worker_ended,
        .owner = service,
        .stop = &service->stop,
        .arena_bytes = (size_t)config->worker_arena_bytes,
        .record_bytes_max = (size_t)config->record_bytes_max,
        .batch_records_max = (size_t)config->batch_records_max,
        .records_in_flight_max = (size_t)config->records_in_flight_max,
        .poll_timeout_ms = (unsigned)config->poll_timeout_ms,
        .drain_timeout_ms = (unsigned)config->drain_timeout_ms,
        .write_ocsf = *config->output_alerts_ocsf != '\0',
        .pin = config->worker_pin,
        .once = *config->input_file != '\0',
    };
    TRY(worker_new(&service->workers[number], &options));
    service->counters[number] = worker_counters(service->workers[number]);
    service->tallies[number] = worker_tally(service->workers[number]);
    service->worker_count++;
    return 0;
}

static void stop_workers(struct service *service)
{
    /* Relaxed: the flag orders nothing, the join below does. */
    atomic_store_explicit(&service->stop, true, memory_order_relaxed);
    for (size_t i = 0; i < service->worker_count; i++) {
        int result = worker_join(TAKE(&service->workers[i]));
        if (result < 0)
            service->exit_code = EXIT_CODE_FAILURE;
        else if (result == WORKER_FENCED)
            service->exit_code = EXIT_CODE_FENCED;
        else if (result == WORKER_LATE && service->exit_code == EXIT_CODE_OK)
            service->exit_code = EXIT_CODE_TEMPORARY;
    }
}

static int start_workers(struct service *service)
{
    /* A file has one reader. */
    size_t count = *service->config->input_file != '\0' ? 1 : (size_t)service->config->worker_count;
    service->transport = (struct transport){service->config, service->instance, service->log};
    for (unsigned i = 0; i < count; i++) {
        int result = start_worker(service, i);
        if (result < 0) {
            stop_workers(service);
            return result;
        }
    }
    return 0;
}

static int start_http(struct service *service)
{
    const struct config *config = service->config;
    if (config->http_port == 0)
        return 0;
    const struct http_options options = {
        .address = config->http_address,
        .port = (uint16_t)config->http_port,
        .view = {.health = {.workers = service->counters,
                            .worker_count = service->worker_count,
                            .stuck_after_ms = config->stuck_after_ms},
                 .tallies = service->tallies,
                 .reload = reloader_state(service->reloader),
                 .publication = reloader_publication(service->reloader),
                 .reader = (unsigned)config->worker_count,
                 .rules_max = (size_t)config->http_rules_max,
                 .started_unix_s = time(NULL)}};
    int result = http_new(&service->http, &options);
    if (result < 0)
        LOG(service->log, LOG_ERROR, "the metrics port can't be used",
            log_text("address", config->http_address),
            log_number("port", (int64_t)config->http_port), log_text("error", strerror(errno)));
    return result;
}

static void stop_http(struct service *service)
{
    http_free(TAKE(&service->http));
}

static int start_control(struct service *service)
{
    const struct plane_options options = {
        .config = service->config, .log = service->log, .reloader = service->reloader};
    return plane_new(&service->plane, &options);
}

static void stop_control(struct service *service)
{
    plane_free(TAKE(&service->plane));
}

static int start_ready(struct service *service)
{
    notify("READY=1");
    LOG(service->log, LOG_INFO, "yagurad runs",
        log_number("workers", (int64_t)service->worker_count));
    return 0;
}

static void stop_ready(struct service *service)
{
    notify("STOPPING=1");
    LOG(service->log, LOG_INFO, "yagurad stops: what is in flight is waited for",
        log_number("at_most_ms", (int64_t)service->config->drain_timeout_ms));
}

static const struct {
    const char *name;
    int (*start)(struct service *service);
    void (*stop)(struct service *service);
} steps[] = {
#define STEP(name) {#name, start_##name, stop_##name},
#include "ingest/service/steps.def"
#undef STEP
};

enum { STEP_COUNT = sizeof steps / sizeof *steps };

/* --- Between start and end --- */

static void abort_now(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_CODE_ABORTED);
}

/* The second signal ends the process where it stands: nothing that was not acknowledged is
 * committed, so nothing is lost. */
static void abort_on_second_signal(void)
{
    const struct sigaction action = {.sa_handler = abort_now};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* True: the service shall stop. */
static bool take_signals(struct service *service)
{
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(service->signal_fd, &info, sizeof info) == sizeof info) {
        LOG(service->log, LOG_INFO, "a signal came",
            log_text("signal", sigabbrev_np((int)info.ssi_signo)));
        if (info.ssi_signo == SIGHUP)
            plane_reload(service->plane);
        else
            stop = true;
    }
    return stop;
}

static uint64_t ended_workers(const struct service *service)
{
    uint64_t count = 0;
    ssize_t got = read(service->ended_fd, &count, sizeof count);
    return got == sizeof count ? count : 0;
}

static void tell_watchdog(const struct service *service)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const struct health_view view = {service->counters, service->worker_count,
                                     service->config->stuck_after_ms};
    if (health_is_live(&view, (uint64_t)now.tv_sec * 1000))
        notify("WATCHDOG=1");
}

static void wait_for_end(struct service *service)
{
    uint64_t ended = 0;
    while (ended < service->worker_count) {
        struct pollfd fds[] = {{.fd = service->signal_fd, .events = POLLIN},
                               {.fd = service->ended_fd, .events = POLLIN}};
        poll(fds, 2, TICK_MS);
        if (take_signals(service))
            break;
        ended += ended_workers(service);
        tell_watchdog(service);
    }
    abort_on_second_signal();
}

static void tell_failure(const struct service *service, const char *step)
{
    if (service->log == NULL)
        fprintf(stderr, "yagurad: could not start (%s)\n", step);
    else
        LOG(service->log, LOG_ERROR, "yagurad could not start", log_text("step", step));
}

static size_t start_all(struct service *service)
{
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (steps[i].start(service) == 0)
            continue;
        if (service->exit_code == EXIT_CODE_OK)
            service->exit_code = EXIT_CODE_FAILURE;
        tell_failure(service, steps[i].name);
        return i;
    }
    return STEP_COUNT;
}

enum exit_code service_run(const struct config *config)
{
    assert(config != NULL && config->worker_count <= WORKERS_MAX);
    struct service *service = calloc(1, sizeof *service);
    if (service == NULL)
        return EXIT_CODE_FAILURE;
    service->config = config;
    size_t started = start_all(service);
    if (started == STEP_COUNT)
        wait_for_end(service);
    while (started > 0)
        steps[--started].stop(service);
    enum exit_code code = service->exit_code;
    free(service);
    return code;
}
