/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's events are put together to a tree by hand instead of with its own document loader: that
 * one knows no limits, drops duplicate keys without a word and loses the style of scalars at the
 * places where it matters. There is no recursion: open collections are frames, finished children
 * lie on a pile until their parent closes. An error of syntax ends the reading, as nothing after it
 * can be trusted; everything else is noted and the reading goes on. */
#include "rules/yaml.h"

#include "proto/array.h"
#include "proto/fold.h"
#include "rules/codes.h"
#include "rules/line.h"
#include "rules/yaml_key.h"

#include <assert.h>
#include <stdlib.h>
#include <yaml.h>

enum { READ_STOP = 1 }; /* a finding was added and nothing more can be read */

struct anchor {
    struct slice name;
    const struct yaml_node *node;
    size_t node_count; /* what one use of it costs; 0: still open */
    bool holds_alias;
};

struct frame {
    struct yaml_node *node;
    size_t first_child; /* on the pile */
    size_t nodes_before;
    size_t anchor; /* index + 1; 0: none */
    bool holds_alias;
};

struct reader {
    yaml_parser_t parser;
    struct yaml_file *file;
    struct slice text;
    const char *path;
    const struct yaml_limits *limits;
    struct diag_list *findings;
    struct frame frames[YAML_DEPTH_MAX];
    unsigned depth;
    const struct yaml_node **pile;
    size_t pile_count, pile_capacity;
    struct anchor *anchors;
    size_t anchor_count, anchor_capacity;
    size_t document_capacity;
    size_t node_count, alias_count;
    size_t line_known, offset_known; /* byte offset of the line (0-based) found last */
    bool sound;                      /* of the current document */
};

/* --- Positions --- */

/* Lines are asked for in rising order, so the text is gone through once. */
static size_t offset_of_line(struct reader *reader, size_t line)
{
    size_t at = reader->offset_known;
    while (at < reader->text.len && reader->line_known < line) {
        unsigned length = line_break(reader->text, at);
        at += length == 0 ? 1 : length;
        reader->line_known += length != 0;
    }
    reader->offset_known = at;
    return at;
}

