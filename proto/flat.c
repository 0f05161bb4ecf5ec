/* SPDX-License-Identifier: Apache-2.0 */
/* An event is first drafted as the typed kind that its channel and number (or its stated category)
 * suggest; every value is put into its home, rendered back and compared. What does not come back
 * exactly stays an extra. If the draft as a whole would say more than the flat event did, or be of
 * another shape, it is made again as a GenericLog, which can say anything.
 *
 * Log sources are part of that: how a source spells numbers and GUIDs is found out per event and
 * kept in its entry of the batch's table, so that an exporter that writes "4460" for 4460
 * everywhere doesn't cost a single extra. */
#include "proto/flat.h"

#include "proto/cells.h"
#include "proto/channel.h"
#include "proto/draft.h"
#include "proto/event.pb-c.h"
#include "proto/roster.h"
#include "proto/scan.h"
#include "proto/spelling.h"
#include "proto/twins.h"

#include <assert.h>
#include <stdlib.h>

enum {
    BATCH_BYTES_MAX = 896 * 1024, /* leaves room for headers below a broker's usual 1 MiB */
    FIELD_BYTES_OVERHEAD = 64,    /* tags, lengths and table entries of one field, at most */
    EVENT_ROSTER_ENTRIES = 3,     /* processes that one event may add */
    ARENA_BLOCK_BYTES = 256 * 1024,
};

struct flat_encoder {
    struct arena *origin_arena; /* lives as long as the encoder */
    struct arena *arena;        /* one event's */
    struct projection *names;
    struct batch batch; /* what drafts believe to be in: origin and platform */
    struct slice product, category, service;
    struct roster processes, sources;
    struct pack events, out;
    size_t event_count;
    uint64_t sequence;
    struct draft draft;
};

/* --- The encoder --- */

/* One slot per row, twins for names with several: look-ups find the first. */
static int names_new(struct projection **out)
{
    struct projection_name *names = calloc(field_row_count, sizeof(*names));
    if (names == NULL)
        return STATUS_NO_MEMORY;
    size_t count = 0;
    for (size_t i = 0; i < field_row_count; i++)
        names[count++] = (struct projection_name){field_rows[i].name, FIELD_VIEW_NATIVE};
    int status = projection_new(out, names, count);
    free(names);
    return status;
}

static void set_bytes(struct view *view, unsigned cell, struct slice bytes)
{
    view->cells[cell].bytes = bytes;
    view->present |= UINT64_C(1) << cell;
}

static void set_number(struct view *view, unsigned cell, uint64_t number)
{
    view->cells[cell].u64 = number;
    view->present |= UINT64_C(1) << cell;
}

static int make_origin(struct flat_encoder *encoder, const struct flat_origin *origin)
{
    struct arena *arena = encoder->origin_arena;
    const ProtobufCMessageDescriptor *type = &yagura__v1__origin__descriptor;
    struct view *view =
        arena_take_zeroed(arena, 1, sizeof(*view) + type->n_fields * sizeof(union view_cell));
    if (view == NULL)
        return STATUS_NO_MEMORY;
    view->descriptor = type;
    set_bytes(view, CELL_Origin_tenant_id,
              arena_copy(arena, slice_of(origin->tenant_id, sizeof(origin->tenant_id))));
    set_bytes(view, CELL_Origin_endpoint_id,
              arena_copy(arena, slice_of(origin->endpoint_id, sizeof(origin->endpoint_id))));
    set_bytes(view, CELL_Origin_boot_id,
              arena_copy(arena, slice_of(origin->boot_id, sizeof(origin->boot_id))));
    if (origin->hostname.len != 0)
        set_bytes(view, CELL_Origin_hostname, arena_copy(arena, origin->hostname));
    encoder->product = arena_copy(arena, origin->product);
    encoder->category = arena_copy(arena, origin->category);
    encoder->service = arena_copy(arena, origin->service);
    encoder->batch.platform = platform_of_product(origin->product);
    if (encoder->batch.platform != 0)
        set_number(view, CELL_Origin_platform, encoder->batch.platform);
    encoder->batch.origin = view;
    return arena_overflowed(arena) ? STATUS_NO_MEMORY : 0;
}

int flat_encoder_new(struct flat_encoder **out, const struct flat_origin *origin)
{
    AUTO(flat_encoder_free) struct flat_encoder *encoder = calloc(1, sizeof(*encoder));
    if (encoder == NULL)
        return STATUS_NO_MEMORY;
    TRY(arena_new_growing(&encoder->origin_arena, ARENA_BLOCK_BYTES, 0));
    TRY(arena_new_growing(&encoder->arena, ARENA_BLOCK_BYTES, 0));
    TRY(names_new(&encoder->names));
    TRY(make_origin(encoder, origin));
    TRY(roster_init(&encoder->processes,
                    yagura__v1__event_batch__descriptor.fields[CELL_EventBatch_processes].id,
                    BATCH_PROCESSES_MAX));
    TRY(roster_init(&encoder->sources,
                    yagura__v1__event_batch__descriptor.fields[CELL_EventBatch_sources].id,
                    BATCH_SOURCES_MAX));
    encoder->draft.arena = encoder->arena;
    encoder->draft.names = encoder->names;
    *out = TAKE(&encoder);
    return 0;
}

