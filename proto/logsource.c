/* SPDX-License-Identifier: Apache-2.0 */
/* One table of its own, shapes.def (shape -> categories); what channels and numbers mean is
 * channel.c's.
 *
 * A typed event says what it is by its kind and action; the number of its log only decides where
 * the action is not stated. That is the case more often than one would think: a forwarder that
 * overwrites Sysmon's EventType leaves a registry event of which only the number speaks. A
 * GenericLog says what it states itself, and what its channel and number show. */
#include "proto/logsource.h"

#include "proto/cells.h"
#include "proto/channel.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"

#include <assert.h>

_Static_assert(SHAPE_COUNT <= 64, "sets of shapes are 64 bits");

struct shape_row {
    const char *name;
    unsigned kind; /* cell of Event */
    struct slice category, also;
};

static const struct shape_row shapes[SHAPE_COUNT] = {
    [SHAPE_NONE] = {"NONE", 0, {NULL, 0}, {NULL, 0}},
#define SHAPE(name, kind, category, also)                                                          \
    [SHAPE_##name] = {#name, CELL_Event_##kind, SLICE_INIT(category), SLICE_INIT(also)},
#include "proto/shapes.def"
#undef SHAPE
};

static const struct slice platform_products[] = {
    [YAGURA__V1__PLATFORM__PLATFORM_WINDOWS] = SLICE_INIT("windows"),
    [YAGURA__V1__PLATFORM__PLATFORM_LINUX] = SLICE_INIT("linux"),
    [YAGURA__V1__PLATFORM__PLATFORM_MACOS] = SLICE_INIT("macos"),
    [YAGURA__V1__PLATFORM__PLATFORM_ANDROID] = SLICE_INIT("android"),
    [YAGURA__V1__PLATFORM__PLATFORM_IOS] = SLICE_INIT("ios"),
    [YAGURA__V1__PLATFORM__PLATFORM_CHROMEOS] = SLICE_INIT("chromeos"),
};

/* --- Shapes of typed kinds by their action --- */

static const uint8_t file_shapes[] = {
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_CREATE] = SHAPE_FILE_CREATE,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_DELETE] = SHAPE_FILE_DELETE,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_RENAME] = SHAPE_FILE_RENAME,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_CHANGE_TIME] = SHAPE_FILE_CHANGE_TIME,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_ACCESS] = SHAPE_FILE_ACCESS,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_STREAM] = SHAPE_FILE_STREAM,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_EXECUTABLE_DETECTED] = SHAPE_FILE_EXECUTABLE_DETECTED,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_BLOCK_EXECUTABLE] = SHAPE_FILE_BLOCK_EXECUTABLE,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_MODIFY] = SHAPE_FILE_OTHER,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_DELETE_DETECTED] = SHAPE_FILE_DELETE_DETECTED,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_BLOCK_SHREDDING] = SHAPE_FILE_BLOCK_SHREDDING,
    [YAGURA__V1__FILE_ACTION__FILE_ACTION_RAW_READ] = SHAPE_FILE_RAW_READ,
};
static const uint8_t registry_shapes[] = {
    [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_SET] = SHAPE_REGISTRY_SET,
    [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_CREATE_KEY] = SHAPE_REGISTRY_ADD,
    [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_DELETE_KEY] = SHAPE_REGISTRY_DELETE,
    [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_DELETE_VALUE] = SHAPE_REGISTRY_DELETE,
    [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_RENAME_KEY] = SHAPE_REGISTRY_RENAME,
    [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_RENAME_VALUE] = SHAPE_REGISTRY_RENAME,
};
static const uint8_t module_shapes[] = {SHAPE_IMAGE_LOAD, SHAPE_DRIVER_LOAD};
static const uint8_t script_shapes[] = {
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_PS_SCRIPT] = SHAPE_PS_SCRIPT,
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_PS_MODULE] = SHAPE_PS_MODULE,
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_PS_CLASSIC_START] = SHAPE_PS_CLASSIC_START,
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_AMSI] = SHAPE_SCRIPT_OTHER,
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_SHELL] = SHAPE_SCRIPT_OTHER,
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_PS_CLASSIC_PROVIDER] = SHAPE_PS_CLASSIC_PROVIDER,
    [YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_PS_CLASSIC_SCRIPT] = SHAPE_PS_CLASSIC_SCRIPT,
};
static const uint8_t interaction_shapes[] = {
    [YAGURA__V1__INTERACTION_TYPE__INTERACTION_TYPE_ACCESS] = SHAPE_PROCESS_ACCESS,
    [YAGURA__V1__INTERACTION_TYPE__INTERACTION_TYPE_REMOTE_THREAD] = SHAPE_REMOTE_THREAD,
    [YAGURA__V1__INTERACTION_TYPE__INTERACTION_TYPE_TAMPERING] = SHAPE_TAMPERING,
    [YAGURA__V1__INTERACTION_TYPE__INTERACTION_TYPE_RAW_ACCESS] = SHAPE_RAW_ACCESS,
};
static const uint8_t http_shapes[] = {
    [YAGURA__V1__HTTP_ROLE__HTTP_ROLE_PROXY] = SHAPE_HTTP_PROXY,
    [YAGURA__V1__HTTP_ROLE__HTTP_ROLE_WEBSERVER] = SHAPE_HTTP_WEBSERVER,
    [YAGURA__V1__HTTP_ROLE__HTTP_ROLE_BROWSER] = SHAPE_HTTP_OTHER,
};