static struct diag_position position_of_mark(const struct reader *reader, yaml_mark_t mark)
{
    return (struct diag_position){reader->path, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* --- Findings --- */

static void reader_error(struct reader *reader, struct diag_position at, enum parser_code code,
                         const char *hint, const char *message)
{
    reader->sound = false;
    diag_add(reader->findings, DIAG_ERROR, at, parser_code_name(code), hint, "%s", message);
}

/* A limit: says which, and ends the reading. */
static int reader_limit(struct reader *reader, struct diag_position at, enum parser_code code,
                        const char *what, size_t limit)
{
    reader->sound = false;
    diag_add(reader->findings, DIAG_ERROR, at, parser_code_name(code),
             "split the file, or write it with less nesting", "%s: at most %zu", what, limit);
    return READ_STOP;
}

static const char *syntax_hint(const struct yaml_parser_s *parser)
{
    const char *problem = parser->problem == NULL ? "" : parser->problem;
    if (strstr(problem, "cannot start any token") != NULL)
        return "a tab cannot indent, and a value that starts with % @ or ` must be quoted";
    if (strstr(problem, "mapping values are not allowed") != NULL)
        return "a plain value cannot hold \": \"; put it in quotes";
    if (strstr(problem, "expected key") != NULL || strstr(problem, "<block end>") != NULL)
        return "look at the indentation of this line and of those above it";
    if (strstr(problem, "unexpected end of stream") != NULL)
        return "a quote or bracket was opened and never closed";
    return NULL;
}

static int reader_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return STATUS_NO_MEMORY;
    reader->sound = false;
    const char *problem = parser->problem == NULL ? "cannot be read" : parser->problem;
    if (parser->error == YAML_READER_ERROR) {
        /* libyaml points at the byte that breaks a character; people look for its start. */
        size_t valid = utf8_valid_prefix(reader->text);
        size_t offset = valid < parser->problem_offset ? valid : parser->problem_offset;
        diag_add(reader->findings, DIAG_ERROR, line_position(reader->text, reader->path, offset),
                 parser_code_name(CODE_NOT_UTF8),
                 "save the file as UTF-8 without control characters", "%s", problem);
        return READ_STOP;
    }
    diag_add(reader->findings, DIAG_ERROR, position_of_mark(reader, parser->problem_mark),
             parser_code_name(CODE_YAML_SYNTAX), syntax_hint(parser), "not YAML: %s%s%s", problem,
             parser->context == NULL ? "" : " ", parser->context == NULL ? "" : parser->context);
    return READ_STOP;
}

/* --- Anchors and aliases --- */

static int anchor_add(struct reader *reader, const yaml_char_t *name, const struct yaml_node *node,
                      size_t node_count, size_t *index)
{
    *index = 0;
    if (name == NULL)
        return 0;
    TRY(array_room(&reader->anchors, &reader->anchor_capacity, reader->anchor_count,
                   sizeof *reader->anchors));
    struct slice copy = arena_copy(reader->file->arena, slice_text((const char *)name));
    if (copy.data == NULL)
        return STATUS_NO_MEMORY;
    reader->anchors[reader->anchor_count++] =
        (struct anchor){.name = copy, .node = node, .node_count = node_count};
    *index = reader->anchor_count;
    return 0;
}

static const struct anchor *anchor_find(const struct reader *reader, struct slice name)
{
    for (size_t i = reader->anchor_count; i-- > 0;)
        if (slice_equal(reader->anchors[i].name, name))
            return &reader->anchors[i];
    return NULL;
}

/* --- Building --- */

static int reader_count_nodes(struct reader *reader, struct diag_position at, size_t count)
{
    if (count > reader->limits->nodes_max - reader->node_count)
        return reader_limit(reader, at, CODE_YAML_TOO_MANY_NODES, "too many values in one file",
                            reader->limits->nodes_max);
    reader->node_count += count;
    return 0;
}

/* Room for one more, so that the pile is never without memory. */
static int pile_reserve(struct reader *reader)
{
    return array_room(&reader->pile, &reader->pile_capacity, reader->pile_count,
                      sizeof(struct yaml_node *));
}

static int pile_push(struct reader *reader, const struct yaml_node *node)
{
    TRY(pile_reserve(reader));
    reader->pile[reader->pile_count++] = node;
    return 0;
}

static int node_new(struct reader *reader, struct yaml_node **out, enum yaml_kind kind,
                    const yaml_event_t *event)
{
    struct yaml_node *node = arena_new(reader->file->arena, struct yaml_node);
    if (node == NULL)
        return STATUS_NO_MEMORY;
    node->kind = kind;
    node->line = (unsigned)event->start_mark.line + 1;
    node->column = (unsigned)event->start_mark.column + 1;
    *out = node;
    return reader_count_nodes(reader, yaml_position(reader->path, node), 1);
}

static void check_tag(struct reader *reader, const yaml_event_t *event, const yaml_char_t *tag)
{
    if (tag == NULL || strcmp((const char *)tag, "!") == 0 ||
        (event->type == YAML_SCALAR_EVENT && strcmp((const char *)tag, YAML_STR_TAG) == 0))
        return;
    reader_error(reader, position_of_mark(reader, event->start_mark), CODE_YAML_TAG,
                 "write the value without a tag", "only the tag !!str is understood");
}

static int on_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct yaml_node *node;
    int result = node_new(reader, &node, YAML_SCALAR, event);
    if (result != 0)
        return result;
    check_tag(reader, event, event->data.scalar.tag);
    node->quoted =
        event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || event->data.scalar.tag != NULL;
    node->text_column = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    /* Escapes make a quoted text shorter than what stands in the file. */
    node->in_one_line =
        event->start_mark.line == event->end_mark.line && event->data.scalar.tag == NULL &&
        event->data.scalar.anchor == NULL &&
        (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ||
         event->data.scalar.length + 2 >= event->end_mark.index - event->start_mark.index);
    node->text = arena_copy(reader->file->arena,
                            slice_of(event->data.scalar.value, event->data.scalar.length));
    if (node->text.data == NULL)
        return STATUS_NO_MEMORY;
    size_t unused;
    TRY(anchor_add(reader, event->data.scalar.anchor, node, 1, &unused));
    return pile_push(reader, node);
}

