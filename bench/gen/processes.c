/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/processes.h"

#include "gen/draw.h"
#include "gen/phrase.h"

#include <assert.h>

enum { KEY_GUID = 21, KEY_FILE, KEY_TARGET };
enum { GUID_BYTES = 16, SHA256_BYTES = 32, IMPHASH_BYTES = 16 };

int processes_init(struct processes *out, struct arena *arena, uint64_t first_episode,
                   size_t episode_count)
{
    *out = (struct processes){.arena = arena, .first_episode = first_episode};
    out->indexes = arena_take_zeroed(arena, episode_count, sizeof out->indexes[0]);
    out->items = arena_take_zeroed(arena, PROCESSES_MAX, sizeof out->items[0]);
    return out->indexes == NULL || out->items == NULL ? STATUS_NO_MEMORY : 0;
}

static struct slice drawn_bytes(struct arena *arena, uint64_t key, size_t count)
{
    uint8_t *bytes = arena_take_bytes(arena, count);
    if (bytes == NULL)
        return (struct slice){0};
    struct draw draw = draw_from(key);
    draw_bytes(&draw, bytes, count);
    return slice_of(bytes, count);
}

/* Each text of a process is drawn from the process's key afresh: so a child that names its parent
 * spells it as the parent does. */
static struct slice text_of(const struct processes *processes, const char *template, uint64_t key)
{
    struct draw draw = draw_from(key);
    return phrase(processes->arena, template, processes->endpoint, &draw);
}

static bool is_windows(const struct processes *processes)
{
    return processes->endpoint->platform == YAGURA__V1__PLATFORM__PLATFORM_WINDOWS;
}

static struct slice account_of(const struct processes *processes, const char *account)
{
    if (account[0] != '\0')
        return slice_text(account);
    return text_of(processes, is_windows(processes) ? "{d}\\{u}" : "{u}", 0);
}

static uint64_t guid_key(const struct process_plan *plan, size_t slot)
{
    return draw_key(draw_key(plan->key, KEY_GUID), slot);
}

static uint32_t pid_of(const struct process_plan *plan, size_t slot)
{
    struct draw draw = draw_from(guid_key(plan, slot) + 1);
    return 4 * (100 + draw_below(&draw, 5000));
}

static uint64_t hash_of(struct slice text)
{
    uint64_t key = KEY_FILE;
    for (size_t i = 0; i < text.len; i++)
        key = draw_key(key, text.data[i]);
    return key;
}

static struct slice base_name(struct slice path)
{
    size_t at = path.len;
    while (at > 0 && path.data[at - 1] != '\\' && path.data[at - 1] != '/')
        at--;
    return slice_from(path, at);
}

/* The same image has the same digests on every endpoint, as real software has. */
static Yagura__V1__FileFacts *file_facts(const struct processes *processes,
                                         const struct process_plan *plan, struct slice image)
{
    struct arena *arena = processes->arena;
    Yagura__V1__FileFacts *facts = NEW(arena, Yagura__V1__FileFacts, yagura__v1__file_facts);
    if (facts == NULL)
        return NULL;
    SET_BYTES(facts, sha256, drawn_bytes(arena, hash_of(image), SHA256_BYTES));
    if (!is_windows(processes))
        return facts;
    SET_BYTES(facts, imphash, drawn_bytes(arena, hash_of(image) + 1, IMPHASH_BYTES));
    SET_BYTES(facts, original_file_name, base_name(image));
    if (plan->company[0] != '\0') {
        SET_BYTES(facts, company, slice_text(plan->company));
        SET_BYTES(facts, product, slice_text(plan->product));
        SET_BYTES(facts, description, slice_text(plan->product));
        SET_BYTES(facts, file_version, text_of(processes, "1{v}.{n}.{v}", hash_of(image)));
    }
    return facts;
}

static void plan_of(struct process_plan *out, const struct processes *processes, uint64_t episode,
                    size_t slot)
{
    episode_process(out, processes->endpoint, processes->scenes_per_million, episode, slot);
}

static void set_grandparent(Yagura__V1__ProcessInfo *info, const struct processes *processes,
                            uint64_t episode, const struct process_plan *parent)
{
    if (parent->parent == SLOT_NONE)
        return;
    struct process_plan plan;
    plan_of(&plan, processes, episode, parent->parent);
    SET_BYTES(info, grandparent_image, text_of(processes, plan.image, plan.key));
    SET_BYTES(info, grandparent_command_line, text_of(processes, plan.command, plan.key));
}

