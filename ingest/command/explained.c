/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/explained.h"

#include "proto/logsource.h"

enum { SHOWN_BYTES_MAX = 2000 };

/* --- What both forms show --- */

/* What modifiers made of a value, as a pattern again: `*-hidewmp*`. Empty if it is no pattern, or
 * the only one that was made of the value: then the value says it all. */
static struct slice made_pattern(const struct explained_item *item, size_t index,
                                 struct arena *arena)
{
    const struct test *test = item->tests[index].test;
    const struct test *before = index > 0 ? item->tests[index - 1].test : NULL;
    const struct test *after = index + 1 < item->test_count ? item->tests[index + 1].test : NULL;
    bool is_one_of_many = (before != NULL && before->group == test->group) ||
                          (after != NULL && after->group == test->group);
    if (test->kind != TEST_PATTERN || !is_one_of_many)
        return slice_of(NULL, 0);
    size_t len = 0;
    for (size_t i = 0; i < test->pattern.part_count; i++)
        len += test->pattern.parts[i].kind == PART_LITERAL ? test->pattern.parts[i].literal.len : 1;
    uint8_t *text = arena_take_bytes(arena, len);
    if (text == NULL)
        return slice_of(NULL, 0);
    len = 0;
    for (size_t i = 0; i < test->pattern.part_count; i++) {
        const struct pattern_part *part = &test->pattern.parts[i];
        struct slice piece = part->kind == PART_LITERAL ? part->literal
                             : part->kind == PART_ANY   ? SLICE_LITERAL("*")
                                                        : SLICE_LITERAL("?");
        memcpy(text + len, piece.data, piece.len);
        len += piece.len;
    }
    return slice_of(text, len);
}

/* --- For machines --- */

static void write_value(struct json *json, const char *name, const struct value *value)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    switch (value->type) {
    case VALUE_ABSENT:
        return;
    case VALUE_NULL:
        json_null(json, name);
        return;
    case VALUE_BOOLEAN:
        json_boolean(json, name, value->boolean);
        return;
    case VALUE_INTEGER:
        json_integer(json, name, value->integer);
        return;
    case VALUE_LIST:
        json_array(json, name);
        for (size_t i = 0; i < value->list.count; i++)
            (void)json_text(json, NULL, value_text(&value->list.items[i], buffer));
        json_end(json);
        return;
    case VALUE_REAL:
        json_real(json, name, value->real);
        return;
    case VALUE_TEXT:
    default:
        (void)json_text(json, name, value_text(value, buffer));
    }
}

static void write_item(struct json *json, const struct explained_item *item, struct arena *arena)
{
    json_object(json, NULL);
    (void)json_text(json, "selection", item->selection->name);
    json_integer(json, "map", (int64_t)item->map_index);
    (void)json_text(json, "field", item->item->field);
    (void)json_text(json, "modifiers", item->item->modifiers);
    json_boolean(json, "result", item->result);
    json_boolean(json, "missing", item->seen.type == VALUE_ABSENT);
    write_value(json, "value", &item->seen);
    json_array(json, "tests");
    for (size_t i = 0; i < item->test_count; i++) {
        json_object(json, NULL);
        (void)json_text(json, "pattern", item->tests[i].test->source);
        struct slice made = made_pattern(item, i, arena);
        if (made.len > 0)
            (void)json_text(json, "expanded", made);
        json_boolean(json, "result", item->tests[i].result);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

void explained_write(struct json *json, const void *context)
{
    const struct explained *explained = context;
    const struct explanation *explanation = explained->explanation;
    json_object(json, NULL);
    (void)json_text(json, "rule", explained->rule->id);
    (void)json_text(json, "title", explained->rule->title);
    json_boolean(json, "matches", explanation->applies && explanation->result);
    json_boolean(json, "applies", explanation->applies);
    json_boolean(json, "condition", explanation->result);
    json_array(json, "condition_texts");
    for (size_t i = 0; i < explained->rule->condition_text_count; i++)
        (void)json_text(json, NULL, explained->rule->condition_texts[i]);
    json_end(json);
    json_object(json, "selections");
    for (size_t i = 0; i < explained->rule->selection_count; i++) {
        json_name(json, explained->rule->selections[i].name);
        json_boolean(json, NULL, explanation->selections[i]);
    }
    json_end(json);
    json_array(json, "items");
    for (size_t i = 0; i < explanation->item_count; i++)
        write_item(json, &explanation->items[i], explained->arena);
    json_end(json);
    json_end(json);
}

/* --- For people --- */

static void print_result(struct console *console, bool result)
{
    fprintf(console->out, "%s%s%s",
            console_colour(console, console->out, result ? COLOUR_GREEN : COLOUR_RED),
            result ? "true " : "false", console_colour(console, console->out, COLOUR_PLAIN));
}

static void print_value(FILE *out, const struct value *value)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    if (value->type == VALUE_ABSENT) {
        fputs("field missing", out);
        return;
    }
    if (value->type == VALUE_NULL) {
        fputs("null", out);
        return;
    }
    size_t count = value->type == VALUE_LIST ? value->list.count : 1;
    const struct value *items = value->type == VALUE_LIST ? value->list.items : value;
    fputs(value->type == VALUE_LIST ? "any of [" : "", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "'" : ", '", out);
        console_text(out, value_text(&items[i], buffer), SHOWN_BYTES_MAX);
        fputc('\'', out);
    }
    fputs(value->type == VALUE_LIST ? "]" : "", out);
}

