/* SPDX-License-Identifier: Apache-2.0 */
/* Rig: what a worker has, without its thread: memory source and sink, delivery, judge, one rule
 * set. A test says what comes in and how the two ends misbehave, runs it, and looks at what was
 * written, stored, counted and logged. */
#pragma once

#include "ingest/memory.h"
#include "ingest/service/delivery.h"
#include "ingest/service/judge.h"
#include "starts.h"

#include <stdio.h>

#define RIG_TENANT "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

enum { RIG_RECORDS_MAX = 32 };

struct rig_options {
    const char *config; /* lines of a config; NULL: the tenant is RIG_TENANT */
    struct memory_source_options source;
    struct memory_sink_options sink;
    size_t arena_bytes, record_bytes_max, records_in_flight_max; /* 0: plenty */
    unsigned drain_timeout_ms;
    bool without_ocsf;
};

struct rig {
    struct rig_options options;
    struct arena *arena; /* of the records; freed at the end */
    struct memory_record records[RIG_RECORDS_MAX];
    size_t record_count;
    struct config *config;
    struct tenants *tenants;
    struct log *log;
    FILE *log_file;
    char *log_text;
    struct counters *counters;
    struct tally *tally;
    struct source *source;
    struct sink *sink;
    struct delivery *delivery;
    struct judge *judge;
    struct edition *edition;
    _Atomic bool stop;
};

/* Its rules: a command line that holds "whoami" (medium), "hostname" (informational), or, twice as
 * many alerts, "both". */
void rig_open(struct rig *rig, const struct rig_options *options);
void rig_close(struct rig *rig);
/* To be judged; offsets count up from 0. Before rig_start. */
struct memory_record *rig_add(struct rig *rig, struct slice value);
/* A batch of these command lines, up to a NULL, of RIG_TENANT. */
struct memory_record *rig_add_starts(struct rig *rig, const char *const command_lines[]);
/* Makes the two ends, delivery and judge. */
void rig_start(struct rig *rig);
/* Judges until the source ends or something fails, and drains; returns what delivery_drain did or
 * the failure. */
int rig_run(struct rig *rig);

/* --- Afterwards --- */
size_t rig_count(const struct rig *rig, enum output output);
/* The n-th message of an output. */
const struct memory_message *rig_message(const struct rig *rig, enum output output, size_t n);
/* Of a message's last header of that name; "" if there is none. */
struct slice rig_header(const struct memory_message *message, const char *name);
bool rig_header_is(const struct memory_message *message, const char *name, const char *value);
uint64_t rig_counter(const struct rig *rig, enum counter counter);
uint64_t rig_letters(const struct rig *rig, enum reason reason);
int64_t rig_stored(const struct rig *rig);
/* Everything that was logged. */
const char *rig_log(struct rig *rig);
