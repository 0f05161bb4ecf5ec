/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: memory that is taken in small pieces and given back all at once.
 *
 * Two kinds share one type. A *fixed* arena has one block from the start and never allocates again:
 * a worker's, reset at the end of each batch; when it is full, arena_take returns NULL and a sticky
 * flag says so, checked once per event. A *growing* arena adds blocks as needed: a rule's or a rule
 * set's, freed with its owner. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

#include <stdalign.h>

struct arena_block;

/* For arena.c, and for arena_take to be inline: a decoded event takes three or more pieces. */
struct arena {
    uint8_t *at, *end; /* what is free of the newest block */
    struct arena_block *block;
    size_t block_bytes;  /* 0: fixed */
    size_t bytes_max;    /* of all blocks together; 0: no bound */
    size_t bytes_total;  /* capacity of all blocks */
    size_t bytes_behind; /* used in blocks before the newest one */
    bool overflowed;
};

/* Block of that many bytes, never more. */
MUST_USE int arena_new_fixed(struct arena **out, size_t bytes);
/* Grows by blocks of at least block_bytes; bytes_max bounds the sum (0: no bound). */
MUST_USE int arena_new_growing(struct arena **out, size_t block_bytes, size_t bytes_max);
void arena_free(struct arena *arena);
DEFINE_AUTO(struct arena, arena_free)

void *arena_take_from_new_block(struct arena *arena, size_t size);

/* Memory aligned for any type, contents undefined; NULL when the arena is full (and then
 * arena_overflowed is true until the next reset). size 0 gives a valid pointer too. */
static inline void *arena_take(struct arena *arena, size_t size)
{
    size_t gap = -(uintptr_t)arena->at % alignof(max_align_t);
    size_t left = (size_t)(arena->end - arena->at);
    if (gap > left || size > left - gap)
        return arena_take_from_new_block(arena, size);
    uint8_t *taken = arena->at + gap;
    arena->at = taken + size;
    return taken;
}
/* The same, zeroed. */
void *arena_take_zeroed(struct arena *arena, size_t count, size_t size);
/* Unaligned bytes: for text. */
void *arena_take_bytes(struct arena *arena, size_t size);
/* More room for what arena_take gave, of that size: in place where nothing was taken since, else a
 * copy (the old one is wasted until the reset). NULL when the arena is full. */
void *arena_extend(struct arena *arena, void *taken, size_t size, size_t size_wanted);
/* A copy that is also NUL-terminated behind its end; data NULL when the arena is full. */
struct slice arena_copy(struct arena *arena, struct slice s);
bool arena_overflowed(const struct arena *arena);
/* Everything given back, the flag cleared. A growing arena keeps its first block. */
void arena_reset(struct arena *arena);
size_t arena_used_bytes(const struct arena *arena);
/* Position to come back to: everything taken after the mark is given back. Fixed arenas only. */
size_t arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, size_t mark);

/* arena_new(arena, struct x): one zeroed object. arena_array(arena, struct x, n): n of them. */
#define arena_new(arena, type)          ((type *)arena_take_zeroed((arena), 1, sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_take_zeroed((arena), (count), sizeof(type)))
