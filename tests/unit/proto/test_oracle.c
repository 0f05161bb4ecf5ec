/* SPDX-License-Identifier: Apache-2.0 */
/* The walker against protobuf-c's own unpack: on valid input the same values and presence, on
 * damaged input never a crash, and the same wherever both accept. */
#include "proto/walker.h"

#include "all_layouts.h"
#include "oracle_message.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ARENA_BYTES = 8 << 20, VALID_ROUNDS = 40, DAMAGED_ROUNDS = 60 };

/* Both decoders on the same bytes, each in a block of exactly that size. */
struct verdict {
    enum reason reason;
    bool oracle_accepts;
};

static struct verdict compare(const struct layout *layout, struct slice bytes, struct arena *arena)
{
    struct walker walker = {
        .arena = arena, .depth_max = 16, .elements_max = 4096, .text_bytes_max = 1 << 18};
    const ProtobufCMessageDescriptor *type = layout->descriptor;
    const struct view *view = NULL;
    arena_reset(arena);
    enum reason reason = walker_read(&view, &walker, layout, bytes);
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, bytes.len, bytes.data);
    if (reason == REASON_NONE && message != NULL) {
        cr_assert(view_equals_message(view, message), "%s", type->name);
        cr_assert_eq(walker.unknown_field_count, message_unknown_count(message), "%s", type->name);
    }
    struct verdict verdict = {reason, message != NULL};
    if (message != NULL)
        protobuf_c_message_free_unpacked(message, NULL);
    return verdict;
}

Test(oracle, agrees_on_random_messages_of_every_type)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    struct layouts layouts;
    layouts_all(&layouts);
    struct dice dice = {1};
    for (size_t i = 0; i < layouts.count; i++) {
        for (size_t round = 0; round < VALID_ROUNDS; round++) {
            uint8_t *block;
            struct slice bytes = random_packed(&block, layouts.items[i]->descriptor, &dice);
            struct verdict verdict = compare(layouts.items[i], bytes, arena);
            cr_assert_eq(verdict.reason, REASON_NONE, "%s: %s", layouts.items[i]->descriptor->name,
                         reason_label(verdict.reason));
            cr_assert(verdict.oracle_accepts, "%s", layouts.items[i]->descriptor->name);
            free(block);
        }
    }
}

/* One to four bytes changed, removed or doubled. */
static struct slice damage(const uint8_t *from, size_t len, uint8_t *into, struct dice *dice)
{
    memcpy(into, from, len);
    for (uint64_t i = dice_below(dice, 4) + 1; i > 0 && len > 0; i--) {
        size_t at = (size_t)dice_below(dice, len);
        switch (dice_below(dice, 4)) {
        case 0:
            into[at] ^= (uint8_t)(1u << dice_below(dice, 8));
            break;
        case 1:
            into[at] = (uint8_t)dice_roll(dice);
            break;
        case 2:
            memmove(into + at, into + at + 1, --len - at);
            break;
        default:
            len = at;
        }
    }
    return slice_of(into, len);
}

Test(oracle, agrees_on_damaged_messages_that_both_accept)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    struct layouts layouts;
    layouts_all(&layouts);
    struct dice dice = {2};
    size_t both = 0, refused = 0;
    for (size_t i = 0; i < layouts.count; i++) {
        for (size_t round = 0; round < DAMAGED_ROUNDS; round++) {
            uint8_t *block;
            struct slice bytes = random_packed(&block, layouts.items[i]->descriptor, &dice);
            uint8_t *copy = malloc(bytes.len + 1);
            struct slice damaged = damage(block, bytes.len, copy, &dice);
            uint8_t *exact = malloc(damaged.len + (damaged.len == 0));
            memcpy(exact, copy, damaged.len);
            struct verdict v = compare(layouts.items[i], slice_of(exact, damaged.len), arena);
            both += v.reason == REASON_NONE && v.oracle_accepts;
            refused += v.reason != REASON_NONE;
            free(exact);
            free(copy);
            free(block);
        }
    }
    cr_assert_gt(both, 100, "the damage leaves something to compare");
    cr_assert_gt(refused, 100, "the damage is felt");
}

Test(oracle, agrees_on_a_batch_cut_at_every_byte)
{
    AUTO(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, ARENA_BYTES), 0);
    struct dice dice = {3};
    uint8_t *block;
    struct slice bytes = random_packed(&block, layout_EventBatch.descriptor, &dice);
    cr_assert_gt(bytes.len, 500);
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *exact = malloc(len + (len == 0));
        memcpy(exact, block, len);
        struct verdict v = compare(&layout_EventBatch, slice_of(exact, len), arena);
        cr_assert_eq(v.reason == REASON_NONE, v.oracle_accepts, "cut at %zu", len);
        free(exact);
    }
    free(block);
}
