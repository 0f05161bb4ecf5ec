/* SPDX-License-Identifier: Apache-2.0 */
/* Both formats come down to rows of texts with their places; what a row must be is checked once,
 * for both. All findings of a table are reported, up to a bound that keeps a table of the wrong
 * kind from drowning everything else. */
#include "detect/asset.h"

#include "detect/csv.h"
#include "proto/fold.h"
#include "proto/uuid.h"
#include "rules/yaml.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FINDINGS_MAX = 100, /* of one table */
    FIRST_CAPACITY = 64,
    BLOCK_BYTES = 64 * 1024,
};

static const struct yaml_limits yaml_bounds = {.bytes_max = CONTEXT_TABLE_BYTES_MAX,
                                               .depth_max = 4,
                                               .nodes_max = 5000000,
                                               .aliases_max = 0,
                                               .documents_max = 1};

enum column {
#define COLUMN(name) COLUMN_##name,
#define TEXT(name)   COLUMN_##name,
#include "detect/asset.def"
#undef COLUMN
#undef TEXT
    COLUMN_COUNT
};

static const struct slice column_names[COLUMN_COUNT] = {
#define COLUMN(name) SLICE_INIT(#name),
#define TEXT(name)   SLICE_INIT(#name),
#include "detect/asset.def"
#undef COLUMN
#undef TEXT
};

static const char column_hint[] =
    "columns are tenant_id, endpoint_id, hostname, owner, department, "
    "role, criticality, contact, region, tenant_name";

struct row {
    struct csv_cell cells[COLUMN_COUNT]; /* text empty: not said */
    unsigned line, column;
};

struct reader {
    struct asset_list *list;
    const char *path;
    struct diag_list *findings;
    size_t finding_count;
    size_t errors_before; /* in the list that the findings go to */
};

static struct diag_position position(const struct reader *reader, unsigned line, unsigned column)
{
    return (struct diag_position){reader->path, line, column};
}

/* One finding more; false when there have been enough of them. */
static bool may_report(struct reader *reader)
{
    return reader->finding_count++ < FINDINGS_MAX;
}

static void report(struct reader *reader, const struct csv_cell *cell, const char *code,
                   const char *hint, const char *message)
{
    if (may_report(reader))
        diag_add(reader->findings, DIAG_ERROR, position(reader, cell->line, cell->column), code,
                 hint, "%s", message);
}

static bool has_failed(const struct reader *reader)
{
    return diag_count_of(reader->findings, DIAG_ERROR) > reader->errors_before;
}

static enum column column_of(struct slice name)
{
    size_t column = 0;
    while (column < COLUMN_COUNT && !slice_equal(column_names[column], name))
        column++;
    return (enum column)column;
}

/* --- Rows --- */

static bool is_good_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7F)
            return false;
    return utf8_valid_prefix(text) == text.len;
}

static void check_texts(struct reader *reader, const struct row *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (row->cells[i].text.len > CONTEXT_TEXT_BYTES_MAX)
            report(reader, &row->cells[i], "table-text-too-long", "a cell has 1,024 bytes at most",
                   "this text is too long");
        else if (!is_good_text(row->cells[i].text))
            report(reader, &row->cells[i], "table-text-not-utf8", "save the table as UTF-8",
                   "this text is not UTF-8 or holds control characters");
    }
}

static void read_id(struct reader *reader, uint8_t out[UUID_BYTES], const struct row *row,
                    enum column column)
{
    static const char hint[] = "as in 3f2b6c8e-1a4d-4e5f-9b7a-0c1d2e3f4a5b";
    struct csv_cell cell = row->cells[column];
    if (uuid_parse(out, cell.text))
        return;
    if (cell.line == 0) {
        cell.line = row->line;
        cell.column = row->column;
    }
    report(reader, &cell, "table-bad-id", hint,
           column == COLUMN_tenant_id ? "tenant_id is no UUID" : "endpoint_id is no UUID");
}

static void read_criticality(struct reader *reader, uint32_t *out, const struct csv_cell *cell)
{
    static const char *const levels[] = {"", "low", "medium", "high", "critical"};
    for (uint32_t level = 0; level < sizeof levels / sizeof levels[0]; level++)
        if (slice_equal_ascii_caseless(cell->text, slice_text(levels[level]))) {
            *out = level;
            return;
        }
    report(reader, cell, "table-bad-criticality", "low, medium, high or critical",
           "this criticality does not exist");
}

static int list_grow(struct asset_list *list)
{
    if (list->count < list->capacity)
        return 0;
    size_t capacity = list->capacity == 0 ? FIRST_CAPACITY : 2 * list->capacity;
    struct asset *items = realloc(list->items, capacity * sizeof *items);
    if (items == NULL)
        return STATUS_NO_MEMORY;
    list->items = items;
    list->capacity = capacity;
    return 0;
}

