/* SPDX-License-Identifier: Apache-2.0 */
/* Golden files (tests/golden/README.md): decoded for ever after, to the same values. */
#include "proto/alert.pb-c.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"
#include "proto/walker.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 4 << 20, FILE_BYTES_MAX = 1 << 20, TYPES_MAX = 128, BATCH_1_KINDS = 31 };

static const struct {
    const char *name;
    const struct layout *layout;
} files[] = {
    {"batch_1", &layout_EventBatch},
    {"alert_1", &layout_Alert},
    {"alert_2", &layout_Alert},
};

enum { FILES = sizeof(files) / sizeof(files[0]) };

static struct slice read_file(const char *name, const char *suffix, struct arena *arena)
{
    char path[4096];
    const char *source = getenv("YAGURA_SOURCE");
    snprintf(path, sizeof path, "%s/tests/golden/%s%s", source == NULL ? "." : source, name,
             suffix);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    uint8_t *data = arena_take_bytes(arena, FILE_BYTES_MAX);
    size_t len = fread(data, 1, FILE_BYTES_MAX, file);
    cr_assert(len > 0 && len < FILE_BYTES_MAX, "%s", path);
    fclose(file);
    return slice_of(data, len);
}

static const struct view *read_golden(size_t index, struct arena *arena)
{
    struct walker walker = {
        .arena = arena, .depth_max = 16, .elements_max = 4096, .text_bytes_max = 1000};
    const struct view *view = NULL;
    struct slice bytes = read_file(files[index].name, ".bin", arena);
    enum reason reason = walker_read(&view, &walker, files[index].layout, bytes);
    cr_assert_eq(reason, REASON_NONE, "%s: %s", files[index].name, reason_label(reason));
    cr_assert_eq(walker.unknown_field_count, 0, "%s", files[index].name);
    return view;
}

/* --- A view as protobuf's text form --- */

static void print_text(FILE *out, struct slice text)
{
    fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x20 && text.data[i] < 0x7f)
            fputc(text.data[i], out);
        else
            fprintf(out, "\\%03o", text.data[i]);
    }
    fputc('"', out);
}

static void print_scalar(FILE *out, const ProtobufCFieldDescriptor *field,
                         const union view_cell *cell)
{
    switch ((int)field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
        print_text(out, cell->bytes);
        return;
    case PROTOBUF_C_TYPE_ENUM:
        fputs(protobuf_c_enum_descriptor_get_value(field->descriptor, (int)cell->i64)->name, out);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        fputs(cell->u64 != 0 ? "true" : "false", out);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FLOAT:
        fprintf(out, "%.17g", cell->real);
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
        fprintf(out, "%" PRIu64, cell->u64);
        return;
    default:
        fprintf(out, "%" PRId64, cell->i64);
    }
}

static void print_view(FILE *out, const struct view *view, int indent);

static void print_cell(FILE *out, const ProtobufCFieldDescriptor *field,
                       const union view_cell *cell, int indent)
{
    fprintf(out, "%*s%s", indent, "", field->name);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        fputs(" {\n", out);
        print_view(out, cell->message, indent + 2);
        fprintf(out, "%*s}\n", indent, "");
        return;
    }
    fputs(": ", out);
    print_scalar(out, field, cell);
    fputc('\n', out);
}

static void print_view(FILE *out, const struct view *view, int indent)
{
    for (unsigned i = 0; i < view->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &view->descriptor->fields[i];
        if (!view_has(view, i))
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            print_cell(out, field, &view->cells[i], indent);
            continue;
        }
        for (size_t k = 0; k < view->cells[i].list.count; k++)
            print_cell(out, field, &view->cells[i].list.items[k], indent);
    }
}

Test(golden, files_decode_to_the_values_they_were_made_of)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, ARENA_BYTES, 0), 0);
    for (size_t i = 0; i < FILES; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        print_view(out, read_golden(i, arena), 0);
        fclose(out);
        struct slice expected = read_file(files[i].name, ".txtpb", arena);
        size_t same = 0;
        while (same < len && same < expected.len && (uint8_t)text[same] == expected.data[same])
            same++;
        cr_assert(same == len && same == expected.len, "%s differs at byte %zu: %.40s",
                  files[i].name, same, text + same);
        free(text);
    }
}

Test(golden, batch_gives_good_events_of_every_kind)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, ARENA_BYTES, 0), 0);
    struct batch batch;
    struct slice bytes = read_file("batch_1", ".bin", arena);
    cr_assert_eq(batch_decode(&batch, bytes, &(struct batch_options){0}, arena), 0, "%s",
                 reason_label(batch.reason));
    cr_assert_eq(batch.event_count, BATCH_1_KINDS);
    cr_assert_eq(batch.unknown_field_count, 0);
    cr_assert(slice_equal(batch.tenant_id, SLICE_LITERAL("tenant_i_00001\0\xff")));
    for (size_t i = 0; i < batch.event_count; i++) {
        const struct event *event = &batch.events[i];
        cr_assert_neq(event->shape, SHAPE_NONE, "event %zu", i);
        cr_assert_eq(event->roots[ROOT_ACTOR], batch.processes[0]);
        cr_assert_eq(event->roots[ROOT_SOURCE], batch.sources[0]);
        for (size_t k = 0; k < i; k++)
            cr_assert_neq(event->roots[ROOT_KIND]->descriptor,
                          batch.events[k].roots[ROOT_KIND]->descriptor);
    }
}

/* --- Nothing is missing --- */

/* Which fields of a type occur somewhere. */
struct coverage {
    const ProtobufCMessageDescriptor *types[TYPES_MAX];
    uint64_t present[TYPES_MAX];
    size_t count;
};

static size_t coverage_index(struct coverage *coverage, const ProtobufCMessageDescriptor *type)
{
    for (size_t i = 0; i < coverage->count; i++)
        if (coverage->types[i] == type)
            return i;
    cr_assert_lt(coverage->count, TYPES_MAX);
    coverage->types[coverage->count] = type;
    coverage->present[coverage->count] = 0;
    return coverage->count++;
}

static void cover(struct coverage *coverage, const struct view *view)
{
    coverage->present[coverage_index(coverage, view->descriptor)] |= view->present;
    for (unsigned i = 0; i < view->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &view->descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || !view_has(view, i))
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            cover(coverage, view->cells[i].message);
            continue;
        }
        for (size_t k = 0; k < view->cells[i].list.count; k++)
            cover(coverage, view->cells[i].list.items[k].message);
    }
}

Test(golden, files_have_every_field_of_the_schema)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_growing(&arena, ARENA_BYTES, 0), 0);
    struct coverage coverage = {.count = 0};
    for (size_t i = 0; i < FILES; i++)
        cover(&coverage, read_golden(i, arena));
    for (size_t i = 0; i < coverage.count; i++)
        for (unsigned k = 0; k < coverage.types[i]->n_fields; k++)
            cr_expect((coverage.present[i] >> k & 1) != 0, "no golden file has %s.%s",
                      coverage.types[i]->name, coverage.types[i]->fields[k].name);
    cr_assert_gt(coverage.count, 40);
}
