/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "proto/event.pb-c.h"
#include "proto/wire.h"

#include <assert.h>

enum {
    SAMPLE_SPAN_FROM = 3,
    SAMPLE_SPAN_TO = 9,
    PROCESSES = 3,
    SOURCES = 2,
    EXTRAS = 3,
    DEFAULT_TEXT_BYTES = 24,
    MESSAGE_BYTES_MAX = 4 * 1024 * 1024,
};

struct writer {
    uint8_t *out;
    size_t len;
    size_t capacity;
    uint64_t state;
    const struct sample_options *options;
};

uint64_t sample_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static uint64_t below(struct writer *writer, uint64_t bound)
{
    return sample_random(&writer->state) % bound;
}

static void put_byte(struct writer *writer, uint8_t byte)
{
    assert(writer->len < writer->capacity);
    writer->out[writer->len++] = byte;
}

static void put_varint(struct writer *writer, uint64_t number)
{
    for (; number > 0x7F; number >>= 7)
        put_byte(writer, (uint8_t)(number | 0x80));
    put_byte(writer, (uint8_t)number);
}

static void put_number(struct writer *writer, uint32_t number, uint64_t value)
{
    put_varint(writer, (uint64_t)number << 3 | WIRE_VARINT);
    put_varint(writer, value);
}

static void put_random_bytes(struct writer *writer, uint32_t number, size_t count)
{
    put_varint(writer, (uint64_t)number << 3 | WIRE_BYTES);
    put_varint(writer, count);
    for (size_t i = 0; i < count; i++)
        put_byte(writer, (uint8_t)below(writer, 256));
}

static void put_random_text(struct writer *writer, uint32_t number)
{
    static const char letters[] = "abcXYZ019 \\/\"-.:%{}\xE3\x81\x82";
    size_t bytes_max = writer->options->text_bytes_max;
    size_t count = below(writer, (bytes_max == 0 ? DEFAULT_TEXT_BYTES : bytes_max) + 1);
    if (writer->options->hostile) {
        put_random_bytes(writer, number, count);
        return;
    }
    put_varint(writer, (uint64_t)number << 3 | WIRE_BYTES);
    put_varint(writer, count);
    for (size_t i = 0; i < count; i++)
        put_byte(writer, (uint8_t)letters[below(writer, sizeof letters - 4)]);
}

/* Lengths of raw values, by what the field is called. */
static const struct {
    const char *ending;
    size_t bytes;
} raw_fields[] = {{"guid", 16},     {"tenant_id", 16},  {"endpoint_id", 16},
                  {"boot_id", 16},  {"batch_id", 16},   {"script_block_id", 16},
                  {"trace_id", 16}, {"span_id", 8},     {"sha1", 20},
                  {"md5", 16},      {"sha256", 32},     {"imphash", 16},
                  {"_ip", 4},       {"ip_address", 16}, {"ip_addresses", 4}};

static size_t raw_bytes(const ProtobufCFieldDescriptor *field, const char *message)
{
    if (strcmp(field->name, "uid") == 0 && strcmp(message, "Event") == 0)
        return 16;
    for (size_t i = 0; i < sizeof raw_fields / sizeof raw_fields[0]; i++)
        if (slice_ends_with(slice_text(field->name), slice_text(raw_fields[i].ending)))
            return raw_fields[i].bytes;
    return 0;
}

static bool is_index(const ProtobufCFieldDescriptor *field)
{
    if (field->type != PROTOBUF_C_TYPE_UINT32)
        return false;
    return strcmp(field->name, "actor") == 0 || strcmp(field->name, "process") == 0 ||
           strcmp(field->name, "target") == 0;
}

static void put_fixed64(struct writer *writer, uint32_t number)
{
    put_varint(writer, (uint64_t)number << 3 | WIRE_FIXED64);
    for (unsigned i = 0; i < 8; i++)
        put_byte(writer, (uint8_t)below(writer, i < 7 ? 256 : 24));
}

static void put_scalar(struct writer *writer, const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_FIXED64 || field->type == PROTOBUF_C_TYPE_DOUBLE) {
        put_fixed64(writer, field->id);
        return;
    }
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *names = field->descriptor;
        put_number(writer, field->id,
                   (uint64_t)names->values[below(writer, names->n_values)].value);
        return;
    }
    if (field->type == PROTOBUF_C_TYPE_UINT64) {
        put_number(writer, field->id, sample_random(&writer->state));
        return;
    }
    put_number(writer, field->id,
               below(writer, field->type == PROTOBUF_C_TYPE_BOOL ? 2 : UINT32_MAX));
}

