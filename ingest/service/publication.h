/* SPDX-License-Identifier: Apache-2.0 */
/* Publication: one current edition, swapped under running readers.
 *
 * A reader takes the current edition, uses it for one batch and lets it go; it never waits and
 * takes no lock. The control thread publishes another at any time; an edition is freed when no
 * reader holds it and it is neither the current nor the previous one, which stays for rollback. */
#pragma once

#include "ingest/service/edition.h"

enum { PUBLICATION_READERS_MAX = 80 };

struct publication;

/* Takes the first edition on 0. reader_count: 1..PUBLICATION_READERS_MAX. */
MUST_USE int publication_new(struct publication **out, struct edition *first,
                             unsigned reader_count);
/* No reader may be at work any more. Frees every edition. */
void publication_free(struct publication *publication);
DEFINE_AUTO(struct publication, publication_free)

/* Reader `reader`'s own thread only. The edition is valid until release; not nested. */
const struct edition *publication_take(struct publication *publication, unsigned reader);
void publication_release(struct publication *publication, unsigned reader);

/* --- Control thread only. --- */
/* Takes the edition, which is current from now on; the current one becomes the previous. */
void publication_publish(struct publication *publication, struct edition *edition);
enum { PUBLICATION_NO_PREVIOUS = 1 };
/* The previous edition is current again, and the current one previous. */
MUST_USE int publication_rollback(struct publication *publication);
const struct edition *publication_current(const struct publication *publication);
const struct edition *publication_previous(const struct publication *publication); /* or NULL */
/* Frees retired editions that nobody holds; returns how many are still held. */
size_t publication_reclaim(struct publication *publication);
