/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding is the one thing that every event pays for, so it copies nothing and allocates nothing:
 * a view is a bump of the arena, a text is a pointer and a length into the record.
 *
 * The table that drives the loop is protobuf-c's descriptor itself. Field numbers come in runs
 * there (one or two per message in our schema), so number -> field is a subtraction and a compare;
 * a table of our own would need an owner, a start-up step and one more argument everywhere, and
 * measured no faster.
 *
 * A repeated field wants its elements side by side, and how many there are is known only at the
 * end. So a list grows by doubling; while nothing else is taken from the arena, which is so for the
 * events of a batch, that only moves the arena's end. Rejected: counting the elements ahead, a pass
 * over the message for each of its repeated fields (a sixth of the whole decoding of a batch), and
 * a list of chunks, which every reader would have to know about.
 *
 * Rejected: protobuf-c's own unpack. It allocates per field, hides what follows a NUL in strings,
 * has no depth limit, and costs five times as much. It is the oracle of the tests. */
#include "proto/walker.h"

#include "proto/wire.h"

#include <assert.h>

enum { LIST_ITEMS_FIRST = 4 }; /* a power of two */

/* One message on its way from bytes to view. */
struct message {
    struct walker *walker;
    struct view *view;
    struct wire wire;
    unsigned depth_left; /* for sub-messages */
    bool shallow;
};

/* clang-format does not settle on one form of such a table. */
/* clang-format off */
/* TYPE(name, wire type): how a scalar or text stands on the wire. */
#define SCALAR_TYPES \
    TYPE(INT32, VARINT) \
    TYPE(SINT32, VARINT) \
    TYPE(SFIXED32, FIXED32) \
    TYPE(INT64, VARINT) \
    TYPE(SINT64, VARINT) \
    TYPE(SFIXED64, FIXED64) \
    TYPE(UINT32, VARINT) \
    TYPE(FIXED32, FIXED32) \
    TYPE(UINT64, VARINT) \
    TYPE(FIXED64, FIXED64) \
    TYPE(FLOAT, FIXED32) \
    TYPE(DOUBLE, FIXED64) \
    TYPE(BOOL, VARINT) \
    TYPE(ENUM, VARINT) \
    TYPE(STRING, BYTES) \
    TYPE(BYTES, BYTES)

#define TYPE(name, wire) [PROTOBUF_C_TYPE_##name] = WIRE_##wire,
static const uint8_t wire_types[] = {SCALAR_TYPES [PROTOBUF_C_TYPE_MESSAGE] = WIRE_BYTES};
static const uint8_t plain_wire_types[] = {SCALAR_TYPES [PROTOBUF_C_TYPE_MESSAGE] = UINT8_MAX};
#undef TYPE
/* clang-format on */

static double real_of_float(uint64_t raw)
{
    uint32_t bits = (uint32_t)raw;
    float real;
    memcpy(&real, &bits, sizeof real);
    return (double)real;
}

static double real_of_double(uint64_t raw)
{
    double real;
    memcpy(&real, &raw, sizeof real);
    return real;
}

static int64_t zigzag(uint64_t raw)
{
    return (int64_t)(raw >> 1 ^ (0 - (raw & 1)));
}

static inline union view_cell scalar_cell(ProtobufCType type, uint64_t raw)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return (union view_cell){.i64 = (int32_t)(uint32_t)raw};
    case PROTOBUF_C_TYPE_SINT32:
        return (union view_cell){.i64 = (int32_t)zigzag((uint32_t)raw)};
    case PROTOBUF_C_TYPE_SINT64:
        return (union view_cell){.i64 = zigzag(raw)};
    case PROTOBUF_C_TYPE_UINT32:
        return (union view_cell){.u64 = (uint32_t)raw};
    case PROTOBUF_C_TYPE_BOOL:
        return (union view_cell){.u64 = raw != 0};
    case PROTOBUF_C_TYPE_FLOAT:
        return (union view_cell){.real = real_of_float(raw)};
    case PROTOBUF_C_TYPE_DOUBLE:
        return (union view_cell){.real = real_of_double(raw)};
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    return (union view_cell){.u64 = raw};
}

/* Position of a field number in its descriptor, or VIEW_CELLS_MAX if the schema has no such field.
 */
static __attribute__((noinline)) unsigned field_index(const ProtobufCMessageDescriptor *type,
                                                      uint64_t number)
{
    const ProtobufCIntRange *range = type->field_ranges;
    for (unsigned i = 0; i < type->n_field_ranges; i++, range++) {
        uint64_t offset = number - (uint64_t)range->start_value;
        if (offset < range[1].orig_index - range->orig_index)
            return range->orig_index + (unsigned)offset;
    }
    return VIEW_CELLS_MAX;
}

/* --- Fields --- */

static enum reason read_message(const struct view **out, const struct message *above,
                                const ProtobufCMessageDescriptor *type, struct slice bytes);

