/* SPDX-License-Identifier: Apache-2.0 */
/* Socket: the control socket and its clients, none of which can make the others wait.
 *
 * A unix stream socket that only the service's user and group may use. Clients are few, and have
 * little time to say their word and to take the answer. Control thread only. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

#include <poll.h>

enum { SOCKET_CLIENTS_MAX = 8, SOCKET_CLIENT_MS_MAX = 10000, SOCKET_FDS_MAX = 9 };

struct control_socket;

enum { SOCKET_IN_USE = 1 };
/* Listens at path; a socket file that nobody listens at is replaced. SOCKET_IN_USE: another process
 * listens. STATUS_IO (errno), STATUS_LIMIT: the path is too long. */
MUST_USE int control_socket_new(struct control_socket **out, const char *path);
/* Removes the file too. */
void control_socket_free(struct control_socket *socket);
DEFINE_AUTO(struct control_socket, control_socket_free)

/* Fills in what to poll for; returns how many. */
size_t control_socket_fds(const struct control_socket *socket, struct pollfd fds[SOCKET_FDS_MAX]);
/* What a word is answered: a line, malloc'ed, which the socket frees. Negative: nothing. */
typedef int control_answer_fn(void *owner, struct slice word, struct slice *line);
/* Accepts, reads, answers, writes and closes whatever can be without waiting. Errors of a client
 * end that client. now_ms: monotonic. */
void control_socket_serve(struct control_socket *socket, control_answer_fn *answer, void *owner,
                          int64_t now_ms);

/* The other side: sends a word and takes the answer (malloc'ed), waiting for it as long as it
 * takes. STATUS_IO (errno): nobody listens. */
MUST_USE int control_socket_ask(struct slice *out, const char *path, const char *word);
