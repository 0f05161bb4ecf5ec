/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/arena.h"

#include <assert.h>
#include <stdlib.h>

struct arena_block {
    struct arena_block *previous;
    size_t size; /* bytes of data */
    alignas(max_align_t) uint8_t data[];
};

static struct arena_block *block_new(size_t size, struct arena_block *previous)
{
    if (size > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->previous = previous;
    block->size = size;
    return block;
}

static void use_block(struct arena *arena, struct arena_block *block)
{
    arena->block = block;
    arena->at = block->data;
    arena->end = block->data + block->size;
}

static int arena_create(struct arena **out, size_t first_bytes, size_t block_bytes,
                        size_t bytes_max)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    struct arena_block *block = block_new(first_bytes, NULL);
    if (block == NULL) {
        free(arena);
        return STATUS_NO_MEMORY;
    }
    use_block(arena, block);
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
    for (struct arena_block *block = arena->block; block != NULL;) {
        struct arena_block *previous = block->previous;
        free(block);
        block = previous;
    }
    free(arena);
}

static size_t used_of_block(const struct arena *arena)
{
    return (size_t)(arena->at - arena->block->data);
}

static bool arena_grow(struct arena *arena, size_t size)
{
    if (arena->block_bytes == 0)
        return false;
    size_t wanted = size > arena->block_bytes ? size : arena->block_bytes;
    if (arena->bytes_max != 0 && wanted > arena->bytes_max - arena->bytes_total)
        return false;
    struct arena_block *block = block_new(wanted, arena->block);
    if (block == NULL)
        return false;
    arena->bytes_behind += used_of_block(arena);
    arena->bytes_total += wanted;
    use_block(arena, block);
    return true;
}

void *arena_take_from_new_block(struct arena *arena, size_t size)
{
    if (!arena_grow(arena, size)) {
        arena->overflowed = true;
        return NULL;
    }
    uint8_t *taken = arena->at;
    arena->at += size;
    return taken;
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
    if (size > (size_t)(arena->end - arena->at))
        return arena_take_from_new_block(arena, size);
    uint8_t *taken = arena->at;
    arena->at += size;
    return taken;
}

void *arena_extend(struct arena *arena, void *taken, size_t size, size_t size_wanted)
{
    assert(size <= size_wanted);
    size_t more = size_wanted - size;
    if ((uint8_t *)taken + size == arena->at && more <= (size_t)(arena->end - arena->at)) {
        arena->at += more;
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
    while (arena->block->previous != NULL) {
        struct arena_block *block = arena->block;
        arena->block = block->previous;
        arena->bytes_total -= block->size;
        free(block);
    }
    use_block(arena, arena->block);
    arena->bytes_behind = 0;
    arena->overflowed = false;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->bytes_behind + used_of_block(arena);
}

size_t arena_mark(const struct arena *arena)
{
    assert(arena->block_bytes == 0);
    return used_of_block(arena);
}

void arena_rewind(struct arena *arena, size_t mark)
{
    assert(arena->block_bytes == 0 && mark <= used_of_block(arena));
    arena->at = arena->block->data + mark;
}
