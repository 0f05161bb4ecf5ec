/* SPDX-License-Identifier: Apache-2.0 */
/* A change in a folder is not answered at once: editors and deployments write several files, and
 * half of a deployment is worse than none. The reload waits until nothing has changed for the
 * debounce time, but not longer than WATCH_WAIT_MS_MAX after the first change. */
#include "ingest/service/plane.h"

#include "ingest/service/control.h"
#include "ingest/service/socket.h"
#include "ingest/service/watch.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { TURN_MS = 500, WATCH_WAIT_MS_MAX = 1000, FDS_MAX = 2 + SOCKET_FDS_MAX };

struct plane {
    struct plane_options options;
    struct watch *watch;           /* NULL: not watching */
    struct control_socket *socket; /* NULL: none */
    int wake_fd;
    _Atomic bool stop;
    _Atomic bool reload_wanted;
    pthread_t thread;
    bool started;
    /* Control thread only. */
    int64_t changed_ms, first_changed_ms; /* 0: nothing changed since the last reload */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Folders are watched before they are read, so no change falls between. */
static void refresh_watch(struct plane *plane)
{
    if (plane->watch == NULL || watch_refresh(plane->watch) == 0)
        return;
    LOG(plane->options.log, LOG_WARNING, "some folder can't be watched; use 'yagurad reload'",
        log_text("error", strerror(errno)));
}

static void reload(struct plane *plane, bool asked, struct reload_report *report)
{
    refresh_watch(plane);
    plane->changed_ms = 0;
    plane->first_changed_ms = 0;
    reloader_load(plane->options.reloader, asked, report);
}

static void act(struct plane *plane, enum control_request request, struct reload_report *report)
{
    switch (request) {
    case CONTROL_RELOAD:
        reload(plane, true, report);
        return;
    case CONTROL_ROLLBACK:
        reloader_rollback(plane->options.reloader, report);
        return;
    case CONTROL_STATUS:
    case CONTROL_UNKNOWN:
        reloader_describe(plane->options.reloader, report);
        return;
    }
}

static int answer(void *owner, struct slice word, struct slice *line)
{
    struct plane *plane = owner;
    enum control_request request = control_request_parse(word);
    if (request == CONTROL_UNKNOWN)
        return control_refusal(line, "no such request: write reload, rollback or status");
    struct reload_report report;
    act(plane, request, &report);
    return control_answer(line, request, &report);
}

static void note_changes(struct plane *plane)
{
    if (plane->watch == NULL || !watch_take(plane->watch))
        return;
    plane->changed_ms = now_ms();
    if (plane->first_changed_ms == 0)
        plane->first_changed_ms = plane->changed_ms;
}

/* How long until a change may be answered; TURN_MS: there is none. */
static int until_due_ms(const struct plane *plane)
{
    if (plane->changed_ms == 0)
        return TURN_MS;
    int64_t debounce_ms = (int64_t)plane->options.config->rule_debounce_ms;
    int64_t quiet = plane->changed_ms + debounce_ms;
    int64_t latest = plane->first_changed_ms +
                     (debounce_ms > WATCH_WAIT_MS_MAX ? debounce_ms : WATCH_WAIT_MS_MAX);
    int64_t left = (quiet < latest ? quiet : latest) - now_ms();
    return left < 0 ? 0 : left > TURN_MS ? TURN_MS : (int)left;
}

static void wait_for_work(struct plane *plane)
{
    struct pollfd fds[FDS_MAX];
    nfds_t count = 0;
    fds[count++] = (struct pollfd){.fd = plane->wake_fd, .events = POLLIN};
    if (plane->watch != NULL)
        fds[count++] = (struct pollfd){.fd = watch_fd(plane->watch), .events = POLLIN};
    if (plane->socket != NULL)
        count += control_socket_fds(plane->socket, fds + count);
    poll(fds, count, until_due_ms(plane));
    uint64_t wakes;
    ssize_t got = read(plane->wake_fd, &wakes, sizeof wakes);
    (void)got;
}

static void turn(struct plane *plane)
{
    struct reload_report report;
    wait_for_work(plane);
    note_changes(plane);
    /* Acquire, paired with the release in plane_reload: whatever the caller did before asking has
     * happened. */
    bool wanted = atomic_exchange_explicit(&plane->reload_wanted, false, memory_order_acquire);
    if (wanted)
        reload(plane, true, &report);
    else if (plane->changed_ms != 0 && until_due_ms(plane) == 0)
        reload(plane, false, &report);
    if (plane->socket != NULL)
        control_socket_serve(plane->socket, answer, plane, now_ms());
    reloader_tidy(plane->options.reloader);
}

static void *plane_main(void *argument)
{
    struct plane *plane = argument;
    pthread_setname_np(pthread_self(), "control");
    refresh_watch(plane);
    if (plane->watch != NULL) /* what changed since the first load, before anybody watched */
        plane->changed_ms = plane->first_changed_ms = now_ms();
    /* Acquire, paired with the release in plane_free. */
    while (!atomic_load_explicit(&plane->stop, memory_order_acquire))
        turn(plane);
    return NULL;
}

static int open_watch(struct plane *plane)
{
    const struct config *config = plane->options.config;
    size_t count = 0;
    size_t most = config->rule_paths.count + config->asset_paths.count + 1;
    if (!config->rule_watch)
        return 0;
    const char **paths = calloc(most, sizeof *paths);
    if (paths == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < config->rule_paths.count; i++)
        paths[count++] = config->rule_paths.items[i];
    for (size_t i = 0; i < config->asset_paths.count; i++)
        paths[count++] = config->asset_paths.items[i];
    if (*config->rule_lists != '\0')
        paths[count++] = config->rule_lists;
    int result = watch_new(&plane->watch, paths, count);
    free(paths);
    return result;
}

static int open_socket(struct plane *plane)
{
    const char *path = plane->options.config->control_socket;
    if (*path == '\0')
        return 0;
    int result = control_socket_new(&plane->socket, path);
    if (result != 0)
        LOG(plane->options.log, LOG_ERROR, "the control socket can't be used",
            log_text("path", path),
            log_text("error", result == SOCKET_IN_USE ? "another process listens there"
                              : result == STATUS_IO   ? strerror(errno)
                                                      : status_text(result)));
    return result == SOCKET_IN_USE ? PLANE_SOCKET_IN_USE : result;
}

int plane_new(struct plane **out, const struct plane_options *options)
{
    assert(out != NULL && options->reloader != NULL);
    AUTO(plane_free) struct plane *plane = calloc(1, sizeof *plane);
    if (plane == NULL)
        return STATUS_NO_MEMORY;
    plane->options = *options;
    plane->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (plane->wake_fd < 0)
        return STATUS_IO;
    TRY(open_watch(plane));
    int result = open_socket(plane);
    if (result != 0)
        return result;
    if (pthread_create(&plane->thread, NULL, plane_main, plane) != 0)
        return STATUS_LIBRARY;
    plane->started = true;
    *out = TAKE(&plane);
    return 0;
}

static void wake(struct plane *plane)
{
    ssize_t put = write(plane->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)put;
}

void plane_reload(struct plane *plane)
{
    /* Release: see turn. */
    atomic_store_explicit(&plane->reload_wanted, true, memory_order_release);
    wake(plane);
}

void plane_free(struct plane *plane)
{
    if (plane == NULL)
        return;
    /* Release: see plane_main. */
    atomic_store_explicit(&plane->stop, true, memory_order_release);
    if (plane->started) {
        wake(plane);
        pthread_join(plane->thread, NULL);
    }
    control_socket_free(plane->socket);
    watch_free(plane->watch);
    if (plane->wake_fd >= 0)
        close(plane->wake_fd);
    free(plane);
}
