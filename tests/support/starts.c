/* SPDX-License-Identifier: Apache-2.0 */
#include "starts.h"

#include "encode.h"

#include <assert.h>

/* Field numbers of event.proto: messages of the batch, then fields of those. */
enum { BATCH_ORIGIN = 1, BATCH_PROCESS = 2, BATCH_EVENT = 4, BATCH_FIRST_SEQUENCE = 5 };
enum { ORIGIN_TENANT = 1, ORIGIN_ENDPOINT = 2, ORIGIN_HOSTNAME = 4, ORIGIN_PLATFORM = 5 };
enum { PROCESS_PID = 2, PROCESS_IMAGE = 3, PROCESS_COMMAND_LINE = 4 };
enum { EVENT_TIME = 1, EVENT_EXTRA = 5, EVENT_START = 6, START_PROCESS = 1 };
enum { EXTRA_KEY = 1, EXTRA_TEXT = 2, WINDOWS = 1, FIRST_PID = 1000 };

static const uint64_t happened_unix_ns = UINT64_C(1750000000000000000);

static void put(struct encoding *into, uint32_t number, struct encoding *message)
{
    encode_message(into, number, message);
    encoding_free(message);
}

static struct encoding *origin(const struct starts_options *options)
{
    struct encoding *out = encoding_new();
    if (options->tenant_id.len > 0)
        encode_bytes(out, ORIGIN_TENANT, options->tenant_id);
    encode_bytes(out, ORIGIN_ENDPOINT, SLICE_LITERAL("endpoint-sixteen"));
    encode_bytes(out, ORIGIN_HOSTNAME, SLICE_LITERAL("PC-0001"));
    encode_varint(out, ORIGIN_PLATFORM, WINDOWS);
    return out;
}

static struct encoding *process(const char *command_line, size_t index)
{
    struct encoding *out = encoding_new();
    encode_varint(out, PROCESS_PID, FIRST_PID + index);
    encode_bytes(out, PROCESS_IMAGE, SLICE_LITERAL("C:\\Windows\\System32\\cmd.exe"));
    encode_bytes(out, PROCESS_COMMAND_LINE, slice_text(command_line));
    return out;
}

static struct encoding *event(const struct starts_options *options, size_t index)
{
    struct encoding *out = encoding_new();
    struct encoding *start = encoding_new();
    bool bad = index + 1 == options->bad_event;
    if (!options->timeless)
        encode_fixed64(out, EVENT_TIME, happened_unix_ns + index);
    if (options->extra_key.len > 0) {
        struct encoding *extra = encoding_new();
        encode_bytes(extra, EXTRA_KEY, options->extra_key);
        encode_bytes(extra, EXTRA_TEXT, SLICE_LITERAL("extra"));
        put(out, EVENT_EXTRA, extra);
    }
    encode_varint(start, START_PROCESS, bad ? STARTS_EVENTS_MAX + 1 : index + 1);
    put(out, EVENT_START, start);
    return out;
}

struct slice starts_batch(const struct starts_options *options, struct arena *arena)
{
    assert(options->count <= STARTS_EVENTS_MAX);
    struct encoding *batch = encoding_new();
    put(batch, BATCH_ORIGIN, origin(options));
    for (size_t i = 0; i < options->count; i++)
        put(batch, BATCH_PROCESS, process(options->command_lines[i], i));
    for (size_t i = 0; i < options->count; i++)
        put(batch, BATCH_EVENT, event(options, i));
    encode_varint(batch, BATCH_FIRST_SEQUENCE, 1);
    struct slice out = arena_copy(arena, encoded(batch));
    encoding_free(batch);
    assert(out.data != NULL);
    return out;
}
