/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

/* Version v of rule r is true of kind k exactly if (r + k) % MODEL_VERSIONS + 1 == v. */
static unsigned version_of(unsigned rule, unsigned kind)
{
    return (rule + kind) % MODEL_VERSIONS + 1;
}

static const char *rule_id(unsigned rule)
{
    static const char *const ids[MODEL_RULES] = {
        "00000000-0000-4000-8000-000000000000", "11111111-1111-4111-8111-111111111111",
        "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333",
        "44444444-4444-4444-8444-444444444444", "55555555-5555-4555-8555-555555555555",
        "66666666-6666-4666-8666-666666666666"};
    return ids[rule];
}

unsigned model_rule(const char *id)
{
    for (unsigned i = 0; i < MODEL_RULES; i++) {
        if (strcmp(rule_id(i), id) == 0)
            return i;
    }
    return MODEL_RULES;
}

const char *model_command_line(unsigned kind)
{
    static char lines[MODEL_KINDS][128];
    assert(kind < MODEL_KINDS);
    size_t used = (size_t)snprintf(lines[kind], sizeof lines[kind], "run anchor");
    for (unsigned rule = 0; rule < MODEL_FILES; rule++)
        used += (size_t)snprintf(lines[kind] + used, sizeof lines[kind] - used, " r%uv%u", rule,
                                 version_of(rule, kind));
    return lines[kind];
}

unsigned model_mask(const struct model_state *state, unsigned kind)
{
    unsigned mask = 1U << MODEL_ANCHOR;
    for (unsigned rule = 0; rule < MODEL_FILES; rule++)
        mask |= (state->live[rule] == version_of(rule, kind) ? 1U : 0U) << rule;
    return mask;
}

size_t model_rule_count(const struct model_state *state)
{
    size_t count = 1;
    for (unsigned rule = 0; rule < MODEL_FILES; rule++)
        count += state->live[rule] > 0;
    return count;
}

/* --- Files --- */

static const char *name_of(char out[32], unsigned rule, const char *ending)
{
    snprintf(out, 32, "rules/rule%u%s", rule, ending);
    return out;
}

static void write_rule(const struct model *model, const char *name, unsigned rule,
                       const char *token)
{
    char text[512];
    snprintf(
        text, sizeof text,
        "title: Rule %u\nid: %s\nstatus: test\nlogsource:\n    category: process_creation\n"
        "    product: windows\ndetection:\n    selection:\n        CommandLine|contains: '%s'\n"
        "    condition: selection\nlevel: %s\n",
        rule, rule_id(rule), token, rule == 0 ? "informational" : "medium");
    folder_write(model->folder, name, text);
}

static void write_version(struct model *model, const char *ending, unsigned rule, unsigned version)
{
    char name[32], token[16];
    snprintf(token, sizeof token, "r%uv%u", rule, version);
    write_rule(model, name_of(name, rule, ending), rule, token);
}

static bool has(const struct model *model, const char *name)
{
    return access(folder_path(model->folder, name), F_OK) == 0;
}

void model_start(struct model *model, struct folder *folder, uint64_t seed)
{
    *model = (struct model){.folder = folder, .dice = seed};
    folder_make_folder(folder, "rules");
    write_rule(model, "rules/rule6.yml", MODEL_ANCHOR, "anchor");
    for (unsigned rule = 0; rule < MODEL_FILES; rule++) {
        model->disk.live[rule] = 1;
        write_version(model, ".yml", rule, 1);
    }
}

/* --- Steps --- */

static unsigned roll(struct model *model, unsigned sides)
{
    model->dice = model->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(model->dice >> 33) % sides;
}

/* The last good version stays live. */
static void break_file(struct model *model, struct model_step *step, unsigned rule)
{
    static const char *const broken[] = {
        "title: broken\nid: [\n",
        "title: broken\nlogsource:\n    product: windows\ndetection:\n    selection:\n"
        "        Image|nonsense: 'x'\n    condition: selection\n",
        "title: broken\nstatus: test\n",
    };
    name_of(step->file, rule, ".yml");
    step->what = "breaks a file";
    model->broken[rule] = true;
    folder_write(model->folder, step->file, broken[roll(model, 3)]);
}

static void remove_file(struct model *model, struct model_step *step, unsigned rule)
{
    char name[32];
    step->what = "removes a file";
    folder_delete(model->folder, name_of(name, rule, ".yml"));
    model->disk.live[rule] = 0;
}

static void write_file(struct model *model, struct model_step *step, unsigned rule)
{
    step->what = "writes a good file";
    model->broken[rule] = false;
    model->disk.live[rule] = (unsigned char)(1 + roll(model, MODEL_VERSIONS));
    write_version(model, ".yml", rule, model->disk.live[rule]);
}

/* A second file with the id of a rule that runs: it is reported and changes nothing. */
static void copy_rule(struct model *model, struct model_step *step, unsigned rule)
{
    name_of(step->file, rule, "twin.yml");
    step->what = "copies a rule's id";
    write_version(model, "twin.yml", rule, 1 + model->disk.live[rule] % MODEL_VERSIONS);
}

static bool remove_twin(struct model *model, struct model_step *step)
{
    char name[32];
    for (unsigned rule = 0; rule < MODEL_FILES; rule++) {
        if (!has(model, name_of(name, rule, "twin.yml")))
            continue;
        step->what = "removes a copy";
        folder_delete(model->folder, name);
        return true;
    }
    return false;
}

void model_step(struct model *model, struct model_step *step)
{
    *step = (struct model_step){.what = ""};
    unsigned rule = roll(model, MODEL_FILES);
    if (remove_twin(model, step))
        return;
    switch (roll(model, 8)) {
    case 0:
        break_file(model, step, roll(model, MODEL_RULES)); /* the anchor too */
        return;
    case 1:
        if (model->disk.live[rule] > 0 && !model->broken[rule]) {
            copy_rule(model, step, rule);
            return;
        }
        break;
    case 2:
        if (model->disk.live[rule] > 0) {
            remove_file(model, step, rule);
            return;
        }
        break;
    default:
        break;
    }
    write_file(model, step, rule);
}
