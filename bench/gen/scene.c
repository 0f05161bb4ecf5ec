/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/scene.h"

#include <assert.h>

#define PLATFORM(name) YAGURA__V1__PLATFORM__PLATFORM_##name

enum scene_name {
#define SCENE(name, platform) SCENE_##name,
#define STEP(scene, kind, a, b, c, first, second)
#include "gen/scenes.def"
#undef SCENE
#undef STEP
    SCENE_COUNT
};

/* All steps in the order of scenes.def, each with its scene: a scene's steps are neighbours. */
static const struct scene_step steps[] = {
#define SCENE(name, platform)
#define STEP(scene, kind, a, b, c, first, second)                                                  \
    {STEP_##kind, a, b, c, {STARTER_##first, STARTER_##second}},
#include "gen/scenes.def"
#undef SCENE
#undef STEP
};

static const enum scene_name owners[] = {
#define SCENE(name, platform)
#define STEP(scene, kind, a, b, c, first, second) SCENE_##scene,
#include "gen/scenes.def"
#undef SCENE
#undef STEP
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0] };
_Static_assert(sizeof owners / sizeof owners[0] == STEP_COUNT, "one owner per step");

static const struct {
    const char *name;
    Yagura__V1__Platform platform;
} names[] = {
#define SCENE(name, platform) {#name, PLATFORM(platform)},
#define STEP(scene, kind, a, b, c, first, second)
#include "gen/scenes.def"
#undef SCENE
#undef STEP
};

static const char *const rule_ids[] = {
    "",
#define STARTER_RULE(name, file, id) id,
#include "gen/starter_rules.def"
#undef STARTER_RULE
};

static const char *const rule_files[] = {
    "",
#define STARTER_RULE(name, file, id) file,
#include "gen/starter_rules.def"
#undef STARTER_RULE
};

/* Built once per call from the tables above: a scene is its name and the run of steps it owns. */
static struct scene scene_of(enum scene_name name)
{
    struct scene scene = {.name = names[name].name, .platform = names[name].platform};
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (owners[i] != name)
            continue;
        if (scene.steps == NULL)
            scene.steps = &steps[i];
        scene.step_count++;
    }
    assert(scene.step_count <= SCENE_STEPS_MAX);
    return scene;
}

size_t scene_count(Yagura__V1__Platform platform)
{
    size_t count = 0;
    for (size_t i = 0; i < SCENE_COUNT; i++)
        count += names[i].platform == platform;
    return count;
}

bool scene_at(struct scene *out, Yagura__V1__Platform platform, size_t index)
{
    for (size_t i = 0; i < SCENE_COUNT; i++) {
        if (names[i].platform != platform)
            continue;
        if (index == 0)
            return *out = scene_of((enum scene_name)i), true;
        index--;
    }
    return false;
}

const char *starter_rule_id(enum starter_rule rule)
{
    assert(rule < STARTER_COUNT);
    return rule_ids[rule];
}

const char *starter_rule_file(enum starter_rule rule)
{
    assert(rule < STARTER_COUNT);
    return rule_files[rule];
}
