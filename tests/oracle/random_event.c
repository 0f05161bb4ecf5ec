/* SPDX-License-Identifier: Apache-2.0 */
#include "random_event.h"

#include "proto/fold.h"
#include "random_rule.h"

#include <assert.h>
#include <stdio.h>

enum { TEXT_MAX = 4096, LIST_MAX = 3 };

struct text {
    uint8_t bytes[TEXT_MAX];
    size_t len;
};

static void append(struct text *text, struct slice piece)
{
    size_t len = piece.len < TEXT_MAX - text->len ? piece.len : TEXT_MAX - text->len;
    if (len > 0)
        memcpy(text->bytes + text->len, piece.data, len);
    text->len += len;
}

static struct slice random_character(struct dice *dice)
{
    static const struct slice characters[] = {
        SLICE_INIT("a"),
        SLICE_INIT("K"),
        SLICE_INIT("\\"),
        SLICE_INIT("\n"),
        SLICE_INIT("\0"),
        SLICE_INIT("\xC3\xA9"),
        SLICE_INIT("\xE2\x84\xAA"),
        SLICE_INIT("\xFF"),
        SLICE_INIT("\xC3"),
        SLICE_INIT("\xA9"),
        SLICE_INIT("\xF0\x9F\x98\x80"),
        SLICE_INIT(" "),
        SLICE_INIT("*"),
        SLICE_INIT("?"),
        SLICE_INIT("1"),
        SLICE_INIT("-"),
    };
    return DICE_PICK(dice, characters);
}

static void fill(struct text *text, struct dice *dice)
{
    for (size_t i = dice_below(dice, 4); i > 0; i--)
        append(text, random_character(dice));
}

static void of_pattern(struct text *text, const struct pattern *pattern, struct dice *dice)
{
    for (size_t i = 0; i < pattern->part_count; i++) {
        if (pattern->parts[i].kind == PART_LITERAL)
            append(text, pattern->parts[i].literal);
        else if (pattern->parts[i].kind == PART_ONE)
            append(text, random_character(dice));
        else
            fill(text, dice);
    }
}

static void of_regex(struct text *text, struct slice expression, struct dice *dice)
{
    for (size_t i = 0; i < random_regex_count; i++) {
        if (slice_equal(slice_text(random_regexes[i].expression), expression)) {
            if (dice_percent(dice, 30))
                fill(text, dice);
            append(text, slice_text(random_regexes[i].samples[dice_below(dice, 4)]));
            if (dice_percent(dice, 30))
                fill(text, dice);
        }
    }
}

static void of_any(struct text *text, struct dice *dice)
{
    static const char *const others[] = {
        "10.1.2.3",
        "192.168.1.77",
        "192.168.2.1",
        "fe80::1",
        "::1",
        "::ffff:10.1.2.3",
        "10.1.2.3:80",
        "010.1.2.3",
        "YES",
        "No",
        "1",
        "True",
        "0",
        "4688",
        "4688.0",
        "04688",
        "4.50",
        "1000",
        "1e3",
        "-1",
        "2026-11-25T06:43:20Z",
        "2025-02-03 23:59:59.9",
        "1764053000",
        "",
        "abcabc",
    };
    append(text, slice_text(DICE_PICK(dice, others)));
}

/* A time one of whose parts is what the test asks for. */
static void of_time(struct text *text, const struct test *test, struct dice *dice)
{
    unsigned wanted = (unsigned)test->number.integer;
    char line[64];
    snprintf(line, sizeof line, "%04u-%02u-%02u %02u:%02u:00",
             test->time_part == TIME_YEAR ? wanted % 10000 : 2025, 1 + (wanted + 11) % 12,
             1 + (wanted + 27) % 28, wanted % 24, wanted % 60);
    append(text, slice_text(line));
    if (dice_percent(dice, 30))
        append(text, SLICE_LITERAL("Z"));
}

/* --- Changes --- */

static void insert(struct text *text, size_t at, struct slice piece)
{
    struct text tail = {.len = 0};
    append(&tail, slice_of(text->bytes + at, text->len - at));
    text->len = at;
    append(text, piece);
    append(text, slice_of(tail.bytes, tail.len));
}

