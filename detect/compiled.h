/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled: what a rule set is made of; for the files that build it and judge with it. */
#pragma once

#include "detect/lane.h"
#include "detect/program.h"
#include "detect/route.h"
#include "detect/ruleset.h"
#include "detect/survey.h"

struct hs_scratch;

struct ruleset {
    struct arena *arena;
    struct rule **rules; /* in order of id, each with a reference */
    size_t rule_count;
    struct rule_atoms *rule_atoms; /* per rule */
    uint32_t *roots;               /* per rule: its program */
    struct survey survey;          /* slots, atoms, regular expressions */
    struct projection *projection;
    struct program_code code;
    struct lane *lanes;
    size_t lane_count;
    struct route_map *routes;
    uint32_t trigger_count;
    uint32_t scan_count;      /* of all lanes */
    struct hs_scratch *space; /* prototype: serves every database */
    uint8_t sha256[32];
    struct ruleset_stats stats;
    size_t memory_bytes;
};
