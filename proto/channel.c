/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables, each searched by halving: channels.def (channel -> service, by length) and
 * eventids.def (service, number -> shape). Tests hold them in order. */
#include "proto/channel.h"

struct channel_row {
    struct slice channel, service;
};

static const struct channel_row channels[] = {
#define CHANNEL(channel, service) {SLICE_INIT(channel), SLICE_INIT(service)},
#include "proto/channels.def"
#undef CHANNEL
};

enum { CHANNEL_COUNT = sizeof(channels) / sizeof(channels[0]) };

/* Logs whose numbers mean something to us. */
enum numbered_log {
    LOG_POWERSHELL,
    LOG_POWERSHELL_CLASSIC,
    LOG_SECURITY,
    LOG_SYSMON,
    LOG_WINDEFEND,
    LOG_OTHER,
};

static const struct slice log_services[LOG_OTHER] = {
    [LOG_POWERSHELL] = SLICE_INIT("powershell"),
    [LOG_POWERSHELL_CLASSIC] = SLICE_INIT("powershell-classic"),
    [LOG_SECURITY] = SLICE_INIT("security"),
    [LOG_SYSMON] = SLICE_INIT("sysmon"),
    [LOG_WINDEFEND] = SLICE_INIT("windefend"),
};

struct event_id_row {
    enum numbered_log log;
    uint32_t event_id;
    enum shape shape;
};

static const struct event_id_row event_ids[] = {
#define EVENT_ID(log, event_id, shape) {LOG_##log, event_id, SHAPE_##shape},
#include "proto/eventids.def"
#undef EVENT_ID
};

/* The first channel of at least that length. */
static size_t first_of_length(size_t len)
{
    size_t from = 0;
    size_t to = CHANNEL_COUNT;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (channels[middle].channel.len < len)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Few channels are of one length, and nearly all logs spell theirs alike, so exact comparison comes
 * first. */
struct slice channel_service(struct slice channel)
{
    size_t first = first_of_length(channel.len);
    for (size_t i = first; i < CHANNEL_COUNT && channels[i].channel.len == channel.len; i++)
        if (slice_equal(channels[i].channel, channel))
            return channels[i].service;
    for (size_t i = first; i < CHANNEL_COUNT && channels[i].channel.len == channel.len; i++)
        if (slice_equal_ascii_caseless(channels[i].channel, channel))
            return channels[i].service;
    return (struct slice){NULL, 0};
}

static enum numbered_log log_of(struct slice service)
{
    for (unsigned log = 0; log < LOG_OTHER; log++)
        if (slice_equal(service, log_services[log]))
            return (enum numbered_log)log;
    return LOG_OTHER;
}

static enum shape shape_by_event_id(enum numbered_log log, uint64_t event_id)
{
    size_t from = 0;
    size_t to = sizeof(event_ids) / sizeof(event_ids[0]);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct event_id_row *row = &event_ids[middle];
        if (row->log == log && row->event_id == event_id)
            return row->shape;
        if (row->log < log || (row->log == log && row->event_id < event_id))
            from = middle + 1;
        else
            to = middle;
    }
    return SHAPE_NONE;
}

enum shape logsource_shape(struct slice channel, uint64_t event_id)
{
    return shape_by_event_id(log_of(channel_service(channel)), event_id);
}

enum shape registry_shape(struct slice event_type)
{
    if (slice_equal_ascii_caseless(event_type, SLICE_LITERAL("CreateKey")))
        return SHAPE_REGISTRY_ADD;
    if (slice_equal_ascii_caseless(event_type, SLICE_LITERAL("DeleteKey")) ||
        slice_equal_ascii_caseless(event_type, SLICE_LITERAL("DeleteValue")))
        return SHAPE_REGISTRY_DELETE;
    return SHAPE_REGISTRY_OTHER;
}