void flat_encoder_free(struct flat_encoder *encoder)
{
    if (encoder == NULL)
        return;
    roster_deinit(&encoder->processes);
    roster_deinit(&encoder->sources);
    pack_deinit(&encoder->events);
    pack_deinit(&encoder->out);
    projection_free(encoder->names);
    arena_free(encoder->arena);
    arena_free(encoder->origin_arena);
    free(encoder);
}

size_t flat_encoder_count(const struct flat_encoder *encoder)
{
    return encoder->event_count;
}

/* --- What an event is --- */

struct flat_event {
    const struct flat_field *fields;
    size_t count;
    bool *repeated; /* by field: the name occurs more than once: an array, and never typed */
    struct slice channel;
    struct slice product, category, service; /* stated */
};

static struct slice or_default(struct slice stated, struct slice otherwise)
{
    return stated.len != 0 ? stated : otherwise;
}

static int find_repeated(struct flat_event *event, struct arena *arena)
{
    struct twins twins;
    struct slice *names = arena_array(arena, struct slice, event->count);
    event->repeated = arena_array(arena, bool, event->count);
    if (names == NULL || event->repeated == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < event->count; i++)
        names[i] = event->fields[i].name;
    TRY(twins_find(&twins, names, (uint32_t)event->count, arena));
    for (size_t i = 0; i < event->count; i++)
        event->repeated[i] = twins.next[i] != 0 || twins.is_later[i];
    return 0;
}

static const struct value *value_of(const struct flat_event *event, struct slice name)
{
    for (size_t i = 0; i < event->count; i++)
        if (!event->repeated[i] && slice_equal(event->fields[i].name, name))
            return &event->fields[i].value;
    return NULL;
}

static int read_event(struct flat_event *out, struct flat_encoder *encoder,
                      const struct flat_field fields[], size_t count,
                      const struct flat_origin *override)
{
    static const struct flat_origin nothing;
    const struct flat_origin *stated = override == NULL ? &nothing : override;
    *out = (struct flat_event){
        .fields = fields,
        .count = count,
        .product = or_default(stated->product, encoder->product),
        .category = or_default(stated->category, encoder->category),
        .service = or_default(stated->service, encoder->service),
    };
    TRY(find_repeated(out, encoder->arena));
    const struct value *channel = value_of(out, SLICE_LITERAL("Channel"));
    if (channel != NULL && channel->type == VALUE_TEXT)
        out->channel = channel->text;
    return 0;
}

/* The kinds that a stated category may lead to. A proxy's event stays generic: each of its homes
 * has two names (c-ip, src_ip), so the typed event would have fields that the flat one has not. */
static bool is_drafted(enum shape shape)
{
    if (shape == SHAPE_HTTP_WEBSERVER || shape == SHAPE_THREAT)
        return true;
    return shape >= SHAPE_PROCESS_START && shape <= SHAPE_SENSOR_ERROR &&
           shape != SHAPE_PROCESS_START_SECURITY;
}

/* A typed event says its product by the platform of its origin, and no service at all. */
static bool says_its_source(const struct flat_encoder *encoder, const struct flat_event *event)
{
    uint32_t platform = platform_of_product(event->product);
    return event->service.len == 0 && platform == encoder->batch.platform &&
           (platform != 0 || event->product.len == 0);
}

static enum shape stated_shape(const struct flat_encoder *encoder, const struct flat_event *event)
{
    if (!says_its_source(encoder, event))
        return SHAPE_NONE;
    uint64_t shapes = category_shapes(event->category);
    for (; shapes != 0; shapes &= shapes - 1) {
        enum shape shape = (enum shape)__builtin_ctzll(shapes);
        if (is_drafted(shape))
            return shape;
    }
    return SHAPE_NONE;
}

static enum shape logged_shape(const struct flat_event *event)
{
    const struct value *event_id = value_of(event, SLICE_LITERAL("EventID"));
    if (event_id == NULL || event_id->type != VALUE_INTEGER || event_id->integer < 0)
        return SHAPE_NONE;
    enum shape shape = logsource_shape(event->channel, (uint64_t)event_id->integer);
    const struct value *event_type = value_of(event, SLICE_LITERAL("EventType"));
    if (shape == SHAPE_REGISTRY_OTHER && event_type != NULL && event_type->type == VALUE_TEXT)
        return registry_shape(event_type->text);
    return shape == SHAPE_GENERIC_DEFENDER ? SHAPE_NONE : shape;
}

