/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fieldtable.h"

#include "proto/cells.h"
#include "proto/event.h"

/* Sets of shapes that rows of fields.def share. */
#define ONE(shape) (UINT64_C(1) << SHAPE_##shape)
#define ALL        UINT64_MAX

#define PROCESSES   (ONE(PROCESS_START) | ONE(PROCESS_STOP))
#define SHAPES_4688 (ONE(PROCESS_START_SECURITY) | ONE(GENERIC_4688))
#define FILES                                                                                      \
    (ONE(FILE_CREATE) | ONE(FILE_DELETE) | ONE(FILE_DELETE_DETECTED) | ONE(FILE_RENAME) |          \
     ONE(FILE_CHANGE_TIME) | ONE(FILE_ACCESS) | ONE(FILE_STREAM) | ONE(FILE_EXECUTABLE_DETECTED) | \
     ONE(FILE_BLOCK_EXECUTABLE) | ONE(FILE_BLOCK_SHREDDING) | ONE(FILE_RAW_READ) |                 \
     ONE(FILE_OTHER))
#define KERNEL_FILES (ONE(FILE_ACCESS) | ONE(FILE_RENAME))
#define REGISTRY                                                                                   \
    (ONE(REGISTRY_SET) | ONE(REGISTRY_ADD) | ONE(REGISTRY_DELETE) | ONE(REGISTRY_RENAME) |         \
     ONE(REGISTRY_OTHER))
#define MODULES      (ONE(IMAGE_LOAD) | ONE(DRIVER_LOAD))
#define CLASSIC      (ONE(PS_CLASSIC_START) | ONE(PS_CLASSIC_PROVIDER) | ONE(PS_CLASSIC_SCRIPT))
#define TEXTS        (ONE(PS_SCRIPT) | ONE(SCRIPT_OTHER))
#define SCRIPTS      (TEXTS | ONE(PS_MODULE) | CLASSIC)
#define PAIRS        (ONE(PROCESS_ACCESS) | ONE(REMOTE_THREAD) | ONE(INTERACTION_OTHER))
#define INTERACTIONS (PAIRS | ONE(TAMPERING) | ONE(RAW_ACCESS))
#define SENSOR       (ONE(SENSOR_STATUS) | ONE(SENSOR_ERROR))
#define PROXY        ONE(HTTP_PROXY)
#define HTTP         (PROXY | ONE(HTTP_WEBSERVER) | ONE(HTTP_OTHER))
#define ACCOUNTS                                                                                   \
    (ONE(AUTHENTICATION) | ONE(ACCOUNT_CHANGE) | ONE(PERSISTENCE) | ONE(PERIPHERAL) |              \
     ONE(THREAT) | ONE(SOFTWARE_CHANGE))

/* Events of sensors that state their own time, against those of logs. */
#define LOGGED                                                                                     \
    (SHAPES_4688 | ONE(PS_SCRIPT) | ONE(PS_MODULE) | CLASSIC | ONE(GENERIC) | ONE(GENERIC_DEFENDER))
#define SENSED (ALL & ~(uint64_t)LOGGED)

/* Shapes whose acting process rules read as Image, User, CommandLine ... */
#define ACTED                                                                                      \
    (FILES | REGISTRY | MODULES | SCRIPTS | ONE(NETWORK_CONNECTION) | ONE(DNS_QUERY) |             \
     ONE(TAMPERING) | ONE(RAW_ACCESS) | ONE(PIPE) | ONE(WMI) | ONE(CLIPBOARD) | SENSOR | ACCOUNTS)

/* Shapes with FileFacts, and what rules read of them. */
#define IMAGES (PROCESSES | MODULES)
#define SIGNED (PROCESSES | MODULES)
#define HASHED (PROCESSES | MODULES | (FILES & ~ONE(FILE_STREAM)) | ONE(CLIPBOARD) | ONE(THREAT))

const struct field_row field_rows[] = {
#define FIELD(name, shapes, root, message, field, rendering)                                       \
    {SLICE_INIT(name), shapes, #message, ROOT_##root, CELL_##message##_##field, RENDER_##rendering},
#include "proto/fields.def"
#undef FIELD
};
const size_t field_row_count = sizeof(field_rows) / sizeof(field_rows[0]);

const struct field_alias field_aliases[] = {
#define ALIAS(name, native, shapes) {SLICE_INIT(name), SLICE_INIT(native), shapes},
#include "proto/aliases.def"
#undef ALIAS
};
const size_t field_alias_count = sizeof(field_aliases) / sizeof(field_aliases[0]);

uint32_t event_forms(const struct event *event)
{
    const struct view *source = event->roots[ROOT_SOURCE];
    return (uint32_t)view_number(source, CELL_LogSource_forms);
}

static uint32_t number_of(const struct view *view, unsigned cell)
{
    return (uint32_t)view_number(view, cell);
}

uint32_t event_process_index(const struct event *event, enum root root)
{
    uint64_t shape = UINT64_C(1) << event->shape;
    bool about_process = (shape & (PROCESSES | ONE(PROCESS_START_SECURITY))) != 0;
    if (root == ROOT_ACTOR)
        return number_of(event->roots[ROOT_EVENT], CELL_Event_actor);
    if (root == ROOT_TARGET && (shape & INTERACTIONS) != 0)
        return number_of(event->roots[ROOT_KIND], CELL_ProcessInteraction_target);
    if ((root == ROOT_PROCESS || root == ROOT_FILE) && about_process)
        return number_of(event->roots[ROOT_KIND], CELL_ProcessStart_process);
    return 0;
}

_Static_assert((int)CELL_ProcessStart_process == (int)CELL_ProcessStop_process,
               "one look-up serves both kinds");