/* A kind whose action decides: where the action is, what its values mean (SHAPE_NONE: not stated),
 * and the shape of those that mean nothing to us. */
struct action_row {
    unsigned action; /* cell of the kind's message */
    const uint8_t *shapes;
    size_t shape_count;
    enum shape other;
};

#define ACTIONS(cell, table, other)                                                                \
    {                                                                                              \
        cell, table, sizeof(table), other                                                          \
    }

/* By cell of Event. */
static const struct action_row actions[VIEW_CELLS_MAX] = {
    [CELL_Event_file] = ACTIONS(CELL_FileActivity_action, file_shapes, SHAPE_FILE_OTHER),
    [CELL_Event_registry] =
        ACTIONS(CELL_RegistryActivity_action, registry_shapes, SHAPE_REGISTRY_OTHER),
    [CELL_Event_module_load] = ACTIONS(CELL_ModuleLoad_is_driver, module_shapes, SHAPE_IMAGE_LOAD),
    [CELL_Event_script] = ACTIONS(CELL_ScriptActivity_source, script_shapes, SHAPE_SCRIPT_OTHER),
    [CELL_Event_interaction] =
        ACTIONS(CELL_ProcessInteraction_type, interaction_shapes, SHAPE_INTERACTION_OTHER),
    [CELL_Event_http] = ACTIONS(CELL_HttpActivity_role, http_shapes, SHAPE_HTTP_OTHER),
};

/* Kinds of which every event has the same shape, or whose shape the number of the log decides. */
static const uint8_t default_shapes[VIEW_CELLS_MAX] = {
    [CELL_Event_process_start] = SHAPE_PROCESS_START,
    [CELL_Event_process_stop] = SHAPE_PROCESS_STOP,
    [CELL_Event_network] = SHAPE_NETWORK_CONNECTION,
    [CELL_Event_dns] = SHAPE_DNS_QUERY,
    [CELL_Event_generic] = SHAPE_GENERIC,
    [CELL_Event_pipe] = SHAPE_PIPE,
    [CELL_Event_wmi] = SHAPE_WMI,
    [CELL_Event_clipboard] = SHAPE_CLIPBOARD,
    [CELL_Event_sensor_status] = SHAPE_SENSOR_STATUS,
    [CELL_Event_authentication] = SHAPE_AUTHENTICATION,
    [CELL_Event_account_change] = SHAPE_ACCOUNT_CHANGE,
    [CELL_Event_persistence] = SHAPE_PERSISTENCE,
    [CELL_Event_peripheral] = SHAPE_PERIPHERAL,
    [CELL_Event_email] = SHAPE_EMAIL,
    [CELL_Event_threat] = SHAPE_THREAT,
    [CELL_Event_software_change] = SHAPE_SOFTWARE_CHANGE,
    [CELL_Event_device_inventory] = SHAPE_DEVICE_INVENTORY,
    [CELL_Event_os_state] = SHAPE_OS_STATE,
    [CELL_Event_software_inventory] = SHAPE_SOFTWARE_INVENTORY,
    [CELL_Event_security_state] = SHAPE_SECURITY_STATE,
    [CELL_Event_config_check] = SHAPE_CONFIG_CHECK,
    [CELL_Event_browser_state] = SHAPE_BROWSER_STATE,
    [CELL_Event_sensor_health] = SHAPE_SENSOR_HEALTH,
    [CELL_Event_mobile_state] = SHAPE_MOBILE_STATE,
    [CELL_Event_backup_state] = SHAPE_BACKUP_STATE,
};