static int on_alias(struct reader *reader, const yaml_event_t *event)
{
    struct diag_position at = position_of_mark(reader, event->start_mark);
    if (reader->alias_count == reader->limits->aliases_max)
        return reader_limit(reader, at, CODE_YAML_TOO_MANY_ALIASES, "too many aliases in one file",
                            reader->limits->aliases_max);
    reader->alias_count++;
    const struct anchor *anchor =
        anchor_find(reader, slice_text((const char *)event->data.alias.anchor));
    if (anchor == NULL || anchor->node_count == 0 || anchor->holds_alias) {
        reader_error(reader, at, CODE_YAML_ALIAS, "write the value out",
                     anchor == NULL ? "an alias to an anchor that does not exist"
                     : anchor->node_count == 0
                         ? "an alias inside the collection that it stands for"
                         : "an alias to a collection that holds aliases itself");
        return READ_STOP;
    }
    int result = reader_count_nodes(reader, at, anchor->node_count);
    if (result != 0)
        return result;
    for (unsigned i = 0; i < reader->depth; i++)
        reader->frames[i].holds_alias = true;
    return pile_push(reader, anchor->node);
}

static int on_open(struct reader *reader, const yaml_event_t *event, enum yaml_kind kind,
                   const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (reader->depth == reader->limits->depth_max)
        return reader_limit(reader, position_of_mark(reader, event->start_mark), CODE_YAML_TOO_DEEP,
                            "collections nested too deeply", reader->limits->depth_max);
    struct frame *frame = &reader->frames[reader->depth];
    *frame = (struct frame){.first_child = reader->pile_count, .nodes_before = reader->node_count};
    int result = node_new(reader, &frame->node, kind, event);
    if (result != 0)
        return result;
    check_tag(reader, event, tag);
    reader->depth++;
    return anchor_add(reader, anchor, frame->node, 0, &frame->anchor);
}

static int close_mapping(struct reader *reader, struct frame *frame)
{
    size_t count = (reader->pile_count - frame->first_child) / 2;
    int checked =
        yaml_key_check(&reader->pile[frame->first_child], count, reader->path, reader->findings);
    TRY(checked);
    reader->sound &= checked == 0;
    struct yaml_pair *pairs = arena_array(reader->file->arena, struct yaml_pair, count);
    if (pairs == NULL)
        return STATUS_NO_MEMORY;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node **pair = &reader->pile[frame->first_child + 2 * i];
        if (pair[0]->kind == YAML_SCALAR)
            pairs[kept++] = (struct yaml_pair){pair[0], pair[1]};
    }
    frame->node->pairs = pairs;
    frame->node->count = kept;
    return 0;
}

static int close_sequence(struct reader *reader, struct frame *frame)
{
    size_t count = reader->pile_count - frame->first_child;
    const struct yaml_node **items =
        arena_take(reader->file->arena, count * sizeof(struct yaml_node *));
    if (items == NULL)
        return STATUS_NO_MEMORY;
    if (count > 0)
        memcpy(items, &reader->pile[frame->first_child], count * sizeof *items);
    frame->node->items = items;
    frame->node->count = count;
    return 0;
}