/* The longest nesting is Event > kind > FileFacts: no message of the schema holds itself. */
static void put_message(struct writer *writer, const ProtobufCMessageDescriptor *message,
                        uint32_t number);

static void put_field(struct writer *writer, const ProtobufCMessageDescriptor *message,
                      const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        put_message(writer, field->descriptor, field->id);
        return;
    }
    if (is_index(field)) {
        put_number(writer, field->id, 1 + below(writer, PROCESSES));
        return;
    }
    if (field->type != PROTOBUF_C_TYPE_BYTES && field->type != PROTOBUF_C_TYPE_STRING) {
        put_scalar(writer, field);
        return;
    }
    size_t raw = raw_bytes(field, message->short_name);
    if (raw > 0)
        put_random_bytes(writer, field->id, raw);
    else
        put_random_text(writer, field->id);
}

/* Every field of a message with three chances in four; of a oneof none: those are chosen. */
static void put_fields(struct writer *writer, const ProtobufCMessageDescriptor *message)
{
    for (unsigned i = 0; i < message->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->fields[i];
        bool chosen = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (!chosen && below(writer, 4) > 0)
            put_field(writer, message, field);
    }
}

/* Length-delimited: written behind room for its length, which is then moved up to it. */
static size_t message_begin(struct writer *writer, uint32_t number)
{
    put_varint(writer, (uint64_t)number << 3 | WIRE_BYTES);
    return writer->len;
}

static void message_end(struct writer *writer, size_t start)
{
    size_t len = writer->len - start;
    struct writer length = {.out = (uint8_t[WIRE_VARINT_BYTES_MAX]){0},
                            .capacity = WIRE_VARINT_BYTES_MAX};
    put_varint(&length, len);
    assert(writer->len + length.len <= writer->capacity);
    memmove(writer->out + start + length.len, writer->out + start, len);
    memcpy(writer->out + start, length.out, length.len);
    writer->len += length.len;
}

static void put_extra(struct writer *writer, uint32_t number)
{
    size_t start = message_begin(writer, number);
    const ProtobufCMessageDescriptor *message = &yagura__v1__key_value__descriptor;
    put_random_text(writer, 1);
    put_scalar(writer, &message->fields[2 + below(writer, 3)]);
    message_end(writer, start);
}

static void put_message(struct writer *writer, const ProtobufCMessageDescriptor *message,
                        uint32_t number)
{
    if (message == &yagura__v1__key_value__descriptor) {
        put_extra(writer, number);
        return;
    }
    size_t start = message_begin(writer, number);
    put_fields(writer, message);
    message_end(writer, start);
}

static const ProtobufCFieldDescriptor *choose_kind(struct writer *writer)
{
    const ProtobufCMessageDescriptor *event = &yagura__v1__event__descriptor;
    for (;;) {
        const ProtobufCFieldDescriptor *field = &event->fields[below(writer, event->n_fields)];
        if (writer->options->kind != 0)
            field = protobuf_c_message_descriptor_get_field(event, writer->options->kind);
        assert(field != NULL);
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            return field;
    }
}

static void put_event(struct writer *writer, uint32_t number)
{
    size_t start = message_begin(writer, number);
    const ProtobufCMessageDescriptor *event = &yagura__v1__event__descriptor;
    const ProtobufCFieldDescriptor *kind = choose_kind(writer);
    for (unsigned i = 0; i < event->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &event->fields[i];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 ||
            strcmp(field->name, "source") == 0 || field->type == PROTOBUF_C_TYPE_MESSAGE)
            continue;
        put_field(writer, event, field);
    }
    put_number(writer, 2, 1 + below(writer, SOURCES));
    for (unsigned i = 0; i < EXTRAS; i++)
        put_extra(writer, 5);
    put_message(writer, kind->descriptor, kind->id);
    message_end(writer, start);
}

static void put_origin(struct writer *writer)
{
    size_t start = message_begin(writer, 1);
    put_random_bytes(writer, 1, ID_BYTES);
    put_random_bytes(writer, 2, ID_BYTES);
    put_random_bytes(writer, 3, ID_BYTES);
    put_random_text(writer, 4);
    put_number(writer, 5, below(writer, 9));
    message_end(writer, start);
}

