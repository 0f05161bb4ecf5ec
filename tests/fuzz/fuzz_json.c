/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "ingest/jsonl.h"
#include "proto/event.h"

#include <assert.h>

/* What is taken as an event can be encoded, and what was encoded can be decoded. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct jsonl_reader *reader; /* made once, as the command does */
    static struct flat_encoder *encoder;
    AUTO(arena_free) struct arena *arena = NULL;
    struct jsonl_event event;
    struct slice payload;
    struct batch batch;
    assert(reader != NULL || jsonl_reader_new(&reader, NULL, "f") == 0);
    assert(encoder != NULL || flat_encoder_new(&encoder, &(struct flat_origin){0}) == 0);
    assert(arena_new_growing(&arena, 1 << 16, 0) == 0);
    if (jsonl_parse(reader, slice_of(data, size), &event) == JSONL_BAD_LINE)
        return 0;
    struct flat_origin source = {
        .product = event.product, .category = event.category, .service = event.service};
    if (flat_encoder_add(encoder, event.fields, event.field_count, &source) == STATUS_LIMIT)
        return 0;
    assert(flat_encoder_finish(encoder, &payload) == 0);
    const struct batch_options options = {.record_bytes_max = SIZE_MAX};
    assert(batch_decode(&batch, payload, &options, arena) == 0 && batch.event_count == 1);
    return 0;
}