static const uint64_t kind_cells =
#define SHAPE(name, kind, category, also) UINT64_C(1) << CELL_Event_##kind |
#include "proto/shapes.def"
#undef SHAPE
    0;

unsigned event_kind(const struct view *message)
{
    uint64_t kinds = message == NULL ? 0 : message->present & kind_cells;
    return kinds == 0 ? VIEW_CELLS_MAX : (unsigned)__builtin_ctzll(kinds);
}

/* --- What a GenericLog says in its fields, where the event itself doesn't --- */

static bool decimal(struct slice text, uint64_t *out)
{
    enum { DIGITS_MAX = 9 };
    if (text.len == 0 || text.len > DIGITS_MAX)
        return false;
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *out = *out * 10 + (text.data[i] - '0');
    }
    return true;
}

/* The next field of that key at or after *at; NULL at the end. */
static const struct view *generic_field(const struct view *generic, struct slice key, size_t *at)
{
    if (!view_has(generic, CELL_GenericLog_fields))
        return NULL;
    const struct view_list *fields = &generic->cells[CELL_GenericLog_fields].list;
    while (*at < fields->count) {
        const struct view *field = fields->items[(*at)++].message;
        if (slice_equal(view_bytes(field, CELL_KeyValue_key), key))
            return field;
    }
    return NULL;
}

/* SHAPE_REGISTRY_ADD, DELETE or OTHER, by any value of EventType. */
static enum shape generic_registry_shape(const struct view *generic)
{
    size_t at = 0;
    const struct view *field;
    while ((field = generic_field(generic, SLICE_LITERAL("EventType"), &at)) != NULL) {
        enum shape shape = registry_shape(view_bytes(field, CELL_KeyValue_text));
        if (shape != SHAPE_REGISTRY_OTHER)
            return shape;
    }
    return SHAPE_REGISTRY_OTHER;
}

/* The number as the event states it, or as a field EventID spells it; UINT64_MAX: unknown. */
static uint64_t event_id_of(const struct event *event)
{
    const struct view *message = event->roots[ROOT_EVENT];
    if (view_has(message, CELL_Event_event_id))
        return message->cells[CELL_Event_event_id].u64;
    if (event_kind(message) != CELL_Event_generic)
        return UINT64_MAX;
    size_t at = 0;
    uint64_t number;
    const struct view *field =
        generic_field(event->roots[ROOT_KIND], SLICE_LITERAL("EventID"), &at);
    if (field != NULL && decimal(view_bytes(field, CELL_KeyValue_text), &number))
        return number;
    return UINT64_MAX;
}

/* What channel and number say, for any kind of event. */
static enum shape shape_of_log(const struct event *event)
{
    if (event->roots[ROOT_SOURCE] == NULL)
        return SHAPE_NONE;
    struct slice channel = view_bytes(event->roots[ROOT_SOURCE], CELL_LogSource_channel);
    enum shape shape = logsource_shape(channel, event_id_of(event));
    if (shape == SHAPE_REGISTRY_OTHER && event_kind(event->roots[ROOT_EVENT]) == CELL_Event_generic)
        return generic_registry_shape(event->roots[ROOT_KIND]);
    return shape;
}

static enum shape generic_shape(const struct event *event)
{
    switch ((unsigned)shape_of_log(event)) {
    case SHAPE_PROCESS_START_SECURITY:
        return SHAPE_GENERIC_4688;
    case SHAPE_GENERIC_DEFENDER:
        return SHAPE_GENERIC_DEFENDER;
    default:
        return SHAPE_GENERIC;
    }
}

/* The shape that the action states; SHAPE_NONE if it states none. */
static enum shape shape_of_action(const struct action_row *row, const struct view *kind)
{
    if (!view_has(kind, row->action))
        return SHAPE_NONE;
    uint64_t action = kind->cells[row->action].u64;
    return action < row->shape_count ? (enum shape)row->shapes[action] : row->other;
}

