/* SPDX-License-Identifier: Apache-2.0 */
/* yagura decode: batches or alerts to JSON lines, so that people can look. */
#include "ingest/command/command.h"
#include "ingest/command/input.h"
#include "ingest/command/message.h"
#include "ingest/stream.h"
#include "proto/alert.pb-c.h"
#include "proto/event.h"
#include "proto/field.h"
#include "proto/logsource.h"
#include "proto/reason.h"
#include "proto/uuid.h"
#include "proto/walker.h"

#include <inttypes.h>

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    ALERT_DEPTH_MAX = 8,
    ALERT_ELEMENTS_MAX = 4096,
    RENDER_BLOCK_BYTES = 64 * 1024,
};

struct decoding {
    struct console *console;
    const char *path;
    FILE *file;
    bool shows_origin;
    struct arena *arena;  /* of a record */
    struct arena *render; /* of an event's values */
    uint64_t record_index;
    uint64_t bad_count;
};

static void decoding_deinit(struct decoding *decoding)
{
    arena_free(decoding->arena);
    arena_free(decoding->render);
    input_close(decoding->file);
}

static void refuse_record(struct decoding *decoding, const char *why)
{
    if (console_complains(decoding->console))
        console_error(decoding->console, "%s: record %" PRIu64 ": %s", decoding->path,
                      decoding->record_index, why);
    decoding->bad_count++;
}

/* --- Events --- */

struct shown_event {
    struct decoding *decoding;
    const struct event *event;
};

static void write_list(struct json *json, struct slice name, const struct value *list)
{
    json_name(json, name);
    json_array(json, NULL);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *item = &list->list.items[i];
        if (item->type == VALUE_TEXT)
            (void)json_text(json, NULL, item->text);
        else if (item->type == VALUE_INTEGER)
            json_integer(json, NULL, item->integer);
        else if (item->type == VALUE_REAL)
            json_real(json, NULL, item->real);
        else if (item->type == VALUE_BOOLEAN)
            json_boolean(json, NULL, item->boolean);
        else
            json_null(json, NULL);
    }
    json_end(json);
}

static void write_value(struct json *json, struct slice name, const struct value *value)
{
    switch (value->type) {
    case VALUE_TEXT:
        message_write_text(json, name, value->text);
        return;
    case VALUE_LIST:
        write_list(json, name, value);
        return;
    case VALUE_INTEGER:
        json_name(json, name);
        json_integer(json, NULL, value->integer);
        return;
    case VALUE_REAL:
        json_name(json, name);
        json_real(json, NULL, value->real);
        return;
    case VALUE_BOOLEAN:
        json_name(json, name);
        json_boolean(json, NULL, value->boolean);
        return;
    case VALUE_NULL:
    case VALUE_ABSENT:
    default:
        json_name(json, name);
        json_null(json, NULL);
    }
}

static void write_logsource(struct json *json, const struct event *event)
{
    struct logsource_set set;
    event_logsources(&set, event);
    if (set.product.len == 0 && set.category_count == 0 && set.service_count == 0)
        return;
    json_object(json, "logsource");
    if (set.product.len > 0)
        (void)json_text(json, "product", set.product);
    if (set.category_count > 0)
        (void)json_text(json, "category", set.categories[0]);
    if (set.service_count > 0)
        (void)json_text(json, "service", set.services[0]);
    json_end(json);
}

/* Members that are no fields; an event may have fields of their names, which then stand alone. */
enum { MEMBER_RAW, MEMBER_LOGSOURCE, MEMBER_ORIGIN, MEMBER_COUNT };
static const struct slice member_names[MEMBER_COUNT] = {SLICE_INIT("raw"), SLICE_INIT("logsource"),
                                                        SLICE_INIT("origin")};

