/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/words.h"

#include "proto/cells.h"
#include "proto/event.pb-c.h"

#include <assert.h>

#define INTEGRITY(level) [YAGURA__V1__INTEGRITY_LEVEL__INTEGRITY_LEVEL_##level]
static const char *const integrity_words[] = {
    INTEGRITY(UNTRUSTED) = "Untrusted", INTEGRITY(LOW) = "Low",
    INTEGRITY(MEDIUM) = "Medium",       INTEGRITY(HIGH) = "High",
    INTEGRITY(SYSTEM) = "System",       INTEGRITY(APP_CONTAINER) = "AppContainer",
};
/* Well-known mandatory labels: [MS-DTYP] section 2.4.2.4. */
static const char *const label_words[] = {
    INTEGRITY(UNTRUSTED) = "S-1-16-0",      INTEGRITY(LOW) = "S-1-16-4096",
    INTEGRITY(MEDIUM) = "S-1-16-8192",      INTEGRITY(HIGH) = "S-1-16-12288",
    INTEGRITY(SYSTEM) = "S-1-16-16384",     INTEGRITY(APP_CONTAINER) = NULL,
    INTEGRITY(MEDIUM_PLUS) = "S-1-16-8448", INTEGRITY(PROTECTED) = "S-1-16-20480",
};
/* IANA protocol numbers, as Sysmon spells them. */
static const char *const protocol_words[] = {[1] = "icmp", [6] = "tcp", [17] = "udp"};
#define SIGNATURE(status) [YAGURA__V1__SIGNATURE_STATUS__SIGNATURE_STATUS_##status]
static const char *const signature_words[] = {
    SIGNATURE(VALID) = "Valid",
    SIGNATURE(INVALID) = "Invalid",
    SIGNATURE(UNAVAILABLE) = "Unavailable",
    SIGNATURE(EXPIRED) = "Expired",
    SIGNATURE(REVOKED) = "Revoked",
};
#define REGISTRY(action) [YAGURA__V1__REGISTRY_ACTION__REGISTRY_ACTION_##action]
static const char *const registry_words[] = {
    REGISTRY(SET) = "SetValue",         REGISTRY(CREATE_KEY) = "CreateKey",
    REGISTRY(DELETE_KEY) = "DeleteKey", REGISTRY(DELETE_VALUE) = "DeleteValue",
    REGISTRY(RENAME_KEY) = "RenameKey", REGISTRY(RENAME_VALUE) = "RenameValue",
};
static const char *const pipe_words[] = {"CreatePipe", "ConnectPipe"};
static const char *const boolean_words[] = {"false", "true"};

#define WORDS(table)                                                                               \
    {                                                                                              \
        table, sizeof(table) / sizeof((table)[0])                                                  \
    }
static const struct words tables[RENDER_COUNT] = {
    [RENDER_BOOLEAN] = WORDS(boolean_words),
    [RENDER_PROTOCOL] = WORDS(protocol_words),
    [RENDER_INTEGRITY] = WORDS(integrity_words),
    [RENDER_LABEL] = WORDS(label_words),
    [RENDER_SIGNATURE_STATUS] = WORDS(signature_words),
    [RENDER_REGISTRY_ACTION] = WORDS(registry_words),
    [RENDER_PIPE_ACTION] = WORDS(pipe_words),
};

const struct words_digest words_digests[WORDS_DIGEST_COUNT] = {
    {"SHA1", CELL_FileFacts_sha1, 20},
    {"MD5", CELL_FileFacts_md5, 16},
    {"SHA256", CELL_FileFacts_sha256, 32},
    {"IMPHASH", CELL_FileFacts_imphash, 16},
};

const struct words *words_of(enum rendering rendering)
{
    assert((unsigned)rendering < RENDER_COUNT);
    return &tables[rendering];
}
