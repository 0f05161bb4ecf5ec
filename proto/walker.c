/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding is the one thing that every event pays for, so it copies nothing and allocates nothing:
 * a view is a bump of the arena, a text is a pointer and a length into the record.
 *
 * Three steps by frequency. Nearly every field is one of the schema, its tag and its length of one
 * byte or two: read_fields reads those in a loop that keeps its state in registers and calls
 * nothing. Messages and elements of lists go to read_apart. Whatever else there is, unknown fields,
 * broken ones, numbers in lists, goes to read_rare, which begins anew at the tag and alone says
 * what is wrong with an encoding. What a number means is looked up in the message's layout: four
 * bytes a field, where protobuf-c's descriptor, which did the same before, has 72.
 *
 * Measured, and no faster: a table by whole tags (a twentieth fewer instructions, ten times the
 * tables); lengths and numbers without a branch on how long they are (a tenth slower). Rejected:
 * leaving sub-messages unread until a rule asks. Whether an event is good is said before it is
 * judged, and hopping over its fields alone costs two thirds of reading them.
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
    const struct layout *layout;
    struct view *view;
    unsigned depth_left; /* for sub-messages */
    bool shallow;
};

static uint64_t real_of_float(uint32_t bits)
{
    float real;
    memcpy(&real, &bits, sizeof real);
    double wide = (double)real;
    uint64_t wide_bits;
    memcpy(&wide_bits, &wide, sizeof wide_bits);
    return wide_bits;
}

static uint64_t zigzag(uint64_t raw)
{
    return raw >> 1 ^ (0 - (raw & 1));
}

static uint64_t extend_sign(uint32_t raw)
{
    return (uint64_t)(int32_t)raw;
}

/* What a cell keeps of a number, as bits: it is read by the union's member for the field's type. */
static inline uint64_t cell_bits(enum layout_form form, uint64_t raw)
{
    switch ((unsigned)form) {
    case FORM_UINT32:
        return (uint32_t)raw;
    case FORM_INT32:
        return extend_sign((uint32_t)raw);
    case FORM_SINT32:
        return extend_sign((uint32_t)zigzag((uint32_t)raw));
    case FORM_SINT64:
        return zigzag(raw);
    case FORM_BOOL:
        return raw != 0;
    case FORM_FLOAT:
        return real_of_float((uint32_t)raw);
    default:
        return raw;
    }
}

static enum wire_type wire_type_of(const struct layout_field *field)
{
    return (enum wire_type)(field->wire & 7);
}

static enum reason note_fault(struct message *message, const struct layout_field *field,
                              enum reason reason)
{
    if (reason != REASON_NONE && message->walker->fault == NULL)
        message->walker->fault = &message->layout->descriptor->fields[field->cell];
    return reason;
}

/* --- Lists --- */

/* The list of a repeated field, made at its first element. */
static enum reason open_list(struct message *message, unsigned cell)
{
    union view_cell *items = arena_take(message->walker->arena, LIST_ITEMS_FIRST * sizeof items[0]);
    if (items == NULL)
        return REASON_MEMORY;
    message->view->cells[cell].list = (struct view_list){items, 0};
    message->view->present |= UINT64_C(1) << cell;
    return REASON_NONE;
}

/* Room for one more element. A list has room for LIST_ITEMS_FIRST, or for twice as many as when it
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

/* The list of a repeated field, with room for one more. */
static enum reason find_list(struct view_list **out, struct message *message,
                             const struct layout_field *field)
{
    enum reason reason = REASON_NONE;
    if (!view_has(message->view, field->cell))
        reason = open_list(message, field->cell);
    *out = &message->view->cells[field->cell].list;
    return reason == REASON_NONE ? make_room(message, *out) : reason;
}

static enum reason append_number(struct message *message, const struct layout_field *field,
                                 uint64_t raw)
{
    struct view_list *list;
    enum reason reason = find_list(&list, message, field);
    if (reason == REASON_NONE)
        list->items[list->count++].u64 = cell_bits((enum layout_form)field->form, raw);
    return reason;
}

