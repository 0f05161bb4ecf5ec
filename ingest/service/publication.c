/* SPDX-License-Identifier: Apache-2.0 */
/* Hold slots (hazard pointers with one slot per reader).
 *
 * A reader says which edition it holds before it uses it; the control thread frees only what no
 * slot names. The one danger is a reader that has read `current` but not yet said so while the
 * control thread swaps and looks at the slots. So a reader reads `current` again after writing its
 * slot, and starts over if it changed:
 *
 *     reader:   slot = e          (1)            control:  current = new        (3)
 *               current == e ?    (2)                      look at slots        (4)
 *
 * With all four sequentially consistent there is one order of them that everybody sees. If (4)
 * missed the slot then (4) came before (1), so (3) came before (2), and the reader saw the new
 * pointer and let e go without using it. With anything weaker both could miss each other (store
 * buffering), which x86 does too.
 *
 * Rejected: a lock (workers take none), a reference counter (all workers would write one cache line
 * per batch), epochs or RCU (a worker that waits for Kafka would have to announce it). A worker
 * that waits for a full sink holds its edition meanwhile: that delays its freeing and nothing else,
 * and bounds what lives to readers + 2 editions. */
#include "ingest/service/publication.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SLOT_BYTES = 64 };

struct hold {
    alignas(SLOT_BYTES) _Atomic(const struct edition *) edition;
};

struct publication {
    alignas(SLOT_BYTES) _Atomic(struct edition *) current;
    struct hold holds[PUBLICATION_READERS_MAX];
    /* Control thread only, from here on. */
    unsigned reader_count;
    struct edition *previous;
    struct edition *retired; /* a list, by next_retired */
};

int publication_new(struct publication **out, struct edition *first, unsigned reader_count)
{
    assert(out != NULL && first != NULL);
    assert(reader_count >= 1 && reader_count <= PUBLICATION_READERS_MAX);
    struct publication *publication = aligned_alloc(SLOT_BYTES, sizeof *publication);
    if (publication == NULL)
        return STATUS_NO_MEMORY;
    atomic_init(&publication->current, first);
    for (size_t i = 0; i < PUBLICATION_READERS_MAX; i++)
        atomic_init(&publication->holds[i].edition, NULL);
    publication->reader_count = reader_count;
    publication->previous = NULL;
    publication->retired = NULL;
    *out = publication;
    return 0;
}

const struct edition *publication_take(struct publication *publication, unsigned reader)
{
    assert(reader < publication->reader_count);
    struct hold *hold = &publication->holds[reader];
    /* Acquire: what the control thread wrote into the edition is seen (paired with the store in
     * publication_publish). */
    const struct edition *edition =
        atomic_load_explicit(&publication->current, memory_order_acquire);
    for (;;) {
        /* (1) and (2) of the essay. */
        atomic_store_explicit(&hold->edition, edition, memory_order_seq_cst);
        const struct edition *again =
            atomic_load_explicit(&publication->current, memory_order_seq_cst);
        if (again == edition)
            return edition;
        edition = again;
    }
}

void publication_release(struct publication *publication, unsigned reader)
{
    assert(reader < publication->reader_count);
    /* Release: every use of the edition comes before this, so whoever sees NULL (reclaim, with its
     * load) may free it. */
    atomic_store_explicit(&publication->holds[reader].edition, NULL, memory_order_release);
}

static void retire(struct publication *publication, struct edition *edition)
{
    if (edition == NULL)
        return;
    edition->next_retired = publication->retired;
    publication->retired = edition;
}

void publication_publish(struct publication *publication, struct edition *edition)
{
    assert(edition != NULL);
    struct edition *before =
        atomic_load_explicit(&publication->current, memory_order_relaxed); /* we alone write it */
    assert(before != edition && publication->previous != edition);
    retire(publication, publication->previous);
    publication->previous = before;
    /* (3) of the essay; as a release it also hands over the edition's content. */
    atomic_store_explicit(&publication->current, edition, memory_order_seq_cst);
    publication_reclaim(publication);
}

int publication_rollback(struct publication *publication)
{
    struct edition *previous = publication->previous;
    if (previous == NULL)
        return PUBLICATION_NO_PREVIOUS;
    publication->previous =
        atomic_load_explicit(&publication->current, memory_order_relaxed); /* we alone write it */
    atomic_store_explicit(&publication->current, previous, memory_order_seq_cst); /* as (3) */
    return 0;
}

const struct edition *publication_current(const struct publication *publication)
{
    return atomic_load_explicit(&publication->current,
                                memory_order_relaxed); /* we alone write it */
}

const struct edition *publication_previous(const struct publication *publication)
{
    return publication->previous;
}

static bool is_held(const struct publication *publication, const struct edition *edition)
{
    for (unsigned i = 0; i < publication->reader_count; i++) {
        /* (4) of the essay; as an acquire it is paired with the store in publication_release. */
        if (atomic_load_explicit(&publication->holds[i].edition, memory_order_seq_cst) == edition)
            return true;
    }
    return false;
}

size_t publication_reclaim(struct publication *publication)
{
    size_t held = 0;
    struct edition **link = &publication->retired;
    while (*link != NULL) {
        struct edition *edition = *link;
        if (is_held(publication, edition)) {
            held++;
            link = &edition->next_retired;
            continue;
        }
        *link = edition->next_retired;
        edition_free(edition);
    }
    return held;
}

void publication_free(struct publication *publication)
{
    if (publication == NULL)
        return;
    retire(publication, publication->previous);
    retire(publication, atomic_load_explicit(&publication->current, memory_order_relaxed));
    size_t held = publication_reclaim(publication);
    assert(held == 0);
    (void)held;
    free(publication);
}
