/* SPDX-License-Identifier: Apache-2.0 */
/* One bad event must not cost the others, so a batch is read in two steps: its own level
 * forgivingly (walker_read_shallow), then each entry and event strictly and by itself. What is
 * wrong is kept where it is wrong, the first of it in the batch too.
 *
 * The tables of processes and log sources are decoded once, whether or not an event points to an
 * entry: sensors send no entry that nobody uses, and events then share the views. */
#include "proto/event.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"
#include "proto/frame.h"
#include "proto/walker.h"
#include "proto/wire.h"

#include <assert.h>

enum { PREFETCH_BYTES = 32 * 1024 };

#define NS_PER_MS   INT64_C(1000000)
#define MS_PER_DAY  (INT64_C(24) * 60 * 60 * 1000)
#define AGE_MS_MAX  (30 * MS_PER_DAY)
#define LEAD_MS_MAX (INT64_C(10) * 60 * 1000)

/* A batch while it is read. */
struct reading {
    struct batch *batch;
    struct walker walker;
    int64_t broker_time_ms;
    const bool *long_processes; /* entry i has a text that is too long */
};

/* Where a kind's message keeps what roots point to; 0 is nowhere. */
struct kind_row {
    uint8_t process, target, file;
};

#define AT(cell) ((cell) + 1)

/* By cell of Event. */
static const struct kind_row kinds[VIEW_CELLS_MAX] = {
    [CELL_Event_process_start] = {.process = AT(CELL_ProcessStart_process)},
    [CELL_Event_process_stop] = {.process = AT(CELL_ProcessStop_process)},
    [CELL_Event_interaction] = {.target = AT(CELL_ProcessInteraction_target)},
    [CELL_Event_file] = {.file = AT(CELL_FileActivity_file)},
    [CELL_Event_module_load] = {.file = AT(CELL_ModuleLoad_file)},
    [CELL_Event_clipboard] = {.file = AT(CELL_ClipboardActivity_file)},
    [CELL_Event_threat] = {.file = AT(CELL_ThreatVerdict_file)},
};

static const uint8_t process_ids[] = {CELL_ProcessInfo_guid, CELL_ProcessInfo_parent_guid,
                                      CELL_ProcessInfo_logon_guid, CELL_ProcessInfo_root_guid};

static const uint8_t origin_ids[] = {CELL_Origin_tenant_id, CELL_Origin_endpoint_id,
                                     CELL_Origin_boot_id};

static void note(struct batch *batch, enum reason reason, size_t event)
{
    if (batch->reason != REASON_NONE || reason == REASON_NONE)
        return;
    batch->reason = reason;
    batch->reason_event = event;
}

static void note_batch(struct batch *batch, enum reason reason)
{
    note(batch, reason, SIZE_MAX);
}

