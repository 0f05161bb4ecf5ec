/* SPDX-License-Identifier: Apache-2.0 */
/* Walker fixture: a walker with small limits over sample.proto. */
#pragma once

#include "proto/walker.h"

#include "encode.h"
#include "sample.pb-c.h"

#include <criterion/criterion.h>

#define ENCODING __attribute__((cleanup(encoding_free_auto_))) struct encoding *

extern const struct layout layout_Everything, layout_Empty, layout_Strict; /* sample.proto */

enum { ARENA_BYTES = 1 << 20, ELEMENTS_MAX = 100, TEXT_BYTES_MAX = 1000, DEPTH_MAX = 4 };

/* A walker with small limits, and the last view. */
struct fixture {
    struct arena *arena;
    struct walker walker;
    const struct view *view;
};

static inline void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.arena = NULL};
    cr_assert_eq(arena_new_fixed(&f->arena, ARENA_BYTES), 0);
    f->walker = (struct walker){.arena = f->arena,
                                .depth_max = DEPTH_MAX,
                                .elements_max = ELEMENTS_MAX,
                                .text_bytes_max = TEXT_BYTES_MAX};
}

static inline void fixture_deinit(struct fixture *f)
{
    arena_free(f->arena);
}

#define FIXTURE                                                                                    \
    __attribute__((cleanup(fixture_deinit))) struct fixture f;                                     \
    fixture_init(&f)

static inline enum reason walk(struct fixture *f, const struct encoding *e)
{
    f->view = NULL;
    return walker_read(&f->view, &f->walker, &layout_Everything, encoded(e));
}

static inline enum reason walk_shallow(struct fixture *f, const struct encoding *e)
{
    return walker_read_shallow(&f->view, &f->walker, &layout_Everything, encoded(e));
}

static inline const union view_cell *cell(const struct view *view, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(view->descriptor, name);
    cr_assert_not_null(field, "%s", name);
    unsigned index = (unsigned)(field - view->descriptor->fields);
    return view_has(view, index) ? &view->cells[index] : NULL;
}

static inline void assert_text(const union view_cell *value, const char *text)
{
    cr_assert_not_null(value);
    cr_assert(slice_equal(value->bytes, slice_text(text)), "not %s", text);
}
