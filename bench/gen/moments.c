/* SPDX-License-Identifier: Apache-2.0 */
/* One function per kind of event, looked up by kind; what a scene's step says is built by the same
 * functions as everyday life, so that nothing but its content gives an attack away. */
#include "gen/moments.h"

#include "gen/catalogue.h"
#include "gen/draw.h"
#include "gen/phrase.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { PROTOCOL_TCP = 6, LOG_FIELDS_MAX = 8 };

/* What an event says, from everyday life or from a scene: two templates and a key. */
struct content {
    const char *a, *b, *c;
    uint64_t key;
};

static struct slice text(const struct builder *builder, const char *template, uint64_t key)
{
    struct draw draw = draw_from(key);
    return phrase(builder->arena, template, builder->endpoint, &draw);
}

#define KIND(event_, member, name, type, prefix)                                                   \
    do {                                                                                           \
        (event_)->kind_case = YAGURA__V1__EVENT__KIND_##name;                                      \
        (event_)->member = NEW(builder->arena, type, prefix);                                      \
        if ((event_)->member == NULL)                                                              \
            return STATUS_NO_MEMORY;                                                               \
    } while (0)

static int build_file(Yagura__V1__Event *event, struct builder *builder,
                      const struct content *content)
{
    KIND(event, file, FILE, Yagura__V1__FileActivity, yagura__v1__file_activity);
    SET(event->file, action, YAGURA__V1__FILE_ACTION__FILE_ACTION_CREATE);
    SET_BYTES(event->file, target_filename, text(builder, content->a, content->key));
    return 0;
}

static int build_stream(Yagura__V1__Event *event, struct builder *builder,
                        const struct content *content)
{
    KIND(event, file, FILE, Yagura__V1__FileActivity, yagura__v1__file_activity);
    SET(event->file, action, YAGURA__V1__FILE_ACTION__FILE_ACTION_STREAM);
    SET_BYTES(event->file, target_filename, text(builder, content->a, content->key));
    SET_BYTES(event->file, stream_contents, text(builder, content->b, content->key));
    return 0;
}

static int build_registry(Yagura__V1__Event *event, struct builder *builder,
                          const struct content *content)
{
    KIND(event, registry, REGISTRY, Yagura__V1__RegistryActivity, yagura__v1__registry_activity);
    SET(event->registry, action, YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_SET);
    SET_BYTES(event->registry, target_object, text(builder, content->a, content->key));
    if (strcmp(content->b, "1") == 0)
        SET(event->registry, details_dword, 1);
    else
        SET_BYTES(event->registry, details, text(builder, content->b, content->key));
    return 0;
}

static struct slice address_of(struct builder *builder, const char *dotted)
{
    uint8_t *bytes = arena_take_bytes(builder->arena, 4);
    if (bytes == NULL)
        return (struct slice){0};
    for (size_t i = 0; i < 4; i++) {
        char *end;
        bytes[i] = (uint8_t)strtoul(dotted, &end, 10);
        dotted = *end == '.' ? end + 1 : end;
    }
    return slice_of(bytes, 4);
}

static int build_network(Yagura__V1__Event *event, struct builder *builder,
                         const struct content *content)
{
    KIND(event, network, NETWORK, Yagura__V1__NetworkConnection, yagura__v1__network_connection);
    struct draw draw = draw_from(content->key);
    Yagura__V1__NetworkConnection *network = event->network;
    SET(network, initiated, 1);
    SET(network, ip_protocol, PROTOCOL_TCP);
    SET_BYTES(network, source_ip, slice_of(builder->endpoint->address, 4));
    SET(network, source_port, 49152 + draw_below(&draw, 16384));
    SET_BYTES(network, destination_ip, address_of(builder, content->a));
    SET(network, destination_port, (uint32_t)strtoul(content->b, NULL, 10));
    return 0;
}

static int build_name(Yagura__V1__Event *event, struct builder *builder,
                      const struct content *content)
{
    KIND(event, dns, DNS, Yagura__V1__DnsQuery, yagura__v1__dns_query);
    SET_BYTES(event->dns, query_name, text(builder, content->a, content->key));
    SET_BYTES(event->dns, query_results, text(builder, content->b, content->key));
    SET(event->dns, query_status, 0);
    return 0;
}

static int build_module(Yagura__V1__Event *event, struct builder *builder,
                        const struct content *content)
{
    KIND(event, module_load, MODULE_LOAD, Yagura__V1__ModuleLoad, yagura__v1__module_load);
    SET_BYTES(event->module_load, image_loaded, text(builder, content->a, content->key));
    Yagura__V1__FileFacts *facts =
        NEW(builder->arena, Yagura__V1__FileFacts, yagura__v1__file_facts);
    if (facts == NULL)
        return STATUS_NO_MEMORY;
    SET(facts, is_signed, 1);
    SET_BYTES(facts, signer, slice_text(content->b));
    SET(facts, signature_status, YAGURA__V1__SIGNATURE_STATUS__SIGNATURE_STATUS_VALID);
    event->module_load->file = facts;
    return 0;
}

