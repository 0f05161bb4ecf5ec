/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes first, then bytes: every message is measured before it is written, so that its length can
 * stand before it. Messages here are three levels deep at most, so measuring again at each level
 * costs little. Source of the encoding: Protocol Buffers, "Encoding". */
#include "proto/pack.h"

#include <assert.h>
#include <stdlib.h>

enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5, VARINT_BYTES_MAX = 10 };

static size_t varint_size(uint64_t value)
{
    return value == 0 ? 1 : (size_t)(70 - __builtin_clzll(value)) / 7;
}

static uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_fixed(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static unsigned wire_type(ProtobufCType type)
{
    switch ((unsigned)type) {
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return FIXED64;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return FIXED32;
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return LENGTH;
    default:
        assert(type != PROTOBUF_C_TYPE_FLOAT); /* the schema has none */
        return VARINT;
    }
}

/* A cell as the number that goes on the wire. */
static uint64_t number_of(ProtobufCType type, const union view_cell *cell)
{
    uint64_t bits;
    switch ((unsigned)type) {
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SINT64:
        return zigzag(cell->i64);
    case PROTOBUF_C_TYPE_DOUBLE:
        memcpy(&bits, &cell->real, sizeof(bits));
        return bits;
    default:
        return cell->u64;
    }
}

static size_t tag_size(const ProtobufCFieldDescriptor *field)
{
    return varint_size((uint64_t)field->id << 3);
}

static size_t content_size(const ProtobufCFieldDescriptor *field, const union view_cell *cell)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return pack_size(cell->message);
    return cell->bytes.len;
}

static size_t element_size(const ProtobufCFieldDescriptor *field, const union view_cell *cell)
{
    switch (wire_type(field->type)) {
    case FIXED64:
        return tag_size(field) + 8;
    case FIXED32:
        return tag_size(field) + 4;
    case LENGTH: {
        size_t content = content_size(field, cell);
        return tag_size(field) + varint_size(content) + content;
    }
    default:
        return tag_size(field) + varint_size(number_of(field->type, cell));
    }
}

static bool is_list(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED;
}

size_t pack_size(const struct view *view)
{
    size_t size = 0;
    for (uint64_t left = view->present; left != 0; left &= left - 1) {
        unsigned index = (unsigned)__builtin_ctzll(left);
        const ProtobufCFieldDescriptor *field = &view->descriptor->fields[index];
        const union view_cell *cell = &view->cells[index];
        if (!is_list(field)) {
            size += element_size(field, cell);
            continue;
        }
        for (size_t i = 0; i < cell->list.count; i++)
            size += element_size(field, &cell->list.items[i]);
    }
    return size;
}

static uint8_t *put_bytes(uint8_t *at, struct slice bytes)
{
    if (bytes.len != 0)
        memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

static uint8_t *put_scalar(uint8_t *at, const ProtobufCFieldDescriptor *field,
                           const union view_cell *cell)
{
    unsigned type = wire_type(field->type);
    at = put_varint(at, (uint64_t)field->id << 3 | type);
    switch (type) {
    case FIXED64:
        return put_fixed(at, number_of(field->type, cell), 8);
    case FIXED32:
        return put_fixed(at, number_of(field->type, cell), 4);
    case LENGTH:
        at = put_varint(at, cell->bytes.len);
        return put_bytes(at, cell->bytes);
    default:
        return put_varint(at, number_of(field->type, cell));
    }
}

/* Recursion over the messages of a schema that has no cycle. */
static uint8_t *put_message(uint8_t *at, const struct view *view)
{
    for (uint64_t left = view->present; left != 0; left &= left - 1) {
        unsigned index = (unsigned)__builtin_ctzll(left);
        const ProtobufCFieldDescriptor *field = &view->descriptor->fields[index];
        const union view_cell *cell = &view->cells[index];
        const union view_cell *items = is_list(field) ? cell->list.items : cell;
        size_t count = is_list(field) ? cell->list.count : 1;
        for (size_t i = 0; i < count; i++) {
            if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
                at = put_scalar(at, field, &items[i]);
                continue;
            }
            at = put_varint(at, (uint64_t)field->id << 3 | LENGTH);
            at = put_varint(at, pack_size(items[i].message));
            at = put_message(at, items[i].message);
        }
    }
    return at;
}

static int reserve(struct pack *pack, size_t bytes)
{
    enum { SIZE_MIN = 4096 };
    if (bytes <= pack->size - pack->len)
        return 0;
    size_t size = pack->size < SIZE_MIN ? SIZE_MIN : pack->size;
    while (size - pack->len < bytes)
        if (__builtin_mul_overflow(size, 2, &size))
            return STATUS_NO_MEMORY;
    uint8_t *data = realloc(pack->data, size);
    if (data == NULL)
        return STATUS_NO_MEMORY;
    pack->data = data;
    pack->size = size;
    return 0;
}

void pack_deinit(struct pack *pack)
{
    free(pack->data);
    *pack = (struct pack){0};
}

int pack_append(struct pack *pack, struct slice bytes)
{
    TRY(reserve(pack, bytes.len));
    if (bytes.len != 0)
        put_bytes(pack->data + pack->len, bytes);
    pack->len += bytes.len;
    return 0;
}

static int pack_message(struct pack *pack, const struct view *view)
{
    size_t size = pack_size(view);
    TRY(reserve(pack, size + 1));
    const uint8_t *end = put_message(pack->data + pack->len, view);
    assert(end == pack->data + pack->len + size);
    pack->len += size;
    return 0;
}

int pack_submessage(struct pack *pack, uint32_t number, const struct view *view)
{
    TRY(reserve(pack, (size_t)2 * VARINT_BYTES_MAX));
    uint8_t *at = put_varint(pack->data + pack->len, (uint64_t)number << 3 | LENGTH);
    at = put_varint(at, pack_size(view));
    pack->len = (size_t)(at - pack->data);
    return pack_message(pack, view);
}

int pack_uint64(struct pack *pack, uint32_t number, uint64_t value)
{
    TRY(reserve(pack, (size_t)2 * VARINT_BYTES_MAX));
    uint8_t *at = put_varint(pack->data + pack->len, (uint64_t)number << 3 | VARINT);
    at = put_varint(at, value);
    pack->len = (size_t)(at - pack->data);
    return 0;
}