static enum reason append_packed(struct message *message, const struct layout_field *field,
                                 struct slice bytes)
{
    struct wire wire = wire_of(bytes);
    enum reason reason = REASON_NONE;
    if (!view_has(message->view, field->cell))
        reason = open_list(message, field->cell);
    while (reason == REASON_NONE && wire.at < wire.end) {
        uint64_t raw;
        reason = wire_scalar(&wire, wire_type_of(field), &raw);
        if (reason == REASON_NONE)
            reason = append_number(message, field, raw);
    }
    return reason;
}

/* --- Fields that are no plain ones --- */

static enum reason read_message(const struct view **out, const struct message *above,
                                const struct layout *layout, struct slice bytes);

static enum reason read_bytes(union view_cell *cell, struct message *message,
                              const struct layout_field *field, struct slice bytes)
{
    if (field->form == FORM_MESSAGE && !message->shallow)
        return read_message(&cell->message, message, message->layout->children[field->cell], bytes);
    if (field->form == FORM_TEXT && bytes.len > message->walker->text_bytes_max)
        message->walker->long_text = true;
    cell->bytes = bytes;
    return REASON_NONE;
}

static enum reason append_bytes(struct message *message, const struct layout_field *field,
                                struct slice bytes)
{
    struct view_list *list;
    enum reason reason = find_list(&list, message, field);
    if (reason == REASON_NONE)
        reason = read_bytes(&list->items[list->count], message, field, bytes);
    if (reason == REASON_NONE)
        list->count++;
    return reason;
}

static enum reason read_submessage(struct message *message, const struct layout_field *field,
                                   struct slice bytes)
{
    struct view *view = message->view;
    if (view_has(view, field->cell))
        return REASON_DUPLICATE_MESSAGE;
    if ((view->present & message->layout->oneofs[field->oneof]) != 0)
        return REASON_TWO_KINDS;
    enum reason reason = read_bytes(&view->cells[field->cell], message, field, bytes);
    if (reason == REASON_NONE)
        view->present |= UINT64_C(1) << field->cell;
    return reason;
}

/* A message, or an element of a list of messages or texts. */
static __attribute__((noinline)) enum reason
read_apart(struct message *message, const struct layout_field *field, struct slice bytes)
{
    enum reason reason = (field->wire & LAYOUT_REPEATED) != 0
                             ? append_bytes(message, field, bytes)
                             : read_submessage(message, field, bytes);
    return note_fault(message, field, reason);
}

/* --- Plain fields: the last one wins, also among the members of a oneof --- */

static inline void mark_present(const struct message *message, const struct layout_field *field)
{
    if (field->oneof != 0)
        message->view->present &= ~message->layout->oneofs[field->oneof];
    message->view->present |= UINT64_C(1) << field->cell;
}

static inline void keep_text(const struct message *message, const struct layout_field *field,
                             struct slice text)
{
    mark_present(message, field);
    message->view->cells[field->cell].bytes = text;
    if (text.len > message->walker->text_bytes_max)
        message->walker->long_text = true;
}

static inline void keep_number(const struct message *message, const struct layout_field *field,
                               uint64_t raw)
{
    mark_present(message, field);
    message->view->cells[field->cell].u64 = cell_bits((enum layout_form)field->form, raw);
}

/* --- Rare fields --- */

static enum reason read_known(struct message *message, const struct layout_field *field,
                              const struct wire_field *raw)
{
    bool is_repeated = (field->wire & LAYOUT_REPEATED) != 0;
    if (raw->type != wire_type_of(field))
        return is_repeated && raw->type == WIRE_BYTES ? append_packed(message, field, raw->bytes)
                                                      : REASON_WIRE_TYPE;
    if ((field->wire & LAYOUT_APART) != 0)
        return read_apart(message, field, raw->bytes);
    if (is_repeated)
        return append_number(message, field, raw->scalar);
    if (field->form == FORM_TEXT)
        keep_text(message, field, raw->bytes);
    else
        keep_number(message, field, raw->scalar);
    return REASON_NONE;
}