/* One value of the field, singular or element. A text that is too long is kept, and flagged. */
static enum reason read_value(struct message *message, const ProtobufCFieldDescriptor *field,
                              const struct wire_field *raw, union view_cell *cell)
{
    if (raw->type != WIRE_BYTES) {
        *cell = scalar_cell(field->type, raw->scalar);
        return REASON_NONE;
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && !message->shallow)
        return read_message(&cell->message, message, field->descriptor, raw->bytes);
    if (raw->bytes.len > message->walker->text_bytes_max && field->type != PROTOBUF_C_TYPE_MESSAGE)
        message->walker->long_text = true;
    cell->bytes = raw->bytes;
    return REASON_NONE;
}

/* Room for one more element. A list has room for FIRST_ELEMENTS, or for twice as many as when it
 * was last full: so its count tells its capacity. */
static enum reason make_room(struct message *message, struct view_list *list)
{
    if (list->count >= message->walker->elements_max)
        return REASON_TOO_MANY_FIELDS;
    if (list->count < LIST_ITEMS_FIRST || (list->count & (list->count - 1)) != 0)
        return REASON_NONE;
    size_t bytes = list->count * sizeof list->items[0];
    list->items = arena_extend(message->walker->arena, list->items, bytes, 2 * bytes);
    return list->items == NULL ? REASON_MEMORY : REASON_NONE;
}

/* The list of a repeated field, made at its first element. */
static enum reason open_list(struct message *message, unsigned index)
{
    union view_cell *items = arena_take(message->walker->arena, LIST_ITEMS_FIRST * sizeof items[0]);
    if (items == NULL)
        return REASON_MEMORY;
    message->view->cells[index].list = (struct view_list){items, 0};
    message->view->present |= UINT64_C(1) << index;
    return REASON_NONE;
}

static enum reason append(struct message *message, const ProtobufCFieldDescriptor *field,
                          const struct wire_field *raw, struct view_list *list)
{
    enum reason reason = make_room(message, list);
    if (reason == REASON_NONE)
        reason = read_value(message, field, raw, &list->items[list->count]);
    if (reason == REASON_NONE)
        list->count++;
    return reason;
}

static enum reason append_packed(struct message *message, const ProtobufCFieldDescriptor *field,
                                 struct slice bytes, struct view_list *list)
{
    struct wire wire = wire_of(bytes);
    struct wire_field raw = {.type = (enum wire_type)wire_types[field->type]};
    while (wire.at < wire.end) {
        enum reason reason = wire_scalar(&wire, raw.type, &raw.scalar);
        if (reason == REASON_NONE)
            reason = append(message, field, &raw, list);
        if (reason != REASON_NONE)
            return reason;
    }
    return REASON_NONE;
}

static enum reason read_repeated(struct message *message, unsigned index,
                                 const struct wire_field *raw)
{
    const ProtobufCFieldDescriptor *field = &message->view->descriptor->fields[index];
    enum wire_type wanted = (enum wire_type)wire_types[field->type];
    if (raw->type != wanted && raw->type != WIRE_BYTES)
        return REASON_WIRE_TYPE;
    if (!view_has(message->view, index)) {
        enum reason reason = open_list(message, index);
        if (reason != REASON_NONE)
            return reason;
    }
    struct view_list *list = &message->view->cells[index].list;
    return raw->type == wanted ? append(message, field, raw, list)
                               : append_packed(message, field, raw->bytes, list);
}

/* Fields of the message that are set and share a oneof with this one, itself included. protoc-c
 * gives them the offset of the same discriminator. */
static uint64_t oneof_siblings(const struct view *view, const ProtobufCFieldDescriptor *field)
{
    uint64_t siblings = 0;
    for (uint64_t left = view->present; left != 0; left &= left - 1) {
        const ProtobufCFieldDescriptor *other = &view->descriptor->fields[__builtin_ctzll(left)];
        if ((other->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            other->quantifier_offset == field->quantifier_offset)
            siblings |= left & -left;
    }
    return siblings;
}

static enum reason read_singular(struct message *message, unsigned index,
                                 const struct wire_field *raw)
{
    struct view *view = message->view;
    const ProtobufCFieldDescriptor *field = &view->descriptor->fields[index];
    bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (raw->type != (enum wire_type)wire_types[field->type])
        return REASON_WIRE_TYPE;
    if (is_message && view_has(view, index))
        return REASON_DUPLICATE_MESSAGE;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint64_t siblings = oneof_siblings(view, field);
        if (is_message && siblings != 0)
            return REASON_TWO_KINDS;
        view->present &= ~siblings;
    }
    enum reason reason = read_value(message, field, raw, &view->cells[index]);
    if (reason == REASON_NONE)
        view->present |= UINT64_C(1) << index;
    return reason;
}

/* --- Messages --- */

