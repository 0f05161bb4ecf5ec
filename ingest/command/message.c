/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/message.h"

#include "proto/fold.h"
#include "proto/uuid.h"

#include <inttypes.h>
#include <stdio.h>

enum { NAME_BYTES_MAX = 512 };

void message_write_text(struct json *json, struct slice name, struct slice text)
{
    json_name(json, name);
    if (json_text(json, NULL, text))
        return;
    char base64_name[NAME_BYTES_MAX];
    int len = snprintf(base64_name, sizeof base64_name, "%.*s_base64",
                       name.len > 400 ? 400 : (int)name.len, (const char *)name.data);
    json_name(json, slice_of(base64_name, (size_t)len));
    json_base64(json, NULL, text);
}

static bool is_id(struct slice name, struct slice bytes)
{
    return bytes.len == UUID_BYTES && (slice_ends_with(name, SLICE_LITERAL("id")) ||
                                       slice_ends_with(name, SLICE_LITERAL("guid")));
}

static bool is_digest(struct slice name)
{
    return slice_ends_with(name, SLICE_LITERAL("sha256")) ||
           slice_ends_with(name, SLICE_LITERAL("sha1")) ||
           slice_ends_with(name, SLICE_LITERAL("md5")) ||
           slice_ends_with(name, SLICE_LITERAL("imphash")) ||
           slice_ends_with(name, SLICE_LITERAL("hash"));
}

/* The value alone: in an array, or behind json_name. */
static void write_bytes(struct json *json, struct slice name, struct slice bytes)
{
    char uuid[UUID_TEXT_BYTES + 1];
    if (is_id(name, bytes)) {
        uuid_format(uuid, bytes.data);
        (void)json_text(json, NULL, slice_text(uuid));
        return;
    }
    if (is_digest(name)) {
        json_hex(json, NULL, bytes);
        return;
    }
    (void)json_text(json, NULL, bytes);
}

static void write_unsigned(struct json *json, uint64_t number)
{
    char digits[24];
    if (number <= INT64_MAX) {
        json_integer(json, NULL, (int64_t)number);
        return;
    }
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number);
    (void)json_text(json, NULL, slice_of(digits, (size_t)len));
}

static void write_enum(struct json *json, const ProtobufCFieldDescriptor *field, uint64_t number)
{
    const ProtobufCEnumDescriptor *descriptor = field->descriptor;
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(descriptor, (int)(int64_t)number);
    if (value == NULL) {
        json_integer(json, NULL, (int64_t)number);
        return;
    }
    (void)json_text(json, NULL, slice_text(value->name));
}

static void write_scalar(struct json *json, const ProtobufCFieldDescriptor *field,
                         const union view_cell *cell)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        json_integer(json, NULL, cell->i64);
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        write_unsigned(json, cell->u64);
        return;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        json_real(json, NULL, cell->real);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        json_boolean(json, NULL, cell->u64 != 0);
        return;
    case PROTOBUF_C_TYPE_ENUM:
        write_enum(json, field, cell->u64);
        return;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
        write_bytes(json, slice_text(field->name), cell->bytes);
        return;
    case PROTOBUF_C_TYPE_MESSAGE:
        json_object(json, NULL);
        message_write(json, cell->message, NULL);
        json_end(json);
        return;
    default:
        json_null(json, NULL);
    }
}

static bool is_plain_bytes(const ProtobufCFieldDescriptor *field, const union view_cell *cell)
{
    struct slice name = slice_text(field->name);
    return field->type == PROTOBUF_C_TYPE_BYTES && !is_id(name, cell->bytes) && !is_digest(name);
}

static void write_field(struct json *json, const ProtobufCFieldDescriptor *field,
                        const union view_cell *cell)
{
    struct slice name = slice_text(field->name);
    if (field->label != PROTOBUF_C_LABEL_REPEATED && is_plain_bytes(field, cell)) {
        message_write_text(json, name, cell->bytes);
        return;
    }
    json_name(json, name);
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        write_scalar(json, field, cell);
        return;
    }
    json_array(json, NULL);
    for (size_t i = 0; i < cell->list.count; i++)
        write_scalar(json, field, &cell->list.items[i]);
    json_end(json);
}

void message_write(struct json *json, const struct view *message, const char *skipped)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        bool is_skipped = skipped != NULL && strcmp(field->name, skipped) == 0;
        if (view_has(message, i) && !is_skipped)
            write_field(json, field, &message->cells[i]);
    }
}