static void write_fields(struct json *json, bool is_taken[MEMBER_COUNT], const struct event *event,
                         struct arena *arena)
{
    struct field_iterator iterator;
    struct slice name;
    struct value value;
    arena_reset(arena);
    field_iterate(&iterator, event, arena);
    while (field_next(&iterator, &name, &value)) {
        write_value(json, name, &value);
        for (size_t i = 0; i < MEMBER_COUNT; i++)
            is_taken[i] = is_taken[i] || slice_equal(name, member_names[i]);
    }
    struct slice raw = event_raw(event);
    if (raw.len > 0 && !is_taken[MEMBER_RAW])
        message_write_text(json, member_names[MEMBER_RAW], raw);
}

static void write_id(struct json *json, const char *name, struct slice id)
{
    char text[UUID_TEXT_BYTES + 1];
    if (id.len != UUID_BYTES)
        return;
    uuid_format(text, id.data);
    (void)json_text(json, name, slice_text(text));
}

static void write_origin(struct json *json, const struct shown_event *shown)
{
    const struct event *event = shown->event;
    json_object(json, "origin");
    write_id(json, "tenant_id", event->batch->tenant_id);
    write_id(json, "endpoint_id", event->batch->endpoint_id);
    (void)json_text(json, "hostname", event->batch->hostname);
    json_integer(json, "record", (int64_t)shown->decoding->record_index);
    json_integer(json, "event", (int64_t)event->index);
    (void)json_text(json, "shape", slice_text(shape_name((enum shape)event->shape)));
    json_end(json);
}

static void write_event(struct json *json, const void *subject)
{
    const struct shown_event *shown = subject;
    bool is_taken[MEMBER_COUNT] = {false};
    json_object(json, NULL);
    write_fields(json, is_taken, shown->event, shown->decoding->render);
    if (!is_taken[MEMBER_LOGSOURCE])
        write_logsource(json, shown->event);
    if (shown->decoding->shows_origin && !is_taken[MEMBER_ORIGIN])
        write_origin(json, shown);
    json_end(json);
}

static int print_events(struct decoding *decoding, const struct batch *batch)
{
    for (size_t i = 0; i < batch->event_count; i++) {
        const struct event *event = &batch->events[i];
        if (event->reason != REASON_NONE) {
            refuse_record(decoding, reason_text(event->reason));
            continue;
        }
        struct shown_event shown = {decoding, event};
        TRY(console_json(decoding->console, write_event, &shown));
        fputc('\n', decoding->console->out);
    }
    return 0;
}

static int print_batch(struct decoding *decoding, struct slice record)
{
    struct batch batch;
    const struct batch_options options = {.record_bytes_max = STREAM_RECORD_BYTES_MAX};
    int result = batch_decode(&batch, record, &options, decoding->arena);
    TRY(result);
    if (result == BATCH_UNREADABLE) {
        refuse_record(decoding, reason_text(batch.reason));
        return 0;
    }
    return print_events(decoding, &batch);
}

/* --- Alerts --- */

struct shown_alert {
    struct decoding *decoding;
    const struct view *alert;
    const struct event *event; /* of its evidence, or NULL */
};

static void write_alert(struct json *json, const void *subject)
{
    const struct shown_alert *shown = subject;
    json_object(json, NULL);
    message_write(json, shown->alert, "event_batch");
    if (shown->event != NULL) {
        bool is_taken[MEMBER_COUNT] = {false};
        json_object(json, "event");
        write_fields(json, is_taken, shown->event, shown->decoding->render);
        json_end(json);
    }
    json_end(json);
}

static struct slice find_bytes(const struct view *view, const char *name)
{
    for (unsigned i = 0; i < view->descriptor->n_fields; i++)
        if (strcmp(view->descriptor->fields[i].name, name) == 0 && view_has(view, i))
            return view->cells[i].bytes;
    return slice_of(NULL, 0);
}