static int on_close(struct reader *reader)
{
    assert(reader->depth > 0);
    struct frame *frame = &reader->frames[--reader->depth];
    TRY(frame->node->kind == YAML_MAPPING ? close_mapping(reader, frame)
                                          : close_sequence(reader, frame));
    reader->pile_count = frame->first_child;
    if (frame->anchor != 0) {
        struct anchor *anchor = &reader->anchors[frame->anchor - 1];
        anchor->node_count = reader->node_count - frame->nodes_before;
        anchor->holds_alias = frame->holds_alias;
    }
    return pile_push(reader, frame->node);
}

/* --- Documents --- */

static int on_document_start(struct reader *reader, const yaml_event_t *event)
{
    struct yaml_file *file = reader->file;
    if (file->count == reader->limits->documents_max)
        return reader_limit(reader, position_of_mark(reader, event->start_mark),
                            CODE_YAML_TOO_MANY_DOCUMENTS, "too many documents in one file",
                            reader->limits->documents_max);
    TRY(array_room(&file->documents, &reader->document_capacity, file->count,
                   sizeof *file->documents));
    struct yaml_document *documents = file->documents;
    size_t start = file->count == 0 ? 0 : offset_of_line(reader, event->start_mark.line);
    if (file->count > 0)
        documents[file->count - 1].text.len =
            start - (size_t)(documents[file->count - 1].text.data - reader->text.data);
    documents[file->count] = (struct yaml_document){.text = slice_from(reader->text, start)};
    reader->pile_count = 0;
    reader->anchor_count = 0;
    reader->sound = true;
    return 0;
}

static int on_document_end(struct reader *reader)
{
    assert(reader->depth == 0 && reader->pile_count == 1);
    struct yaml_document *document = &reader->file->documents[reader->file->count++];
    document->root = reader->pile[0];
    document->sound = reader->sound;
    return 0;
}

static int on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document_start(reader, event);
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(reader);
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return on_alias(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(reader, event, YAML_SEQUENCE, event->data.sequence_start.anchor,
                       event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_open(reader, event, YAML_MAPPING, event->data.mapping_start.anchor,
                       event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(reader);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        return 0;
    }
    return 0;
}

static int read_events(struct reader *reader)
{
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return reader_syntax(reader);
        bool end = event.type == YAML_STREAM_END_EVENT;
        int result = on_event(reader, &event);
        yaml_event_delete(&event);
        if (result != 0 || end)
            return result;
    }
}

static int read_text(struct reader *reader)
{
    if (reader->text.len > reader->limits->bytes_max)
        return reader_limit(reader, (struct diag_position){.file = reader->path},
                            CODE_FILE_TOO_LARGE, "the file is too large, in bytes",
                            reader->limits->bytes_max);
    TRY(pile_reserve(reader));
    if (!yaml_parser_initialize(&reader->parser))
        return STATUS_NO_MEMORY;
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, reader->text.data, reader->text.len);
    int result = read_events(reader);
    yaml_parser_delete(&reader->parser);
    return result;
}

int yaml_read(struct yaml_file **out, struct slice text, const char *path,
              const struct yaml_limits *limits, struct diag_list *findings)
{
    assert(out != NULL && findings != NULL);
    assert(limits->depth_max >= 1 && limits->depth_max <= YAML_DEPTH_MAX);

    AUTO(yaml_file_free) struct yaml_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return STATUS_NO_MEMORY;
    TRY(arena_new_growing(&file->arena, 64 * 1024, 0));
    if (slice_starts_with(text, SLICE_LITERAL("\xef\xbb\xbf")))
        text = slice_from(text, 3);
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return STATUS_NO_MEMORY;
    *reader = (struct reader){.file = file,
                              .text = text.data == NULL ? SLICE_LITERAL("") : text,
                              .path = path,
                              .limits = limits,
                              .findings = findings,
                              .sound = true};
    int result = read_text(reader);
    file->complete = result == 0;
    free(reader->pile);
    free(reader->anchors);
    free(reader);
    TRY(result);
    *out = TAKE(&file);
    return 0;
}

void yaml_file_free(struct yaml_file *file)
{
    if (file == NULL)
        return;
    arena_free(file->arena);
    free(file->documents);
    free(file);
}