/* Absent is fine; present has ID_BYTES. */
static bool ids_are_whole(const struct view *view, const uint8_t cells[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (view_has(view, cells[i]) && view->cells[cells[i]].bytes.len != ID_BYTES)
            return false;
    return true;
}

static struct slice id_of(const struct view *view, unsigned cell)
{
    if (!view_has(view, cell) || view->cells[cell].bytes.len != ID_BYTES)
        return (struct slice){NULL, 0};
    return view->cells[cell].bytes;
}

/* --- The batch's own level --- */

static enum reason batch_reason(enum reason reason, const ProtobufCFieldDescriptor *field)
{
    if (reason != REASON_TOO_MANY_FIELDS)
        return reason;
    switch (field - yagura__v1__event_batch__descriptor.fields) {
    case CELL_EventBatch_events:
        return REASON_TOO_MANY_EVENTS;
    case CELL_EventBatch_processes:
        return REASON_TOO_MANY_PROCESSES;
    case CELL_EventBatch_sources:
        return REASON_TOO_MANY_SOURCES;
    default:
        return reason;
    }
}

static int read_batch(struct reading *reading)
{
    struct batch *batch = reading->batch;
    enum reason reason =
        walker_read_shallow(&batch->message, &reading->walker, &layout_EventBatch, batch->payload);
    if (reason == REASON_MEMORY)
        return STATUS_LIMIT;
    note_batch(batch, batch_reason(reason, reading->walker.fault));
    static const uint8_t ids[] = {CELL_EventBatch_batch_id};
    if (!ids_are_whole(batch->message, ids, sizeof ids))
        note_batch(batch, REASON_ID_LENGTH);
    return 0;
}

static int read_origin(struct reading *reading)
{
    struct batch *batch = reading->batch;
    if (!view_has(batch->message, CELL_EventBatch_origin)) {
        note_batch(batch, REASON_NO_ORIGIN);
        return 0;
    }
    struct slice bytes = batch->message->cells[CELL_EventBatch_origin].bytes;
    enum reason reason = walker_read(&batch->origin, &reading->walker, &layout_Origin, bytes);
    if (reason == REASON_MEMORY)
        return STATUS_LIMIT;
    note_batch(batch, reason);
    if (batch->origin == NULL)
        return 0;
    if (!ids_are_whole(batch->origin, origin_ids, sizeof origin_ids))
        note_batch(batch, REASON_ID_LENGTH);
    batch->tenant_id = id_of(batch->origin, CELL_Origin_tenant_id);
    batch->endpoint_id = id_of(batch->origin, CELL_Origin_endpoint_id);
    batch->boot_id = id_of(batch->origin, CELL_Origin_boot_id);
    batch->hostname = view_bytes(batch->origin, CELL_Origin_hostname);
    batch->platform = (uint32_t)view_number(batch->origin, CELL_Origin_platform);
    return 0;
}

/* One of the two tables. */
struct table {
    const struct view **entries;
    bool *is_long;
    size_t count;
};

struct table_options {
    const struct layout *layout;
    unsigned cell; /* of EventBatch */
    size_t count_max;
    enum reason too_many;
    const uint8_t *ids;
    size_t id_count;
};

static int read_table(struct table *out, struct reading *reading,
                      const struct table_options *options)
{
    struct walker *walker = &reading->walker;
    struct view_list list = view_list(reading->batch->message, options->cell);
    if (list.count > options->count_max) {
        note_batch(reading->batch, options->too_many);
        list.count = options->count_max;
    }
    out->count = list.count;
    out->entries = arena_array(walker->arena, const struct view *, list.count);
    out->is_long = arena_array(walker->arena, bool, list.count);
    if (out->entries == NULL || out->is_long == NULL)
        return STATUS_LIMIT;
    for (size_t i = 0; i < list.count; i++) {
        walker->long_text = false;
        enum reason reason =
            walker_read(&out->entries[i], walker, options->layout, list.items[i].bytes);
        if (reason == REASON_MEMORY)
            return STATUS_LIMIT;
        if (!ids_are_whole(out->entries[i], options->ids, options->id_count)) {
            out->entries[i] = NULL;
            reason = REASON_ID_LENGTH;
        }
        note_batch(reading->batch, reason);
        out->is_long[i] = walker->long_text;
    }
    return 0;
}

static int read_processes(struct reading *reading)
{
    static const struct table_options options = {
        .layout = &layout_ProcessInfo,
        .cell = CELL_EventBatch_processes,
        .count_max = BATCH_PROCESSES_MAX,
        .too_many = REASON_TOO_MANY_PROCESSES,
        .ids = process_ids,
        .id_count = sizeof process_ids,
    };
    struct table table;
    TRY(read_table(&table, reading, &options));
    reading->batch->processes = table.entries;
    reading->batch->process_count = table.count;
    reading->long_processes = table.is_long;
    return 0;
}

static int read_sources(struct reading *reading)
{
    static const struct table_options options = {
        .layout = &layout_LogSource,
        .cell = CELL_EventBatch_sources,
        .count_max = BATCH_SOURCES_MAX,
        .too_many = REASON_TOO_MANY_SOURCES,
    };
    struct table table;
    TRY(read_table(&table, reading, &options));
    reading->batch->sources = table.entries;
    reading->batch->source_count = table.count;
    return 0;
}

/* --- One event --- */

static bool time_is_skewed(int64_t time_unix_ns, int64_t broker_time_ms)
{
    if (broker_time_ms == 0 || time_unix_ns == 0)
        return false;
    int64_t time_ms = time_unix_ns / NS_PER_MS;
    return time_ms < broker_time_ms - AGE_MS_MAX || time_ms > broker_time_ms + LEAD_MS_MAX;
}

/* A field of Event that this build does not know and that could be the message of a kind. */
static bool has_unknown_message(const struct view *message)
{
    struct wire wire = wire_of(message->bytes);
    struct wire_field field = {0};
    while (wire.at < wire.end && wire_next(&wire, &field) == REASON_NONE)
        if (field.type == WIRE_BYTES &&
            protobuf_c_message_descriptor_get_field(message->descriptor, field.number) == NULL)
            return true;
    return false;
}

static enum reason judge_kindless(struct reading *reading, struct event *event)
{
    const struct view *message = event->roots[ROOT_EVENT];
    if (has_unknown_message(message)) {
        event->flags |= EVENT_NOTE_UNKNOWN_KIND;
        reading->batch->unknown_kind_count++;
        return REASON_NONE;
    }
    return view_list(message, CELL_Event_extra).count > 0 ? REASON_NONE : REASON_NO_KIND;
}

/* The entry that a 1-based index in view's cell points to; without an index nothing. */
static enum reason find_process(struct reading *reading, struct event *event, enum root root,
                                const struct view *view, unsigned cell)
{
    const struct batch *batch = reading->batch;
    uint64_t index = view_number(view, cell);
    if (index == 0)
        return REASON_NONE;
    if (index > batch->process_count)
        return REASON_INDEX_RANGE;
    event->roots[root] = batch->processes[index - 1];
    if (event->roots[root] == NULL)
        return REASON_BAD_PROCESS;
    if (reading->long_processes[index - 1])
        event->flags |= EVENT_NOTE_TEXT_TRUNCATED;
    return REASON_NONE;
}

static enum reason find_source(struct event *event)
{
    const struct view *message = event->roots[ROOT_EVENT];
    const struct batch *batch = event->batch;
    uint64_t index = view_number(message, CELL_Event_source);
    if (index == 0)
        return REASON_NONE;
    if (index > batch->source_count)
        return REASON_INDEX_RANGE;
    event->roots[ROOT_SOURCE] = batch->sources[index - 1];
    return event->roots[ROOT_SOURCE] == NULL ? REASON_BAD_SOURCE : REASON_NONE;
}

/* What the kind's message points to: processes of the table, and a file. */
static enum reason find_roots_of_kind(struct reading *reading, struct event *event,
                                      const struct kind_row *row)
{
    const struct view *kind = event->roots[ROOT_KIND];
    enum reason reason = REASON_NONE;
    if (row->process != 0)
        reason = find_process(reading, event, ROOT_PROCESS, kind, row->process - 1u);
    if (reason == REASON_NONE && row->target != 0)
        reason = find_process(reading, event, ROOT_TARGET, kind, row->target - 1u);
    if (row->file != 0 && view_has(kind, row->file - 1u))
        event->roots[ROOT_FILE] = kind->cells[row->file - 1].message;
    return reason;
}

static enum reason find_roots(struct reading *reading, struct event *event)
{
    const struct view *message = event->roots[ROOT_EVENT];
    event->roots[ROOT_ORIGIN] = event->batch->origin;
    enum reason reason = find_source(event);
    if (reason == REASON_NONE)
        reason = find_process(reading, event, ROOT_ACTOR, message, CELL_Event_actor);
    if (reason != REASON_NONE)
        return reason;
    unsigned cell = event_kind(message);
    if (cell == VIEW_CELLS_MAX)
        return judge_kindless(reading, event);
    event->roots[ROOT_KIND] = message->cells[cell].message;
    reason = find_roots_of_kind(reading, event, &kinds[cell]);
    const struct view *started = event->roots[ROOT_PROCESS];
    if (cell == CELL_Event_process_start && view_has(started, CELL_ProcessInfo_file))
        event->roots[ROOT_FILE] = started->cells[CELL_ProcessInfo_file].message;
    return reason;
}

static enum reason read_message(struct reading *reading, struct event *event)
{
    static const uint8_t ids[] = {CELL_Event_uid};
    struct walker *walker = &reading->walker;
    const struct view **message = &event->roots[ROOT_EVENT];
    walker->long_text = false;
    enum reason reason = walker_read(message, walker, &layout_Event, event->bytes);
    if (reason == REASON_TOO_MANY_FIELDS &&
        walker->fault == &yagura__v1__event__descriptor.fields[CELL_Event_extra])
        return REASON_TOO_MANY_EXTRAS;
    if (reason != REASON_NONE)
        return reason;
    if (walker->long_text)
        event->flags |= EVENT_NOTE_TEXT_TRUNCATED;
    if (view_list(*message, CELL_Event_extra).count > EVENT_EXTRAS_MAX)
        return REASON_TOO_MANY_EXTRAS;
    return ids_are_whole(*message, ids, sizeof ids) ? REASON_NONE : REASON_ID_LENGTH;
}

/* When it happened; failing that, when it was observed. */
static int64_t time_of(const struct view *message)
{
    if (view_has(message, CELL_Event_time_unix_nanos))
        return message->cells[CELL_Event_time_unix_nanos].i64;
    if (view_has(message, CELL_Event_observed_time_unix_nanos))
        return message->cells[CELL_Event_observed_time_unix_nanos].i64;
    return 0;
}

static void read_event(struct reading *reading, struct event *event)
{
    event->reason = read_message(reading, event);
    if (event->reason == REASON_NONE)
        event->reason = find_roots(reading, event);
    if (event->reason != REASON_NONE) {
        memset(event->roots, 0, sizeof event->roots);
        return;
    }
    const struct view *message = event->roots[ROOT_EVENT];
    event->time_unix_ns = time_of(message);
    if (time_is_skewed(event->time_unix_ns, reading->broker_time_ms))
        event->flags |= EVENT_NOTE_TIME_SKEW;
    event->shape = event_shape_find(event);
}

static int read_events(struct reading *reading)
{
    struct batch *batch = reading->batch;
    struct view_list list = view_list(batch->message, CELL_EventBatch_events);
    if (list.count == 0) {
        note_batch(batch, REASON_NO_EVENTS);
        return 0;
    }
    assert(list.count <= BATCH_EVENTS_MAX);
    struct event *events = arena_array(reading->walker.arena, struct event, list.count);
    if (events == NULL)
        return STATUS_LIMIT;
    batch->events = events;
    for (size_t i = 0; i < list.count; i++) {
        events[i].batch = batch;
        events[i].index = i;
        events[i].bytes = list.items[i].bytes;
        read_event(reading, &events[i]);
        if (events[i].reason == REASON_MEMORY)
            return STATUS_LIMIT;
        batch->bad_event_count += events[i].reason != REASON_NONE;
        note(batch, events[i].reason, i);
    }
    batch->event_count = list.count;
    return 0;
}

/* --- The record --- */

static enum reason unwrap(struct batch *batch, struct slice record, size_t record_bytes_max)
{
    struct frame frame;
    if (record.len == 0)
        return REASON_EMPTY;
    if (record.len > record_bytes_max)
        return REASON_RECORD_TOO_LARGE;
    enum reason reason = frame_read(&frame, record);
    if (reason != REASON_NONE)
        return reason;
    batch->payload = frame.payload;
    batch->framed = frame.framed;
    batch->schema_id = frame.schema_id;
    return REASON_NONE;
}

/* A record comes from another core's cache or from memory, and its fields are reached by hopping
 * from length to length, which no prefetcher of the machine foresees. */
static void prefetch(struct slice bytes)
{
    enum { LINE_BYTES = 64 };
    for (size_t at = 0; at < bytes.len && at < PREFETCH_BYTES; at += LINE_BYTES)
        __builtin_prefetch(bytes.data + at);
}

static int read_record(struct reading *reading)
{
    TRY(read_batch(reading));
    TRY(read_origin(reading));
    TRY(read_processes(reading));
    TRY(read_sources(reading));
    TRY(read_events(reading));
    return 0;
}

int batch_decode(struct batch *out, struct slice payload, const struct batch_options *options,
                 struct arena *arena)
{
    assert(out != NULL && options != NULL && arena != NULL);
    _Static_assert(BATCH_EVENTS_MAX <= EVENT_FIELDS_MAX, "one limit for both in the walker");
    size_t bytes_max =
        options->record_bytes_max == 0 ? BATCH_RECORD_BYTES : options->record_bytes_max;
    *out = (struct batch){.payload = payload, .reason_event = SIZE_MAX};
    note_batch(out, unwrap(out, payload, bytes_max));
    if (out->reason != REASON_NONE)
        return BATCH_UNREADABLE;
    prefetch(out->payload);
    struct reading reading = {
        .batch = out,
        .walker = {.arena = arena,
                   .depth_max = MESSAGE_DEPTH_MAX,
                   .elements_max = EVENT_FIELDS_MAX,
                   .text_bytes_max = TEXT_BYTES_MAX},
        .broker_time_ms = options->broker_time_ms,
    };
    TRY(read_record(&reading));
    out->unknown_field_count = reading.walker.unknown_field_count;
    if (out->event_count == 0)
        return BATCH_UNREADABLE;
    return out->reason == REASON_NONE ? 0 : BATCH_BAD;
}