static int copy_texts(struct alert_asset *out, const struct row *row, struct arena *arena)
{
    struct slice *const members[COLUMN_COUNT] = {
#define COLUMN(name)
#define TEXT(name) [COLUMN_##name] = &out->name,
#include "detect/asset.def"
#undef COLUMN
#undef TEXT
    };
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (members[i] == NULL || row->cells[i].text.len == 0)
            continue;
        *members[i] = arena_copy(arena, row->cells[i].text);
        if (members[i]->data == NULL)
            return STATUS_NO_MEMORY;
    }
    return 0;
}

static int add_row(struct reader *reader, const struct row *row)
{
    struct asset_list *list = reader->list;
    struct asset asset = {.facts = {.known = true}, .line = row->line, .column = row->column};
    read_id(reader, asset.key, row, COLUMN_tenant_id);
    read_id(reader, asset.key + UUID_BYTES, row, COLUMN_endpoint_id);
    read_criticality(reader, &asset.facts.criticality, &row->cells[COLUMN_criticality]);
    check_texts(reader, row);
    TRY(list_grow(list));
    TRY(copy_texts(&asset.facts, row, list->arena));
    list->items[list->count++] = asset;
    return 0;
}

static bool too_many_rows(struct reader *reader, unsigned line)
{
    if (reader->list->count < CONTEXT_ASSETS_MAX)
        return false;
    report(reader, &(struct csv_cell){.line = line}, "table-too-long", NULL,
           "more assets than allowed");
    return true;
}

/* --- CSV --- */

/* Which column each cell of a line belongs to; COLUMN_COUNT: none. */
struct header {
    enum column columns[CSV_CELLS_MAX];
    size_t count;
};

static void read_header_cell(struct reader *reader, struct header *header,
                             const struct csv_cell *cell)
{
    enum column column = column_of(slice_trim(cell->text));
    for (size_t i = 0; column != COLUMN_COUNT && i < header->count; i++)
        if (header->columns[i] == column)
            report(reader, cell, "table-duplicate-column", NULL, "this column is there twice");
    if (column == COLUMN_COUNT && may_report(reader))
        diag_add(reader->findings, DIAG_WARNING, position(reader, cell->line, cell->column),
                 "table-unknown-column", column_hint, "a column of this name is not read");
    header->columns[header->count++] = column;
}

static void require_column(struct reader *reader, const struct header *header, enum column column)
{
    for (size_t i = 0; i < header->count; i++)
        if (header->columns[i] == column)
            return;
    report(reader, &(struct csv_cell){.line = 1, .column = 1}, "table-missing-column", column_hint,
           column == COLUMN_tenant_id ? "there is no column tenant_id"
                                      : "there is no column endpoint_id");
}

static int read_csv_line(struct reader *reader, const struct header *header,
                         const struct csv_cell cells[], size_t count)
{
    struct row row = {.line = cells[0].line, .column = cells[0].column};
    if (count != header->count) {
        report(reader, &cells[0], "table-cell-count", "quote cells that hold commas",
               count < header->count ? "fewer cells than the header has"
                                     : "more cells than the header has");
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (header->columns[i] == COLUMN_COUNT)
            continue;
        row.cells[header->columns[i]] = cells[i];
        row.cells[header->columns[i]].text = slice_trim(cells[i].text);
    }
    return add_row(reader, &row);
}

static int read_csv_lines(struct reader *reader, struct csv *csv, struct csv_cell cells[])
{
    struct header header = {.count = 0};
    size_t count;
    int result = csv_next(csv, cells, &count);
    if (result == CSV_END)
        report(reader, &(struct csv_cell){.line = 1}, "table-empty", column_hint,
               "there is no header line");
    for (size_t i = 0; result == 0 && i < count; i++)
        read_header_cell(reader, &header, &cells[i]);
    if (result == 0) {
        require_column(reader, &header, COLUMN_tenant_id);
        require_column(reader, &header, COLUMN_endpoint_id);
        if (has_failed(reader))
            return 0;
    }
    while (result == 0) {
        result = csv_next(csv, cells, &count);
        if (result != 0 || too_many_rows(reader, csv->line))
            break;
        TRY(read_csv_line(reader, &header, cells, count));
    }
    if (result == CSV_BAD)
        report(reader, &(struct csv_cell){.line = csv->line, .column = csv->column},
               "table-csv-syntax", "RFC 4180 describes the format", csv->fault);
    return result < 0 ? result : 0;
}

static int read_csv(struct reader *reader, struct slice text)
{
    struct csv csv;
    struct csv_cell cells[CSV_CELLS_MAX];
    csv_start(&csv, text, reader->list->arena);
    return read_csv_lines(reader, &csv, cells);
}

/* --- YAML --- */

static struct csv_cell cell_of(const struct yaml_node *node)
{
    return (struct csv_cell){.text =
                                 node->kind == YAML_SCALAR ? node->text : (struct slice){NULL, 0},
                             .line = node->line,
                             .column = node->column};
}