static int build_driver(Yagura__V1__Event *event, struct builder *builder,
                        const struct content *content)
{
    TRY(build_module(event, builder, content));
    SET(event->module_load, is_driver, 1);
    return 0;
}

static int build_pipe(Yagura__V1__Event *event, struct builder *builder,
                      const struct content *content)
{
    KIND(event, pipe, PIPE, Yagura__V1__PipeActivity, yagura__v1__pipe_activity);
    SET_BYTES(event->pipe, pipe_name, text(builder, content->a, content->key));
    SET(event->pipe, connected, 0);
    return 0;
}

static int build_script(Yagura__V1__Event *event, struct builder *builder,
                        const struct content *content)
{
    KIND(event, script, SCRIPT, Yagura__V1__ScriptActivity, yagura__v1__script_activity);
    SET(event->script, source, YAGURA__V1__SCRIPT_SOURCE__SCRIPT_SOURCE_PS_SCRIPT);
    SET_BYTES(event->script, text, text(builder, content->a, content->key));
    SET(event->script, part, 1);
    SET(event->script, parts, 1);
    return 0;
}

static int build_access(Yagura__V1__Event *event, struct builder *builder,
                        const struct content *content)
{
    KIND(event, interaction, INTERACTION, Yagura__V1__ProcessInteraction,
         yagura__v1__process_interaction);
    SET(event->interaction, type, YAGURA__V1__INTERACTION_TYPE__INTERACTION_TYPE_ACCESS);
    SET(event->interaction, target,
        processes_add_target(&builder->processes, content->a, content->key));
    SET(event->interaction, granted_access, (uint32_t)strtoul(content->b, NULL, 16));
    SET_BYTES(
        event->interaction, call_trace,
        text(builder,
             "C:\\Windows\\SYSTEM32\\ntdll.dll+9{n}|C:\\Windows\\System32\\KERNELBASE.dll+{n}",
             content->key));
    return 0;
}

/* 1-based index of the log "channel|provider" in the batch's table. */
static uint32_t source_index(struct builder *builder, const char *names)
{
    const char *bar = strchr(names, '|');
    assert(bar != NULL);
    struct slice channel = slice_of(names, (size_t)(bar - names));
    struct slice provider = slice_text(bar + 1);
    for (size_t i = 0; i < builder->source_count; i++) {
        const ProtobufCBinaryData *known = &builder->sources[i]->provider;
        if (slice_equal(slice_of(known->data, known->len), provider))
            return (uint32_t)i + 1;
    }
    assert(builder->source_count < SOURCES_MAX);
    Yagura__V1__LogSource *source =
        NEW(builder->arena, Yagura__V1__LogSource, yagura__v1__log_source);
    if (source == NULL)
        return 0;
    SET_BYTES(source, channel, channel);
    SET_BYTES(source, provider, provider);
    builder->sources[builder->source_count++] = source;
    return (uint32_t)builder->source_count;
}

/* "field=value|field=value" after its codes are replaced. */
static int log_fields(Yagura__V1__GenericLog *generic, struct builder *builder, struct slice list)
{
    generic->fields = arena_array(builder->arena, Yagura__V1__KeyValue *, LOG_FIELDS_MAX);
    if (generic->fields == NULL)
        return STATUS_NO_MEMORY;
    while (list.len > 0) {
        size_t bar = slice_find(list, SLICE_LITERAL("|"));
        struct slice field = slice_of(list.data, bar == SIZE_MAX ? list.len : bar);
        size_t equals = slice_find(field, SLICE_LITERAL("="));
        assert(equals != SIZE_MAX && generic->n_fields < LOG_FIELDS_MAX);
        Yagura__V1__KeyValue *pair =
            NEW(builder->arena, Yagura__V1__KeyValue, yagura__v1__key_value);
        if (pair == NULL)
            return STATUS_NO_MEMORY;
        struct slice value = slice_from(field, equals + 1);
        SET_BYTES(pair, key, slice_of(field.data, equals));
        pair->value_case = YAGURA__V1__KEY_VALUE__VALUE_TEXT;
        pair->text = (ProtobufCBinaryData){value.len, (uint8_t *)(uintptr_t)value.data};
        generic->fields[generic->n_fields++] = pair;
        list = slice_from(list, bar == SIZE_MAX ? list.len : bar + 1);
    }
    return 0;
}

static int build_log(Yagura__V1__Event *event, struct builder *builder,
                     const struct content *content)
{
    KIND(event, generic, GENERIC, Yagura__V1__GenericLog, yagura__v1__generic_log);
    SET(event, source, source_index(builder, content->a));
    SET(event, event_id, (uint32_t)strtoul(content->b, NULL, 10));
    return log_fields(event->generic, builder, text(builder, content->c, content->key));
}

static int build_process(Yagura__V1__Event *event, struct builder *builder,
                         const struct moment *moment, uint64_t episode)
{
    KIND(event, process_start, PROCESS_START, Yagura__V1__ProcessStart, yagura__v1__process_start);
    SET(event->process_start, process,
        processes_index(&builder->processes, episode, moment->process));
    return 0;
}

