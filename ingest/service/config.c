/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that rules/yaml.h makes of the file is walked along config.def's table: a key is looked
 * up among the rows, its value is put into the row's field by the row's type. Nothing here knows a
 * single option by name, so a new option is a new row. A wrong value leaves the default in place
 * and reading goes on: all findings come at once. */
#include "ingest/service/config.h"

#include "ingest/service/option.h"
#include "rules/hint.h"
#include "rules/yaml.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_BYTES_MAX = 128, ARENA_BLOCK_BYTES = 16 * 1024, NUMBER_DIGITS_MAX = 18 };

struct reader {
    struct config *config;
    const char *path; /* lives in the config's arena: positions point to it */
    struct diag_list *findings;
};

static void *field_of(struct config *config, const struct option_row *row)
{
    return (char *)config + row->offset;
}

static void field_set_default(struct config *config, const struct option_row *row)
{
    void *field = field_of(config, row);
    switch (row->type) {
    case OPTION_TEXT:
        *(const char **)field = row->initial;
        return;
    case OPTION_NUMBER:
        *(uint64_t *)field = row->initial_number;
        return;
    case OPTION_SWITCH:
        *(bool *)field = row->initial_number != 0;
        return;
    case OPTION_CHOICE:
        *(unsigned *)field = (unsigned)option_choice_index(row->choices, slice_text(row->initial));
        return;
    case OPTION_LIST:
    case OPTION_PAIRS:
        return; /* empty */
    }
}

/* Every option at its default. */
static int config_new(struct config **out)
{
    assert(out != NULL);
    AUTO(config_free) struct config *config = calloc(1, sizeof *config);
    if (config == NULL)
        return STATUS_NO_MEMORY;
    TRY(arena_new_growing(&config->arena, ARENA_BLOCK_BYTES, 0));
    for (size_t i = 0; i < OPTION_COUNT; i++)
        field_set_default(config, &option_rows[i]);
    *out = TAKE(&config);
    return 0;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    arena_free(config->arena);
    free(config);
}

static void refuse(struct reader *reader, const struct yaml_node *node, const char *code,
                   const char *hint, const char *message)
{
    diag_add(reader->findings, DIAG_ERROR, yaml_position(reader->path, node), code, hint, "%s",
             message);
}

struct config_list config_input_topics(const struct config *config)
{
    static const char *const usual[] = {"telemetry.raw.v1"};
    return config->input_topics.count == 0 ? (struct config_list){usual, 1} : config->input_topics;
}

/* What the row wants instead, for hints. */
static const char *wanted(const struct option_row *row, char *buffer, size_t size)
{
    switch (row->type) {
    case OPTION_TEXT:
        snprintf(buffer, size, "write one text: \"%s\"", row->initial);
        break;
    case OPTION_NUMBER:
        snprintf(buffer, size,
                 "write a number of %s from %" PRIu64 " to %" PRIu64 ", for example %s", row->unit,
                 row->low, row->high, row->initial);
        break;
    case OPTION_SWITCH:
        snprintf(buffer, size, "write true or false");
        break;
    case OPTION_CHOICE:
        snprintf(buffer, size, "write one of: %s", row->choices);
        break;
    case OPTION_LIST:
        snprintf(buffer, size, "write a list: [%s]",
                 *row->initial == '\0' ? "one, two" : row->initial);
        break;
    case OPTION_PAIRS:
        snprintf(buffer, size, "write a map of texts, one 'name: value' a line");
        break;
    }
    return buffer;
}

static void refuse_value(struct reader *reader, const struct option_row *row,
                         const struct yaml_node *node)
{
    char hint[512];
    struct slice said =
        node->kind == YAML_SCALAR ? hint_clip(node->text) : slice_text(yaml_kind_text(node->kind));
    diag_add(reader->findings, DIAG_ERROR, yaml_position(reader->path, node), "bad-value",
             wanted(row, hint, sizeof hint),
             node->kind == YAML_SCALAR ? "%s can't be \"%.*s\"" : "%s can't be a %.*s", row->key,
             SLICE_PRINTF(said));
}

/* A scalar's text as a C string in the config's arena; NULL if it can't be one. */
static const char *text_of(struct reader *reader, const struct yaml_node *node)
{
    if (node->kind != YAML_SCALAR || node->text.len > CONFIG_TEXT_BYTES_MAX ||
        (node->text.len > 0 && memchr(node->text.data, '\0', node->text.len) != NULL))
        return NULL;
    return (const char *)arena_copy(reader->config->arena, node->text).data;
}

