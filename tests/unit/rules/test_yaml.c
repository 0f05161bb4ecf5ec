/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/yaml.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const struct yaml_limits limits = {
    .bytes_max = 4096, .depth_max = 4, .nodes_max = 20, .aliases_max = 3, .documents_max = 3};

struct tree {
    struct yaml_file *file;
    struct diag_list *findings;
    char text[4096];
    size_t used;
};

static struct tree *tree_of(struct slice text, const struct yaml_limits *with)
{
    struct tree *tree = calloc(1, sizeof *tree);
    cr_assert_not_null(tree);
    cr_assert_eq(diag_list_new(&tree->findings), 0);
    cr_assert_eq(yaml_read(&tree->file, text, "f", with, tree->findings), 0);
    return tree;
}

static void tree_free(struct tree *tree)
{
    yaml_file_free(tree->file);
    diag_list_free(tree->findings);
    free(tree);
}

static void say(struct tree *tree, const char *text, struct slice more)
{
    int len = snprintf(tree->text + tree->used, sizeof tree->text - tree->used, "%s%.*s", text,
                       SLICE_PRINTF(more));
    cr_assert(len >= 0 && tree->used + (size_t)len < sizeof tree->text);
    tree->used += (size_t)len;
}

/* {key=value ...} [items] 'quoted' plain */
static void say_node(struct tree *tree, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        say(tree, node->quoted ? "'" : "", node->text);
        say(tree, node->quoted ? "'" : "", SLICE_LITERAL(""));
        return;
    }
    say(tree, node->kind == YAML_SEQUENCE ? "[" : "{", SLICE_LITERAL(""));
    for (size_t i = 0; i < node->count; i++) {
        say(tree, i > 0 ? " " : "", SLICE_LITERAL(""));
        if (node->kind == YAML_MAPPING)
            say(tree, "", node->pairs[i].key->text);
        if (node->kind == YAML_MAPPING)
            say(tree, "=", SLICE_LITERAL(""));
        say_node(tree, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
    }
    say(tree, node->kind == YAML_SEQUENCE ? "]" : "}", SLICE_LITERAL(""));
}

static const char *documents(struct tree *tree)
{
    tree->used = 0;
    tree->text[0] = '\0';
    for (size_t i = 0; i < tree->file->count; i++) {
        say(tree, i > 0 ? " --- " : "", SLICE_LITERAL(""));
        say_node(tree, tree->file->documents[i].root);
    }
    return tree->text;
}

static const char *findings(struct tree *tree)
{
    tree->used = 0;
    tree->text[0] = '\0';
    for (size_t i = 0; i < diag_count(tree->findings); i++) {
        char place[128];
        const struct diag *diag = diag_at(tree->findings, i);
        snprintf(place, sizeof place, "%s%u:%u %s", i > 0 ? "; " : "", diag->line, diag->column,
                 diag->code);
        say(tree, place, SLICE_LITERAL(""));
    }
    return tree->text;
}

struct yaml_case {
    const char *text, *expected;
};

