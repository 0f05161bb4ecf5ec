/* SPDX-License-Identifier: Apache-2.0 */
/* Render: from a typed field of event.proto to the value that rules read.
 *
 * Every rendering has one form, the one that Sysmon writes (event.proto states it at each field);
 * numbers and GUIDs follow the forms of the log source. scan.h is the inverse. */
#pragma once

#include "proto/value.h"
#include "proto/view.h"

enum rendering {
    RENDER_TEXT,             /* bytes as they are */
    RENDER_INTEGER,          /* a number */
    RENDER_NUMBER,           /* a number, or decimal text if the source writes numbers as text */
    RENDER_BOOLEAN,          /* "true", "false" */
    RENDER_HEX,              /* "0x1f4" */
    RENDER_HEX32,            /* "0xc000006d": eight digits */
    RENDER_HEX64,            /* "0x0000016EF7BA0000": sixteen digits, upper case */
    RENDER_DWORD,            /* "DWORD (0x00000001)" */
    RENDER_QWORD,            /* "QWORD (0x00000000-0x00000001)" */
    RENDER_GUID,             /* "{fe86be69-...}", by the source's forms */
    RENDER_GUID_BARE,        /* "fe86be69-...", always */
    RENDER_IP,               /* "192.0.2.1", "fe80:0:0:0:1:2:3:4" */
    RENDER_TIME,             /* "2025-11-27 07:40:10.132" */
    RENDER_TIME_ISO,         /* "2025-11-27T07:40:10.132Z", 3, 6 or 9 digits */
    RENDER_HASHES,           /* "SHA1=..,MD5=..,SHA256=..,IMPHASH=.."; the cell is FileFacts.sha1 */
    RENDER_PROTOCOL,         /* "tcp" */
    RENDER_INTEGRITY,        /* "High" */
    RENDER_LABEL,            /* the same as a SID: "S-1-16-12288" */
    RENDER_SIGNATURE_STATUS, /* "Valid" */
    RENDER_REGISTRY_ACTION,  /* "SetValue" */
    RENDER_PIPE_ACTION,      /* "ConnectPipe", "CreatePipe" */
    RENDER_ELEVATION,        /* "%%1936" */
    RENDER_COUNT
};

enum { RENDER_BYTES_MAX = 256 };

/* The value of a view's cell; forms are SourceForm bits of the event's log source. Text that has to
 * be made goes into buffer (RENDER_BYTES_MAX bytes); other text points into the message or is
 * static. False, *out untouched: the cell is absent, or holds what has no rendering (an address of
 * five bytes, an integrity level that is not known). */
bool render_value(struct value *out, const struct view *view, unsigned cell,
                  enum rendering rendering, uint32_t forms, uint8_t *buffer);