enum shape event_shape_find(const struct event *event)
{
    unsigned kind = event_kind(event->roots[ROOT_EVENT]);
    if (kind >= VIEW_CELLS_MAX)
        return SHAPE_NONE;
    if (kind == CELL_Event_generic)
        return generic_shape(event);
    const struct action_row *row = &actions[kind];
    enum shape shape =
        row->shapes == NULL ? SHAPE_NONE : shape_of_action(row, event->roots[ROOT_KIND]);
    if (shape != SHAPE_NONE)
        return shape;
    enum shape by_log = shape_of_log(event);
    if (by_log != SHAPE_NONE && shapes[by_log].kind == kind)
        return by_log;
    return row->shapes == NULL ? (enum shape)default_shapes[kind] : row->other;
}

/* --- Log sources --- */

static void add_unique(struct slice *items, size_t *count, size_t count_max, struct slice item)
{
    if (item.len == 0)
        return;
    for (size_t i = 0; i < *count; i++)
        if (slice_equal(items[i], item))
            return;
    assert(*count < count_max);
    items[(*count)++] = item;
}

static void add_category(struct logsource_set *out, struct slice category)
{
    add_unique(out->categories, &out->category_count, LOGSOURCE_CATEGORIES_MAX, category);
}

static void add_service(struct logsource_set *out, struct slice service)
{
    add_unique(out->services, &out->service_count, LOGSOURCE_SERVICES_MAX, service);
}

static struct slice product_of(const struct event *event)
{
    if (view_bytes(event->roots[ROOT_SOURCE], CELL_LogSource_channel).len != 0)
        return SLICE_LITERAL("windows");
    uint32_t platform = event->batch->platform;
    if (platform < sizeof(platform_products) / sizeof(platform_products[0]))
        return platform_products[platform];
    return (struct slice){NULL, 0};
}

void event_logsources(struct logsource_set *out, const struct event *event)
{
    *out = (struct logsource_set){.product = product_of(event)};
    assert(event->shape < SHAPE_COUNT);
    enum shape shape = (enum shape)event->shape;
    if (shapes[shape].kind == CELL_Event_generic) {
        const struct view *generic = event->roots[ROOT_KIND];
        struct slice product = view_bytes(generic, CELL_GenericLog_product);
        out->product = product.len != 0 ? product : out->product;
        add_category(out, view_bytes(generic, CELL_GenericLog_category));
        add_service(out, view_bytes(generic, CELL_GenericLog_service));
        shape = shape_of_log(event);
    }
    add_category(out, shapes[shape].category);
    add_category(out, shapes[shape].also);
    if (event->roots[ROOT_SOURCE] != NULL)
        add_service(out,
                    channel_service(view_bytes(event->roots[ROOT_SOURCE], CELL_LogSource_channel)));
}

bool event_logsources_repeat(const struct event *event)
{
    assert(event->shape < SHAPE_COUNT);
    return event->shape != SHAPE_NONE && shapes[event->shape].kind != CELL_Event_generic;
}

uint64_t category_shapes(struct slice category)
{
    uint64_t found = 0;
    for (unsigned shape = 0; shape < SHAPE_COUNT && category.len != 0; shape++)
        if (slice_equal(shapes[shape].category, category) ||
            slice_equal(shapes[shape].also, category))
            found |= UINT64_C(1) << shape;
    return found;
}

struct slice shape_category(enum shape shape)
{
    assert((unsigned)shape < SHAPE_COUNT);
    return shapes[shape].category;
}

unsigned shape_kind(enum shape shape)
{
    assert(shape != SHAPE_NONE && (unsigned)shape < SHAPE_COUNT);
    return shapes[shape].kind;
}

bool shape_action(enum shape shape, unsigned *cell, uint64_t *action)
{
    const struct action_row *row = &actions[shape_kind(shape)];
    for (size_t i = 0; i < row->shape_count; i++) {
        if (row->shapes[i] != shape)
            continue;
        *cell = row->action;
        *action = i;
        return true;
    }
    return false;
}

uint32_t platform_of_product(struct slice product)
{
    for (uint32_t i = 1; i < sizeof(platform_products) / sizeof(platform_products[0]); i++)
        if (slice_equal(platform_products[i], product))
            return i;
    return 0;
}

const char *shape_name(enum shape shape)
{
    assert((unsigned)shape < SHAPE_COUNT);
    return shapes[shape].name;
}