/* --- Drafting --- */

static size_t count_extras(const struct flat_event *event)
{
    size_t count = 0;
    for (size_t i = 0; i < event->count; i++)
        count +=
            event->fields[i].value.type == VALUE_LIST ? event->fields[i].value.list.count + 1 : 1;
    return count;
}

/* A time in another spelling than ours stays an extra, but the event shall have a time. Where the
 * observed time has a name of its own, saying it would say more than the event does. */
static void draft_time(struct draft *draft, const struct flat_event *event)
{
    uint64_t nanos;
    struct view *message = draft->views[ROOT_EVENT];
    const struct value *time = value_of(event, SLICE_LITERAL("UtcTimeCreated"));
    unsigned slot = projection_find(draft->names, SLICE_LITERAL("UtcTimeCreated"));
    const struct home *home = projection_home(draft->names, draft->event.shape, slot);
    if (time == NULL || time->type != VALUE_TEXT || home->cell != CELL_Event_time_unix_nanos ||
        view_has(message, CELL_Event_time_unix_nanos) || !scan_time(&nanos, time->text))
        return;
    set_number(message, CELL_Event_observed_time_unix_nanos, nanos);
}

static int draft_fields(struct draft *draft, const struct flat_event *event)
{
    for (size_t i = 0; i < event->count; i++) {
        const struct flat_field *field = &event->fields[i];
        if (field->value.type == VALUE_ABSENT)
            continue;
        if (event->repeated[i] || !draft_place(draft, field))
            TRY(draft_add_extra(draft, field));
    }
    draft_time(draft, event);
    draft_finish(draft);
    return arena_overflowed(draft->arena) ? STATUS_NO_MEMORY : 0;
}

static int draft_shape(struct flat_encoder *encoder, const struct flat_event *event,
                       enum shape shape)
{
    struct draft *draft = &encoder->draft;
    TRY(draft_start(draft, &encoder->batch, shape, count_extras(event)));
    draft->forms = spelling_forms(encoder->names, event->fields, event->count, shape);
    if (draft->forms != 0) {
        struct view *source = draft_root(draft, ROOT_SOURCE);
        if (source == NULL)
            return STATUS_NO_MEMORY;
        set_number(source, CELL_LogSource_forms, draft->forms);
    }
    return 0;
}

/* Whether the draft says only what the event says. Homes that two names share could say more. */
static bool says_no_more(struct draft *draft, const struct flat_event *event)
{
    if (draft->event.shape != SHAPE_FILE_ACCESS && draft->event.shape != SHAPE_FILE_RENAME)
        return true;
    struct field_iterator iterator;
    struct slice name;
    struct value value;
    bool host_named = view_has(draft->event.roots[ROOT_ORIGIN], CELL_Origin_hostname);
    field_iterate(&iterator, &draft->event, draft->arena);
    while (field_next(&iterator, &name, &value)) {
        bool of_host = host_named && slice_equal(name, SLICE_LITERAL("Computer"));
        const struct value *said = value_of(event, name);
        if (!of_host && value.type != VALUE_LIST && (said == NULL || !value_equal(said, &value)))
            return false;
    }
    return true;
}

enum { NOT_TYPED = 1 };

/* NOT_TYPED: the event does not fit into that shape. */
static int draft_typed(struct flat_encoder *encoder, const struct flat_event *event,
                       enum shape shape)
{
    struct draft *draft = &encoder->draft;
    TRY(draft_shape(encoder, event, shape));
    unsigned cell;
    uint64_t action;
    /* A registry event's action is also its EventType, so only EventType may state it. */
    bool registry = shape_kind(shape) == CELL_Event_registry;
    if (!registry && shape_action(shape, &cell, &action))
        set_number(draft_root(draft, ROOT_KIND), cell, action);
    TRY(draft_fields(draft, event));
    bool fits = draft->extra_count <= EVENT_EXTRAS_MAX &&
                event_shape_find(&draft->event) == shape && says_no_more(draft, event);
    return fits ? 0 : NOT_TYPED;
}

static int draft_generic(struct flat_encoder *encoder, const struct flat_event *event)
{
    struct draft *draft = &encoder->draft;
    TRY(draft_shape(encoder, event, SHAPE_GENERIC));
    TRY(draft_fields(draft, event));
    if (draft->extra_count > EVENT_FIELDS_MAX)
        return STATUS_LIMIT;
    struct view *log = draft_root(draft, ROOT_KIND);
    if (event->product.len != 0)
        set_bytes(log, CELL_GenericLog_product, event->product);
    if (event->category.len != 0)
        set_bytes(log, CELL_GenericLog_category, event->category);
    if (event->service.len != 0)
        set_bytes(log, CELL_GenericLog_service, event->service);
    return 0;
}

