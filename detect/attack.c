/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/attack.h"

#include <assert.h>

enum { TECHNIQUE_ID_BYTES_MAX = 9 }; /* "T1059.001" */

static const struct technique {
    struct slice id, name;
} techniques[] = {
#define TACTIC(id, tag, name)
#define TECHNIQUE(id, name) {SLICE_INIT(id), SLICE_INIT(name)},
#include "detect/attack.def"
#undef TACTIC
#undef TECHNIQUE
};

static const struct tactic {
    struct slice id, tag, name;
} tactics[] = {
#define TACTIC(id, tag, name) {SLICE_INIT(id), SLICE_INIT(tag), SLICE_INIT(name)},
#define TECHNIQUE(id, name)
#include "detect/attack.def"
#undef TACTIC
#undef TECHNIQUE
};

struct slice attack_technique_name(struct slice id)
{
    size_t low = 0;
    size_t high = sizeof techniques / sizeof techniques[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(techniques[middle].id, id);
        if (order == 0)
            return techniques[middle].name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct slice){NULL, 0};
}

/* Behind "attack.", or empty. */
static struct slice name_of_tag(struct slice tag)
{
    static const struct slice prefix = SLICE_INIT("attack.");
    bool ours =
        tag.len > prefix.len && slice_equal_ascii_caseless(slice_of(tag.data, prefix.len), prefix);
    return ours ? slice_from(tag, prefix.len) : (struct slice){NULL, 0};
}

/* Tags were once written with underscores. */
static bool same_tag(struct slice name, struct slice tag)
{
    if (name.len != tag.len)
        return false;
    for (size_t i = 0; i < tag.len; i++) {
        uint8_t byte = name.data[i] == '_' ? '-' : name.data[i];
        if (byte != tag.data[i] && (byte | 0x20) != tag.data[i])
            return false;
    }
    return true;
}

static const struct tactic *tactic_of_tag(struct slice tag)
{
    struct slice name = name_of_tag(tag);
    for (size_t i = 0; i < sizeof tactics / sizeof tactics[0]; i++)
        if (same_tag(name, tactics[i].tag))
            return &tactics[i];
    return NULL;
}

static bool all_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.len > 0;
}

/* "t1059" or "t1059.001": a letter, four digits, perhaps a point and three. */
static bool is_technique(struct slice name)
{
    if (name.len < 5 || (name.data[0] | 0x20) != 't' || !all_digits(slice_of(name.data + 1, 4)))
        return false;
    return name.len == 5 || (name.len == TECHNIQUE_ID_BYTES_MAX && name.data[5] == '.' &&
                             all_digits(slice_from(name, 6)));
}

static void set_tactic(struct alert_attack *attack, const struct tactic *tactic)
{
    attack->tactic_id = tactic->id;
    attack->tactic_name = tactic->name;
}

static int set_technique(struct alert_attack *attack, struct slice name, struct arena *arena)
{
    assert(name.data != NULL && name.len > 0);
    uint8_t *id = arena_take_bytes(arena, name.len);
    if (id == NULL)
        return STATUS_LIMIT;
    memcpy(id, name.data, name.len);
    id[0] = 'T';
    attack->technique_id = slice_of(id, name.len);
    attack->technique_name = attack_technique_name(attack->technique_id);
    return 0;
}

static size_t count_tactics(const struct slice tags[], size_t tag_count)
{
    size_t count = 0;
    for (size_t i = 0; i < tag_count; i++)
        count += tactic_of_tag(tags[i]) != NULL;
    return count;
}

static const struct tactic *first_tactic(const struct slice tags[], size_t tag_count)
{
    const struct tactic *tactic = NULL;
    for (size_t i = 0; i < tag_count && tactic == NULL; i++)
        tactic = tactic_of_tag(tags[i]);
    return tactic;
}

int attack_of_tags(const struct alert_attack **out, size_t *count, const struct slice tags[],
                   size_t tag_count, struct arena *arena)
{
    assert(out != NULL && count != NULL);
    size_t room = tag_count < ATTACK_TAGS_MAX ? tag_count : ATTACK_TAGS_MAX;
    struct alert_attack *attacks = arena_array(arena, struct alert_attack, room);
    if (attacks == NULL)
        return STATUS_LIMIT;
    size_t used = 0;
    bool single = count_tactics(tags, tag_count) == 1;
    const struct tactic *only = single ? first_tactic(tags, tag_count) : NULL;
    for (size_t i = 0; !single && i < tag_count && used < room; i++) {
        const struct tactic *tactic = tactic_of_tag(tags[i]);
        if (tactic != NULL)
            set_tactic(&attacks[used++], tactic);
    }
    for (size_t i = 0; i < tag_count && used < room; i++) {
        if (!is_technique(name_of_tag(tags[i])))
            continue;
        TRY(set_technique(&attacks[used], name_of_tag(tags[i]), arena));
        if (only != NULL)
            set_tactic(&attacks[used], only);
        used++;
    }
    if (used == 0 && only != NULL)
        set_tactic(&attacks[used++], only);
    *out = attacks;
    *count = used;
    return 0;
}
