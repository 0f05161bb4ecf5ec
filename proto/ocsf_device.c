/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ocsf.h"

enum { OTHER = 99 };

static const struct {
    const char *role;
    int type_id;
    const char *caption;
} device_types[] = {
    {"server", 1, "Server"},  {"desktop", 2, "Desktop"},   {"laptop", 3, "Laptop"},
    {"tablet", 4, "Tablet"},  {"mobile", 5, "Mobile"},     {"virtual", 6, "Virtual"},
    {"iot", 7, "IOT"},        {"firewall", 9, "Firewall"}, {"switch", 10, "Switch"},
    {"router", 12, "Router"},
};

static void write_device_type(struct ocsf *ocsf, struct slice role)
{
    for (size_t i = 0; i < sizeof device_types / sizeof device_types[0]; i++)
        if (slice_equal_ascii_caseless(role, slice_text(device_types[i].role))) {
            json_integer(&ocsf->json, "type_id", device_types[i].type_id);
            ocsf_text(ocsf, "type", slice_text(device_types[i].caption));
            return;
        }
    json_integer(&ocsf->json, "type_id", role.len == 0 ? 0 : OTHER);
    ocsf_text(ocsf, "type", role);
}

/* By the numbers of event.proto's Platform. */
static const struct {
    const char *name;
    int type_id;
} systems[] = {{NULL, 0},        {"Windows", 100}, {"Linux", 200},     {"macOS", 300},
               {"Android", 201}, {"iOS", 301},     {"ChromeOS", OTHER}};

static void write_system(struct ocsf *ocsf)
{
    uint32_t platform = ocsf->alert->event->batch->platform;
    if (platform >= sizeof systems / sizeof systems[0] || systems[platform].name == NULL)
        return;
    json_object(&ocsf->json, "os");
    ocsf_text(ocsf, "name", slice_text(systems[platform].name));
    json_integer(&ocsf->json, "type_id", systems[platform].type_id);
    ocsf_text(ocsf, "type", slice_text(systems[platform].name));
    json_end(&ocsf->json);
}

static void write_organization(struct ocsf *ocsf)
{
    const struct alert_asset *asset = &ocsf->alert->asset;
    json_object(&ocsf->json, "org");
    ocsf_uuid(ocsf, "uid", ocsf->alert->tenant_id);
    ocsf_text(ocsf, "name", asset->tenant_name);
    ocsf_text(ocsf, "ou_name", asset->department);
    json_end(&ocsf->json);
}

void ocsf_write_device(struct ocsf *ocsf)
{
    const struct batch *batch = ocsf->alert->event->batch;
    const struct alert_asset *asset = &ocsf->alert->asset;
    if (batch->endpoint_id.len != UUID_BYTES && batch->hostname.len == 0)
        return;
    json_object(&ocsf->json, "device");
    ocsf_uuid(ocsf, "uid", batch->endpoint_id);
    ocsf_text(ocsf, "hostname", batch->hostname);
    ocsf_text(ocsf, "name", asset->hostname);
    write_device_type(ocsf, asset->role);
    ocsf_text(ocsf, "region", asset->region);
    write_system(ocsf);
    if (asset->owner.len > 0) {
        json_object(&ocsf->json, "owner");
        ocsf_text(ocsf, "name", asset->owner);
        json_end(&ocsf->json);
    }
    write_organization(ocsf);
    json_end(&ocsf->json);
}