static bool number_of(uint64_t *out, struct slice text)
{
    if (text.len == 0 || text.len > NUMBER_DIGITS_MAX)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    *out = number;
    return true;
}

static bool read_number(uint64_t *out, const struct option_row *row, const struct yaml_node *node)
{
    uint64_t number = 0;
    if (node->kind != YAML_SCALAR || !number_of(&number, node->text))
        return false;
    if (number < row->low || number > row->high)
        return false;
    *out = number;
    return true;
}

static bool read_switch(bool *out, const struct yaml_node *node)
{
    bool yes = node->kind == YAML_SCALAR && slice_equal(node->text, slice_text("true"));
    bool no = node->kind == YAML_SCALAR && slice_equal(node->text, slice_text("false"));
    if (yes || no)
        *out = yes;
    return yes || no;
}

static bool read_choice(unsigned *out, const struct option_row *row, const struct yaml_node *node)
{
    int index = node->kind == YAML_SCALAR ? option_choice_index(row->choices, node->text) : -1;
    if (index >= 0)
        *out = (unsigned)index;
    return index >= 0;
}

static bool read_list(struct reader *reader, struct config_list *out, const struct yaml_node *node)
{
    if (node->kind != YAML_SEQUENCE || node->count > CONFIG_ITEMS_MAX)
        return false;
    const char **items = arena_array(reader->config->arena, const char *, node->count);
    for (size_t i = 0; i < node->count; i++) {
        items[i] = text_of(reader, node->items[i]);
        if (items[i] == NULL || *items[i] == '\0')
            return false;
    }
    *out = (struct config_list){items, node->count};
    return true;
}

static bool is_nothing(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && !node->quoted &&
           (node->text.len == 0 || slice_equal(node->text, slice_text("~")) ||
            slice_equal(node->text, slice_text("null")));
}

static const struct option_row *row_find(const char *key)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(option_rows[i].key, key) == 0)
            return &option_rows[i];
    }
    return NULL;
}

static const struct option_row *row_within(const char *section, struct slice name)
{
    char key[KEY_BYTES_MAX];
    int len = snprintf(key, sizeof key, "%s.%.*s", section, (int)name.len, (const char *)name.data);
    return len > 0 && (size_t)len < sizeof key ? row_find(key) : NULL;
}

static bool read_pairs(struct reader *reader, const struct option_row *row,
                       struct config_pairs *out, const struct yaml_node *node)
{
    if (is_nothing(node))
        return true;
    if (node->kind != YAML_MAPPING || node->count > CONFIG_ITEMS_MAX)
        return false;
    struct config_pair *items = arena_array(reader->config->arena, struct config_pair, node->count);
    size_t count = 0;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        if (row_within(row->key, pair->key->text) != NULL)
            continue; /* an option of its own: kafka.consumer inside kafka */
        const char *value = text_of(reader, pair->value);
        if (value == NULL)
            refuse(reader, pair->value, "bad-value", "write one text", "a setting is one text");
        else
            items[count++] = (struct config_pair){text_of(reader, pair->key), value,
                                                  yaml_position(reader->path, pair->value)};
    }
    *out = (struct config_pairs){items, count};
    return true;
}

static bool read_field(struct reader *reader, const struct option_row *row,
                       const struct yaml_node *node)
{
    void *field = field_of(reader->config, row);
    switch (row->type) {
    case OPTION_TEXT: {
        const char *text = text_of(reader, node);
        if (text != NULL)
            *(const char **)field = is_nothing(node) ? "" : text;
        return text != NULL;
    }
    case OPTION_NUMBER:
        return read_number(field, row, node);
    case OPTION_SWITCH:
        return read_switch(field, node);
    case OPTION_CHOICE:
        return read_choice(field, row, node);
    case OPTION_LIST:
        return read_list(reader, field, node);
    case OPTION_PAIRS:
        return read_pairs(reader, row, field, node);
    }
    return false;
}

static void read_row(struct reader *reader, const struct option_row *row,
                     const struct yaml_node *node)
{
    reader->config->at[row - option_rows] = yaml_position(reader->path, node);
    if (!read_field(reader, row, node))
        refuse_value(reader, row, node);
}

