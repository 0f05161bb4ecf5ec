/* SPDX-License-Identifier: Apache-2.0 */
/* protobuf-c's generated structs are reached through their descriptors: `offset` is where a member
 * is, `quantifier_offset` where its has_ flag, count or oneof case is. */
#include "oracle_message.h"

#include <stdio.h>
#include <stdlib.h>

enum { ELEMENTS_MAX = 5, TEXT_BYTES_MAX = 40 };

uint64_t dice_roll(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t dice_below(struct dice *dice, uint64_t limit)
{
    return dice_roll(dice) % limit;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL)
        abort();
    return memory;
}

static size_t member_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return 4;
    }
    abort();
}

/* --- Random messages --- */

static uint64_t random_number(struct dice *dice)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     127,
                                     128,
                                     16383,
                                     16384,
                                     INT32_MAX,
                                     UINT64_C(0x80000000),
                                     UINT32_MAX,
                                     INT64_MAX,
                                     UINT64_C(1) << 63,
                                     UINT64_MAX};
    if (dice_below(dice, 2) == 0)
        return edges[dice_below(dice, sizeof(edges) / sizeof(edges[0]))];
    return dice_roll(dice) >> dice_below(dice, 64);
}

static void random_bytes(uint8_t *out, size_t len, struct dice *dice, uint8_t least)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)dice_roll(dice);
        out[i] = byte < least ? least : byte;
    }
}

static void random_member(void *member, const ProtobufCFieldDescriptor *field, struct dice *dice,
                          unsigned depth)
{
    size_t len = dice_below(dice, 3) == 0 ? 0 : dice_below(dice, TEXT_BYTES_MAX);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        *(ProtobufCMessage **)member = random_message(field->descriptor, dice, depth - 1);
    } else if (field->type == PROTOBUF_C_TYPE_STRING) {
        char *text = allocate(len + 1, 1);
        random_bytes((uint8_t *)text, len, dice, 1);
        *(char **)member = text;
    } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
        ProtobufCBinaryData *bytes = member;
        *bytes = (ProtobufCBinaryData){len, allocate(len, 1)};
        random_bytes(bytes->data, len, dice, 0);
    } else if (field->type == PROTOBUF_C_TYPE_BOOL) {
        *(protobuf_c_boolean *)member = (protobuf_c_boolean)dice_below(dice, 2);
    } else {
        uint64_t number = random_number(dice);
        memcpy(member, &number, member_size(field));
    }
}

static void random_repeated(char *message, const ProtobufCFieldDescriptor *field, struct dice *dice,
                            unsigned depth)
{
    size_t count = dice_below(dice, ELEMENTS_MAX);
    if (count == 0)
        return;
    char *items = allocate(count, member_size(field));
    for (size_t i = 0; i < count; i++)
        random_member(items + i * member_size(field), field, dice, depth);
    *(void **)(message + field->offset) = items;
    *(size_t *)(message + field->quantifier_offset) = count;
}

static void random_field(char *message, const ProtobufCFieldDescriptor *field, struct dice *dice,
                         unsigned depth)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && depth == 0)
        return;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        random_repeated(message, field, dice, depth);
        return;
    }
    bool in_oneof = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    uint32_t *quantifier = (uint32_t *)(void *)(message + field->quantifier_offset);
    if (field->label != PROTOBUF_C_LABEL_REQUIRED &&
        (dice_below(dice, 2) == 0 || (in_oneof && *quantifier != 0)))
        return;
    random_member(message + field->offset, field, dice, depth);
    if (in_oneof)
        *quantifier = field->id;
    else if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->type != PROTOBUF_C_TYPE_MESSAGE &&
             field->type != PROTOBUF_C_TYPE_STRING)
        *(protobuf_c_boolean *)(message + field->quantifier_offset) = 1;
}

ProtobufCMessage *random_message(const ProtobufCMessageDescriptor *type, struct dice *dice,
                                 unsigned depth)
{
    ProtobufCMessage *message = allocate(1, type->sizeof_message);
    type->message_init(message);
    /* From a random field on, so that every member of a oneof gets its turn. */
    unsigned from = type->n_fields == 0 ? 0 : (unsigned)dice_below(dice, type->n_fields);
    for (unsigned i = 0; i < type->n_fields; i++)
        random_field((char *)message, &type->fields[(from + i) % type->n_fields], dice, depth);
    return message;
}

