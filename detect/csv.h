/* SPDX-License-Identifier: Apache-2.0 */
/* Csv: the records of a table as RFC 4180 describes them.
 *
 * Cells are separated by commas; a cell in double quotes may hold commas, line breaks and doubled
 * quotes. A line ends with LF or CRLF; the last one need not. A byte order mark at the start and
 * lines without any character are passed over. What RFC 4180 does not allow is refused with its
 * place, because a table that was misread enriches alerts with somebody else's facts. */
#pragma once

#include "proto/arena.h"
#include "proto/diag.h"

enum { CSV_CELLS_MAX = 64 };

struct csv_cell {
    struct slice text;
    unsigned line, column; /* 1-based; columns in characters */
};

struct csv {
    struct slice text;
    size_t at;
    unsigned line, column;
    struct arena *arena; /* cells with doubled quotes are rewritten here */
    const char *fault;   /* after CSV_BAD: what is wrong, at line and column */
};

/* Borrows text, which outlives the cells. */
void csv_start(struct csv *csv, struct slice text, struct arena *arena);

enum { CSV_END = 1, CSV_BAD = 2 };

/* The next record's cells. 0; CSV_END: there is none; CSV_BAD: csv->fault, and nothing behind it
 * can be read. STATUS_LIMIT: arena full. */
MUST_USE int csv_next(struct csv *csv, struct csv_cell cells[CSV_CELLS_MAX], size_t *count);