/* Nearly all fields are singular texts and numbers outside a oneof. */
static inline bool is_plain(const ProtobufCFieldDescriptor *field, unsigned found)
{
    return plain_wire_types[field->type] == found && field->label != PROTOBUF_C_LABEL_REPEATED &&
           (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0;
}

/* Reads plain fields up to one that is not plain, or broken. A loop with all its state in
 * registers, and a function of its own so that it stays like that: here the time goes. */
static __attribute__((noinline)) void read_plain_fields(struct message *message)
{
    struct view *const view = message->view;
    const ProtobufCMessageDescriptor *const type = view->descriptor;
    const ProtobufCFieldDescriptor *const fields = type->fields;
    const ProtobufCIntRange *const run = type->field_ranges;
    const uint64_t run_start = type->n_fields == 0 ? 0 : (uint64_t)run[0].start_value;
    const uint64_t run_count = type->n_fields == 0 ? 0 : run[1].orig_index;
    struct wire wire = message->wire;
    const uint8_t *done = wire.at;
    uint64_t present = 0;
    size_t longest = 0;
    while (wire.at < wire.end) {
        uint64_t tag;
        if (wire_varint(&wire, &tag) != REASON_NONE)
            break;
        /* A tag that is none leads to no field, or to one of another type: no check of its own. */
        const unsigned found = tag & 7;
        uint64_t index = (tag >> 3) - run_start;
        if (index >= run_count)
            index = field_index(type, tag >> 3);
        if (index >= VIEW_CELLS_MAX || !is_plain(&fields[index], found))
            break;
        union view_cell *cell = &view->cells[index];
        if (found == WIRE_BYTES) {
            struct slice bytes;
            if (wire_bytes(&wire, &bytes) != REASON_NONE)
                break;
            cell->bytes = bytes;
            longest = bytes.len > longest ? bytes.len : longest;
        } else {
            uint64_t raw;
            if (wire_scalar(&wire, (enum wire_type)found, &raw) != REASON_NONE)
                break;
            *cell = scalar_cell(fields[index].type, raw);
        }
        present |= UINT64_C(1) << index;
        done = wire.at;
    }
    message->wire.at = done;
    view->present |= present;
    if (longest > message->walker->text_bytes_max)
        message->walker->long_text = true;
}

static enum reason read_fields(struct message *message)
{
    const ProtobufCMessageDescriptor *type = message->view->descriptor;
    enum reason first = REASON_NONE;
    for (;;) {
        read_plain_fields(message);
        if (message->wire.at == message->wire.end)
            return first;
        struct wire_field raw;
        enum reason reason = wire_next(&message->wire, &raw);
        if (reason != REASON_NONE)
            return first != REASON_NONE ? first : reason;
        unsigned index = field_index(type, raw.number);
        if (index >= VIEW_CELLS_MAX) {
            message->walker->unknown_field_count++;
            continue;
        }
        const ProtobufCFieldDescriptor *field = &type->fields[index];
        reason = field->label == PROTOBUF_C_LABEL_REPEATED ? read_repeated(message, index, &raw)
                                                           : read_singular(message, index, &raw);
        if (reason == REASON_NONE)
            continue;
        if (message->walker->fault == NULL)
            message->walker->fault = field;
        if (!message->shallow || reason == REASON_MEMORY)
            return reason;
        if (first == REASON_NONE)
            first = reason;
    }
}

static struct view *new_view(struct walker *walker, const ProtobufCMessageDescriptor *type,
                             struct slice bytes)
{
    assert(type->n_fields <= VIEW_CELLS_MAX);
    struct view *view =
        arena_take(walker->arena, sizeof *view + type->n_fields * sizeof view->cells[0]);
    if (view == NULL)
        return NULL;
    view->descriptor = type;
    view->bytes = bytes;
    view->present = 0;
    return view;
}

static enum reason read_message(const struct view **out, const struct message *above,
                                const ProtobufCMessageDescriptor *type, struct slice bytes)
{
    if (above->depth_left == 0)
        return REASON_DEPTH;
    struct message message = {
        .walker = above->walker,
        .view = new_view(above->walker, type, bytes),
        .wire = wire_of(bytes),
        .depth_left = above->depth_left - 1,
    };
    if (message.view == NULL)
        return REASON_MEMORY;
    enum reason reason = read_fields(&message);
    if (reason == REASON_NONE)
        *out = message.view;
    return reason;
}

enum reason walker_read(const struct view **out, struct walker *walker,
                        const ProtobufCMessageDescriptor *type, struct slice bytes)
{
    assert(out != NULL && walker->arena != NULL && walker->elements_max > 0);
    walker->fault = NULL;
    struct message outside = {.walker = walker, .depth_left = walker->depth_max};
    return read_message(out, &outside, type, bytes);
}

enum reason walker_read_shallow(const struct view **out, struct walker *walker,
                                const ProtobufCMessageDescriptor *type, struct slice bytes)
{
    assert(out != NULL && walker->arena != NULL && walker->elements_max > 0);
    walker->fault = NULL;
    struct message message = {
        .walker = walker,
        .view = new_view(walker, type, bytes),
        .wire = wire_of(bytes),
        .shallow = true,
    };
    if (message.view == NULL)
        return REASON_MEMORY;
    *out = message.view;
    return read_fields(&message);
}