static void set_parent(Yagura__V1__ProcessInfo *info, const struct processes *processes,
                       uint64_t episode, const struct process_plan *child)
{
    if (child->parent_image != NULL) {
        SET_BYTES(info, parent_image, text_of(processes, child->parent_image, child->key));
        SET_BYTES(info, parent_command_line, text_of(processes, child->parent_image, child->key));
        SET_BYTES(info, parent_guid,
                  drawn_bytes(processes->arena, guid_key(child, SLOT_NONE), GUID_BYTES));
        SET(info, parent_pid, pid_of(child, SLOT_NONE));
        return;
    }
    if (child->parent == SLOT_NONE)
        return;
    struct process_plan plan;
    plan_of(&plan, processes, episode, child->parent);
    SET_BYTES(info, parent_image, text_of(processes, plan.image, plan.key));
    SET_BYTES(info, parent_command_line, text_of(processes, plan.command, plan.key));
    SET_BYTES(info, parent_user, account_of(processes, plan.account));
    SET_BYTES(info, parent_guid,
              drawn_bytes(processes->arena, guid_key(&plan, child->parent), GUID_BYTES));
    SET(info, parent_pid, pid_of(&plan, child->parent));
    set_grandparent(info, processes, episode, &plan);
}

static const char *directory_of(const struct processes *processes)
{
    if (is_windows(processes))
        return "C:\\Users\\{u}\\";
    return processes->endpoint->platform == YAGURA__V1__PLATFORM__PLATFORM_MACOS ? "/Users/{u}"
                                                                                 : "/home/{u}";
}

static Yagura__V1__ProcessInfo *process_info(const struct processes *processes, uint64_t episode,
                                             size_t slot)
{
    struct process_plan plan;
    plan_of(&plan, processes, episode, slot);
    Yagura__V1__ProcessInfo *info =
        NEW(processes->arena, Yagura__V1__ProcessInfo, yagura__v1__process_info);
    if (info == NULL)
        return NULL;
    struct slice image = text_of(processes, plan.image, plan.key);
    SET_BYTES(info, image, image);
    SET_BYTES(info, command_line, text_of(processes, plan.command, plan.key));
    SET_BYTES(info, user, account_of(processes, plan.account));
    SET_BYTES(info, guid, drawn_bytes(processes->arena, guid_key(&plan, slot), GUID_BYTES));
    SET(info, pid, pid_of(&plan, slot));
    SET_BYTES(info, current_directory, text_of(processes, directory_of(processes), 0));
    if (is_windows(processes))
        SET(info, integrity_level,
            plan.account[0] == '\0' ? YAGURA__V1__INTEGRITY_LEVEL__INTEGRITY_LEVEL_MEDIUM
                                    : YAGURA__V1__INTEGRITY_LEVEL__INTEGRITY_LEVEL_SYSTEM);
    info->file = file_facts(processes, &plan, image);
    set_parent(info, processes, episode, &plan);
    return info;
}

static uint32_t append(struct processes *processes, Yagura__V1__ProcessInfo *info)
{
    if (info == NULL)
        return 0;
    assert(processes->count < PROCESSES_MAX);
    processes->items[processes->count++] = info;
    return (uint32_t)processes->count;
}

uint32_t processes_index(struct processes *processes, uint64_t episode, size_t slot)
{
    if (slot == SLOT_NONE)
        return 0;
    assert(episode >= processes->first_episode);
    size_t row = slot < SLOT_STANDING_COUNT ? 0 : (size_t)(episode - processes->first_episode);
    uint32_t *index = &processes->indexes[row][slot];
    if (*index == 0)
        *index = append(processes, process_info(processes, episode, slot));
    return *index;
}

uint32_t processes_add_target(struct processes *processes, const char *image, uint64_t key)
{
    Yagura__V1__ProcessInfo *info =
        NEW(processes->arena, Yagura__V1__ProcessInfo, yagura__v1__process_info);
    if (info == NULL)
        return 0;
    SET_BYTES(info, image, text_of(processes, image, key));
    SET_BYTES(info, user, slice_text("NT AUTHORITY\\SYSTEM"));
    SET_BYTES(info, guid, drawn_bytes(processes->arena, draw_key(key, KEY_TARGET), GUID_BYTES));
    SET(info, pid, 672);
    return append(processes, info);
}