struct slice sample_batch(const struct sample_options *options, struct arena *arena)
{
    struct writer writer = {.capacity = MESSAGE_BYTES_MAX,
                            .state = options->seed * 2654435761 + 88172645463325252,
                            .options = options};
    writer.out = arena_take_bytes(arena, writer.capacity);
    assert(writer.out != NULL);
    put_origin(&writer);
    for (unsigned i = 0; i < PROCESSES; i++)
        put_message(&writer, &yagura__v1__process_info__descriptor, 2);
    for (unsigned i = 0; i < SOURCES; i++)
        put_message(&writer, &yagura__v1__log_source__descriptor, 3);
    for (uint64_t i = 0; i < 1 + options->seed % 3; i++)
        put_event(&writer, 4);
    put_number(&writer, 5, 1000);
    return slice_of(writer.out, writer.len);
}

/* --- Alerts --- */

static const struct slice references[] = {SLICE_INIT("https://example.org/a"),
                                          SLICE_INIT("https://example.org/b")};
static const struct slice false_positives[] = {SLICE_INIT("Administrators at work")};
static const struct slice tags[] = {SLICE_INIT("attack.execution"), SLICE_INIT("attack.t1059.001")};
static const struct alert_attack attacks[] = {
    {.tactic_id = SLICE_INIT("TA0002"), .tactic_name = SLICE_INIT("Execution")},
    {.technique_id = SLICE_INIT("T1059.001"), .technique_name = SLICE_INIT("PowerShell")},
};

static const struct alert_rule sample_rule = {
    .id = SLICE_INIT("3f2b6c8e-1a4d-4e5f-9b7a-0c1d2e3f4a5b"),
    .title = SLICE_INIT("A shell nobody asked for"),
    .description = SLICE_INIT("Says what it is about."),
    .author = SLICE_INIT("Hanako Yamada"),
    .status = SLICE_INIT("test"),
    .date = SLICE_INIT("2026-01-02"),
    .modified = SLICE_INIT("2026-03-04"),
    .license = SLICE_INIT("DRL-1.1"),
    .path = SLICE_INIT("rules/shell.yml"),
    .product = SLICE_INIT("windows"),
    .category = SLICE_INIT("process_creation"),
    .level = ALERT_HIGH,
    .references = references,
    .reference_count = 2,
    .false_positives = false_positives,
    .false_positive_count = 1,
    .tags = tags,
    .tag_count = 2,
    .attacks = attacks,
    .attack_count = 2,
    .attack_version = SLICE_INIT("19.0"),
    .sha256 = {1, 2, 3},
};

void sample_alert(struct alert *out, const struct event *event, struct slice value,
                  struct arena *arena)
{
    static const uint8_t rule_id[16] = {0x3f, 0x2b, 0x6c, 0x8e, 0x1a, 0x4d, 0x4e, 0x5f,
                                        0x9b, 0x7a, 0x0c, 0x1d, 0x2e, 0x3f, 0x4a, 0x5b};
    struct alert_reason *reason = arena_new(arena, struct alert_reason);
    assert(reason != NULL);
    *reason = (struct alert_reason){.selection = SLICE_LITERAL("selection_cli"),
                                    .field = SLICE_LITERAL("CommandLine"),
                                    .modifier = SLICE_LITERAL("contains|all"),
                                    .pattern = SLICE_LITERAL(" -enc "),
                                    .value = value,
                                    .has_span = value.len >= SAMPLE_SPAN_TO,
                                    .from = value.len >= SAMPLE_SPAN_TO ? SAMPLE_SPAN_FROM : 0,
                                    .to = value.len >= SAMPLE_SPAN_TO ? SAMPLE_SPAN_TO : 0};
    *out = (struct alert){
        .event = event,
        .tenant_id = event->batch->tenant_id,
        .rule = sample_rule,
        .ruleset_sha256 = {9, 8, 7},
        .reasons = reason,
        .reason_count = 1,
        .asset = {.known = true,
                  .hostname = SLICE_LITERAL("pc-17"),
                  .owner = SLICE_LITERAL("Taro Sato"),
                  .department = SLICE_LITERAL("Accounts"),
                  .role = SLICE_LITERAL("rental-pc"),
                  .contact = SLICE_LITERAL("soc@example.org"),
                  .region = SLICE_LITERAL("Kanto"),
                  .tenant_name = SLICE_LITERAL("Sato & Co"),
                  .criticality = 3},
        .evidence = {.topic = SLICE_LITERAL("telemetry.raw.v1"),
                     .partition = 7,
                     .offset = 123456789,
                     .broker_time_ms = 1790000000000,
                     .record_sha256 = {4, 5, 6}},
        .detect_time_unix_ns = 1790000000123456789,
    };
    int made = alert_id_make(out->alert_id, out->tenant_id.data, rule_id, out->evidence.topic, 7,
                             123456789, (uint32_t)event->index);
    assert(made == 0);
    (void)made;
}
