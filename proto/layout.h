/* SPDX-License-Identifier: Apache-2.0 */
/* Layout: how the fields of a message stand on the wire and in its view; what the walker asks of
 * every field that it meets.
 *
 * It says the same as protobuf-c's descriptor, in a table by field number of four bytes a field
 * where the descriptor has 72. Made at build time by schema.awk from the .proto files. */
#pragma once

#include "proto/wire.h"

#include <protobuf-c/protobuf-c.h>

/* How the bits of a value become a cell (view.h). */
enum layout_form {
    FORM_TEXT,
    FORM_BITS, /* 64 of them, as they stand */
    FORM_UINT32,
    FORM_INT32,
    FORM_SINT32,
    FORM_SINT64,
    FORM_BOOL,
    FORM_FLOAT,
    FORM_MESSAGE,
};

/* Beside the wire type. */
enum {
    LAYOUT_COMMON = 8, /* all but numbers in lists */
    LAYOUT_COMMON_MASK = 15,
    LAYOUT_APART = 16, /* a message, or repeated texts */
    LAYOUT_REPEATED = 32,
};

struct layout_field {
    uint8_t cell;
    uint8_t wire;  /* enum wire_type of one value, and LAYOUT_* */
    uint8_t form;  /* enum layout_form */
    uint8_t oneof; /* index into the layout's oneofs */
};

struct layout {
    const ProtobufCMessageDescriptor *descriptor;
    const struct layout_field *fields;    /* by number */
    const struct layout *const *children; /* by cell: of fields that are messages */
    const uint64_t *oneofs;               /* the cells of each oneof as a set of bits; 0: of none */
    uint32_t number_count;                /* of fields: the largest number and one */
    uint32_t cell_count;
};

/* For the tables that schema.awk makes. */
#define LAYOUT_FIELD(cell, wire, form, is_repeated, oneof)                                         \
    {                                                                                              \
        cell,                                                                                      \
            (wire) | ((is_repeated) ? LAYOUT_REPEATED : 0) |                                       \
                ((is_repeated) && (wire) != WIRE_BYTES ? 0 : LAYOUT_COMMON) |                      \
                (((is_repeated) && (form) == FORM_TEXT) || (form) == FORM_MESSAGE ? LAYOUT_APART   \
                                                                                  : 0),            \
            form, oneof                                                                            \
    }

/* Messages that a reader may start from. */
extern const struct layout layout_Alert, layout_Event, layout_EventBatch, layout_LogSource,
    layout_Origin, layout_ProcessInfo;
