/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/evidence.h"

#include "proto/wire.h"

#include "proto/cells.h"

#include <assert.h>

/* --- Writing: protobuf's encoding, section "Message Structure" of its documentation. --- */

struct sink {
    uint8_t *out; /* NULL: measure */
    size_t len;
};

static void put_varint(struct sink *sink, uint64_t number)
{
    do {
        uint8_t byte = (uint8_t)((number & 0x7F) | (number > 0x7F ? 0x80 : 0));
        if (sink->out != NULL)
            sink->out[sink->len] = byte;
        sink->len++;
        number >>= 7;
    } while (number != 0);
}

static void put_fixed64(struct sink *sink, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++) {
        if (sink->out != NULL)
            sink->out[sink->len] = (uint8_t)(number >> 8 * i);
        sink->len++;
    }
}

static void put_tag(struct sink *sink, const struct view *message, unsigned cell,
                    enum wire_type type)
{
    put_varint(sink, (uint64_t)message->descriptor->fields[cell].id << 3 | type);
}

static void put_message(struct sink *sink, const struct view *message, unsigned cell,
                        struct slice bytes)
{
    put_tag(sink, message, cell, WIRE_BYTES);
    put_varint(sink, bytes.len);
    if (sink->out != NULL && bytes.len > 0)
        memcpy(sink->out + sink->len, bytes.data, bytes.len);
    sink->len += bytes.len;
}

static bool is_root(const struct event *event, const struct view *message)
{
    for (size_t root = 0; root < ROOT_COUNT; root++)
        if (event->roots[root] == message)
            return true;
    return false;
}

static size_t table_end(const struct event *event, const struct view *const *table, size_t count)
{
    while (count > 0 && !is_root(event, table[count - 1]))
        count--;
    return count;
}

static void put_table(struct sink *sink, const struct event *event, unsigned cell,
                      const struct view *const *table, size_t count)
{
    size_t end = table_end(event, table, count);
    for (size_t i = 0; i < end; i++)
        put_message(sink, event->batch->message, cell,
                    is_root(event, table[i]) ? table[i]->bytes : (struct slice){NULL, 0});
}

/* The batch's own statements; the sequence number is that of the one event left. */
static void put_header(struct sink *sink, const struct event *event)
{
    const struct view *message = event->batch->message;
    if (view_has(message, CELL_EventBatch_first_sequence)) {
        put_tag(sink, message, CELL_EventBatch_first_sequence, WIRE_VARINT);
        put_varint(sink, message->cells[CELL_EventBatch_first_sequence].u64 + event->index);
    }
    if (view_has(message, CELL_EventBatch_batch_id))
        put_message(sink, message, CELL_EventBatch_batch_id,
                    message->cells[CELL_EventBatch_batch_id].bytes);
    if (view_has(message, CELL_EventBatch_sent_time_unix_nanos)) {
        put_tag(sink, message, CELL_EventBatch_sent_time_unix_nanos, WIRE_FIXED64);
        put_fixed64(sink, message->cells[CELL_EventBatch_sent_time_unix_nanos].u64);
    }
    if (view_has(message, CELL_EventBatch_schema_minor)) {
        put_tag(sink, message, CELL_EventBatch_schema_minor, WIRE_VARINT);
        put_varint(sink, message->cells[CELL_EventBatch_schema_minor].u64);
    }
}

static void put_batch(struct sink *sink, const struct event *event)
{
    const struct batch *batch = event->batch;
    if (batch->origin != NULL)
        put_message(sink, batch->message, CELL_EventBatch_origin, batch->origin->bytes);
    put_table(sink, event, CELL_EventBatch_processes, batch->processes, batch->process_count);
    put_table(sink, event, CELL_EventBatch_sources, batch->sources, batch->source_count);
    put_message(sink, batch->message, CELL_EventBatch_events, event->bytes);
    put_header(sink, event);
}