/* Offers every name that may stand inside a section ("" for the top). */
static void offer_names(struct hint_search *search, const char *section)
{
    size_t skip = *section == '\0' ? 0 : strlen(section) + 1;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *key = option_rows[i].key;
        if (skip == 0 || (strncmp(key, section, skip - 1) == 0 && key[skip - 1] == '.'))
            hint_offer(search, slice_of(key + skip, strcspn(key + skip, ".")));
    }
}

static void refuse_key(struct reader *reader, const char *section, const struct yaml_node *key)
{
    char hint[HINT_BYTES_MAX];
    struct hint_search search = hint_search(key->text);
    offer_names(&search, section);
    diag_add(reader->findings, DIAG_ERROR, yaml_position(reader->path, key), "unknown-key",
             hint_nearest(&search, hint, "'yagurad --help-config' lists every option"),
             "there is no option %s%s%.*s", section, *section == '\0' ? "" : ".",
             SLICE_PRINTF(hint_clip(key->text)));
}

static bool is_section(struct slice name)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *key = option_rows[i].key;
        if (strcspn(key, ".") == name.len && key[name.len] == '.' &&
            memcmp(key, name.data, name.len) == 0)
            return true;
    }
    return false;
}

static void read_section(struct reader *reader, const char *section, const struct yaml_node *node)
{
    if (is_nothing(node))
        return;
    if (node->kind != YAML_MAPPING) {
        refuse(reader, node, "bad-value", "write its options below it, indented",
               "a section holds options");
        return;
    }
    bool open = row_find(section) != NULL; /* a map that takes any name, like kafka */
    for (size_t i = 0; i < node->count; i++) {
        const struct option_row *row = row_within(section, node->pairs[i].key->text);
        if (row != NULL)
            read_row(reader, row, node->pairs[i].value);
        else if (!open)
            refuse_key(reader, section, node->pairs[i].key);
    }
}

static void read_top(struct reader *reader, const struct yaml_pair *pair)
{
    char name[KEY_BYTES_MAX];
    const struct option_row *row = NULL;
    bool fits = pair->key->text.len > 0 && pair->key->text.len < sizeof name;
    if (fits) {
        snprintf(name, sizeof name, "%.*s", SLICE_PRINTF(pair->key->text));
        row = row_find(name);
    }
    if (!fits || strchr(name, '.') != NULL || (row == NULL && !is_section(pair->key->text))) {
        refuse_key(reader, "", pair->key);
        return;
    }
    if (row != NULL)
        read_row(reader, row, pair->value);
    if (is_section(pair->key->text))
        read_section(reader, name, pair->value);
}

static void read_root(struct reader *reader, const struct yaml_file *file)
{
    if (file->count == 0)
        return;
    const struct yaml_node *root = file->documents[0].root;
    if (is_nothing(root))
        return;
    if (root->kind != YAML_MAPPING) {
        refuse(reader, root, "bad-value", "'yagurad --example-config' prints a file to start from",
               "a config is a map of options");
        return;
    }
    for (size_t i = 0; i < root->count; i++)
        read_top(reader, &root->pairs[i]);
}

int config_parse(struct config **out, struct slice text, const char *path,
                 struct diag_list *findings)
{
    assert(out != NULL && path != NULL && findings != NULL);
    static const struct yaml_limits limits = {.bytes_max = CONFIG_BYTES_MAX,
                                              .depth_max = 8,
                                              .nodes_max = 20000,
                                              .aliases_max = 16,
                                              .documents_max = 1};
    AUTO(config_free) struct config *config = NULL;
    TRY(config_new(&config));
    struct slice kept_path = arena_copy(config->arena, slice_text(path));
    if (kept_path.data == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        config->at[i].file = (const char *)kept_path.data;
    size_t errors = diag_count_of(findings, DIAG_ERROR);
    AUTO(yaml_file_free) struct yaml_file *file = NULL;
    TRY(yaml_read(&file, text, path, &limits, findings));
    struct reader reader = {config, (const char *)kept_path.data, findings};
    read_root(&reader, file);
    if (arena_overflowed(config->arena))
        return STATUS_NO_MEMORY;
    if (diag_count_of(findings, DIAG_ERROR) > errors)
        return CONFIG_REFUSED;
    *out = TAKE(&config);
    return 0;
}
