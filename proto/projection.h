/* SPDX-License-Identifier: Apache-2.0 */
/* Projection, inside: what projection.c compiles and projected.c reads. Everybody else includes
 * field.h. */
#pragma once

#include "proto/field.h"
#include "proto/fieldtable.h"

enum { SLOT_NONE = UINT16_MAX, HOME_NONE = ROOT_COUNT };

/* One typed home of a name in one shape. */
struct home {
    uint8_t root; /* HOME_NONE: the name has none */
    uint8_t cell;
    uint8_t rendering;
    uint16_t more; /* row of fields.def to try if this home is absent; 0: none (row 0 is no
                      further home of anything) */
};

struct slot {
    struct slice name;
    enum field_view view;
    uint16_t twin; /* next slot with the same name, SLOT_NONE at the end */
};

/* Names by hash, open addressing; the first slot of the name. */
struct name_entry {
    uint64_t hash;
    uint16_t slot; /* SLOT_NONE: free */
};

struct projection {
    struct arena *arena;
    struct slot *slots;
    size_t slot_count;  /* named ones first, then the natives of their aliases */
    struct home *homes; /* [shape][slot] */
    uint16_t *aliases;  /* [shape][slot]: the slot to read instead, SLOT_NONE */
    struct name_entry *names;
    size_t name_mask;
};

/* The first slot of a name, SLOT_NONE. */
unsigned projection_find(const struct projection *projection, struct slice name);

static inline const struct home *projection_home(const struct projection *projection,
                                                 unsigned shape, unsigned slot)
{
    return &projection->homes[shape * projection->slot_count + slot];
}

static inline unsigned projection_alias(const struct projection *projection, unsigned shape,
                                        unsigned slot)
{
    return projection->aliases[shape * projection->slot_count + slot];
}