struct slice random_packed(uint8_t **bytes, const ProtobufCMessageDescriptor *type,
                           struct dice *dice)
{
    ProtobufCMessage *message = random_message(type, dice, 3);
    size_t len = protobuf_c_message_get_packed_size(message);
    *bytes = allocate(len, 1);
    protobuf_c_message_pack(message, *bytes);
    protobuf_c_message_free_unpacked(message, NULL);
    return slice_of(*bytes, len);
}

/* --- Comparing --- */

static bool number_equals(const union view_cell *cell, const ProtobufCFieldDescriptor *field,
                          const void *member)
{
    union {
        int32_t i32;
        uint32_t u32;
        int64_t i64;
        float f32;
        double f64;
    } number = {.i64 = 0};
    memcpy(&number, member, member_size(field));
    double real;
    switch ((int)field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return cell->i64 == number.i32;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return cell->u64 == number.u32;
    case PROTOBUF_C_TYPE_BOOL:
        return cell->u64 == (number.u32 != 0);
    case PROTOBUF_C_TYPE_FLOAT:
        real = (double)number.f32;
        return memcmp(&cell->real, &real, sizeof real) == 0;
    case PROTOBUF_C_TYPE_DOUBLE:
        return memcmp(&cell->real, &number.f64, sizeof number.f64) == 0;
    default:
        return cell->i64 == number.i64;
    }
}

/* protobuf-c ends a string at its first NUL; what it knows of the string must be the same. */
static bool string_equals(struct slice bytes, const char *text)
{
    struct slice known = slice_text(text);
    return slice_starts_with(bytes, known) &&
           (bytes.len == known.len || bytes.data[known.len] == '\0');
}

static bool value_equals(const union view_cell *cell, const ProtobufCFieldDescriptor *field,
                         const void *member)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return view_equals_message(cell->message, *(ProtobufCMessage *const *)member);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return string_equals(cell->bytes, *(char *const *)member);
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = member;
        return slice_equal(cell->bytes, slice_of(bytes->data, bytes->len));
    }
    return number_equals(cell, field, member);
}

static bool is_present(const char *message, const ProtobufCFieldDescriptor *field)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        return *(const uint32_t *)(const void *)(message + field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING) {
        const void *pointer = *(void *const *)(const void *)(message + field->offset);
        return pointer != NULL && pointer != field->default_value;
    }
    return field->label == PROTOBUF_C_LABEL_REQUIRED ||
           *(const protobuf_c_boolean *)(message + field->quantifier_offset) != 0;
}

static bool list_equals(struct view_list list, const char *message,
                        const ProtobufCFieldDescriptor *field)
{
    size_t count = *(const size_t *)(const void *)(message + field->quantifier_offset);
    const char *items = *(char *const *)(const void *)(message + field->offset);
    if (list.count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!value_equals(&list.items[i], field, items + i * member_size(field)))
            return false;
    return true;
}

static bool field_equals(const struct view *view, unsigned index, const char *message)
{
    const ProtobufCFieldDescriptor *field = &view->descriptor->fields[index];
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        struct view_list empty = {NULL, 0};
        return list_equals(view_has(view, index) ? view->cells[index].list : empty, message, field);
    }
    if (view_has(view, index) != is_present(message, field))
        return false;
    return !view_has(view, index) ||
           value_equals(&view->cells[index], field, message + field->offset);
}

bool view_equals_message(const struct view *view, const ProtobufCMessage *message)
{
    if (view->descriptor != message->descriptor)
        return false;
    for (unsigned i = 0; i < view->descriptor->n_fields; i++) {
        if (!field_equals(view, i, (const char *)message)) {
            fprintf(stderr, "%s.%s differs\n", view->descriptor->name,
                    view->descriptor->fields[i].name);
            return false;
        }
    }
    return true;
}

static size_t member_unknown_count(const char *message, const ProtobufCFieldDescriptor *field)
{
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return 0;
    const char *member = message + field->offset;
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return is_present(message, field)
                   ? message_unknown_count(*(ProtobufCMessage *const *)(const void *)member)
                   : 0;
    size_t sum = 0;
    ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)(const void *)member;
    for (size_t i = *(const size_t *)(const void *)(message + field->quantifier_offset); i > 0; i--)
        sum += message_unknown_count(items[i - 1]);
    return sum;
}

size_t message_unknown_count(const ProtobufCMessage *message)
{
    size_t sum = message->n_unknown_fields;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        sum += member_unknown_count((const char *)message, &message->descriptor->fields[i]);
    return sum;
}
