/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/socket.h"

#include "ingest/service/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 8, SOCKET_MODE = 0660, ANSWER_CHUNK_BYTES = 64 * 1024, UNTIL_UNKNOWN = -1 };

struct client {
    int fd;           /* -1: free */
    int64_t until_ms; /* for its word, then again for the answer */
    uint8_t word[CONTROL_REQUEST_BYTES_MAX];
    size_t word_len;
    struct slice answer; /* data NULL: not asked yet */
    size_t sent;
};

struct control_socket {
    int fd;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    struct client clients[SOCKET_CLIENTS_MAX];
};

static int address_of(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    return len > 0 && (size_t)len < sizeof address->sun_path ? 0 : STATUS_LIMIT;
}

/* Whether somebody listens there; who has too many clients waiting does (EAGAIN), and is not waited
 * for. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool alive =
        connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN;
    close(fd);
    return alive;
}

/* Removes what a process that died left there; nothing else is ours to remove. */
static int clear_place(const char *path)
{
    struct stat info;
    if (lstat(path, &info) != 0)
        return errno == ENOENT ? 0 : STATUS_IO;
    if (!S_ISSOCK(info.st_mode)) {
        errno = EEXIST;
        return STATUS_IO;
    }
    return unlink(path) == 0 || errno == ENOENT ? 0 : STATUS_IO;
}

static int listen_at(struct control_socket *own, const struct sockaddr_un *address)
{
    own->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (own->fd < 0)
        return STATUS_IO;
    TRY(clear_place(address->sun_path));
    if (fchmod(own->fd, SOCKET_MODE) != 0) /* the file has no moment in which anybody may */
        return STATUS_IO;
    if (bind(own->fd, (const struct sockaddr *)address, sizeof *address) != 0)
        return STATUS_IO;
    memcpy(own->path, address->sun_path, sizeof own->path);
    if (chmod(own->path, SOCKET_MODE) != 0 || listen(own->fd, BACKLOG) != 0)
        return STATUS_IO;
    return 0;
}

int control_socket_new(struct control_socket **out, const char *path)
{
    assert(out != NULL && path != NULL);
    struct sockaddr_un address;
    TRY(address_of(&address, path));
    if (is_alive(&address))
        return SOCKET_IN_USE;
    AUTO(control_socket_free) struct control_socket *own = calloc(1, sizeof *own);
    if (own == NULL)
        return STATUS_NO_MEMORY;
    own->fd = -1;
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++)
        own->clients[i].fd = -1;
    TRY(listen_at(own, &address));
    *out = TAKE(&own);
    return 0;
}

static void client_end(struct client *client)
{
    close(client->fd);
    free((void *)(uintptr_t)client->answer.data);
    *client = (struct client){.fd = -1};
}

void control_socket_free(struct control_socket *own)
{
    if (own == NULL)
        return;
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++) {
        if (own->clients[i].fd >= 0)
            client_end(&own->clients[i]);
    }
    if (own->fd >= 0)
        close(own->fd);
    if (own->path[0] != '\0')
        unlink(own->path);
    free(own);
}

size_t control_socket_fds(const struct control_socket *own, struct pollfd fds[SOCKET_FDS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++) {
        const struct client *client = &own->clients[i];
        if (client->fd >= 0)
            fds[count++] = (struct pollfd){
                .fd = client->fd, .events = client->answer.data == NULL ? POLLIN : POLLOUT};
    }
    /* Without a free place a client that knocks would wake us in vain, again and again. */
    if (count < SOCKET_CLIENTS_MAX)
        fds[count++] = (struct pollfd){.fd = own->fd, .events = POLLIN};
    return count;
}

static void accept_clients(struct control_socket *own, int64_t now_ms)
{
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++) {
        if (own->clients[i].fd >= 0)
            continue;
        int fd = accept4(own->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        own->clients[i] = (struct client){.fd = fd, .until_ms = now_ms + SOCKET_CLIENT_MS_MAX};
    }
}

static bool would_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Reads on; false: the client is done for. */
static bool client_read(struct client *client, control_answer_fn *answer, void *owner)
{
    ssize_t got =
        read(client->fd, client->word + client->word_len, sizeof client->word - client->word_len);
    if (got < 0)
        return would_wait();
    client->word_len += (size_t)got;
    const uint8_t *end = memchr(client->word, '\n', client->word_len);
    if (end != NULL) {
        struct slice word = slice_of(client->word, (size_t)(end - client->word));
        return answer(owner, word, &client->answer) == 0;
    }
    return got > 0 && client->word_len < sizeof client->word;
}

static bool client_write(struct client *client)
{
    struct slice rest = slice_from(client->answer, client->sent);
    ssize_t put = send(client->fd, rest.data, rest.len, MSG_NOSIGNAL);
    if (put < 0)
        return would_wait();
    client->sent += (size_t)put;
    return client->sent < client->answer.len;
}

/* False: the client is done with, or done for. */
static bool client_serve(struct client *client, control_answer_fn *answer, void *owner,
                         int64_t now_ms)
{
    if (client->answer.data == NULL) {
        if (now_ms >= client->until_ms || !client_read(client, answer, owner))
            return false;
        client->until_ms = client->answer.data == NULL ? client->until_ms : UNTIL_UNKNOWN;
        return client->answer.data == NULL || client_write(client);
    }
    /* A reload may have taken longer than a client has: its time for the answer begins after. */
    if (client->until_ms == UNTIL_UNKNOWN)
        client->until_ms = now_ms + SOCKET_CLIENT_MS_MAX;
    return now_ms < client->until_ms && client_write(client);
}

void control_socket_serve(struct control_socket *own, control_answer_fn *answer, void *owner,
                          int64_t now_ms)
{
    accept_clients(own, now_ms);
    for (size_t i = 0; i < SOCKET_CLIENTS_MAX; i++) {
        struct client *client = &own->clients[i];
        if (client->fd >= 0 && !client_serve(client, answer, owner, now_ms))
            client_end(client);
    }
}

/* --- The other side --- */

static int read_all(struct slice *out, int fd)
{
    uint8_t *text = NULL;
    size_t len = 0;
    for (;;) {
        uint8_t *grown = realloc(text, len + ANSWER_CHUNK_BYTES);
        if (grown == NULL) {
            free(text);
            return STATUS_NO_MEMORY;
        }
        text = grown;
        ssize_t got = read(fd, text + len, ANSWER_CHUNK_BYTES);
        if (got < 0) {
            free(text);
            return STATUS_IO;
        }
        if (got == 0) {
            *out = slice_of(text, len);
            return 0;
        }
        len += (size_t)got;
    }
}

int control_socket_ask(struct slice *out, const char *path, const char *word)
{
    struct sockaddr_un address;
    char line[CONTROL_REQUEST_BYTES_MAX];
    TRY(address_of(&address, path));
    int len = snprintf(line, sizeof line, "%s\n", word);
    assert(len > 0 && (size_t)len < sizeof line);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return STATUS_IO;
    int result = STATUS_IO;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, line, (size_t)len, MSG_NOSIGNAL) == len)
        result = read_all(out, fd);
    close(fd);
    return result;
}
