/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of an episode is a fixed table of positions: when the four processes start and end, and
 * where a scene's steps go. Drawing the positions too was rejected: a process must live before it
 * acts, and a table makes that plain where chance would need bookkeeping. What varies is what
 * people see: which programs, which kinds, which actors. */
#include "gen/episode.h"

#include "gen/catalogue.h"
#include "gen/draw.h"

#include <assert.h>
#include <stdbool.h>

enum { KEY_EPISODE = 11, KEY_SCENE, KEY_MOMENT, KEY_SLOT };
enum { STANDING_PERCENT = 30 }; /* of events are done by standing processes */

/* Positions, by slot from SLOT_PROGRAM_A. */
static const size_t starts[] = {0, 6, 25, 31};
static const size_t stops[] = {52, 28, 56, 40};
enum { OWN_COUNT = 4 };
static const size_t step_positions[SCENE_STEPS_MAX] = {8, 10, 12, 14, 16, 18, 20, 22};

struct share {
    enum moment_kind kind;
    uint32_t weight;
};

/* Per mille of all events; with starts and stops they make up the whole. */
static const struct share windows_mix[] = {
    {MOMENT_MODULE, 250},  {MOMENT_REGISTRY, 220}, {MOMENT_FILE, 200},
    {MOMENT_NETWORK, 120}, {MOMENT_NAME, 40},      {MOMENT_PIPE, 10},
    {MOMENT_ACCESS, 10},   {MOMENT_SCRIPT, 5},     {MOMENT_LOGON, 5},
};
static const struct share unix_mix[] = {
    {MOMENT_FILE, 600}, {MOMENT_NETWORK, 200}, {MOMENT_NAME, 60}};

static enum moment_kind draw_kind(struct draw *draw, const struct share mix[], size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += mix[i].weight;
    uint32_t left = draw_below(draw, total);
    size_t i = 0;
    while (left >= mix[i].weight)
        left -= mix[i++].weight;
    return mix[i].kind;
}

static enum moment_kind kind_of(struct draw *draw, Yagura__V1__Platform platform)
{
    if (platform == YAGURA__V1__PLATFORM__PLATFORM_WINDOWS)
        return draw_kind(draw, windows_mix, sizeof windows_mix / sizeof windows_mix[0]);
    return draw_kind(draw, unix_mix, sizeof unix_mix / sizeof unix_mix[0]);
}

static uint64_t episode_key(const struct endpoint *endpoint, uint64_t episode)
{
    return draw_key(draw_key(endpoint->key, KEY_EPISODE), episode);
}

static uint64_t scene_key(const struct endpoint *endpoint, uint64_t episode)
{
    return draw_key(episode_key(endpoint, episode), KEY_SCENE);
}

/* False: this episode has none. */
static bool scene_of(struct scene *out, const struct endpoint *endpoint,
                     unsigned scenes_per_million, uint64_t episode)
{
    struct draw draw = draw_from(scene_key(endpoint, episode));
    if (draw_below(&draw, 1000000) >= (uint64_t)scenes_per_million * EPISODE_EVENTS)
        return false;
    size_t count = scene_count(endpoint->platform);
    return count > 0 && scene_at(out, endpoint->platform, draw_below(&draw, (uint32_t)count));
}

/* The slot of the latest process that a scene has started before a step. */
static size_t scene_actor(const struct scene *scene, size_t step)
{
    while (step-- > 0)
        if (scene->steps[step].kind == STEP_PROCESS)
            return SLOT_SCENE + step;
    return SLOT_NONE;
}

static bool is_step(struct moment *out, const struct scene *scene, size_t position, uint64_t key)
{
    for (size_t step = 0; step < scene->step_count; step++) {
        if (step_positions[step] != position)
            continue;
        bool starts_process = scene->steps[step].kind == STEP_PROCESS;
        *out = (struct moment){.kind = MOMENT_STEP,
                               .actor = scene_actor(scene, step),
                               .process = starts_process ? SLOT_SCENE + step : SLOT_NONE,
                               .step = &scene->steps[step],
                               .key = key};
        return true;
    }
    return false;
}

static bool is_own(struct moment *out, size_t position, uint64_t key)
{
    for (size_t i = 0; i < OWN_COUNT; i++) {
        if (starts[i] != position && stops[i] != position)
            continue;
        bool start = starts[i] == position;
        *out = (struct moment){.kind = start ? MOMENT_START : MOMENT_STOP,
                               .actor = SLOT_NONE,
                               .process = SLOT_PROGRAM_A + i,
                               .key = key};
        return true;
    }
    return false;
}

/* The program that a slot's process is, or is a child of, and the key that both are drawn from. */
static const struct program *program_of(uint64_t *key, const struct endpoint *endpoint,
                                        uint64_t episode, size_t slot)
{
    size_t root = slot == SLOT_CHILD_A || slot == SLOT_CHILD_B ? slot - 1 : slot;
    *key = draw_key(draw_key(episode_key(endpoint, episode), KEY_SLOT), root);
    struct draw draw = draw_from(*key);
    return catalogue_program(endpoint->platform, &draw);
}