Test(yaml, builds_trees)
{
    static const struct yaml_case cases[] = {
        {"a: 1\nb: '1'\n", "{a=1 b='1'}"},
        {"- a\n- \"b\"\n- |\n  c\n", "[a 'b' 'c\n']"},
        {"a:\n  - b: c\n    d:\n", "{a=[{b=c d=}]}"},
        {"{a: [b, c], d: {}}", "{a=[b c] d={}}"},
        {"a\n---\nb\n", "a --- b"},
        {"a: x\r\nb: y\r\n", "{a=x b=y}"},
        {"\xef\xbb\xbf"
         "a: b\n",
         "{a=b}"},
        {"a: !!str 1\nb: ! 2\n", "{a='1' b='2'}"},
        {"a: &x [1]\nb: *x\n", "{a=[1] b=[1]}"},
        {"a: &x 1\nb: &x 2\nc: *x\n", "{a=1 b=2 c=2}"},
        {"a: \"\\0\\t\"\n", "{a=''}"},
        {"a: b\tc\n", "{a=b\tc}"},
        {"a:\tb\n", "{a=b}"},
        {"a: b # c\n", "{a=b}"},
        {"", ""},
        {"# only a comment\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tree *tree = tree_of(slice_text(cases[i].text), &limits);
        if (i != 10)
            cr_expect_str_eq(documents(tree), cases[i].expected, "case %zu", i);
        cr_expect_str_eq(findings(tree), "", "case %zu", i);
        cr_expect(tree->file->complete, "case %zu", i);
        tree_free(tree);
    }
}

Test(yaml, keeps_bytes_that_end_strings)
{
    struct tree *tree = tree_of(slice_text("\"a\\0b\""), &limits);
    cr_assert_eq(tree->file->count, 1);
    cr_expect(slice_equal(tree->file->documents[0].root->text, SLICE_LITERAL("a\0b")));
    tree_free(tree);
}

Test(yaml, refuses_what_is_ambiguous_or_broken_at_its_place)
{
    static const struct yaml_case cases[] = {
        {"a: b\na: c\n", "2:1 yaml-duplicate-key"},
        {"a: 1\n'a': 2\nb: 1\nb: 2\n", "2:1 yaml-duplicate-key; 4:1 yaml-duplicate-key"},
        {"{a: 1, a: 2, a: 3}", "1:8 yaml-duplicate-key; 1:14 yaml-duplicate-key"},
        {"[a]: b\n", "1:1 yaml-key"},
        {"a: &x {b: c}\n<<: *x\n", "2:1 yaml-key"},
        {"'<<': a\n", ""},
        {"a: !!int 1\n", "1:4 yaml-tag"},
        {"a: !foo [1]\n", "1:4 yaml-tag"},
        {"a: !!map {}\n", "1:4 yaml-tag"},
        {"a: *x\n", "1:4 yaml-alias"},
        {"a: &x [*x]\n", "1:8 yaml-alias"},
        {"a: &x [1]\nb: &y [*x]\nc: *y\n", "3:4 yaml-alias"},
        {"a: &x 1\n---\nb: *x\n", "3:4 yaml-alias"},
        {"a: [b\n", "2:1 yaml-syntax"},
        {"a: 'b\n", "2:1 yaml-syntax"},
        {"a: b: c\n", "1:5 yaml-syntax"},
        {"a:\n\t- b\n", "2:1 yaml-syntax"},
        {"a: %b\n", "1:4 yaml-syntax"},
        {"a:\n - b\n  c\n d: e\n", "4:2 yaml-syntax"},
        {"a: b\nc: \xff\n", "2:4 not-utf8"},
        {"é: \xc3\n", "1:4 not-utf8"},
        {"a: \x01\n", "1:4 not-utf8"},
        {"a: \xed\xa0\x80\n", "1:4 not-utf8"},
        {"\xff\xfe"
         "a\0",
         "1:1 not-utf8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tree *tree = tree_of(slice_text(cases[i].text), &limits);
        const char *found = findings(tree);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: found %s", i, found);
        tree_free(tree);
    }
}

Test(yaml, refuses_a_nul_byte)
{
    struct tree *tree = tree_of(SLICE_LITERAL("a: b\0c\n"), &limits);
    cr_expect_str_eq(findings(tree), "1:5 not-utf8");
    cr_expect_not(tree->file->complete);
    tree_free(tree);
}

/* Each limit at its edge and one past it. */
Test(yaml, has_limits)
{
    static const struct yaml_case cases[] = {
        {"[[[[a]]]]", ""},
        {"[[[[[a]]]]]", "1:5 yaml-too-deep"},
        {"{a: {b: {c: {d: e}}}}", ""},
        {"{a: {b: {c: {d: {}}}}}", "1:17 yaml-too-deep"},
        {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]", ""},
        {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]", "1:50 yaml-too-many-values"},
        {"[&x a, *x, *x, *x]", ""},
        {"[&x a, *x, *x, *x, *x]", "1:20 yaml-too-many-aliases"},
        {"[&x [1,2,3,4,5,6,7], *x, 1, 2, 3]", ""},
        {"[&x [1,2,3,4,5,6,7], *x, 1, 2, 3, 4]", "1:35 yaml-too-many-values"},
        {"[&x [1,2,3,4,5,6,7], *x, *x]", "1:26 yaml-too-many-values"},
        {"a\n---\nb\n---\nc\n", ""},
        {"a\n---\nb\n---\nc\n---\nd\n", "6:1 yaml-too-many-documents"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tree *tree = tree_of(slice_text(cases[i].text), &limits);
        const char *found = findings(tree);
        cr_expect_str_eq(found, cases[i].expected, "case %zu: found %s", i, found);
        cr_expect_eq(tree->file->complete, *cases[i].expected == '\0', "case %zu", i);
        tree_free(tree);
    }
    char text[4097];
    memset(text, 'a', sizeof text);
    for (size_t over = 0; over <= 1; over++) {
        struct tree *tree = tree_of(slice_of(text, 4096 + over), &limits);
        cr_expect_str_eq(findings(tree), over ? "0:0 file-too-large" : "");
        tree_free(tree);
    }
}

Test(yaml, reads_documents_before_the_one_that_is_broken)
{
    struct tree *tree = tree_of(slice_text("a: 1\n---\nb: 1\nb: 2\n---\nc: [\n"), &limits);
    cr_assert_eq(tree->file->count, 2);
    cr_expect(tree->file->documents[0].sound);
    cr_expect_not(tree->file->documents[1].sound);
    cr_expect_not(tree->file->complete);
    tree_free(tree);
}

Test(yaml, gives_each_document_its_own_bytes)
{
    static const char *const texts[] = {"# c\na: 1\n", "---\nb: 1\r\n", "--- # x\nc: \xc2\x85"};
    char text[128];
    snprintf(text, sizeof text, "%s%s%s", texts[0], texts[1], texts[2]);
    struct tree *tree = tree_of(slice_text(text), &limits);
    cr_assert_eq(tree->file->count, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect(slice_equal(tree->file->documents[i].text, slice_text(texts[i])), "%zu: %.*s", i,
                  SLICE_PRINTF(tree->file->documents[i].text));
    tree_free(tree);
}

Test(yaml, knows_lines_and_columns_in_characters)
{
    struct tree *tree = tree_of(slice_text("é: ü\n'日本': 'x y'\nz: |\n  t\n"), &limits);
    cr_assert_eq(tree->file->count, 1);
    const struct yaml_node *root = tree->file->documents[0].root;
    cr_assert_eq(root->count, 3);
    cr_expect_eq(root->pairs[0].value->column, 4);
    cr_expect_eq(root->pairs[1].key->column, 1);
    cr_expect_eq(root->pairs[1].value->line, 2);
    cr_expect_eq(root->pairs[1].value->column, 7);
    struct diag_position inside = yaml_position_within("f", root->pairs[1].value, 2);
    cr_expect_eq(inside.line, 2);
    cr_expect_eq(inside.column, 10);
    inside = yaml_position_within("f", root->pairs[1].key, 3);
    cr_expect_eq(inside.column, 3);
    inside = yaml_position_within("f", root->pairs[2].value, 1);
    cr_expect_eq(inside.line, 3);
    cr_expect_eq(inside.column, 4);
    tree_free(tree);
}

Test(yaml, finds_values_by_key)
{
    struct tree *tree = tree_of(slice_text("a: 1\nb: 2\n"), &limits);
    const struct yaml_node *root = tree->file->documents[0].root;
    cr_expect(slice_equal(yaml_find(root, SLICE_LITERAL("b"))->text, SLICE_LITERAL("2")));
    cr_expect_null(yaml_find(root, SLICE_LITERAL("c")));
    cr_expect_null(yaml_find(root, SLICE_LITERAL("")));
    tree_free(tree);
}

/* The classic: ten levels of ten aliases each are 10^10 values. */
Test(yaml, is_not_blown_up_by_a_bomb)
{
    static const struct yaml_limits wide = {.bytes_max = 1 << 20,
                                            .depth_max = 32,
                                            .nodes_max = 200000,
                                            .aliases_max = 64,
                                            .documents_max = 1};
    char text[2048];
    int used = snprintf(text, sizeof text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            used += snprintf(text + used, sizeof text - (size_t)used, "%s*a%d", j > 0 ? ", " : "",
                             i - 1);
        used += snprintf(text + used, sizeof text - (size_t)used, "]\n");
    }
    struct tree *tree = tree_of(slice_of(text, (size_t)used), &wide);
    cr_expect_str_eq(findings(tree), "3:10 yaml-alias");
    cr_expect_lt(arena_used_bytes(tree->file->arena), 64 * 1024);
    tree_free(tree);
}