/* Any field at all. Moves the wire behind it; to its end if nothing behind it can be read. */
static __attribute__((noinline)) enum reason read_rare(struct message *message, struct wire *wire)
{
    const struct layout *layout = message->layout;
    struct wire_field raw = {0};
    enum reason reason = wire_next(wire, &raw);
    if (reason != REASON_NONE) {
        wire->at = wire->end;
        return reason;
    }
    if (raw.number >= layout->number_count || layout->fields[raw.number].wire == 0) {
        message->walker->unknown_field_count++;
        return REASON_NONE;
    }
    const struct layout_field *field = &layout->fields[raw.number];
    return note_fault(message, field, read_known(message, field, &raw));
}

/* --- Messages --- */

/* The value of a common field: a number, or a length and where the bytes begin. next NULL: rare. */
static inline struct wire_number common_value(const uint8_t *at, const uint8_t *end,
                                              enum wire_type type)
{
    if (type == WIRE_VARINT)
        return wire_varint(at, end);
    if (type != WIRE_BYTES)
        return wire_fixed(at, end, type);
    struct wire_number length = wire_short(at, end);
    if (length.value > (size_t)(end - length.next))
        length.next = NULL;
    return length;
}

static inline enum reason read_fields(struct message *message, struct wire wire)
{
    const struct layout_field *const fields = message->layout->fields;
    const uint64_t number_count = message->layout->number_count;
    enum reason first = REASON_NONE;
    while (wire.at < wire.end) {
        const struct wire_number tag = wire_short(wire.at, wire.end);
        const struct layout_field *field =
            &fields[tag.value >> 3 < number_count ? tag.value >> 3 : 0];
        const enum wire_type type = (enum wire_type)(tag.value & 7);
        struct wire_number value = {0, NULL};
        enum reason reason = REASON_NONE;
        if ((field->wire & LAYOUT_COMMON_MASK) == (LAYOUT_COMMON | type))
            value = common_value(tag.next, wire.end, type);
        if (value.next == NULL) {
            reason = read_rare(message, &wire);
        } else if (type != WIRE_BYTES) {
            keep_number(message, field, value.value);
            wire.at = value.next;
        } else {
            struct slice bytes = slice_of(value.next, value.value);
            wire.at = value.next + value.value;
            if ((field->wire & LAYOUT_APART) == 0)
                keep_text(message, field, bytes);
            else
                reason = read_apart(message, field, bytes);
        }
        if (reason == REASON_NONE)
            continue;
        if (!message->shallow || reason == REASON_MEMORY)
            return reason;
        first = first == REASON_NONE ? reason : first;
    }
    return first;
}

static struct view *new_view(struct walker *walker, const struct layout *layout, struct slice bytes)
{
    assert(layout->cell_count <= VIEW_CELLS_MAX);
    struct view *view =
        arena_take(walker->arena, sizeof *view + layout->cell_count * sizeof view->cells[0]);
    if (view == NULL)
        return NULL;
    view->descriptor = layout->descriptor;
    view->bytes = bytes;
    view->present = 0;
    return view;
}

static enum reason read_message(const struct view **out, const struct message *above,
                                const struct layout *layout, struct slice bytes)
{
    struct walker *walker = above->walker;
    if (above->depth_left == 0)
        return REASON_DEPTH;
    struct message message = {
        .walker = walker,
        .layout = layout,
        .view = new_view(walker, layout, bytes),
        .depth_left = above->depth_left - 1,
        .shallow = above->shallow,
    };
    if (message.view == NULL)
        return REASON_MEMORY;
    enum reason reason = read_fields(&message, wire_of(bytes));
    if (reason == REASON_NONE || message.shallow)
        *out = message.view;
    return reason;
}

enum reason walker_read(const struct view **out, struct walker *walker, const struct layout *layout,
                        struct slice bytes)
{
    assert(out != NULL && walker->arena != NULL && walker->elements_max > 0);
    walker->fault = NULL;
    struct message outside = {.walker = walker, .depth_left = walker->depth_max};
    return read_message(out, &outside, layout, bytes);
}

enum reason walker_read_shallow(const struct view **out, struct walker *walker,
                                const struct layout *layout, struct slice bytes)
{
    assert(out != NULL && walker->arena != NULL && walker->elements_max > 0);
    walker->fault = NULL;
    struct message outside = {.walker = walker, .depth_left = 1, .shallow = true};
    return read_message(out, &outside, layout, bytes);
}