static int print_alert(struct decoding *decoding, struct slice record)
{
    struct walker walker = {.arena = decoding->arena,
                            .depth_max = ALERT_DEPTH_MAX,
                            .elements_max = ALERT_ELEMENTS_MAX,
                            .text_bytes_max = SIZE_MAX};
    struct shown_alert shown = {.decoding = decoding};
    enum reason reason = walker_read(&shown.alert, &walker, &layout_Alert, record);
    if (reason != REASON_NONE) {
        refuse_record(decoding, reason_text(reason));
        return 0;
    }
    struct batch batch = {0};
    struct batch_options options = {.record_bytes_max = STREAM_RECORD_BYTES_MAX};
    struct slice evidence = find_bytes(shown.alert, "event_batch");
    if (evidence.len > 0) {
        int result = batch_decode(&batch, evidence, &options, decoding->arena);
        TRY(result);
        if (result != BATCH_UNREADABLE && batch.event_count > 0)
            shown.event = &batch.events[0];
    }
    TRY(console_json(decoding->console, write_alert, &shown));
    fputc('\n', decoding->console->out);
    return 0;
}

/* --- The command --- */

static int decode_all(struct decoding *decoding, bool are_alerts)
{
    AUTO(stream_reader_free) struct stream_reader *reader = NULL;
    TRY(stream_reader_new(&reader, decoding->file));
    for (;;) {
        struct slice record;
        int result = stream_next(reader, &record);
        if (result == STREAM_END)
            return decoding->bad_count > 0 ? YAGURA_EXIT_DATA : YAGURA_EXIT_OK;
        if (result == STATUS_BAD_INPUT || result == STATUS_LIMIT) {
            console_error(decoding->console,
                          "%s: byte %" PRIu64 ": no record of a length and that many bytes; is "
                          "this a file of `yagura encode`?",
                          decoding->path, stream_record_position(reader));
            return YAGURA_EXIT_DATA;
        }
        TRY(result);
        decoding->record_index = stream_record_index(reader);
        arena_reset(decoding->arena);
        TRY(are_alerts ? print_alert(decoding, record) : print_batch(decoding, record));
        if (ferror(decoding->console->out))
            return STATUS_IO;
    }
}

static int run_decode(const struct arguments *arguments, struct console *console)
{
    size_t count;
    const char *path = arguments_operands(arguments, &count)[0];
    struct decoding decoding = {
        .console = console,
        .path = input_name(path),
        .file = input_open(path, console),
        .shows_origin = arguments_flag(arguments, "--origin"),
    };
    if (decoding.file == NULL)
        return YAGURA_EXIT_NO_INPUT;
    int result = arena_new_fixed(&decoding.arena, ARENA_BYTES);
    if (result == 0)
        result = arena_new_growing(&decoding.render, RENDER_BLOCK_BYTES, 0);
    if (result == 0)
        result = decode_all(&decoding, arguments_flag(arguments, "--alerts"));
    decoding_deinit(&decoding);
    return result;
}

static const struct argument_row decode_rows[] = {
    {.kind = ARGUMENT_FLAG, .name = "--alerts", .help = "the file holds alerts, not batches"},
    {.kind = ARGUMENT_FLAG,
     .name = "--origin",
     .help = "add a member \"origin\" to each event: tenant, endpoint, record, event"},
    ARGUMENT_HELP,
    {0},
};

const struct command command_decode = {
    .name = "decode",
    .usage = "[--alerts] [--origin] FILE|-",
    .summary = "turn protobuf batches or alerts into JSON lines",
    .text = "FILE holds records behind their lengths, as `yagura encode -o` and the\n"
            "service's file sink write them. Each event becomes one line under Sigma\n"
            "field names with all its fields, and with \"logsource\", so that `yagura\n"
            "match` reads it again. Text that is no UTF-8 shows U+FFFD for each bad byte\n"
            "and comes again, whole, as NAME_base64; integers beyond 2^53 come as text.\n"
            "A field that is called raw, logsource or origin itself stands alone.\n"
            "\n"
            "Exits with 65 if something cannot be decoded (the rest is), 66 if FILE\n"
            "cannot be read.\n"
            "\n"
            "Examples:\n"
            "  yagura decode events.batches | jq .Image\n"
            "  yagura decode --alerts alerts.pb\n",
    .rows = decode_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_decode,
};
