/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/csv.h"

#include <assert.h>

void csv_start(struct csv *csv, struct slice text, struct arena *arena)
{
    static const struct slice mark = SLICE_INIT("\xEF\xBB\xBF");
    *csv = (struct csv){.text = text, .line = 1, .column = 1, .arena = arena};
    if (slice_starts_with(text, mark))
        csv->at = mark.len;
}

static bool at_end(const struct csv *csv)
{
    return csv->at == csv->text.len;
}

static bool is_at(const struct csv *csv, char byte)
{
    return !at_end(csv) && csv->text.data[csv->at] == (uint8_t)byte;
}

/* One byte further; bytes inside a character of UTF-8 do not count as columns. */
static void step(struct csv *csv)
{
    uint8_t byte = csv->text.data[csv->at++];
    if (byte == '\n') {
        csv->line++;
        csv->column = 1;
        return;
    }
    csv->column += (byte & 0xC0) != 0x80;
}

static int bad(struct csv *csv, const char *fault)
{
    csv->fault = fault;
    return CSV_BAD;
}

static bool ends_cell(const struct csv *csv)
{
    return at_end(csv) || is_at(csv, ',') || is_at(csv, '\n') || is_at(csv, '\r');
}

static int read_plain(struct csv *csv, struct csv_cell *cell)
{
    size_t start = csv->at;
    while (!ends_cell(csv)) {
        if (is_at(csv, '"'))
            return bad(csv, "a quote inside a cell that does not start with one");
        step(csv);
    }
    cell->text = slice_of(csv->text.data + start, csv->at - start);
    return 0;
}

/* "" stands for one quote. */
static int undouble(struct slice *text, struct arena *arena)
{
    uint8_t *copy = arena_take_bytes(arena, text->len);
    if (copy == NULL)
        return STATUS_LIMIT;
    size_t len = 0;
    for (size_t i = 0; i < text->len; i++) {
        copy[len++] = text->data[i];
        i += text->data[i] == '"';
    }
    *text = slice_of(copy, len);
    return 0;
}

static int read_quoted(struct csv *csv, struct csv_cell *cell)
{
    bool doubled = false;
    step(csv);
    size_t start = csv->at;
    for (;;) {
        if (at_end(csv))
            return bad(csv, "a quoted cell that has no end");
        bool quote = is_at(csv, '"');
        step(csv);
        if (quote && !is_at(csv, '"'))
            break;
        if (quote) {
            doubled = true;
            step(csv);
        }
    }
    cell->text = slice_of(csv->text.data + start, csv->at - 1 - start);
    if (!ends_cell(csv))
        return bad(csv, "text behind the closing quote of a cell");
    return doubled ? undouble(&cell->text, csv->arena) : 0;
}

static int read_cell(struct csv *csv, struct csv_cell *cell)
{
    *cell = (struct csv_cell){.line = csv->line, .column = csv->column};
    return is_at(csv, '"') ? read_quoted(csv, cell) : read_plain(csv, cell);
}

/* LF, CRLF or the end of the text. */
static int end_line(struct csv *csv)
{
    if (is_at(csv, '\r')) {
        step(csv);
        if (!is_at(csv, '\n'))
            return bad(csv, "a carriage return without a line feed");
    }
    if (!at_end(csv))
        step(csv);
    return 0;
}

static int skip_empty_lines(struct csv *csv)
{
    while (is_at(csv, '\n') || is_at(csv, '\r')) {
        int result = end_line(csv);
        if (result != 0)
            return result;
    }
    return at_end(csv) ? CSV_END : 0;
}

int csv_next(struct csv *csv, struct csv_cell cells[CSV_CELLS_MAX], size_t *count)
{
    assert(csv->fault == NULL);
    *count = 0;
    int result = skip_empty_lines(csv);
    while (result == 0) {
        if (*count == CSV_CELLS_MAX)
            return bad(csv, "more cells than allowed in a line");
        result = read_cell(csv, &cells[*count]);
        if (result != 0)
            break;
        ++*count;
        if (!is_at(csv, ','))
            return end_line(csv);
        step(csv);
    }
    return result;
}
