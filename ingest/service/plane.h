/* SPDX-License-Identifier: Apache-2.0 */
/* Plane: the control thread. It watches the rule folders, answers the control socket, and reloads;
 * everything one after the other, so there is nothing to lock. */
#pragma once

#include "ingest/service/config.h"
#include "ingest/service/log.h"
#include "ingest/service/reloader.h"

struct plane;

struct plane_options {
    const struct config *config;
    struct log *log;
    struct reloader *reloader; /* the thread's own from now on, until plane_free */
};

enum { PLANE_SOCKET_IN_USE = 1 };
/* Starts the thread. PLANE_SOCKET_IN_USE: another process listens at the control socket. */
MUST_USE int plane_new(struct plane **out, const struct plane_options *options);
/* Ends the thread. */
void plane_free(struct plane *plane);
DEFINE_AUTO(struct plane, plane_free)
/* Asks for a reload, as SIGHUP does. Any thread; returns at once. */
void plane_reload(struct plane *plane);
