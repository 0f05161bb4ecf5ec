/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/config_help.h"

#include "ingest/service/option.h"

#include <inttypes.h>

enum { HELP_COLUMNS = 96 };

/* Words of text, each line behind margin. */
static void wrap(FILE *out, const char *margin, const char *text)
{
    size_t column = HELP_COLUMNS;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, " ");
        bool breaks = column + 1 + len > HELP_COLUMNS;
        fprintf(out, "%s%s%.*s", breaks ? (at == text ? "" : "\n") : " ", breaks ? margin : "",
                (int)len, at);
        column = breaks ? strlen(margin) + len : column + 1 + len;
        at += len + strspn(at + len, " ");
    }
    fputc('\n', out);
}

static void type_write(FILE *out, const struct option_row *row)
{
    switch (row->type) {
    case OPTION_TEXT:
        fprintf(out, "text, default \"%s\"", row->initial);
        return;
    case OPTION_NUMBER:
        fprintf(out, "%" PRIu64 " to %" PRIu64 " %s, default %s", row->low, row->high, row->unit,
                row->initial);
        return;
    case OPTION_SWITCH:
        fprintf(out, "true or false, default %s", row->initial);
        return;
    case OPTION_CHOICE:
        fprintf(out, "one of: %s; default %s", row->choices, row->initial);
        return;
    case OPTION_LIST:
        fputs("list of texts, default none", out);
        return;
    case OPTION_PAIRS:
        fputs("map of texts, default none", out);
        return;
    }
}

void config_help_write(FILE *out)
{
    fputs("Options of yagurad's config file (YAML). A key \"a.b\" is written as b inside a.\n",
          out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        fprintf(out, "\n  %s\n    (", option_rows[i].key);
        type_write(out, &option_rows[i]);
        fputs(")\n", out);
        wrap(out, "    ", option_rows[i].help);
    }
}

/* Section of a key, "" for a key at the top. A map at the top is its own section. */
static struct slice section_of(const struct option_row *row)
{
    const char *dot = strchr(row->key, '.');
    if (dot == NULL)
        return row->type == OPTION_PAIRS ? slice_text(row->key) : slice_text("");
    return slice_of(row->key, (size_t)(dot - row->key));
}

/* Options without which nothing runs are written out; all others stand as comments with their
 * default. */
static bool is_required(const struct option_row *row)
{
    return row == &option_rows[OPTION_kafka] || row == &option_rows[OPTION_rule_paths];
}

static void example_value(FILE *out, const struct option_row *row, const char *name,
                          const char *margin)
{
    const char *mark = is_required(row) ? "" : "# ";
    if (row == &option_rows[OPTION_kafka])
        fprintf(out, "%s%s\n", margin, row->initial);
    else if (row->type == OPTION_LIST)
        fprintf(out, "%s%s%s: [%s]\n", margin, mark, name, row->initial);
    else if (row->type == OPTION_PAIRS)
        fprintf(out, "%s%s%s: {%s}\n", margin, mark, name, row->initial);
    else if (row->type == OPTION_TEXT)
        fprintf(out, "%s%s%s: \"%s\"\n", margin, mark, name, row->initial);
    else
        fprintf(out, "%s%s%s: %s\n", margin, mark, name, row->initial);
}

static void example_row(FILE *out, const struct option_row *row, struct slice section)
{
    const char *margin = section.len == 0 ? "" : "  ";
    const char *name = strchr(row->key, '.') == NULL ? row->key : strchr(row->key, '.') + 1;
    wrap(out, section.len == 0 ? "# " : "  # ", row->help);
    fprintf(out, "%s# (", margin);
    type_write(out, row);
    fputs(")\n", out);
    example_value(out, row, name, margin);
}

void config_example_write(FILE *out)
{
    fputs("# Configuration of yagurad: every option, the optional ones as comments with their "
          "defaults.\n"
          "# Made by 'yagurad --example-config'; check yours with 'yagurad check-config --config "
          "FILE'.\n",
          out);
    struct slice section = slice_text("");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];
        struct slice own = section_of(row);
        fputc('\n', out);
        if (!slice_equal(own, section))
            fprintf(out, "%.*s:\n", SLICE_PRINTF(own));
        section = own;
        example_row(out, row, section);
    }
}
