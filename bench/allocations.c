/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of an executable stand before those of every library, so these are what all of them
 * call; each counts, and calls the next of its name: jemalloc's or libc's. Finding that one may
 * itself allocate; a small buffer serves such calls. Single-threaded programs only. */
#include "allocations.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { EARLY_BYTES = 64 * 1024, EARLY_ALIGNMENT = 16 };

static uint64_t made;
static _Alignas(EARLY_ALIGNMENT) uint8_t early[EARLY_BYTES];
static size_t early_used;
static bool resolving;

bool allocations_are_counted(void)
{
    return true;
}

uint64_t allocations_made(void)
{
    return made;
}

static void *take_early(size_t size)
{
    size_t rounded = (size + EARLY_ALIGNMENT - 1) / EARLY_ALIGNMENT * EARLY_ALIGNMENT;
    if (rounded > EARLY_BYTES - early_used)
        return NULL;
    early_used += rounded;
    return early + early_used - rounded;
}

static bool is_early(const void *pointer)
{
    uintptr_t at = (uintptr_t)pointer;
    return at >= (uintptr_t)early && at < (uintptr_t)early + EARLY_BYTES;
}

/* A function pointer behind a pointer to data: POSIX promises that both are alike. */
static void resolve(void *function, const char *name)
{
    resolving = true;
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
    resolving = false;
}

void *malloc(size_t size)
{
    static void *(*next)(size_t);
    if (resolving)
        return take_early(size);
    if (next == NULL)
        resolve(&next, "malloc");
    made++;
    return next(size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*next)(size_t, size_t);
    if (resolving)
        return take_early(count * size); /* the buffer is zero */
    if (next == NULL)
        resolve(&next, "calloc");
    made++;
    return next(count, size);
}

void *realloc(void *pointer, size_t size)
{
    static void *(*next)(void *, size_t);
    if (next == NULL)
        resolve(&next, "realloc");
    made++;
    return next(is_early(pointer) ? NULL : pointer, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    static void *(*next)(size_t, size_t);
    if (next == NULL)
        resolve(&next, "aligned_alloc");
    made++;
    return next(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    static int (*next)(void **, size_t, size_t);
    if (next == NULL)
        resolve(&next, "posix_memalign");
    made++;
    return next(out, alignment, size);
}

void free(void *pointer)
{
    static void (*next)(void *);
    if (pointer == NULL || is_early(pointer))
        return;
    if (next == NULL)
        resolve(&next, "free");
    next(pointer);
}