static int read_yaml_map(struct reader *reader, const struct yaml_node *map)
{
    struct row row = {.line = map->line, .column = map->column};
    if (map->kind != YAML_MAPPING) {
        report(reader, &(struct csv_cell){.line = map->line, .column = map->column},
               "table-wrong-type", "write `- tenant_id: ...`", "an asset is a map");
        return 0;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_pair *pair = &map->pairs[i];
        enum column column = column_of(pair->key->text);
        struct csv_cell key = cell_of(pair->key);
        if (column == COLUMN_COUNT)
            report(reader, &key, "table-unknown-column", column_hint, "there is no such key");
        else if (pair->value->kind != YAML_SCALAR)
            report(reader, &key, "table-wrong-type", NULL, "the value of this key is one text");
        else
            row.cells[column] = cell_of(pair->value);
    }
    return add_row(reader, &row);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar (the years are counted from March, so
 * that the leap day is a year's last). */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    unsigned months = month > 2 ? month - 3 : month + 9;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * months + 2) / 5 + day - 1 -
           719468;
}

static bool read_digits(unsigned *out, struct slice text, size_t at, size_t count)
{
    *out = 0;
    for (size_t i = at; i < at + count; i++) {
        if (i >= text.len || text.data[i] < '0' || text.data[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(text.data[i] - '0');
    }
    return true;
}

/* 2026-01-31 or 2026-01-31T10:00:00Z (RFC 3339, UTC only). */
static bool read_time(int64_t *out, struct slice text)
{
    unsigned year = 0, month = 0, day = 0;
    unsigned hour = 0, minute = 0, second = 0;
    if (text.len < 10)
        return false;
    assert(text.data != NULL);
    bool date = read_digits(&year, text, 0, 4) && read_digits(&month, text, 5, 2) &&
                read_digits(&day, text, 8, 2) && text.data[4] == '-' && text.data[7] == '-';
    bool time = text.len == 20 && read_digits(&hour, text, 11, 2) &&
                read_digits(&minute, text, 14, 2) && read_digits(&second, text, 17, 2) &&
                text.data[10] == 'T' && text.data[13] == ':' && text.data[16] == ':' &&
                text.data[19] == 'Z';
    if (!date || (!time && text.len != 10) || month < 1 || month > 12 || day < 1 || day > 31 ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    *out = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

static void read_as_of(struct reader *reader, const struct yaml_node *node)
{
    struct csv_cell cell = cell_of(node);
    if (!read_time(&reader->list->as_of_unix_s, cell.text))
        report(reader, &cell, "table-bad-time", "2026-01-31 or 2026-01-31T10:00:00Z",
               "as_of is no time in UTC");
}

static int read_yaml_root(struct reader *reader, const struct yaml_node *root)
{
    const struct yaml_node *assets = root;
    if (root->kind == YAML_MAPPING) {
        const struct yaml_node *as_of = yaml_find(root, SLICE_LITERAL("as_of"));
        assets = yaml_find(root, SLICE_LITERAL("assets"));
        if (as_of != NULL)
            read_as_of(reader, as_of);
    }
    if (assets == NULL || assets->kind != YAML_SEQUENCE) {
        report(reader, &(struct csv_cell){.line = root->line, .column = root->column},
               "table-wrong-type", "a list of maps, or a map with `assets`",
               "this is no table of assets");
        return 0;
    }
    for (size_t i = 0; i < assets->count; i++) {
        if (too_many_rows(reader, assets->items[i]->line))
            break;
        TRY(read_yaml_map(reader, assets->items[i]));
    }
    return 0;
}

static int read_yaml(struct reader *reader, struct slice text)
{
    AUTO(yaml_file_free) struct yaml_file *file = NULL;
    TRY(yaml_read(&file, text, reader->path, &yaml_bounds, reader->findings));
    if (has_failed(reader))
        return 0;
    if (file->count == 0) {
        report(reader, &(struct csv_cell){.line = 1}, "table-empty", NULL,
               "the file holds nothing");
        return 0;
    }
    return read_yaml_root(reader, file->documents[0].root);
}

int asset_read(struct asset_list *list, struct slice text, enum context_format format,
               const char *path, struct diag_list *findings)
{
    assert(list != NULL && findings != NULL);
    struct reader reader = {.list = list,
                            .path = path,
                            .findings = findings,
                            .errors_before = diag_count_of(findings, DIAG_ERROR)};
    if (list->arena == NULL)
        TRY(arena_new_growing(&list->arena, BLOCK_BYTES, 0));
    if (text.len > CONTEXT_TABLE_BYTES_MAX) {
        report(&reader, &(struct csv_cell){.line = 0}, "table-too-large", NULL,
               "the table has more than 256 MiB");
        return 0;
    }
    return format == CONTEXT_CSV ? read_csv(&reader, text) : read_yaml(&reader, text);
}

void asset_list_deinit(struct asset_list *list)
{
    arena_free(list->arena);
    free(list->items);
    *list = (struct asset_list){.arena = NULL};
}
