/* SPDX-License-Identifier: Apache-2.0 */
/* golden_text batch|alert: protobuf's text form of a message in which every field of every message
 * below it is set, each to a value of its own.
 *
 * It follows the descriptors, so what a later schema adds is in what it prints from then on. A
 * repeated message whose type has a oneof occurs once for each member; every other list has two
 * elements. README.md says how this becomes a golden file. */
#include "proto/alert.pb-c.h"
#include "proto/event.pb-c.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct printer {
    unsigned counter; /* makes every value different */
    int indent;
};

static bool in_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/* Indexes into the batch's tables must point to something. */
static bool is_index(const ProtobufCFieldDescriptor *field)
{
    static const char *const names[] = {"actor", "source", "process", "target"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (field->type == PROTOBUF_C_TYPE_UINT32 && strcmp(field->name, names[i]) == 0)
            return true;
    return false;
}

/* Sixteen bytes, as identifiers must have; bytes that are no text end in NUL and an invalid one. */
static void print_text(struct printer *printer, const ProtobufCFieldDescriptor *field)
{
    unsigned counter = printer->counter++;
    char name[] = "________";
    for (size_t i = 0; i < sizeof name - 1 && field->name[i] != '\0'; i++)
        name[i] = field->name[i];
    if (field->type == PROTOBUF_C_TYPE_STRING)
        printf("\"%s_%05u..\"", name, counter);
    else
        printf("\"%s_%05u\\000\\377\"", name, counter);
}

static void print_number(struct printer *printer, const ProtobufCFieldDescriptor *field)
{
    unsigned counter = printer->counter++;
    const ProtobufCEnumDescriptor *names = field->descriptor;
    switch ((int)field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        printf("true");
        return;
    case PROTOBUF_C_TYPE_ENUM:
        printf("%s", names->values[names->n_values - 1].name);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
        printf("-%u.5", counter);
        return;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
        printf("-%u", 2000000000u + counter);
        return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
        printf("-%llu", 9000000000000000000ull + counter);
        return;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        printf("%llu", 18000000000000000000ull + counter);
        return;
    default:
        printf("%u", is_index(field) ? 1 : 4000000000u + counter);
    }
}

static void print_fields(struct printer *printer, const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *member);

/* member: the one field of a oneof that is to be set below; NULL: there is none. */
static void print_field(struct printer *printer, const ProtobufCFieldDescriptor *field,
                        const ProtobufCFieldDescriptor *member)
{
    printf("%*s%s", printer->indent, "", field->name);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        printf(" {\n");
        printer->indent += 2;
        print_fields(printer, field->descriptor, member);
        printer->indent -= 2;
        printf("%*s}\n", printer->indent, "");
        return;
    }
    printf(": ");
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES)
        print_text(printer, field);
    else
        print_number(printer, field);
    printf("\n");
}

static void print_repeated(struct printer *printer, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCMessageDescriptor *type = field->descriptor;
    bool has_members = false;
    for (unsigned i = 0; field->type == PROTOBUF_C_TYPE_MESSAGE && i < type->n_fields; i++) {
        if (!in_oneof(&type->fields[i]))
            continue;
        print_field(printer, field, &type->fields[i]);
        has_members = true;
    }
    for (unsigned i = 0; !has_members && i < 2; i++)
        print_field(printer, field, NULL);
}

static void print_fields(struct printer *printer, const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *member)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (in_oneof(field) && field != member)
            continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            print_repeated(printer, field);
        else
            print_field(printer, field, NULL);
    }
}

int main(int argc, char **argv)
{
    struct printer printer = {.counter = 1};
    if (argc == 2 && strcmp(argv[1], "batch") == 0)
        print_fields(&printer, &yagura__v1__event_batch__descriptor, NULL);
    else if (argc == 2 && strcmp(argv[1], "alert") == 0)
        print_fields(&printer, &yagura__v1__alert__descriptor, NULL);
    else
        return fprintf(stderr, "usage: golden_text batch|alert\n"), 64;
    return 0;
}
