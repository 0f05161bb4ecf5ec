/* SPDX-License-Identifier: Apache-2.0 */
/* Alert: that a rule is true of an event, with everything a person needs to act on it.
 *
 * In memory an alert is a plain struct of slices, filled by detect from a match and its context;
 * nothing here owns. It is written as protobuf (alert.proto) and as an OCSF 1.8 Detection Finding
 * (ocsf.c). */
#pragma once

#include "proto/event.h"
#include "proto/value.h"

enum alert_level { ALERT_INFORMATIONAL, ALERT_LOW, ALERT_MEDIUM, ALERT_HIGH, ALERT_CRITICAL };

/* Why: one test that was true. */
struct alert_reason {
    struct slice selection; /* name of the selection in the rule */
    struct slice field;     /* empty: a keyword */
    struct slice modifier;  /* "contains|all", as the rule says it */
    struct slice pattern;   /* as the rule says it */
    struct slice value;     /* what the event says, whole */
    bool has_span;
    uint32_t from, to; /* byte span in value that matched; 0 without one */
    bool undecided;    /* a regular expression hit its match limit and counts as true */
};

struct alert_attack {                          /* one ATT&CK technique or tactic of the rule */
    struct slice technique_id, technique_name; /* "T1059.001", "PowerShell"; empty: tactic alone */
    struct slice tactic_id, tactic_name;       /* "TA0002", "Execution"; may be empty */
};

struct alert_rule {
    struct slice id, title, description, author, status, date, modified, license, path;
    struct slice product, category, service;
    enum alert_level level;
    const struct slice *references;
    size_t reference_count;
    const struct slice *false_positives;
    size_t false_positive_count;
    const struct slice *tags;
    size_t tag_count;
    const struct alert_attack *attacks;
    size_t attack_count;
    struct slice attack_version; /* of the data that names them */
    uint8_t sha256[32];          /* of the rule's own text */
};

struct alert_asset {
    bool known; /* the table has an entry for this endpoint */
    bool stale; /* the table is older than its configured age */
    struct slice hostname, owner, department, role, contact, region, tenant_name;
    uint32_t criticality; /* 0: not said, 1 low .. 4 critical */
};

struct alert_evidence {
    struct slice topic; /* "file:" and the base name for files */
    int32_t partition;
    int64_t offset;
    int64_t broker_time_ms; /* 0: none */
    uint8_t record_sha256[32];
};

struct alert {
    uint8_t alert_id[16];
    const struct event *event; /* and through it tenant, endpoint, processes */
    struct slice tenant_id;    /* 16 bytes; the authenticated one */
    struct alert_rule rule;
    uint8_t ruleset_sha256[32];
    const struct alert_reason *reasons;
    size_t reason_count;
    bool reasons_truncated;
    struct alert_asset asset;
    struct alert_evidence evidence;
    int64_t detect_time_unix_ns; /* handed in, 0 in tests */
};

enum { ALERT_BYTES_MAX = 256 * 1024, ALERT_REASONS_MAX = 64 };

/* OCSF's number of a level: 1 informational .. 5 critical. */
unsigned alert_severity_id(enum alert_level level);

/* UUIDv5 (RFC 9562 section 5.5) over tenant, rule id, topic, partition, offset and index of the
 * event, integers big-endian: the same input gives the same id, whatever the clock and the rule's
 * version. rule_id: 16 bytes (uuid_parse). STATUS_LIBRARY: no SHA-1 to be had. */
MUST_USE int alert_id_make(uint8_t out[16], const uint8_t tenant_id[16], const uint8_t rule_id[16],
                           struct slice topic, int32_t partition, int64_t offset,
                           uint32_t event_index);

/* Encoders take their memory from the arena; *out lives as long as its contents. An alert that
 * would exceed ALERT_BYTES_MAX loses evidence first, then its longest values, and says so
 * (truncated). STATUS_LIMIT: arena too small. */
MUST_USE int alert_encode_protobuf(struct slice *out, const struct alert *alert,
                                   struct arena *arena);
MUST_USE int alert_encode_ocsf(struct slice *out, const struct alert *alert, struct arena *arena);
