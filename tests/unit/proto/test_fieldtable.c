/* SPDX-License-Identifier: Apache-2.0 */
/* The field table against the schema, against the corpus's list of legal fields, and through the
 * wire: every row absent, empty and zero. */
#include "proto/fieldtable.h"

#include "events.h"
#include "proto/cells.h"
#include "proto/event.h"
#include "proto/event.pb-c.h"
#include "proto/field.h"
#include "proto/pack.h"
#include "views.h"

#include <criterion/criterion.h>
#include <jansson.h>

static const ProtobufCMessageDescriptor *kind_of(unsigned shape)
{
    return yagura__v1__event__descriptor.fields[shape_kind((enum shape)shape)].descriptor;
}

static const ProtobufCMessageDescriptor *message_of(unsigned root, unsigned shape)
{
    switch (root) {
    case ROOT_EVENT:
        return &yagura__v1__event__descriptor;
    case ROOT_KIND:
        return kind_of(shape);
    case ROOT_FILE:
        return &yagura__v1__file_facts__descriptor;
    case ROOT_SOURCE:
        return &yagura__v1__log_source__descriptor;
    case ROOT_ORIGIN:
        return &yagura__v1__origin__descriptor;
    default:
        return &yagura__v1__process_info__descriptor;
    }
}

/* schema.awk reads the schema by itself; protoc-c is the authority. */
Test(fieldtable, names_cells_as_the_descriptors_do)
{
    static const struct {
        const char *name;
        unsigned cell;
        const ProtobufCMessageDescriptor *message;
    } samples[] = {
        {"schema_minor", CELL_EventBatch_schema_minor, &yagura__v1__event_batch__descriptor},
        {"span_id", CELL_Event_span_id, &yagura__v1__event__descriptor},
        {"rule_name", CELL_Event_rule_name, &yagura__v1__event__descriptor},
        {"backup_state", CELL_Event_backup_state, &yagura__v1__event__descriptor},
        {"mark", CELL_KeyValue_mark, &yagura__v1__key_value__descriptor},
        {"raw", CELL_GenericLog_raw, &yagura__v1__generic_log__descriptor},
        {"target", CELL_BackupState_target, &yagura__v1__backup_state__descriptor},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        cr_expect_str_eq(samples[i].message->fields[samples[i].cell].name, samples[i].name);
    static const char *const rows[] = {
#define FIELD(name, shapes, root, message, field, rendering) #field,
#include "proto/fields.def"
#undef FIELD
    };
    for (size_t i = 0; i < field_row_count; i++) {
        unsigned shape = field_rows[i].root == ROOT_KIND
                             ? (unsigned)__builtin_ctzll(field_rows[i].shapes)
                             : SHAPE_GENERIC;
        const ProtobufCMessageDescriptor *message = message_of(field_rows[i].root, shape);
        cr_assert(field_rows[i].cell < message->n_fields);
        cr_expect_str_eq(message->fields[field_rows[i].cell].name, rows[i]);
    }
}

Test(fieldtable, names_the_message_that_its_shapes_have_at_that_root)
{
    for (size_t i = 0; i < field_row_count; i++)
        for (unsigned shape = SHAPE_NONE + 1; shape < SHAPE_COUNT; shape++)
            if (field_row_has(&field_rows[i], shape))
                cr_expect_str_eq(message_of(field_rows[i].root, shape)->short_name,
                                 field_rows[i].message, "%.*s of %s",
                                 SLICE_PRINTF(field_rows[i].name), shape_name((enum shape)shape));
}

/* Iteration, projection and encoder walk from a row to the next of the same name. */
Test(fieldtable, keeps_rows_of_one_name_and_shape_together)
{
    for (size_t i = 0; i < field_row_count; i++) {
        for (size_t k = i + 2; k < field_row_count; k++) {
            bool alike = slice_equal(field_rows[i].name, field_rows[k].name) &&
                         (field_rows[i].shapes & field_rows[k].shapes) != 0;
            cr_expect(!alike || slice_equal(field_rows[k - 1].name, field_rows[k].name),
                      "%.*s stands apart", SLICE_PRINTF(field_rows[k].name));
        }
    }
}

Test(fieldtable, has_a_native_home_or_an_open_shape_for_every_alias)
{
    for (size_t i = 0; i < field_alias_count; i++) {
        uint64_t homes = UINT64_C(1) << SHAPE_GENERIC_4688 | UINT64_C(1) << SHAPE_GENERIC_DEFENDER;
        for (size_t k = 0; k < field_row_count; k++)
            if (slice_equal(field_rows[k].name, field_aliases[i].native))
                homes |= field_rows[k].shapes;
        cr_expect_eq(field_aliases[i].shapes & ~homes, 0, "alias %zu", i);
    }
}

/* --- Legal fields --- */

/* Fields of the corpus's list that have no typed home, and why. */
static bool is_excused(const char *category, const char *field)
{
    static const struct {
        const char *category, *field, *why;
    } excused[] = {
        {"webserver", "date", "the event's time; a source that logs it sends an extra"},
        {"webserver", "time", "as date"},
        {"create_remote_thread", "User", "whose is not said; SourceUser and TargetUser are typed"},
    };
    for (size_t i = 0; i < sizeof excused / sizeof excused[0]; i++)
        if (strcmp(excused[i].category, category) == 0 && strcmp(excused[i].field, field) == 0)
            return true;
    return false;
}

static size_t check_categories(const json_t *product)
{
    const char *category;
    json_t *fields;
    size_t checked = 0;
    json_object_foreach(json_object_get(product, "category"), category, fields)
    {
        if (category_shapes(slice_text(category)) == 0)
            continue;
        for (size_t i = 0; i < json_array_size(fields); i++) {
            const char *field = json_string_value(json_array_get(fields, i));
            cr_expect(field_is_legal(slice_text(category), slice_text(field)) ||
                          is_excused(category, field),
                      "%s of %s has no home", field, category);
            checked++;
        }
        for (size_t i = 0; i < json_array_size(json_object_get(product, "common")); i++)
            cr_expect(field_is_legal(slice_text(category),
                                     slice_text(json_string_value(
                                         json_array_get(json_object_get(product, "common"), i)))));
    }
    return checked;
}

Test(fieldtable, has_a_home_for_every_legal_field_of_a_typed_category)
{
    static const char *const lists[] = {"legit", "addon"};
    static const char *const products[] = {"windows", "linux", "macos", "empty"};
    FILE *stream = events_open_member("tests/logsource.json");
    if (stream == NULL)
        return;
    json_t *all = json_loadf(stream, 0, NULL);
    events_close(stream);
    cr_assert_not_null(all);
    size_t checked = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (size_t k = 0; k < sizeof products / sizeof products[0]; k++)
            checked +=
                check_categories(json_object_get(json_object_get(all, lists[i]), products[k]));
    cr_expect_gt(checked, 250);
    json_decref(all);
}

Test(fieldtable, tells_the_linter_what_a_category_does_not_have)
{
    static const struct {
        const char *category, *name;
        bool legal;
    } rows[] = {
        {"process_creation", "CommandLine", true},
        {"process_creation", "Commandline", false},
        {"process_creation", "TargetFilename", false},
        {"process_creation", "NewProcessName", true}, /* of a 4688 */
        {"file_event", "TargetFilename", true},
        {"file_event", "QueryName", false},
        {"registry_event", "Details", true},
        {"clipboard_change", "ClientInfo", true},
        {"clipboard_capture", "ClientInfo", true},
        {"antivirus", "Anything", true},
        {"not_a_category", "Anything", true},
        {"", "Anything", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(field_is_legal(slice_text(rows[i].category), slice_text(rows[i].name)),
                     rows[i].legal, "row %zu", i);
}

/* --- Presence through the wire --- */

enum presence { FIELD_ABSENT, FIELD_ZERO };

struct probe {
    struct arena *arena;
    struct pack pack;
    struct batch batch;
};

/* Zero is a number 0, or empty text; what has a length of its own is all zero bytes. */
static void set_zero(struct arena *arena, const struct field_row *row, struct view *view)
{
    static const size_t lengths[RENDER_COUNT] = {
        [RENDER_GUID] = 16, [RENDER_GUID_BARE] = 16, [RENDER_IP] = 4, [RENDER_HASHES] = 20};
    views_set(view, row->cell)->u64 = 0;
    if (view->descriptor->fields[row->cell].type == PROTOBUF_C_TYPE_BYTES)
        view->cells[row->cell].bytes =
            slice_of(arena_take_zeroed(arena, 1, 32), lengths[row->rendering]);
}

/* A batch of one event of that shape, with that row's cell as stated. */
static void make_batch(struct probe *probe, const struct field_row *row, unsigned shape,
                       enum presence presence)
{
    struct arena *arena = probe->arena;
    struct view *roots[ROOT_COUNT] = {NULL};
    for (unsigned root = 0; root < ROOT_COUNT; root++)
        roots[root] = views_message(arena, message_of(root, shape));
    if (presence == FIELD_ZERO)
        set_zero(arena, row, roots[row->root]);
    unsigned cell;
    uint64_t action;
    bool of_action = row->root == ROOT_KIND && shape_action((enum shape)shape, &cell, &action) &&
                     row->cell == cell;
    if (!of_action && shape_action((enum shape)shape, &cell, &action))
        views_set(roots[ROOT_KIND], cell)->u64 = action;
    views_set(roots[ROOT_EVENT], CELL_Event_source)->u64 = 1;
    views_set(roots[ROOT_EVENT], CELL_Event_actor)->u64 = 1;
    const ProtobufCMessageDescriptor *kind = roots[ROOT_KIND]->descriptor;
    for (unsigned i = 0; i < kind->n_fields; i++) {
        if (kind->fields[i].descriptor == &yagura__v1__file_facts__descriptor &&
            kind->fields[i].label != PROTOBUF_C_LABEL_REPEATED)
            views_set(roots[ROOT_KIND], i)->message = roots[ROOT_FILE];
        if (strcmp(kind->fields[i].name, "process") == 0)
            views_set(roots[ROOT_KIND], i)->u64 = 2;
        if (strcmp(kind->fields[i].name, "target") == 0 &&
            kind->fields[i].type == PROTOBUF_C_TYPE_UINT32)
            views_set(roots[ROOT_KIND], i)->u64 = 3;
    }
    views_set(roots[ROOT_PROCESS], CELL_ProcessInfo_file)->message = roots[ROOT_FILE];
    views_set(roots[ROOT_EVENT], shape_kind((enum shape)shape))->message = roots[ROOT_KIND];
    /* What only the log decides. */
    if (shape == SHAPE_PROCESS_START_SECURITY || shape == SHAPE_SENSOR_ERROR) {
        bool security = shape == SHAPE_PROCESS_START_SECURITY;
        views_set(roots[ROOT_SOURCE], CELL_LogSource_channel)->bytes =
            security ? SLICE_LITERAL("Security")
                     : SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational");
        views_set(roots[ROOT_EVENT], CELL_Event_event_id)->u64 = security ? 4688 : 255;
    }
    probe->pack.len = 0;
    cr_assert_eq(pack_submessage(&probe->pack, 1, roots[ROOT_ORIGIN]), 0);
    cr_assert_eq(pack_submessage(&probe->pack, 2, roots[ROOT_ACTOR]), 0);
    cr_assert_eq(pack_submessage(&probe->pack, 2, roots[ROOT_PROCESS]), 0);
    cr_assert_eq(pack_submessage(&probe->pack, 2, roots[ROOT_TARGET]), 0);
    cr_assert_eq(pack_submessage(&probe->pack, 3, roots[ROOT_SOURCE]), 0);
    cr_assert_eq(pack_submessage(&probe->pack, 4, roots[ROOT_EVENT]), 0);
}

static struct value read_back(struct probe *probe, const struct field_row *row, unsigned shape)
{
    static const struct batch_options options = {0};
    struct slice bytes = slice_of(probe->pack.data, probe->pack.len);
    int decoded = batch_decode(&probe->batch, bytes, &options, probe->arena);
    cr_assert_eq(decoded, 0, "%.*s of %s: %s", SLICE_PRINTF(row->name),
                 shape_name((enum shape)shape), reason_label(probe->batch.reason));
    const struct event *event = &probe->batch.events[0];
    cr_assert_eq(event->shape, shape, "%.*s: %s is %s", SLICE_PRINTF(row->name),
                 shape_name((enum shape)shape), shape_name((enum shape)event->shape));
    struct value value;
    uint8_t *buffer = arena_take_bytes(probe->arena, RENDER_BYTES_MAX);
    if (!render_value(&value, event->roots[row->root], row->cell, (enum rendering)row->rendering,
                      event_forms(event), buffer))
        value = (struct value){.type = VALUE_ABSENT};
    return value;
}

/* Numbers that stand for words have no word for zero, but for false and "CreatePipe". */
static bool zero_has_no_word(enum rendering rendering)
{
    return rendering == RENDER_PROTOCOL || rendering == RENDER_INTEGRITY ||
           rendering == RENDER_LABEL || rendering == RENDER_SIGNATURE_STATUS ||
           rendering == RENDER_REGISTRY_ACTION;
}

static bool is_zero(const struct field_row *row, const struct value *value)
{
    if (zero_has_no_word((enum rendering)row->rendering))
        return value->type == VALUE_ABSENT;
    if (row->rendering == RENDER_TEXT)
        return value->type == VALUE_TEXT && value->text.len == 0;
    if (row->rendering == RENDER_INTEGER || row->rendering == RENDER_NUMBER)
        return value->type == VALUE_INTEGER && value->integer == 0;
    return value->type == VALUE_TEXT && value->text.len > 0;
}

/* Rows whose cell is what the shape is decided by can't be probed for absence in isolation. */
static bool decides_shape(const struct field_row *row, unsigned shape)
{
    return (shape == SHAPE_PROCESS_START_SECURITY || shape == SHAPE_SENSOR_ERROR) &&
           ((row->root == ROOT_EVENT && row->cell == CELL_Event_event_id) ||
            (row->root == ROOT_SOURCE && row->cell == CELL_LogSource_channel));
}

static bool is_probed(const struct field_row *row, unsigned shape)
{
    bool open = shape == SHAPE_GENERIC_4688 || shape == SHAPE_GENERIC_DEFENDER;
    /* A registry event without an action is REGISTRY_OTHER: there absence is probed. */
    bool action = row->rendering == RENDER_REGISTRY_ACTION && shape != SHAPE_REGISTRY_OTHER;
    /* An ended process brings no facts of its file. */
    bool stop_file = row->root == ROOT_FILE && shape == SHAPE_PROCESS_STOP;
    return field_row_has(row, shape) && !open && !action && !stop_file &&
           !decides_shape(row, shape);
}

Test(fieldtable, tells_absent_from_empty_and_zero_for_every_row_and_shape)
{
    struct probe probe = {.arena = views_arena()};
    size_t probed = 0;
    for (size_t i = 0; i < field_row_count; i++) {
        for (unsigned shape = SHAPE_NONE + 1; shape < SHAPE_COUNT; shape++) {
            const struct field_row *row = &field_rows[i];
            if (!is_probed(row, shape))
                continue;
            arena_reset(probe.arena);
            make_batch(&probe, row, shape, FIELD_ABSENT);
            struct value absent = read_back(&probe, row, shape);
            cr_expect_eq(absent.type, VALUE_ABSENT, "%.*s of %s appears from nothing",
                         SLICE_PRINTF(row->name), shape_name((enum shape)shape));
            make_batch(&probe, row, shape, FIELD_ZERO);
            struct value zero = read_back(&probe, row, shape);
            cr_expect(is_zero(row, &zero), "%.*s of %s is lost", SLICE_PRINTF(row->name),
                      shape_name((enum shape)shape));
            probed++;
        }
    }
    cr_expect_gt(probed, 1000);
    pack_deinit(&probe.pack);
    arena_free(probe.arena);
}
