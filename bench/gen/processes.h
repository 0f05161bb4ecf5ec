/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: the process table of one batch, filled as its events mention processes. */
#pragma once

#include "gen/episode.h"
#include "proto/arena.h"
#include "proto/event.pb-c.h"

/* The decoder's limit. The worst stretch of 4,096 events has 72 episodes of at most 12 processes,
 * and about fifty targets. */
enum { PROCESSES_MAX = 1024 };

struct processes {
    struct arena *arena;
    const struct endpoint *endpoint;
    unsigned scenes_per_million;
    uint64_t first_episode;
    uint32_t (*indexes)[SLOT_COUNT]; /* by episode and slot; 0: not in the table yet */
    Yagura__V1__ProcessInfo **items;
    size_t count;
};

/* Memory for a stretch of that many episodes; all of it is the arena's. */
MUST_USE int processes_init(struct processes *out, struct arena *arena, uint64_t first_episode,
                            size_t episode_count);
/* 1-based index of a process in the table, 0 for SLOT_NONE or when the arena is full. */
uint32_t processes_index(struct processes *processes, uint64_t episode, size_t slot);
/* Adds a process that no slot stands for: the target of an access. */
uint32_t processes_add_target(struct processes *processes, const char *image, uint64_t key);

/* For building messages: value and presence at once. */
#define SET_BYTES(message, field, slice_)                                                          \
    do {                                                                                           \
        struct slice bytes_ = (slice_);                                                            \
        (message)->has_##field = 1;                                                                \
        (message)->field.data = (uint8_t *)(uintptr_t)bytes_.data;                                 \
        (message)->field.len = bytes_.len;                                                         \
    } while (0)
#define SET(message, field, value)                                                                 \
    do {                                                                                           \
        (message)->has_##field = 1;                                                                \
        (message)->field = (value);                                                                \
    } while (0)

/* An empty message in the arena, NULL when it is full:
 * NEW(arena, Yagura__V1__Event, yagura__v1__event). */
#define NEW(arena_, type, prefix)                                                                  \
    __extension__({                                                                                \
        type *message_ = arena_take((arena_), sizeof(type));                                       \
        if (message_ != NULL)                                                                      \
            prefix##__init(message_);                                                              \
        message_;                                                                                  \
    })
