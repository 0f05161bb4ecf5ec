/* SPDX-License-Identifier: Apache-2.0 */
/* A rule file, a NUL and an event in JSON: the engine and the plain evaluator must agree. */
#include "fuzz.h"

#include "detect/engine.h"
#include "detect/explain.h"
#include "ingest/jsonl.h"
#include "rules/parser.h"

#include <assert.h>

static void compare(const struct ruleset *ruleset, const struct event *event, struct arena *arena)
{
    AUTO(scratch_free) struct scratch *scratch = NULL;
    struct matches matches;
    assert(scratch_new(&scratch, ruleset) == 0);
    if (engine_match(&matches, ruleset, scratch, event) == STATUS_LIMIT)
        return;
    for (size_t i = 0, next = 0; i < ruleset_rule_count(ruleset); i++) {
        struct explanation slow;
        bool fast = next < matches.count && matches.items[next].rule_index == i;
        next += fast;
        assert(explain_rule(&slow, ruleset_rule(ruleset, i), event, arena) == 0);
        assert(fast == (slow.applies && slow.result));
    }
}

static struct ruleset *compile(struct slice text)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    struct rule_list rules = {0};
    struct ruleset *ruleset = NULL;
    assert(diag_list_new(&findings) == 0);
    assert(parser_read(&rules, text, "f", &(struct parser_options){0}, findings) == 0);
    if (rules.count > 0)
        assert(ruleset_build(&ruleset, rules.items, rules.count, NULL, findings) == 0);
    rule_list_deinit(&rules);
    return ruleset;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct jsonl_reader *reader; /* made once, as the command does */
    static struct flat_encoder *encoder;
    assert(reader != NULL || jsonl_reader_new(&reader, NULL, "f") == 0);
    assert(encoder != NULL || flat_encoder_new(&encoder, &(struct flat_origin){0}) == 0);
    const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
    struct jsonl_event event;
    if (nul == NULL ||
        jsonl_parse(reader, slice_of(nul + 1, size - (size_t)(nul - data) - 1), &event) != 0)
        return 0;
    AUTO(ruleset_free) struct ruleset *ruleset = compile(slice_of(data, (size_t)(nul - data)));
    AUTO(arena_free) struct arena *arena = NULL;
    struct flat_origin source = {
        .product = event.product, .category = event.category, .service = event.service};
    struct slice payload;
    struct batch batch;
    if (ruleset == NULL || flat_encoder_add(encoder, event.fields, event.field_count, &source) != 0)
        return 0;
    assert(flat_encoder_finish(encoder, &payload) == 0);
    assert(arena_new_growing(&arena, 1 << 16, 0) == 0);
    const struct batch_options options = {.record_bytes_max = SIZE_MAX};
    assert(batch_decode(&batch, payload, &options, arena) == 0 && batch.event_count == 1);
    compare(ruleset, &batch.events[0], arena);
    return 0;
}
