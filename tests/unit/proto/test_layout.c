/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts are made from the text of the .proto files; protobuf-c's descriptors are the witness that
 * they say what the schema says. */
#include "all_layouts.h"

/* What a field of each type has, but for the flags of lists. */
static const struct {
    enum wire_type wire;
    enum layout_form form;
} types[] = {
    [PROTOBUF_C_TYPE_INT32] = {WIRE_VARINT, FORM_INT32},
    [PROTOBUF_C_TYPE_SINT32] = {WIRE_VARINT, FORM_SINT32},
    [PROTOBUF_C_TYPE_SFIXED32] = {WIRE_FIXED32, FORM_INT32},
    [PROTOBUF_C_TYPE_INT64] = {WIRE_VARINT, FORM_BITS},
    [PROTOBUF_C_TYPE_SINT64] = {WIRE_VARINT, FORM_SINT64},
    [PROTOBUF_C_TYPE_SFIXED64] = {WIRE_FIXED64, FORM_BITS},
    [PROTOBUF_C_TYPE_UINT32] = {WIRE_VARINT, FORM_UINT32},
    [PROTOBUF_C_TYPE_FIXED32] = {WIRE_FIXED32, FORM_UINT32},
    [PROTOBUF_C_TYPE_UINT64] = {WIRE_VARINT, FORM_BITS},
    [PROTOBUF_C_TYPE_FIXED64] = {WIRE_FIXED64, FORM_BITS},
    [PROTOBUF_C_TYPE_FLOAT] = {WIRE_FIXED32, FORM_FLOAT},
    [PROTOBUF_C_TYPE_DOUBLE] = {WIRE_FIXED64, FORM_BITS},
    [PROTOBUF_C_TYPE_BOOL] = {WIRE_VARINT, FORM_BOOL},
    [PROTOBUF_C_TYPE_ENUM] = {WIRE_VARINT, FORM_INT32},
    [PROTOBUF_C_TYPE_STRING] = {WIRE_BYTES, FORM_TEXT},
    [PROTOBUF_C_TYPE_BYTES] = {WIRE_BYTES, FORM_TEXT},
    [PROTOBUF_C_TYPE_MESSAGE] = {WIRE_BYTES, FORM_MESSAGE},
};

static unsigned flags_of(const ProtobufCFieldDescriptor *field)
{
    bool is_repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    bool is_bytes = types[field->type].wire == WIRE_BYTES;
    bool is_apart = field->type == PROTOBUF_C_TYPE_MESSAGE || (is_repeated && is_bytes);
    return (is_repeated ? LAYOUT_REPEATED : 0u) | (is_apart ? LAYOUT_APART : 0u) |
           (is_repeated && !is_bytes ? 0u : LAYOUT_COMMON);
}

/* The cells of the oneof that the field is in; protoc-c gives all of them one discriminator. */
static uint64_t oneof_cells(const ProtobufCMessageDescriptor *type,
                            const ProtobufCFieldDescriptor *field)
{
    uint64_t cells = 0;
    for (unsigned i = 0; i < type->n_fields; i++)
        if ((field->flags & type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            type->fields[i].quantifier_offset == field->quantifier_offset)
            cells |= UINT64_C(1) << i;
    return cells;
}

static void assert_field(const struct layout *layout, unsigned cell)
{
    const ProtobufCFieldDescriptor *field = &layout->descriptor->fields[cell];
    const char *name = field->name;
    cr_assert_lt(field->id, layout->number_count, "%s", name);
    const struct layout_field *row = &layout->fields[field->id];
    cr_assert_eq(row->cell, cell, "%s", name);
    cr_assert_eq(row->wire, types[field->type].wire | flags_of(field), "%s", name);
    cr_assert_eq(row->form, types[field->type].form, "%s", name);
    cr_assert_eq(layout->oneofs[row->oneof], oneof_cells(layout->descriptor, field), "%s", name);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        cr_assert_eq(layout->children[cell]->descriptor, field->descriptor, "%s", name);
}

Test(layout, says_of_every_field_what_its_descriptor_says)
{
    struct layouts all;
    layouts_all(&all);
    for (size_t i = 0; i < all.count; i++) {
        cr_assert_eq(all.items[i]->cell_count, all.items[i]->descriptor->n_fields);
        for (unsigned cell = 0; cell < all.items[i]->cell_count; cell++)
            assert_field(all.items[i], cell);
    }
}

Test(layout, knows_no_number_that_the_schema_does_not)
{
    struct layouts all;
    layouts_all(&all);
    for (size_t i = 0; i < all.count; i++) {
        const struct layout *layout = all.items[i];
        unsigned known = 0;
        for (unsigned number = 0; number < layout->number_count; number++)
            known += layout->fields[number].wire != 0;
        cr_assert_eq(known, layout->cell_count, "%s", layout->descriptor->name);
        cr_assert_eq(layout->fields[0].wire, 0, "where a tag that leads nowhere is sent");
    }
}