static void print_tests(struct console *console, const struct explained_item *item,
                        struct arena *arena)
{
    if (item->test_count < 2)
        return;
    for (size_t i = 0; i < item->test_count; i++) {
        fputs("        ", console->out);
        print_result(console, item->tests[i].result);
        fputs("  ", console->out);
        console_text(console->out, item->tests[i].test->source, SHOWN_BYTES_MAX);
        struct slice made = made_pattern(item, i, arena);
        fputs(made.len > 0 ? "   as " : "", console->out);
        console_text(console->out, made, SHOWN_BYTES_MAX);
        fputc('\n', console->out);
    }
}

static void print_pattern(FILE *out, const struct test *test)
{
    const char *quote = test->kind == TEST_NULL ? "" : "'";
    fprintf(out, " %s", quote);
    console_text(out, test->source, SHOWN_BYTES_MAX);
    fputs(quote, out);
}

static void print_item(struct console *console, const struct explained_item *item,
                       struct arena *arena)
{
    FILE *out = console->out;
    fputs("    ", out);
    print_result(console, item->result);
    fputs("  ", out);
    if (item->item->field.len == 0)
        fputs("(keyword)", out);
    console_text(out, item->item->field, SHOWN_BYTES_MAX);
    if (item->item->modifiers.len > 0)
        fputc('|', out);
    console_text(out, item->item->modifiers, SHOWN_BYTES_MAX);
    fputs(item->item->require_all ? ": all of" : ":", out);
    if (item->test_count == 1)
        print_pattern(out, item->tests[0].test);
    fputs("   seen: ", out);
    if (item->item->field.len == 0)
        fprintf(out, "%zu values", item->seen.list.count);
    else
        print_value(out, &item->seen);
    fputc('\n', out);
    print_tests(console, item, arena);
}

static void print_selection(struct console *console, const struct explained *explained,
                            size_t index)
{
    const struct selection *selection = &explained->rule->selections[index];
    fputs("  ", console->out);
    print_result(console, explained->explanation->selections[index]);
    fputs("  ", console->out);
    console_text(console->out, selection->name, SHOWN_BYTES_MAX);
    fputc('\n', console->out);
    size_t map_index = 0;
    for (size_t i = 0; i < explained->explanation->item_count; i++) {
        const struct explained_item *item = &explained->explanation->items[i];
        if (item->selection != selection)
            continue;
        if (item->map_index != map_index)
            fputs("    or\n", console->out);
        map_index = item->map_index;
        print_item(console, item, explained->arena);
    }
}

static void print_part(FILE *out, const char *name, const struct slice parts[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len == 0)
            continue;
        fprintf(out, " %s ", name);
        console_text(out, parts[i], SHOWN_BYTES_MAX);
    }
}

static void print_log_sources(FILE *out, const struct explained *explained)
{
    const struct logsource *wanted = &explained->rule->logsource;
    struct logsource_set set;
    event_logsources(&set, explained->event);
    fputs("  the rule's log source is none of the event's\n    the rule's: ", out);
    print_part(out, "product", &wanted->product, 1);
    print_part(out, "category", &wanted->category, 1);
    print_part(out, "service", &wanted->service, 1);
    fputs("\n    the event's:", out);
    print_part(out, "product", &set.product, 1);
    print_part(out, "category", set.categories, set.category_count);
    print_part(out, "service", set.services, set.service_count);
    bool has_none = set.product.len == 0 && set.category_count == 0 && set.service_count == 0;
    fputs(has_none ? " none: it shows in Channel and EventID, or say it\n" : "\n", out);
}

static void print_conditions(FILE *out, const struct rule *rule)
{
    for (size_t i = 0; i < rule->condition_text_count; i++) {
        fputs(i == 0 ? "  condition: " : "         or: ", out);
        console_text(out, rule->condition_texts[i], SHOWN_BYTES_MAX);
        fputc('\n', out);
    }
}

void explained_print(struct console *console, const struct explained *explained)
{
    const struct explanation *explanation = explained->explanation;
    print_result(console, explanation->applies && explanation->result);
    fputs("  ", console->out);
    console_text(console->out, explained->rule->title, SHOWN_BYTES_MAX);
    fprintf(console->out, " (%.*s)\n", SLICE_PRINTF(explained->rule->id));
    if (!explanation->applies)
        print_log_sources(console->out, explained);
    print_conditions(console->out, explained->rule);
    for (size_t i = 0; i < explained->rule->selection_count; i++)
        print_selection(console, explained, i);
}
