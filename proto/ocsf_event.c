/* SPDX-License-Identifier: Apache-2.0 */
/* What an event says goes to its place in OCSF by the event's Sigma names, which are the same for
 * typed kinds and for generic logs, and whole into evidences[0].data under those names. */
#include "proto/ocsf.h"

enum { HASHES_MAX = 8 }; /* of one file; a hostile list could otherwise outgrow any trimming */

/* --- Processes --- */

struct process_names {
    const char *guid, *pid, *image, *command_line, *user, *integrity, *directory;
};

/* Under which names an event speaks of the process that acts (or is started), and of its parent.
 * The first whose image or pid the event has is meant; Security 4688 comes before Sysmon, because
 * its ProcessId is the parent's. */
static const struct {
    struct process_names self, parent;
    bool is_source; /* the event has a target process, too */
} process_sets[] = {
    {{NULL, "NewProcessId", "NewProcessName", "CommandLine", "SubjectUserName", "MandatoryLabel",
      NULL},
     {NULL, "ProcessId", "ParentProcessName", NULL, NULL, NULL, NULL},
     false},
    {{"SourceProcessGUID", "SourceProcessId", "SourceImage", "SourceCommandLine", "SourceUser",
      NULL, NULL},
     {NULL, "SourceParentProcessId", "SourceParentImage", "SourceParentCommandLine", NULL, NULL,
      NULL},
     true},
    {{"SourceProcessGuid", "SourceProcessId", "SourceImage", "SourceCommandLine", "SourceUser",
      NULL, NULL},
     {NULL, "SourceParentProcessId", "SourceParentImage", "SourceParentCommandLine", NULL, NULL,
      NULL},
     true},
    {{NULL, "ProcessId", "ProcessName", NULL, "SubjectUserName", NULL, NULL},
     {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
     false},
    {{NULL, "pid", "exe", NULL, NULL, NULL, NULL},
     {NULL, "ppid", NULL, NULL, NULL, NULL, NULL},
     false},
    {{"ProcessGuid", "ProcessId", "Image", "CommandLine", "User", "IntegrityLevel",
      "CurrentDirectory"},
     {"ParentProcessGuid", "ParentProcessId", "ParentImage", "ParentCommandLine", "ParentUser",
      NULL, NULL},
     false},
};

static const struct process_names target_names[] = {
    {"TargetProcessGUID", "TargetProcessId", "TargetImage", "TargetCommandLine", "TargetUser", NULL,
     NULL},
    {"TargetProcessGuid", "TargetProcessId", "TargetImage", "TargetCommandLine", "TargetUser", NULL,
     NULL},
};

enum { PROCESS_SETS = sizeof process_sets / sizeof process_sets[0] };

static struct slice text_of(const struct ocsf *ocsf, const char *name)
{
    return name == NULL ? (struct slice){NULL, 0} : ocsf_field_text(ocsf, name);
}

/* OCSF identifies a process by pid or uid; without either there is no process object. */
static bool process_is_there(const struct ocsf *ocsf, const struct process_names *names)
{
    uint32_t pid;
    return text_of(ocsf, names->guid).len > 0 || ocsf_number(&pid, text_of(ocsf, names->pid));
}

static const struct {
    const char *text;
    int id;
} integrity_levels[] = {
    {"Untrusted", 1},   {"Low", 2},          {"Medium", 3},       {"High", 4},
    {"System", 5},      {"Protected", 6},    {"S-1-16-0", 1},     {"S-1-16-4096", 2},
    {"S-1-16-8192", 3}, {"S-1-16-12288", 4}, {"S-1-16-16384", 5}, {"S-1-16-20480", 6},
};

static int integrity_id(struct slice text)
{
    for (size_t i = 0; i < sizeof integrity_levels / sizeof integrity_levels[0]; i++)
        if (slice_equal_ascii_caseless(text, slice_text(integrity_levels[i].text)))
            return integrity_levels[i].id;
    return 99;
}

static const struct {
    const char *prefix;
    const char *algorithm;
    int id;
} hash_kinds[] = {{"MD5=", "MD5", 1},
                  {"SHA1=", "SHA-1", 2},
                  {"SHA256=", "SHA-256", 3},
                  {"IMPHASH=", "Imphash", 18}};

static void write_hash(struct ocsf *ocsf, struct slice text)
{
    for (size_t i = 0; i < sizeof hash_kinds / sizeof hash_kinds[0]; i++) {
        struct slice prefix = slice_text(hash_kinds[i].prefix);
        if (text.len <= prefix.len || !slice_starts_with(text, prefix))
            continue;
        json_object(&ocsf->json, NULL);
        json_integer(&ocsf->json, "algorithm_id", hash_kinds[i].id);
        ocsf_text(ocsf, "algorithm", slice_text(hash_kinds[i].algorithm));
        ocsf_text(ocsf, "value", slice_from(text, prefix.len));
        json_end(&ocsf->json);
    }
}

/* "SHA1=..,MD5=..": what comes before the next comma, and what behind it. */
static struct slice next_hash(struct slice *rest)
{
    size_t comma = slice_find(*rest, SLICE_LITERAL(","));
    struct slice first = slice_of(rest->data, comma == SIZE_MAX ? rest->len : comma);
    *rest = comma == SIZE_MAX ? (struct slice){NULL, 0} : slice_from(*rest, comma + 1);
    return first;
}

static void write_file(struct ocsf *ocsf, const char *name, struct slice path, bool hashed)
{
    struct slice hashes = hashed ? ocsf_field_text(ocsf, "Hashes") : (struct slice){NULL, 0};
    json_object(&ocsf->json, name);
    ocsf_text(ocsf, "name", ocsf_base_name(path));
    ocsf_text(ocsf, "path", path);
    json_integer(&ocsf->json, "type_id", 1);
    if (hashes.len > 0) {
        json_array(&ocsf->json, "hashes");
        for (unsigned i = 0; i < HASHES_MAX && hashes.len > 0; i++)
            write_hash(ocsf, slice_trim(next_hash(&hashes)));
        json_end(&ocsf->json);
    }
    json_end(&ocsf->json);
}

/* The file that the event's hashes speak of, when it is not the process's own image. */
static struct slice file_of_event(const struct ocsf *ocsf)
{
    static const char *const names[] = {"ImageLoaded", "TargetFilename", "FileName", "FilePath"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ocsf_field_text(ocsf, names[i]).len > 0)
            return ocsf_field_text(ocsf, names[i]);
    return (struct slice){NULL, 0};
}

static void write_user(struct ocsf *ocsf, const char *name, struct slice user)
{
    if (user.len == 0)
        return;
    json_object(&ocsf->json, name);
    ocsf_text(ocsf, "name", user);
    json_end(&ocsf->json);
}

/* Members of a process; the object is the caller's. */
static void write_process_members(struct ocsf *ocsf, const struct process_names *names,
                                  bool has_hashes)
{
    uint32_t pid;
    struct slice image = text_of(ocsf, names->image);
    if (ocsf_number(&pid, text_of(ocsf, names->pid)))
        json_integer(&ocsf->json, "pid", pid);
    ocsf_text(ocsf, "uid", text_of(ocsf, names->guid));
    ocsf_text(ocsf, "cmd_line", text_of(ocsf, names->command_line));
    if (image.len > 0) {
        ocsf_text(ocsf, "name", ocsf_base_name(image));
        ocsf_text(ocsf, "path", image);
        write_file(ocsf, "file", image, has_hashes);
    }
    write_user(ocsf, "user", text_of(ocsf, names->user));
    struct slice integrity = text_of(ocsf, names->integrity);
    if (integrity.len > 0) {
        json_integer(&ocsf->json, "integrity_id", integrity_id(integrity));
        ocsf_text(ocsf, "integrity", integrity);
    }
    ocsf_text(ocsf, "working_directory", text_of(ocsf, names->directory));
}

static void write_ancestor(struct ocsf *ocsf, const struct ancestor *ancestor)
{
    json_object(&ocsf->json, NULL);
    if (ancestor->has_pid)
        json_integer(&ocsf->json, "pid", ancestor->pid);
    if (ancestor->guid.len == UUID_BYTES) {
        char guid[UUID_TEXT_BYTES + 1];
        uuid_format(guid, ancestor->guid.data);
        ocsf_text(ocsf, "uid", slice_text(guid));
    } else if (ancestor->guid.len > 0) {
        json_hex(&ocsf->json, "uid", trim_text(&ocsf->trim, ancestor->guid));
    }
    ocsf_text(ocsf, "cmd_line", ancestor->command_line);
    ocsf_text(ocsf, "path", ancestor->image);
    if (ancestor->image.len > 0)
        ocsf_text(ocsf, "name", ocsf_base_name(ancestor->image));
    json_end(&ocsf->json);
}

static void write_ancestry(struct ocsf *ocsf)
{
    if (ocsf->ancestor_count < 2)
        return;
    json_array(&ocsf->json, "ancestry");
    for (size_t i = 1; i < ocsf->ancestor_count; i++)
        write_ancestor(ocsf, &ocsf->ancestry[i]);
    json_end(&ocsf->json);
}

static void write_process(struct ocsf *ocsf, const char *name, const struct process_names *self,
                          const struct process_names *parent)
{
    if (!process_is_there(ocsf, self))
        return;
    json_object(&ocsf->json, name);
    write_process_members(ocsf, self, file_of_event(ocsf).len == 0);
    if (parent != NULL && process_is_there(ocsf, parent)) {
        json_object(&ocsf->json, "parent_process");
        write_process_members(ocsf, parent, false);
        json_end(&ocsf->json);
    }
    if (parent != NULL)
        write_ancestry(ocsf);
    json_end(&ocsf->json);
}

static size_t process_set_of(const struct ocsf *ocsf)
{
    size_t set = 0;
    while (set < PROCESS_SETS - 1 && (text_of(ocsf, process_sets[set].self.image).len == 0 ||
                                      !process_is_there(ocsf, &process_sets[set].self)))
        set++;
    return set;
}

static void write_actor(struct ocsf *ocsf, size_t set)
{
    struct slice user = ocsf_field_text(ocsf, "SubjectUserName");
    bool process = process_sets[set].is_source && process_is_there(ocsf, &process_sets[set].self);
    if (!process && user.len == 0)
        return;
    json_object(&ocsf->json, "actor");
    if (process)
        write_process(ocsf, "process", &process_sets[set].self, &process_sets[set].parent);
    write_user(ocsf, "user", user);
    json_end(&ocsf->json);
}

static void write_processes(struct ocsf *ocsf)
{
    size_t set = process_set_of(ocsf);
    write_actor(ocsf, set);
    if (!process_sets[set].is_source) {
        write_process(ocsf, "process", &process_sets[set].self, &process_sets[set].parent);
        return;
    }
    bool second = text_of(ocsf, target_names[0].guid).len == 0;
    write_process(ocsf, "process", &target_names[second], NULL);
}

/* --- The network --- */

static void write_endpoint(struct ocsf *ocsf, const char *name, const char *address,
                           const char *hostname, const char *port)
{
    struct slice ip = ocsf_field_text(ocsf, address);
    struct slice host = ocsf_field_text(ocsf, hostname);
    uint32_t number;
    bool is_address = ocsf_is_address(ip);
    if (!is_address && host.len == 0)
        return;
    json_object(&ocsf->json, name);
    if (is_address)
        ocsf_text(ocsf, "ip", ip);
    ocsf_text(ocsf, "hostname", host);
    if (ocsf_number(&number, ocsf_field_text(ocsf, port)) && number <= UINT16_MAX)
        json_integer(&ocsf->json, "port", number);
    json_end(&ocsf->json);
}

static void write_connection(struct ocsf *ocsf)
{
    struct slice initiated = ocsf_field_text(ocsf, "Initiated");
    if (ocsf_field_text(ocsf, "DestinationIp").len == 0)
        return;
    bool outbound = slice_equal(initiated, SLICE_LITERAL("true"));
    json_object(&ocsf->json, "connection_info");
    json_integer(&ocsf->json, "direction_id", initiated.len == 0 ? 0 : outbound ? 2 : 1);
    ocsf_text(ocsf, "protocol_name", ocsf_field_text(ocsf, "Protocol"));
    json_end(&ocsf->json);
}

static void write_query(struct ocsf *ocsf)
{
    struct slice name = ocsf_field_text(ocsf, "QueryName");
    if (name.len == 0)
        return;
    json_object(&ocsf->json, "query");
    ocsf_text(ocsf, "hostname", name);
    ocsf_text(ocsf, "type", ocsf_field_text(ocsf, "QueryType"));
    json_end(&ocsf->json);
}

/* --- Scripts and accounts --- */

static void write_script(struct ocsf *ocsf)
{
    struct slice script = ocsf_field_text(ocsf, "ScriptBlockText");
    if (script.len == 0)
        return;
    json_object(&ocsf->json, "script");
    json_integer(&ocsf->json, "type_id", 2); /* PowerShell */
    json_object(&ocsf->json, "script_content");
    ocsf_text(ocsf, "value", script);
    json_end(&ocsf->json);
    json_end(&ocsf->json);
}

static void write_account(struct ocsf *ocsf)
{
    struct slice name = ocsf_field_text(ocsf, "TargetUserName");
    if (name.len == 0)
        return;
    json_object(&ocsf->json, "user");
    ocsf_text(ocsf, "name", name);
    ocsf_text(ocsf, "domain", ocsf_field_text(ocsf, "TargetDomainName"));
    ocsf_text(ocsf, "uid", ocsf_field_text(ocsf, "TargetUserSid"));
    json_end(&ocsf->json);
}

/* --- Everything, under Sigma names --- */

static void write_scalar(struct ocsf *ocsf, const struct value *value, struct slice text)
{
    switch (value->type) {
    case VALUE_INTEGER:
        json_integer(&ocsf->json, NULL, value->integer);
        return;
    case VALUE_REAL:
        json_real(&ocsf->json, NULL, value->real);
        return;
    case VALUE_BOOLEAN:
        json_boolean(&ocsf->json, NULL, value->boolean);
        return;
    case VALUE_TEXT:
        ocsf_element(ocsf, text);
        return;
    case VALUE_ABSENT:
    case VALUE_NULL:
    case VALUE_LIST:
        break;
    }
    json_null(&ocsf->json, NULL);
}

static void write_list(struct ocsf *ocsf, const struct value *list)
{
    size_t count = trim_count(&ocsf->trim, list->list.count);
    json_array(&ocsf->json, NULL);
    for (size_t i = 0; i < count; i++)
        write_scalar(ocsf, &list->list.items[i], list->list.items[i].text);
    json_end(&ocsf->json);
}

static void write_data(struct ocsf *ocsf)
{
    size_t count = trim_count(&ocsf->trim, ocsf->field_count);
    json_object(&ocsf->json, "data");
    for (size_t i = 0; i < count; i++) {
        const struct ocsf_field *field = &ocsf->fields[i];
        struct slice name = trim_text(&ocsf->trim, field->name);
        if (name.len == field->name.len && json_keeps_name(name))
            json_name(&ocsf->json, name);
        else
            json_name_numbered(&ocsf->json, name, i);
        if (field->value.type == VALUE_LIST)
            write_list(ocsf, &field->value);
        else
            write_scalar(ocsf, &field->value, field->text);
    }
    json_end(&ocsf->json);
}

void ocsf_write_evidences(struct ocsf *ocsf)
{
    struct slice file = file_of_event(ocsf);
    json_array(&ocsf->json, "evidences");
    json_object(&ocsf->json, NULL);
    write_processes(ocsf);
    if (file.len > 0)
        write_file(ocsf, "file", file, true);
    write_endpoint(ocsf, "src_endpoint", "SourceIp", "SourceHostname", "SourcePort");
    write_endpoint(ocsf, "dst_endpoint", "DestinationIp", "DestinationHostname", "DestinationPort");
    write_connection(ocsf);
    write_query(ocsf);
    write_script(ocsf);
    write_account(ocsf);
    write_data(ocsf);
    json_end(&ocsf->json);
    json_end(&ocsf->json);
}

/* --- Observables: what an analyst looks up elsewhere --- */

static const struct {
    const char *field; /* Sigma name */
    const char *path;  /* where it stands in the finding */
    const char *type;
    int type_id;
    bool is_address;
} observables[] = {
    {"Image", "evidences[0].data.Image", "File Path", 45, false},
    {"CommandLine", "evidences[0].data.CommandLine", "Command Line", 13, false},
    {"ParentImage", "evidences[0].data.ParentImage", "File Path", 45, false},
    {"User", "evidences[0].data.User", "User Name", 4, false},
    {"TargetUserName", "evidences[0].data.TargetUserName", "User Name", 4, false},
    {"TargetFilename", "evidences[0].data.TargetFilename", "File Path", 45, false},
    {"ImageLoaded", "evidences[0].data.ImageLoaded", "File Path", 45, false},
    {"DestinationIp", "evidences[0].data.DestinationIp", "IP Address", 2, true},
    {"SourceIp", "evidences[0].data.SourceIp", "IP Address", 2, true},
    {"DestinationHostname", "evidences[0].data.DestinationHostname", "Hostname", 1, false},
    {"QueryName", "evidences[0].data.QueryName", "Hostname", 1, false},
};

static void write_observable(struct ocsf *ocsf, const char *path, int type_id, const char *type,
                             struct slice value)
{
    json_object(&ocsf->json, NULL);
    ocsf_text(ocsf, "name", slice_text(path));
    json_integer(&ocsf->json, "type_id", type_id);
    ocsf_text(ocsf, "type", slice_text(type));
    ocsf_text(ocsf, "value", value);
    json_end(&ocsf->json);
}

static void write_hash_observables(struct ocsf *ocsf)
{
    struct slice hashes = ocsf_field_text(ocsf, "Hashes");
    for (unsigned i = 0; i < HASHES_MAX && hashes.len > 0; i++) {
        struct slice hash = slice_trim(next_hash(&hashes));
        size_t equals = slice_find(hash, SLICE_LITERAL("="));
        if (equals != SIZE_MAX && equals + 1 < hash.len)
            write_observable(ocsf, "evidences[0].data.Hashes", 8, "Hash",
                             slice_from(hash, equals + 1));
    }
}

void ocsf_write_observables(struct ocsf *ocsf)
{
    json_array(&ocsf->json, "observables");
    if (ocsf->alert->event->batch->hostname.len > 0)
        write_observable(ocsf, "device.hostname", 1, "Hostname",
                         ocsf->alert->event->batch->hostname);
    for (size_t i = 0; i < sizeof observables / sizeof observables[0]; i++) {
        struct slice value = ocsf_field_text(ocsf, observables[i].field);
        if (value.len > 0 && (!observables[i].is_address || ocsf_is_address(value)))
            write_observable(ocsf, observables[i].path, observables[i].type_id, observables[i].type,
                             value);
    }
    write_hash_observables(ocsf);
    json_end(&ocsf->json);
}