static void erase(struct text *text, size_t at)
{
    if (at < text->len) {
        memmove(text->bytes + at, text->bytes + at + 1, text->len - at - 1);
        text->len--;
    }
}

/* A character by one that folds to the same, or only looks alike. */
static void swap_case(struct text *text, size_t at)
{
    static const struct {
        uint8_t plain;
        struct slice other;
    } alike[] = {
        {'k', SLICE_INIT("\xE2\x84\xAA")}, {'s', SLICE_INIT("\xC5\xBF")},
        {'c', SLICE_INIT("\xD1\x81")},     {'a', SLICE_INIT("\xD0\xB0")},
        {'x', SLICE_INIT("\xD1\x85")},     {'e', SLICE_INIT("\xC3\xA9")},
    };
    if (at >= text->len)
        return;
    uint8_t lower = text->bytes[at] | 0x20;
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        if (lower == alike[i].plain && (text->bytes[at] & 1) == (at & 1)) {
            erase(text, at);
            insert(text, at, alike[i].other);
            return;
        }
    }
    if (lower >= 'a' && lower <= 'z')
        text->bytes[at] ^= 0x20;
}

static void upper_all(struct text *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->bytes[i] >= 'a' && text->bytes[i] <= 'z')
            text->bytes[i] ^= 0x20;
        if (i > 0 && text->bytes[i - 1] == 0xC3 && text->bytes[i] >= 0xA0)
            text->bytes[i] ^= 0x20; /* the accented letters of Latin-1 */
    }
}

/* Beyond what the memo keeps, and into the middle of what is searched for. */
static void stretch(struct text *text, size_t at, struct dice *dice)
{
    struct text filler = {.len = 0};
    struct slice piece = random_character(dice);
    for (size_t i = dice_below(dice, TEXT_MAX); i > 0; i--)
        append(&filler, piece);
    insert(text, at, slice_of(filler.bytes, filler.len));
}

static void change(struct text *text, struct dice *dice)
{
    size_t at = dice_below(dice, text->len + 1);
    switch (dice_below(dice, 10)) {
    case 0:
        swap_case(text, at);
        return;
    case 1:
        upper_all(text);
        return;
    case 2:
        erase(text, at);
        return;
    case 3:
        insert(text, at, random_character(dice));
        return;
    case 4:
        insert(text, 0, random_character(dice));
        return;
    case 5:
        insert(text, text->len, random_character(dice));
        return;
    case 6:
        erase(text, text->len - (text->len > 0));
        return;
    case 7:
        insert(text, at, SLICE_LITERAL("\0"));
        return;
    case 8:
        if (dice_percent(dice, 20))
            stretch(text, dice_percent(dice, 50) ? 0 : at, dice);
        return;
    default:
        swap_case(text, 0);
    }
}

/* --- Values --- */

/* All tests of a rule on a field (or, for a keyword, on any): one of them, or NULL. */
static const struct test *pick_test(const struct rule *rule, const char *field, struct dice *dice)
{
    const struct test *picked = NULL;
    size_t seen = 0;
    for (size_t i = 0; i < rule->selection_count; i++) {
        for (size_t j = 0; j < rule->selections[i].map_count; j++) {
            const struct item_map *map = &rule->selections[i].maps[j];
            for (size_t k = 0; k < map->item_count; k++) {
                const struct item *item = &map->items[k];
                if (item->field.len > 0 && !slice_equal(item->field, slice_text(field)))
                    continue;
                for (size_t t = 0; t < item->test_count; t++) {
                    if (dice_below(dice, ++seen) == 0)
                        picked = &item->tests[t];
                }
            }
        }
    }
    return picked;
}

