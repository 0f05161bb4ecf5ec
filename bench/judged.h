/* SPDX-License-Identifier: Apache-2.0 */
/* Judged: the figures of yagura-bench engine, and how they are told. */
#pragma once

#include "detect/engine.h"

#include <stdio.h>

struct judged_load { /* of the rules */
    size_t files, rules;
    double seconds; /* of wall time, from files to a rule set that can be used */
    size_t ruleset_bytes;
    size_t resident_bytes; /* by which the program grew */
};

struct judged { /* one stream of events */
    const char *name;
    size_t records, bytes;
    uint64_t events, matches;
    double decode_ns, judge_ns;        /* medians per event; judging includes decoding */
    double judge_ns_min, judge_ns_max; /* of the rounds */
    uint64_t allocations;              /* in all measured rounds */
    struct engine_counters counters;   /* of all rounds */
};

/* Either as text for people or as members of one JSON object; begin, any number of rows, end. */
void judged_begin(bool json, const struct judged_load *load);
void judged_row(bool json, const struct judged *judged, bool first);
void judged_end(bool json);
