/* SPDX-License-Identifier: Apache-2.0 */
/* OCSF: an alert as an OCSF 1.8 Detection Finding, while it is being written.
 *
 * Inside proto only; the way in is alert_encode_ocsf. Objects of the schema take no members of our
 * own, so what it has no place for goes into `unmapped`, and a text that was no valid UTF-8 keeps
 * its original bytes there, under the path where its readable form stands. */
#pragma once

#include "proto/alert.h"
#include "proto/evidence.h"
#include "proto/json.h"
#include "proto/trim.h"
#include "proto/uuid.h"

enum {
    OCSF_LOSSY_MAX = 32, /* texts whose original bytes are kept; further ones are counted */
    OCSF_TEXT_CHARS_MAX = 40,
};

/* One field of the event under its Sigma name. */
struct ocsf_field {
    struct slice name;
    struct value value;
    struct slice text; /* of a scalar */
};

struct ocsf_lossy {
    char path[JSON_PATH_BYTES_MAX];
    struct slice bytes;
};

struct ocsf {
    struct json json;
    struct trim trim;
    const struct alert *alert;
    const struct ocsf_field *fields;
    size_t field_count;
    struct ancestor ancestry[ANCESTRY_MAX];
    size_t ancestor_count;
    struct slice batch; /* the evidence */
    bool truncated;
    size_t untruncated_bytes; /* length of the document before anything was given up */
    struct ocsf_lossy lossy[OCSF_LOSSY_MAX];
    size_t lossy_count; /* may exceed OCSF_LOSSY_MAX */
};

/* A member that a schema's object has; nothing is written for an empty text. */
void ocsf_text(struct ocsf *ocsf, const char *name, struct slice text);
/* An element of an array of the schema. */
void ocsf_element(struct ocsf *ocsf, struct slice text);
/* A member where the form is free: a text that lost bytes has its original beside it, as
 * <name>_base64. */
void ocsf_free_text(struct ocsf *ocsf, const char *name, struct slice text);
/* 16 bytes as a UUID's text; nothing for any other length. */
void ocsf_uuid(struct ocsf *ocsf, const char *name, struct slice id);
/* What the event says, or an empty slice. */
struct slice ocsf_field_text(const struct ocsf *ocsf, const char *name);
/* A number written in decimal or as 0x...; false: it is none, or beyond 32 bits. */
bool ocsf_number(uint32_t *out, struct slice text);
bool ocsf_is_address(struct slice text);
/* The last component of a path of any system; the whole path where it has none. */
struct slice ocsf_base_name(struct slice path);

/* ocsf_device.c: the endpoint, as it and the operator's tables describe it. */
void ocsf_write_device(struct ocsf *ocsf);
/* ocsf_event.c: evidences and observables, from the event's fields. */
void ocsf_write_evidences(struct ocsf *ocsf);
void ocsf_write_observables(struct ocsf *ocsf);