static size_t draw_actor(struct draw *draw, size_t position)
{
    size_t alive[OWN_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < OWN_COUNT; i++)
        if (starts[i] < position && position < stops[i])
            alive[count++] = SLOT_PROGRAM_A + i;
    if (count == 0 || draw_below(draw, 100) < STANDING_PERCENT)
        return draw_below(draw, SLOT_STANDING_COUNT);
    return alive[draw_below(draw, (uint32_t)count)];
}

/* What stays at home leaves the network to a service host. */
static size_t online_actor(const struct endpoint *endpoint, uint64_t episode, size_t actor)
{
    uint64_t key;
    if (actor >= SLOT_PROGRAM_A && program_of(&key, endpoint, episode, actor)->online)
        return actor;
    return SLOT_SERVICE_2;
}

void episode_moment(struct moment *out, const struct endpoint *endpoint,
                    unsigned scenes_per_million, uint64_t sequence)
{
    uint64_t episode = sequence / EPISODE_EVENTS;
    size_t position = (size_t)(sequence % EPISODE_EVENTS);
    uint64_t key = draw_key(draw_key(episode_key(endpoint, episode), KEY_MOMENT), position);
    struct scene scene;
    if (is_own(out, position, key))
        return;
    if (scene_of(&scene, endpoint, scenes_per_million, episode) &&
        is_step(out, &scene, position, scene_key(endpoint, episode)))
        return;
    struct draw draw = draw_from(key);
    *out = (struct moment){.kind = kind_of(&draw, endpoint->platform),
                           .actor = draw_actor(&draw, position),
                           .process = SLOT_NONE,
                           .key = draw_next(&draw)};
    if (out->kind == MOMENT_NETWORK || out->kind == MOMENT_NAME)
        out->actor = online_actor(endpoint, episode, out->actor);
}

static void standing_plan(struct process_plan *out, const struct endpoint *endpoint, size_t slot)
{
    const struct standing *standing = catalogue_standing(endpoint->platform, slot);
    *out = (struct process_plan){
        .image = standing->image,
        .command = standing->command,
        .account = standing->account,
        .company = "",
        .product = "",
        .parent = slot == SLOT_MANAGER || slot == SLOT_SHELL ? SLOT_NONE : SLOT_MANAGER,
        .key = draw_key(draw_key(endpoint->key, KEY_SLOT), slot),
    };
}

static void program_plan(struct process_plan *out, const struct endpoint *endpoint,
                         uint64_t episode, size_t slot)
{
    bool child = slot == SLOT_CHILD_A || slot == SLOT_CHILD_B;
    uint64_t root_key;
    const struct program *program = program_of(&root_key, endpoint, episode, slot);
    *out = (struct process_plan){
        .image = child ? program->child_image : program->image,
        .command = child ? program->child_command : program->command,
        .account = program->parent == SLOT_SHELL ? "" : "root",
        .company = program->company,
        .product = program->product,
        .parent = child ? slot - 1 : program->parent,
        .key = child ? draw_key(root_key, slot) : root_key,
    };
    if (program->parent != SLOT_SHELL &&
        endpoint->platform == YAGURA__V1__PLATFORM__PLATFORM_WINDOWS)
        out->account = "NT AUTHORITY\\SYSTEM";
}

static void scene_plan(struct process_plan *out, const struct endpoint *endpoint,
                       unsigned scenes_per_million, uint64_t episode, size_t slot)
{
    struct scene scene;
    bool has_scene = scene_of(&scene, endpoint, scenes_per_million, episode);
    assert(has_scene);
    size_t index = slot - SLOT_SCENE;
    assert(index < scene.step_count && scene.steps[index].kind == STEP_PROCESS);
    const struct scene_step *step = &scene.steps[index];
    bool parent_known = step->c[0] == '\0';
    *out = (struct process_plan){
        .image = step->a,
        .command = step->b,
        .account = "",
        .company = "",
        .product = "",
        .parent_image = parent_known ? NULL : step->c,
        .parent = parent_known ? scene_actor(&scene, index) : SLOT_NONE,
        .key = scene_key(endpoint, episode),
    };
}

void episode_process(struct process_plan *out, const struct endpoint *endpoint,
                     unsigned scenes_per_million, uint64_t episode, size_t slot)
{
    assert(slot < SLOT_COUNT);
    if (slot < SLOT_STANDING_COUNT) {
        standing_plan(out, endpoint, slot);
        return;
    }
    if (slot < SLOT_SCENE) {
        program_plan(out, endpoint, episode, slot);
        return;
    }
    scene_plan(out, endpoint, scenes_per_million, episode, slot);
}
