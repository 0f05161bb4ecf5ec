/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include "detect/engine.h"
#include "detect/explain.h"
#include "proto/fold.h"
#include "random_rule.h"

#include <assert.h>

struct bench {
    const struct oracle_case *of;
    struct ruleset *ruleset;
    struct scratch *scratch;
    struct arena *decoded, *explained;
    oracle_pair_fn *pair;
    void *context;
};

void oracle_rules_read(struct rule_list *out, struct slice text)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(list_set_free) struct list_set *lists = NULL;
    int status = diag_list_new(&findings);
    status = status == 0 ? list_set_new(&lists) : status;
    assert(status == 0);
    status = list_set_add(lists, SLICE_LITERAL(RANDOM_LIST_NAME), SLICE_LITERAL(RANDOM_LIST_TEXT),
                          "names.txt", findings);
    assert(status == 0);
    status = parser_read(out, text, "random.yml", &(struct parser_options){lists}, findings);
    assert(status == 0);
}

static bool compile(struct ruleset **out, struct slice text)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    struct rule_list rules = {0};
    int status = diag_list_new(&findings);
    assert(status == 0);
    oracle_rules_read(&rules, text);
    if (rules.count > 0)
        status = ruleset_build(out, rules.items, rules.count, NULL, findings);
    rule_list_deinit(&rules);
    return status == 0 && *out != NULL && ruleset_rule_count(*out) > 0;
}

/* --- One batch --- */

static bool is_matched(const struct matches *matches, size_t rule)
{
    for (size_t i = 0; i < matches->count; i++) {
        if (matches->items[i].rule_index == rule)
            return true;
    }
    return false;
}

static void judge_event(struct bench *bench, const struct event *event, size_t index)
{
    struct matches matches;
    struct explanation slow;
    int status = engine_match(&matches, bench->ruleset, bench->scratch, event);
    assert(status == 0);
    for (size_t i = 0; i < ruleset_rule_count(bench->ruleset); i++) {
        struct oracle_pair pair = {.of = bench->of, .event_index = index};
        pair.rule = ruleset_rule(bench->ruleset, i);
        pair.typed = event_logsources_repeat(event);
        pair.fast = is_matched(&matches, i);
        status = explain_rule(&slow, pair.rule, event, bench->explained);
        assert(status == 0);
        pair.slow = slow.applies && slow.result;
        bench->pair(bench->context, &pair);
    }
    arena_reset(bench->explained);
}

/* Events from..to, encoded and decoded. */
static bool judge_batch(struct bench *bench, struct flat_encoder *encoder, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct random_event *event = &bench->of->events[i];
        if (flat_encoder_add(encoder, event->fields, event->count, &event->source) != 0)
            return false;
    }
    struct slice payload;
    struct batch batch;
    int status = flat_encoder_finish(encoder, &payload);
    assert(status == 0);
    arena_reset(bench->decoded);
    status = batch_decode(&batch, payload, &(struct batch_options){0}, bench->decoded);
    assert(status == 0 && batch.event_count == to - from);
    for (size_t i = from; i < to; i++)
        judge_event(bench, &batch.events[i - from], i);
    engine_batch_end(bench->scratch);
    return true;
}

bool oracle_case_judge(const struct oracle_case *of, oracle_pair_fn *pair, void *context)
{
    AUTO(ruleset_free) struct ruleset *ruleset = NULL;
    AUTO(scratch_free) struct scratch *scratch = NULL;
    AUTO(flat_encoder_free) struct flat_encoder *encoder = NULL;
    AUTO(arena_free) struct arena *decoded = NULL;
    AUTO(arena_free) struct arena *explained = NULL;
    if (!compile(&ruleset, of->rules))
        return false;
    int status = scratch_new(&scratch, ruleset);
    status = status == 0 ? arena_new_growing(&decoded, 1 << 16, 0) : status;
    status = status == 0 ? arena_new_growing(&explained, 1 << 16, 0) : status;
    status = status == 0
                 ? flat_encoder_new(&encoder, &(struct flat_origin){.hostname = SLICE_LITERAL("h")})
                 : status;
    assert(status == 0);
    struct bench bench = {of, ruleset, scratch, decoded, explained, pair, context};
    for (size_t from = 0, to; from < of->event_count; from = to) {
        for (to = from + 1; to < of->event_count && !of->events[to].starts_batch;)
            to++;
        if (!judge_batch(&bench, encoder, from, to))
            return false;
    }
    return true;
}

/* --- As text --- */

static void print_text(FILE *out, struct slice text)
{
    fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < ' ' || byte == 0x7F)
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

static void print_value(FILE *out, const struct value *value)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    struct slice text = value_text(value, buffer);
    if (value->type == VALUE_NULL || value->type == VALUE_ABSENT)
        fputs("null", out);
    else if (value->type == VALUE_TEXT)
        print_text(out, text);
    else
        fprintf(out, "%.*s", SLICE_PRINTF(text));
}

static void print_any(FILE *out, const struct value *value)
{
    if (value->type != VALUE_LIST) {
        print_value(out, value);
        return;
    }
    fputc('[', out);
    for (size_t i = 0; i < value->list.count; i++) {
        fputs(i > 0 ? ", " : "", out);
        print_value(out, &value->list.items[i]);
    }
    fputc(']', out);
}

static void tell_bytes(FILE *out, struct slice name, const struct value *value)
{
    for (size_t i = 0; value->type == VALUE_LIST && i < value->list.count; i++)
        tell_bytes(out, name, &value->list.items[i]);
    if (value->type != VALUE_TEXT || utf8_valid_prefix(value->text) == value->text.len)
        return;
    fprintf(out, "# %.*s is no UTF-8: \"", SLICE_PRINTF(name));
    for (size_t i = 0; i < value->text.len; i++)
        fprintf(out, "\\x%02X", value->text.data[i]);
    fputs("\"\n", out);
}

static void print_event(FILE *out, const struct random_event *event)
{
    const struct flat_origin *source = &event->source;
    fprintf(out,
            "{\"logsource\": {\"product\": \"%.*s\", \"category\": \"%.*s\", "
            "\"service\": \"%.*s\"}",
            SLICE_PRINTF(source->product), SLICE_PRINTF(source->category),
            SLICE_PRINTF(source->service));
    for (size_t i = 0; i < event->count; i++) {
        fprintf(out, ", \"%.*s\": ", SLICE_PRINTF(event->fields[i].name));
        print_any(out, &event->fields[i].value);
    }
    fputs("}\n", out);
    for (size_t i = 0; i < event->count; i++)
        tell_bytes(out, event->fields[i].name, &event->fields[i].value);
}

void oracle_case_print(FILE *out, const struct oracle_case *of)
{
    fprintf(out, "%.*s", SLICE_PRINTF(of->rules));
    for (size_t i = 0; i < of->event_count; i++) {
        if (i > 0 && of->events[i].starts_batch)
            fputs("# next batch\n", out);
        print_event(out, &of->events[i]);
    }
}