static int build_stop(Yagura__V1__Event *event, struct builder *builder,
                      const struct moment *moment, uint64_t episode)
{
    KIND(event, process_stop, PROCESS_STOP, Yagura__V1__ProcessStop, yagura__v1__process_stop);
    SET(event->process_stop, process,
        processes_index(&builder->processes, episode, moment->process));
    SET(event->process_stop, exit_code, 0);
    return 0;
}

typedef int content_fn(Yagura__V1__Event *event, struct builder *builder,
                       const struct content *content);

static content_fn *const step_builders[] = {
    [STEP_FILE] = build_file,       [STEP_STREAM] = build_stream, [STEP_REGISTRY] = build_registry,
    [STEP_NETWORK] = build_network, [STEP_NAME] = build_name,     [STEP_DRIVER] = build_driver,
    [STEP_PIPE] = build_pipe,       [STEP_SCRIPT] = build_script, [STEP_ACCESS] = build_access,
    [STEP_LOG] = build_log,
};

static int build_step(Yagura__V1__Event *event, struct builder *builder,
                      const struct moment *moment, uint64_t episode)
{
    const struct scene_step *step = moment->step;
    if (step->kind == STEP_PROCESS)
        return build_process(event, builder, moment, episode);
    return step_builders[step->kind](event, builder,
                                     &(struct content){step->a, step->b, step->c, moment->key});
}

/* Everyday life: which objects of the catalogue a kind takes. */
static const struct {
    enum moment_kind kind;
    enum object_kind object;
    content_fn *build;
} everyday[] = {
    {MOMENT_MODULE, OBJECT_MODULE, build_module}, {MOMENT_REGISTRY, OBJECT_KEY, build_registry},
    {MOMENT_FILE, OBJECT_FILE, build_file},       {MOMENT_NAME, OBJECT_NAME, build_name},
    {MOMENT_PIPE, OBJECT_PIPE, build_pipe},       {MOMENT_SCRIPT, OBJECT_SCRIPT, build_script},
};

static int build_everyday(Yagura__V1__Event *event, struct builder *builder,
                          const struct moment *moment)
{
    size_t i = 0;
    while (everyday[i].kind != moment->kind)
        i++;
    struct draw draw = draw_from(moment->key);
    const struct object *object =
        catalogue_object(builder->endpoint->platform, everyday[i].object, &draw);
    return everyday[i].build(event, builder,
                             &(struct content){object->text, object->detail, "", draw_next(&draw)});
}

static int build_connection(Yagura__V1__Event *event, struct builder *builder,
                            const struct moment *moment)
{
    static const char *const nets[] = {"192.0.2", "198.51.100", "10.0.0"};
    struct draw draw = draw_from(moment->key);
    const char *net = nets[draw_zipf(&draw, sizeof nets / sizeof nets[0])];
    char address[16];
    int len = snprintf(address, sizeof address, "%s.%u", net, 1 + (unsigned)draw_zipf(&draw, 200));
    assert(len > 0 && (size_t)len < sizeof address);
    return build_network(event, builder, &(struct content){address, "443", "", draw_next(&draw)});
}

static int build_special(Yagura__V1__Event *event, struct builder *builder,
                         const struct moment *moment)
{
    if (moment->kind == MOMENT_NETWORK)
        return build_connection(event, builder, moment);
    if (moment->kind == MOMENT_ACCESS)
        return build_access(
            event, builder,
            &(struct content){"C:\\Windows\\System32\\svchost.exe", "0x1400", "", moment->key});
    assert(moment->kind == MOMENT_LOGON);
    return build_log(event, builder,
                     &(struct content){"Security|Microsoft-Windows-Security-Auditing", "4624",
                                       "TargetUserName={u}|TargetDomainName={d}|LogonType=3|"
                                       "IpAddress=10.0.0.5|WorkstationName={h}|"
                                       "AuthenticationPackageName=Kerberos",
                                       moment->key});
}

int moment_build(Yagura__V1__Event *event, struct builder *builder, const struct moment *moment,
                 uint64_t episode)
{
    uint32_t actor = processes_index(&builder->processes, episode, moment->actor);
    if (actor != 0 && moment->kind != MOMENT_LOGON)
        SET(event, actor, actor);
    switch (moment->kind) {
    case MOMENT_START:
        return build_process(event, builder, moment, episode);
    case MOMENT_STOP:
        return build_stop(event, builder, moment, episode);
    case MOMENT_STEP:
        return build_step(event, builder, moment, episode);
    case MOMENT_NETWORK:
    case MOMENT_ACCESS:
    case MOMENT_LOGON:
        return build_special(event, builder, moment);
    case MOMENT_MODULE:
    case MOMENT_REGISTRY:
    case MOMENT_FILE:
    case MOMENT_NAME:
    case MOMENT_SCRIPT:
    case MOMENT_PIPE:
        break;
    }
    return build_everyday(event, builder, moment);
}