static struct value scalar_for(const struct test *test, struct dice *dice, struct arena *arena)
{
    struct text text = {.len = 0};
    if (test == NULL || dice_percent(dice, 7)) {
        of_any(&text, dice);
    } else if (test->kind == TEST_PATTERN) {
        of_pattern(&text, &test->pattern, dice);
        if (dice_percent(dice, 15)) { /* several at once: `all` */
            fill(&text, dice);
            of_pattern(&text, &test->pattern, dice);
        }
    } else if (test->kind == TEST_REGEX) {
        of_regex(&text, test->regex, dice);
    } else if ((test->kind == TEST_NUMBER || test->kind == TEST_COMPARE) &&
               dice_percent(dice, 70)) {
        struct value number = test->number;
        if (number.type == VALUE_INTEGER && dice_percent(dice, 30))
            number.integer ^= 1;
        if (number.type == VALUE_INTEGER && dice_percent(dice, 30))
            number = (struct value){.type = VALUE_REAL, .real = (double)number.integer};
        return number;
    } else if (test->kind == TEST_TIME && test->number.type == VALUE_INTEGER &&
               test->number.integer >= 0 && dice_percent(dice, 70)) {
        of_time(&text, test, dice);
    } else if (test->kind == TEST_BOOLEAN && dice_percent(dice, 50)) {
        return (struct value){.type = VALUE_BOOLEAN, .boolean = dice_percent(dice, 50)};
    } else {
        of_any(&text, dice);
    }
    for (size_t changes = dice_percent(dice, 55) ? 0 : 1 + dice_below(dice, 2); changes > 0;
         changes--)
        change(&text, dice);
    return value_of_text(arena_copy(arena, slice_of(text.bytes, text.len)));
}

static struct value value_for(const struct rule *rule, const char *field, struct dice *dice,
                              struct arena *arena)
{
    if (dice_percent(dice, 4))
        return (struct value){.type = VALUE_NULL};
    if (strcmp(field, "ProcessId") == 0 && dice_percent(dice, 40))
        return value_of_integer(4688); /* which its typed home renders */
    if (!dice_percent(dice, 12))
        return scalar_for(pick_test(rule, field, dice), dice, arena);
    struct value *items = arena_array(arena, struct value, LIST_MAX);
    size_t count = dice_below(dice, LIST_MAX + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = dice_percent(dice, 10) ? (struct value){.type = VALUE_NULL}
                                          : scalar_for(pick_test(rule, field, dice), dice, arena);
    return (struct value){.type = VALUE_LIST, .list = {items, count}};
}

static const struct value *value_of(const struct random_event *event, struct slice name)
{
    for (size_t i = 0; event != NULL && i < event->count; i++) {
        if (slice_equal(event->fields[i].name, name))
            return &event->fields[i].value;
    }
    return NULL;
}

void random_event(struct random_event *out, const struct rule *rule,
                  const struct random_world *world, const struct random_event *before,
                  struct dice *dice, struct arena *arena)
{
    *out = (struct random_event){.source = {.product = slice_text(world->product)}};
    if (world->channel == NULL) {
        out->source.category = slice_text(DICE_PICK(dice, world->categories));
        if (dice_percent(dice, 30))
            out->source.service = slice_text(world->service);
    }
    bool same_process = dice_percent(dice, 50);
    if (world->channel != NULL) {
        out->fields[out->count++] = (struct flat_field){SLICE_LITERAL("Channel"),
                                                        value_of_text(slice_text(world->channel))};
        out->fields[out->count++] = (struct flat_field){
            SLICE_LITERAL("EventID"), value_of_integer(DICE_PICK(dice, world->event_ids))};
    }
    for (size_t i = 0; i < RANDOM_FIELDS; i++) {
        struct slice name = slice_text(world->fields[i]);
        const struct value *known = value_of(before, name);
        if (dice_percent(dice, 15))
            continue;
        struct flat_field *field = &out->fields[out->count++];
        field->name = name;
        field->value = same_process && known != NULL && !dice_percent(dice, 10)
                           ? *known
                           : value_for(rule, world->fields[i], dice, arena);
        /* Two fields alike, for comparisons of fields. */
        if (i > 0 && out->count > 1 && dice_percent(dice, 8))
            field->value = out->fields[out->count - 2].value;
    }
}
