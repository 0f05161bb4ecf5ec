/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/dead_letter.h"

#include <criterion/criterion.h>

enum { ARENA_BYTES = 4096, TINY_BYTES = 16 };

static const struct record_header own[] = {
    {.name = {(const uint8_t *)"x-tenant-id", 11}, .value = {(const uint8_t *)"t", 1}},
    {.name = {(const uint8_t *)"none", 4}, .null = true},
};

static const struct record record = {
    .topic = {(const uint8_t *)"in", 2},
    .partition = 3,
    .offset = 4,
    .key = {(const uint8_t *)"key", 3},
    .value = {(const uint8_t *)"value", 5},
    .has_key = true,
    .has_value = true,
};

static struct dead_letter letter(void)
{
    return (struct dead_letter){.record = &record,
                                .headers = own,
                                .header_count = 2,
                                .reason = REASON_TRUNCATED,
                                .stage = DEAD_LETTER_DECODE,
                                .event_index = SIZE_MAX};
}

static struct arena *arena_of(size_t bytes)
{
    struct arena *arena = NULL;
    cr_assert_eq(arena_new_fixed(&arena, bytes), 0);
    return arena;
}

/* Whether exactly one header has this name, and it this value; NULL: there is none. */
static bool has(const struct message *message, const char *name, const char *value)
{
    size_t found = 0, equal = 0;
    for (size_t i = 0; i < message->header_count; i++) {
        if (!slice_equal(message->headers[i].name, slice_text(name)))
            continue;
        found++;
        equal += value != NULL && slice_equal(message->headers[i].value, slice_text(value));
    }
    return value == NULL ? found == 0 : found == 1 && equal == 1;
}

Test(dead_letter, holds_the_record_as_it_came_and_says_why)
{
    struct arena *arena = arena_of(ARENA_BYTES);
    const struct dead_letter what = letter();
    struct message message;
    cr_assert_eq(dead_letter_make(&message, &what, arena), 0);
    cr_expect_eq(message.output, OUTPUT_DEAD_LETTERS);
    cr_expect(message.has_key && slice_equal(message.key, record.key));
    cr_expect(message.has_value && slice_equal(message.value, record.value));
    cr_expect_eq(message.headers[0].name.data, own[0].name.data);
    cr_expect(message.headers[1].null);
    cr_expect(has(&message, "x-dlq-reason", "truncated"));
    cr_expect(has(&message, "x-dlq-stage", "decode"));
    cr_expect(has(&message, "x-dlq-topic", "in"));
    cr_expect(has(&message, "x-dlq-partition", "3"));
    cr_expect(has(&message, "x-dlq-offset", "4"));
    cr_expect(has(&message, "x-dlq-event-index", NULL));
    cr_expect(has(&message, "x-dlq-value-omitted-bytes", NULL));
    arena_free(arena);
}

Test(dead_letter, names_the_event_and_the_omitted_value)
{
    struct arena *arena = arena_of(ARENA_BYTES);
    struct dead_letter what = letter();
    what.event_index = 0;
    what.form = DEAD_LETTER_WITHOUT_VALUE;
    struct message message;
    cr_assert_eq(dead_letter_make(&message, &what, arena), 0);
    cr_expect(!message.has_value);
    cr_expect(has(&message, "x-dlq-event-index", "0"));
    cr_expect(has(&message, "x-dlq-value-omitted-bytes", "5"));
    arena_free(arena);
}

Test(dead_letter, that_was_refused_loses_its_value_and_keeps_the_rest)
{
    struct arena *arena = arena_of(ARENA_BYTES);
    const struct receipt receipt = {.kind = RECEIPT_REFUSED,
                                    .output = OUTPUT_DEAD_LETTERS,
                                    .key = record.key,
                                    .value = record.value,
                                    .has_value = true,
                                    .headers = own,
                                    .header_count = 2};
    struct message message;
    cr_assert_eq(dead_letter_shorten(&message, &receipt, arena), 0);
    cr_expect_eq(message.output, OUTPUT_DEAD_LETTERS);
    cr_expect(!message.has_key, "a null key stays null");
    cr_expect(!message.has_value);
    cr_expect_eq(message.header_count, 3);
    cr_expect(has(&message, "x-tenant-id", "t"));
    cr_expect(message.headers[1].null);
    cr_expect(has(&message, "x-dlq-value-omitted-bytes", "5"));
    arena_free(arena);
}

Test(dead_letter, that_is_bare_says_only_why_and_where)
{
    struct arena *arena = arena_of(ARENA_BYTES);
    struct dead_letter what = letter();
    what.form = DEAD_LETTER_BARE;
    struct message message;
    cr_assert_eq(dead_letter_make(&message, &what, arena), 0);
    cr_expect(!message.has_key && !message.has_value);
    cr_expect(has(&message, "x-tenant-id", NULL));
    cr_expect(has(&message, "x-dlq-reason", "truncated"));
    cr_expect(has(&message, "x-dlq-value-omitted-bytes", "5"));
    const struct receipt receipt = {.output = OUTPUT_DEAD_LETTERS,
                                    .headers = message.headers,
                                    .header_count = message.header_count};
    cr_expect_eq(dead_letter_shorten(&message, &receipt, arena), DEAD_LETTER_LEAST);
    arena_free(arena);
}

Test(dead_letter, without_a_value_loses_its_key_and_foreign_headers_next)
{
    struct arena *arena = arena_of(ARENA_BYTES);
    struct dead_letter what = letter();
    what.form = DEAD_LETTER_WITHOUT_VALUE;
    struct message message;
    cr_assert_eq(dead_letter_make(&message, &what, arena), 0);
    const struct receipt receipt = {.output = OUTPUT_DEAD_LETTERS,
                                    .key = message.key,
                                    .has_key = true,
                                    .headers = message.headers,
                                    .header_count = message.header_count};
    cr_assert_eq(dead_letter_shorten(&message, &receipt, arena), 0);
    cr_expect(!message.has_key && !message.has_value);
    cr_expect(has(&message, "x-tenant-id", NULL));
    cr_expect(has(&message, "x-dlq-stage", "decode"));
    cr_expect(has(&message, "x-dlq-value-omitted-bytes", "5"));
    arena_free(arena);
}

Test(dead_letter, that_does_not_fit_the_arena_is_not_made)
{
    struct arena *arena = arena_of(TINY_BYTES);
    const struct dead_letter what = letter();
    const struct receipt receipt = {
        .output = OUTPUT_DEAD_LETTERS, .has_value = true, .headers = own, .header_count = 2};
    struct message message = {.header_count = 7};
    cr_expect_eq(dead_letter_make(&message, &what, arena), STATUS_LIMIT);
    arena_reset(arena);
    cr_expect_eq(dead_letter_shorten(&message, &receipt, arena), STATUS_LIMIT);
    cr_expect_eq(message.header_count, 7, "untouched");
    arena_free(arena);
}
