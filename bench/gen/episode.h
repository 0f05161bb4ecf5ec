/* SPDX-License-Identifier: Apache-2.0 */
/* Episode: what happens on an endpoint, in stretches of EPISODE_EVENTS events.
 *
 * Sequence number n of an endpoint is position n mod EPISODE_EVENTS of episode n / EPISODE_EVENTS.
 * In an episode two programs and a child of each start and end, so 4 of 57 events are process
 * starts and as many are stops (7 % each); the others are drawn from the mix of their platform, and
 * their actors from the processes that live at that moment. An attack scene, if the episode has
 * one, takes some of their places. All of it follows from the endpoint's key, so any event can be
 * made without those before it. */
#pragma once

#include "gen/fleet.h"
#include "gen/scene.h"

enum { EPISODE_EVENTS = 57 };

/* Processes that an event of an episode may speak of. */
enum slot {
    SLOT_SHELL, /* standing processes: from boot to shutdown, the same in all episodes */
    SLOT_MANAGER,
    SLOT_SERVICE,
    SLOT_SERVICE_2,
    SLOT_PROGRAM_A,
    SLOT_CHILD_A,
    SLOT_PROGRAM_B,
    SLOT_CHILD_B,
    SLOT_SCENE, /* and SCENE_STEPS_MAX - 1 more: the process that a scene's step starts */
    SLOT_COUNT = SLOT_SCENE + SCENE_STEPS_MAX,
    SLOT_NONE = SLOT_COUNT,
    SLOT_STANDING_COUNT = SLOT_PROGRAM_A
};

enum moment_kind {
    MOMENT_START,
    MOMENT_STOP,
    MOMENT_MODULE,
    MOMENT_REGISTRY,
    MOMENT_FILE,
    MOMENT_NETWORK,
    MOMENT_NAME,
    MOMENT_SCRIPT,
    MOMENT_PIPE,
    MOMENT_ACCESS,
    MOMENT_LOGON,
    MOMENT_STEP, /* of a scene */
};

struct moment {
    enum moment_kind kind;
    size_t actor;   /* a slot, or SLOT_NONE */
    size_t process; /* the slot that starts or stops; else SLOT_NONE */
    const struct scene_step *step;
    uint64_t key; /* for everything else about the event */
};

/* How a process comes to be; texts are templates of phrase.h, each drawn from key afresh. */
struct process_plan {
    const char *image, *command;
    const char *account; /* "": the endpoint's user */
    const char *company, *product;
    const char *parent_image; /* NULL: the process in parent */
    size_t parent;            /* a slot, or SLOT_NONE: not known */
    uint64_t key;
};

/* scenes_per_million: of events, how many begin a scene. */
void episode_moment(struct moment *out, const struct endpoint *endpoint,
                    unsigned scenes_per_million, uint64_t sequence);
void episode_process(struct process_plan *out, const struct endpoint *endpoint,
                     unsigned scenes_per_million, uint64_t episode, size_t slot);