static int draft_event(struct flat_encoder *encoder, const struct flat_event *event)
{
    enum shape shape = event->channel.len != 0 ? logged_shape(event) : stated_shape(encoder, event);
    if (shape != SHAPE_NONE) {
        int outcome = draft_typed(encoder, event, shape);
        if (outcome <= 0)
            return outcome;
    }
    return draft_generic(encoder, event);
}

/* --- Writing --- */

static int enlist(struct flat_encoder *encoder, enum root root, struct view *into, unsigned cell)
{
    struct view *process = encoder->draft.views[root];
    if (process == NULL || process->present == 0)
        return 0;
    uint32_t index;
    TRY(roster_find(&encoder->processes, process, &index));
    set_number(into, cell, index);
    return 0;
}

static int enlist_all(struct flat_encoder *encoder)
{
    struct draft *draft = &encoder->draft;
    struct view *event = draft->views[ROOT_EVENT];
    struct view *kind = draft->views[ROOT_KIND];
    TRY(enlist(encoder, ROOT_ACTOR, event, CELL_Event_actor));
    TRY(enlist(encoder, ROOT_PROCESS, kind, CELL_ProcessStart_process));
    TRY(enlist(encoder, ROOT_TARGET, kind, CELL_ProcessInteraction_target));
    struct view *source = draft->views[ROOT_SOURCE];
    if (source == NULL || source->present == 0)
        return 0;
    uint32_t index;
    TRY(roster_find(&encoder->sources, source, &index));
    set_number(event, CELL_Event_source, index);
    return 0;
}

/* What the event could need at most, counted before anything is written. */
static size_t bytes_bound(const struct flat_field fields[], size_t count)
{
    size_t bytes = FIELD_BYTES_OVERHEAD;
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &fields[i].value;
        bytes += fields[i].name.len + FIELD_BYTES_OVERHEAD;
        if (value->type == VALUE_TEXT)
            bytes += value->text.len;
        for (size_t k = 0; value->type == VALUE_LIST && k < value->list.count; k++)
            bytes += fields[i].name.len + FIELD_BYTES_OVERHEAD +
                     (value->list.items[k].type == VALUE_TEXT ? value->list.items[k].text.len : 0);
    }
    return bytes;
}

static bool is_full(const struct flat_encoder *encoder, size_t bytes)
{
    size_t used = encoder->events.len + encoder->processes.bytes.len + encoder->sources.bytes.len;
    return encoder->event_count > 0 &&
           (encoder->event_count == BATCH_EVENTS_MAX || used + bytes > BATCH_BYTES_MAX ||
            encoder->processes.count + EVENT_ROSTER_ENTRIES > BATCH_PROCESSES_MAX ||
            encoder->sources.count == BATCH_SOURCES_MAX);
}

int flat_encoder_add(struct flat_encoder *encoder, const struct flat_field fields[], size_t count,
                     const struct flat_origin *logsource_override)
{
    assert(encoder != NULL && (fields != NULL || count == 0));
    if (count > EVENT_FIELDS_MAX)
        return STATUS_LIMIT;
    if (is_full(encoder, bytes_bound(fields, count)))
        return FLAT_BATCH_FULL;
    arena_reset(encoder->arena);
    struct flat_event event;
    TRY(read_event(&event, encoder, fields, count, logsource_override));
    TRY(draft_event(encoder, &event));
    TRY(enlist_all(encoder));
    TRY(pack_submessage(&encoder->events,
                        yagura__v1__event_batch__descriptor.fields[CELL_EventBatch_events].id,
                        encoder->draft.views[ROOT_EVENT]));
    encoder->event_count++;
    return 0;
}

static struct slice packed(const struct pack *pack)
{
    return slice_of(pack->data, pack->len);
}

int flat_encoder_finish(struct flat_encoder *encoder, struct slice *out)
{
    const ProtobufCFieldDescriptor *fields = yagura__v1__event_batch__descriptor.fields;
    encoder->out.len = 0;
    TRY(pack_submessage(&encoder->out, fields[CELL_EventBatch_origin].id, encoder->batch.origin));
    TRY(pack_append(&encoder->out, packed(&encoder->processes.bytes)));
    TRY(pack_append(&encoder->out, packed(&encoder->sources.bytes)));
    TRY(pack_append(&encoder->out, packed(&encoder->events)));
    TRY(pack_uint64(&encoder->out, fields[CELL_EventBatch_first_sequence].id, encoder->sequence));
    encoder->sequence += encoder->event_count;
    roster_clear(&encoder->processes);
    roster_clear(&encoder->sources);
    encoder->events.len = 0;
    encoder->event_count = 0;
    *out = packed(&encoder->out);
    return 0;
}