int evidence_make(struct slice *out, const struct event *event, struct arena *arena)
{
    assert(event->batch != NULL && event->batch->message != NULL);
    struct sink sink = {NULL, 0};
    put_batch(&sink, event);
    uint8_t *bytes = arena_take_bytes(arena, sink.len);
    if (bytes == NULL)
        return STATUS_LIMIT;
    *out = slice_of(bytes, sink.len);
    sink = (struct sink){bytes, 0};
    put_batch(&sink, event);
    assert(sink.len == out->len);
    return 0;
}

/* --- Ancestry --- */

enum { CELL_NONE = -1 };

static struct slice text_of(const struct view *process, int cell)
{
    return cell == CELL_NONE ? (struct slice){NULL, 0} : view_bytes(process, (unsigned)cell);
}

/* Which cells of a ProcessInfo speak of the process itself, of its parent, of that one's parent. */
struct generation {
    int guid, pid, image, command_line, user;
};

static const struct generation own = {CELL_ProcessInfo_guid, CELL_ProcessInfo_pid,
                                      CELL_ProcessInfo_image, CELL_ProcessInfo_command_line,
                                      CELL_ProcessInfo_user};
static const struct generation parent = {
    CELL_ProcessInfo_parent_guid, CELL_ProcessInfo_parent_pid, CELL_ProcessInfo_parent_image,
    CELL_ProcessInfo_parent_command_line, CELL_ProcessInfo_parent_user};
static const struct generation grandparent = {CELL_NONE, CELL_NONE,
                                              CELL_ProcessInfo_grandparent_image,
                                              CELL_ProcessInfo_grandparent_command_line, CELL_NONE};

/* False: the entry says nothing of that generation. */
static bool ancestor_read(struct ancestor *out, const struct view *process,
                          const struct generation *cells)
{
    bool has_pid = cells->pid != CELL_NONE && view_has(process, (unsigned)cells->pid);
    *out = (struct ancestor){
        .guid = text_of(process, cells->guid),
        .image = text_of(process, cells->image),
        .command_line = text_of(process, cells->command_line),
        .user = text_of(process, cells->user),
        .pid = has_pid ? (uint32_t)process->cells[cells->pid].u64 : 0,
        .has_pid = has_pid,
    };
    return out->guid.len + out->image.len + out->command_line.len > 0 || has_pid;
}

static const struct view *process_by_guid(const struct batch *batch, struct slice guid)
{
    for (size_t i = 0; guid.len > 0 && i < batch->process_count; i++)
        if (slice_equal(text_of(batch->processes[i], own.guid), guid))
            return batch->processes[i];
    return NULL;
}

static bool is_among(const struct ancestor chain[], size_t count, struct slice guid)
{
    for (size_t i = 0; guid.len > 0 && i < count; i++)
        if (slice_equal(chain[i].guid, guid))
            return true;
    return false;
}

/* Follows the table from a process on; *last is the entry that the chain ends with. */
static size_t follow_table(struct ancestor out[ANCESTRY_MAX], const struct view **last,
                           const struct batch *batch)
{
    size_t count = 0;
    const struct view *process = *last;
    while (process != NULL && count < ANCESTRY_MAX && ancestor_read(&out[count], process, &own)) {
        count++;
        *last = process;
        struct slice guid = text_of(process, parent.guid);
        process = is_among(out, count, guid) ? NULL : process_by_guid(batch, guid);
    }
    return count;
}

size_t ancestry_collect(struct ancestor out[ANCESTRY_MAX], const struct event *event)
{
    const struct view *last =
        event->roots[ROOT_PROCESS] != NULL ? event->roots[ROOT_PROCESS] : event->roots[ROOT_ACTOR];
    if (last == NULL)
        return 0;
    size_t count = follow_table(out, &last, event->batch);
    if (count < ANCESTRY_MAX && ancestor_read(&out[count], last, &parent) &&
        !is_among(out, count, out[count].guid))
        count++;
    if (count < ANCESTRY_MAX && ancestor_read(&out[count], last, &grandparent))
        count++;
    return count;
}
