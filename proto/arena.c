/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>

struct block {
    struct block *previous;
    size_t size; /* bytes of data */
    size_t used;
    alignas(max_align_t) uint8_t data[];
};

struct arena {
    struct block *current;
    size_t block_bytes;  /* 0: fixed */
    size_t bytes_max;    /* of all blocks together; 0: no bound */
    size_t bytes_total;  /* capacity of all blocks */
    size_t bytes_behind; /* used in blocks before the current one */
    bool overflowed;
};

static struct block *block_new(size_t size, struct block *previous)
{
    if (size > SIZE_MAX - sizeof(struct block))
        return NULL;
    struct block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->previous = previous;
    block->size = size;
    block->used = 0;
    return block;
}

static int arena_create(struct arena **out, size_t first_bytes, size_t block_bytes,
                        size_t bytes_max)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    arena->current = block_new(first_bytes, NULL);
    if (arena->current == NULL) {
        free(arena);
        return STATUS_NO_MEMORY;
    }
    arena->block_bytes = block_bytes;
    arena->bytes_max = bytes_max;
    arena->bytes_total = first_bytes;
    *out = arena;
    return 0;
}

int arena_new_fixed(struct arena **out, size_t bytes)
{
    assert(out != NULL && bytes > 0);
    return arena_create(out, bytes, 0, 0);
}

int arena_new_growing(struct arena **out, size_t block_bytes, size_t bytes_max)
{
    assert(out != NULL && block_bytes > 0);
    return arena_create(out, block_bytes, block_bytes, bytes_max);
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->current; block != NULL;) {
        struct block *previous = block->previous;
        free(block);
        block = previous;
    }
    free(arena);
}

static bool arena_grow(struct arena *arena, size_t size)
{
    if (arena->block_bytes == 0)
        return false;
    size_t wanted = size > arena->block_bytes ? size : arena->block_bytes;
    if (arena->bytes_max != 0 && wanted > arena->bytes_max - arena->bytes_total)
        return false;
    struct block *block = block_new(wanted, arena->current);
    if (block == NULL)
        return false;
    arena->bytes_behind += arena->current->used;
    arena->bytes_total += wanted;
    arena->current = block;
    return true;
}

static void *arena_take_aligned(struct arena *arena, size_t size, size_t alignment)
{
    assert(arena != NULL);
    struct block *block = arena->current;
    size_t start = (block->used + alignment - 1) & ~(alignment - 1);
    if (start > block->size || size > block->size - start) {
        if (!arena_grow(arena, size)) {
            arena->overflowed = true;
            return NULL;
        }
        block = arena->current;
        start = 0;
    }
    block->used = start + size;
    return block->data + start;
}

void *arena_take(struct arena *arena, size_t size)
{
    return arena_take_aligned(arena, size, alignof(max_align_t));
}

void *arena_take_zeroed(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        arena->overflowed = true;
        return NULL;
    }
    void *memory = arena_take(arena, count * size);
    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

void *arena_take_bytes(struct arena *arena, size_t size)
{
    return arena_take_aligned(arena, size, 1);
}

void *arena_extend(struct arena *arena, void *taken, size_t size, size_t size_wanted)
{
    assert(size <= size_wanted);
    struct block *block = arena->current;
    if ((uint8_t *)taken + size == block->data + block->used &&
        size_wanted - size <= block->size - block->used) {
        block->used += size_wanted - size;
        return taken;
    }
    void *memory = arena_take(arena, size_wanted);
    return memory == NULL ? NULL : memcpy(memory, taken, size);
}

struct slice arena_copy(struct arena *arena, struct slice s)
{
    uint8_t *copy = s.len == SIZE_MAX ? NULL : arena_take_bytes(arena, s.len + 1);
    if (copy == NULL)
        return (struct slice){NULL, 0};
    if (s.len > 0)
        memcpy(copy, s.data, s.len);
    copy[s.len] = '\0';
    return slice_of(copy, s.len);
}

bool arena_overflowed(const struct arena *arena)
{
    return arena->overflowed;
}

void arena_reset(struct arena *arena)
{
    while (arena->current->previous != NULL) {
        struct block *block = arena->current;
        arena->current = block->previous;
        arena->bytes_total -= block->size;
        free(block);
    }
    arena->current->used = 0;
    arena->bytes_behind = 0;
    arena->overflowed = false;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->bytes_behind + arena->current->used;
}

size_t arena_mark(const struct arena *arena)
{
    assert(arena->block_bytes == 0);
    return arena->current->used;
}

void arena_rewind(struct arena *arena, size_t mark)
{
    assert(arena->block_bytes == 0 && mark <= arena->current->used);
    arena->current->used = mark;
}
