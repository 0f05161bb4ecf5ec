/* SPDX-License-Identifier: Apache-2.0 */
/* Scene: attacks that the generator plants, and the starter rules that must fire on their steps. */
#pragma once

#include "proto/event.pb-c.h"

#include <stdbool.h>
#include <stddef.h>

enum { SCENE_STEPS_MAX = 8, SCENE_RULES_MAX = 2 };

enum starter_rule {
    STARTER_NONE,
#define STARTER_RULE(name, file, id) STARTER_##name,
#include "gen/starter_rules.def"
#undef STARTER_RULE
    STARTER_COUNT
};

enum step_kind {
    STEP_PROCESS,
    STEP_FILE,
    STEP_STREAM,
    STEP_REGISTRY,
    STEP_NETWORK,
    STEP_NAME,
    STEP_DRIVER,
    STEP_PIPE,
    STEP_SCRIPT,
    STEP_ACCESS,
    STEP_LOG,
};

struct scene_step {
    enum step_kind kind;
    const char *a, *b, *c; /* templates of phrase.h; what they mean: scenes.def */
    enum starter_rule rules[SCENE_RULES_MAX];
};

struct scene {
    const char *name;
    Yagura__V1__Platform platform;
    const struct scene_step *steps;
    size_t step_count;
};

size_t scene_count(Yagura__V1__Platform platform);
/* The scenes of a platform, in the order of scenes.def; false past the last. */
bool scene_at(struct scene *out, Yagura__V1__Platform platform, size_t index);

/* Canonical text of a rule's id; path of its file below the pack, without ending. */
const char *starter_rule_id(enum starter_rule rule);
const char *starter_rule_file(enum starter_rule rule);
