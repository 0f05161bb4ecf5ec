/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "ingest/library.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder folder;
static struct library *library;
static struct ruleset *ruleset;
static struct library_report report;

static void open_library(void)
{
    folder_make(&folder);
    folder_make_folder(&folder, "rules");
    folder_make_folder(&folder, "lists");
    const char *paths[] = {folder_path(&folder, "rules")};
    const struct library_options options = {.paths = paths,
                                            .path_count = 1,
                                            .lists_path = folder_path(&folder, "lists"),
                                            .keep_last_good = true};
    cr_assert_eq(library_new(&library, &options), 0);
}

static void close_library(void)
{
    library_free(library);
    ruleset_free(ruleset);
    folder_remove(&folder);
}

TestSuite(library, .init = open_library, .fini = close_library);

/* --- Rules of the test's own --- */

static const char *id_of(char letter)
{
    static char id[37];
    memset(id, letter, 36);
    id[8] = id[13] = id[18] = id[23] = '-';
    id[14] = '4';
    id[19] = '8';
    id[36] = '\0';
    return id;
}

/* A rule with id letter that looks for a value; a broken one has an unknown modifier. */
static size_t spell_rule(char *out, size_t size, char letter, const char *modifier,
                         const char *value)
{
    return (size_t)snprintf(out, size,
                            "title: Rule %c\nid: %s\nlogsource:\n    product: windows\n"
                            "detection:\n    selection:\n        Image%s: '%s'\n"
                            "    condition: selection\nlevel: low\n",
                            letter, id_of(letter), modifier, value);
}

static void write_rule(const char *name, char letter, const char *value)
{
    char text[1000];
    spell_rule(text, sizeof text, letter, "", value);
    folder_write(&folder, name, text);
}

static void write_broken(const char *name, char letter)
{
    char text[1000];
    spell_rule(text, sizeof text, letter, "|nonsense", "x");
    folder_write(&folder, name, text);
}

/* Two documents in one file; an empty modifier is a good one. */
static void write_two(const char *name, const char *modifier_a, const char *value_a,
                      const char *modifier_b, const char *value_b)
{
    char text[2000];
    size_t used = spell_rule(text, sizeof text, 'a', modifier_a, value_a);
    used += (size_t)snprintf(text + used, sizeof text - used, "---\n");
    spell_rule(text + used, sizeof text - used, 'b', modifier_b, value_b);
    folder_write(&folder, name, text);
}

static int load(void)
{
    struct ruleset *built = NULL;
    int result = library_load(&built, library, &report);
    if (result != 0) {
        cr_assert_null(built);
        return result;
    }
    ruleset_free(ruleset);
    ruleset = built;
    return 0;
}

/* The letter and value of each rule in the set: "a=x b=y". */
static const char *loaded(void)
{
    static char text[1000];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < ruleset_rule_count(ruleset); i++) {
        const struct rule *rule = ruleset_rule(ruleset, i);
        struct slice source = rule->selections[0].maps[0].items[0].tests[0].source;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%c=%.*s", i == 0 ? "" : " ",
                                 rule->id.data[0], SLICE_PRINTF(source));
    }
    return text;
}

static size_t count_code(const char *code)
{
    size_t count = 0;
    for (size_t i = 0; i < diag_count(report.findings); i++)
        count += strcmp(diag_at(report.findings, i)->code, code) == 0;
    return count;
}

static bool names_file(const char *code, const char *name)
{
    for (size_t i = 0; i < diag_count(report.findings); i++) {
        const struct diag *diag = diag_at(report.findings, i);
        if (strcmp(diag->code, code) == 0 && strcmp(diag->file, folder_path(&folder, name)) == 0)
            return true;
    }
    return false;
}

/* --- Loading --- */

Test(library, loads_all_files_below_its_folder)
{
    folder_make_folder(&folder, "rules/deep");
    write_rule("rules/deep/a.yml", 'a', "x");
    write_rule("rules/b.yaml", 'b', "y");
    folder_write(&folder, "rules/notes.txt", "no rule");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x b=y");
    cr_assert_eq(report.file_count, 2);
    cr_assert_eq(report.rule_count_read, 2);
    cr_assert_eq(report.rule_count_loaded, 2);
    cr_assert_eq(report.rule_count_refused, 0);
    cr_assert_eq(report.rule_count_kept, 0);
}

Test(library, says_unchanged_when_nothing_changed)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_loaded, 1);
}

Test(library, says_unchanged_when_a_file_is_written_again_or_renamed)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    folder_delete(&folder, "rules/a.yml");
    write_rule("rules/b.yml", 'a', "x");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    write_rule("rules/b.yml", 'a', "y");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=y");
}

Test(library, takes_an_edit_an_addition_and_a_removal)
{
    write_rule("rules/a.yml", 'a', "x");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    write_rule("rules/a.yml", 'a', "edited");
    write_rule("rules/c.yml", 'c', "z");
    folder_delete(&folder, "rules/b.yml");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=edited c=z");
    cr_assert_eq(report.rule_count_kept, 0);
}

Test(library, names_a_set_by_its_content)
{
    uint8_t before[32];
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    memcpy(before, ruleset_sha256(ruleset), sizeof before);
    write_rule("rules/a.yml", 'a', "y");
    cr_assert_eq(load(), 0);
    cr_assert_neq(memcmp(before, ruleset_sha256(ruleset), sizeof before), 0);
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    cr_assert_eq(memcmp(before, ruleset_sha256(ruleset), sizeof before), 0);
}

/* --- What breaks --- */

Test(library, keeps_the_last_good_version_of_a_file_that_broke)
{
    write_rule("rules/a.yml", 'a', "x");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    write_broken("rules/a.yml", 'a');
    write_rule("rules/b.yml", 'b', "edited");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x b=edited");
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert_eq(report.rule_count_kept, 1);
    cr_assert(names_file("unknown-modifier", "rules/a.yml"));
}

Test(library, reports_a_broken_file_again_at_each_load)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    write_broken("rules/a.yml", 'a');
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(load(), LIBRARY_UNCHANGED);
        cr_assert_eq(report.rule_count_loaded, 1);
        cr_assert_eq(report.rule_count_refused, 1);
        cr_assert_eq(report.rule_count_kept, 1);
        cr_assert(names_file("unknown-modifier", "rules/a.yml"));
    }
}

Test(library, takes_a_repaired_file)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    write_broken("rules/a.yml", 'a');
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    write_rule("rules/a.yml", 'a', "repaired");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=repaired");
    cr_assert_eq(diag_count(report.findings), 0);
}

Test(library, leaves_a_new_broken_file_out)
{
    write_rule("rules/a.yml", 'a', "x");
    write_broken("rules/b.yml", 'b');
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x");
    cr_assert_eq(report.rule_count_read, 2);
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert_eq(report.rule_count_kept, 0);
}

Test(library, keeps_one_document_while_its_neighbour_goes_live)
{
    write_two("rules/ab.yml", "", "x", "", "y");
    cr_assert_eq(load(), 0);
    write_two("rules/ab.yml", "|nonsense", "x", "", "edited");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x b=edited");
    write_two("rules/ab.yml", "|nonsense", "x", "|nonsense", "y");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_kept, 2);
    cr_assert_eq(report.rule_count_refused, 2);
}

Test(library, drops_a_kept_rule_once_its_file_is_good_without_it)
{
    write_two("rules/ab.yml", "", "x", "", "y");
    cr_assert_eq(load(), 0);
    write_two("rules/ab.yml", "|nonsense", "x", "", "y");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    write_rule("rules/ab.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "b=y");
}

Test(library, keeps_the_rules_of_a_file_that_was_emptied)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    folder_write(&folder, "rules/a.yml", "");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert(names_file("no-document", "rules/a.yml"));
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert_eq(report.rule_count_kept, 1);
}

Test(library, drops_the_rules_of_a_file_that_was_removed_while_broken)
{
    write_rule("rules/a.yml", 'a', "x");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    write_broken("rules/a.yml", 'a');
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    folder_delete(&folder, "rules/a.yml");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "b=y");
}

Test(library, keeps_the_rules_of_a_file_that_cannot_be_read)
{
    write_rule("rules/a.yml", 'a', "x");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    folder_delete(&folder, "rules/a.yml");
    cr_assert_eq(symlink("nowhere", folder_path(&folder, "rules/a.yml")), 0);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert(names_file("file-unreadable", "rules/a.yml"));
    cr_assert_eq(report.rule_count_kept, 1);
    folder_delete(&folder, "rules/a.yml");
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(diag_count(report.findings), 0);
}

Test(library, keeps_the_rules_of_a_file_that_became_too_large)
{
    enum { TOO_LARGE = 4 * 1024 * 1024 + 1 };
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    char *bytes = malloc(TOO_LARGE);
    memset(bytes, '#', TOO_LARGE);
    folder_write_bytes(&folder, "rules/a.yml", bytes, TOO_LARGE);
    free(bytes);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert(names_file("file-too-large", "rules/a.yml"));
}

Test(library, refuses_a_binary_file)
{
    write_rule("rules/a.yml", 'a', "x");
    folder_write_bytes(&folder, "rules/b.yml",
                       "\x7f"
                       "ELF\0\0\0",
                       7);
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x");
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert(names_file("not-utf8", "rules/b.yml"));
}

Test(library, keeps_everything_while_its_folder_is_gone)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    cr_assert_eq(rename(folder_path(&folder, "rules"), folder_path(&folder, "away")), 0);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert(names_file("path-unreadable", "rules"));
    cr_assert_eq(report.rule_count_loaded, 1);
    cr_assert_eq(rename(folder_path(&folder, "away"), folder_path(&folder, "rules")), 0);
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x b=y");
}

/* --- What only the compiler refuses --- */

static void write_regex(const char *name, char letter, const char *regex)
{
    char text[1000];
    spell_rule(text, sizeof text, letter, "|re", regex);
    folder_write(&folder, name, text);
}

Test(library, leaves_out_what_the_compiler_refuses_and_reports_it_at_each_load)
{
    write_regex("rules/a.yml", 'a', "(unclosed");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "b=y");
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(count_code("bad-regex"), 1);
        cr_assert(names_file("bad-regex", "rules/a.yml"));
        cr_assert_eq(report.rule_count_read, 2);
        cr_assert_eq(report.rule_count_refused, 1);
        cr_assert_eq(load(), LIBRARY_UNCHANGED);
    }
}

Test(library, is_empty_if_the_compiler_refuses_all)
{
    write_regex("rules/a.yml", 'a', "(unclosed");
    cr_assert_eq(load(), LIBRARY_EMPTY);
    cr_assert(names_file("bad-regex", "rules/a.yml"));
    cr_assert_eq(load(), LIBRARY_EMPTY);
    cr_assert(names_file("bad-regex", "rules/a.yml"));
}

Test(library, keeps_the_version_before_of_what_the_compiler_refuses)
{
    write_regex("rules/a.yml", 'a', "good");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    write_regex("rules/a.yml", 'a', "(unclosed");
    write_rule("rules/b.yml", 'b', "edited");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=good b=edited");
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert_eq(report.rule_count_kept, 1);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_kept, 1);
    cr_assert(names_file("bad-regex", "rules/a.yml"));
    write_regex("rules/a.yml", 'a', "repaired");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=repaired b=edited");
    cr_assert_eq(diag_count(report.findings), 0);
}

Test(library, says_unchanged_if_all_that_changed_is_refused_by_the_compiler)
{
    write_regex("rules/a.yml", 'a', "good");
    cr_assert_eq(load(), 0);
    write_regex("rules/a.yml", 'a', "(unclosed");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_kept, 1);
}

Test(library, gives_the_id_of_a_refused_rule_to_the_next_file_that_has_it)
{
    write_regex("rules/a.yml", 'a', "(unclosed");
    write_rule("rules/b.yml", 'a', "second");
    write_rule("rules/c.yml", 'c', "z");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=second c=z");
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
}

/* --- Empty --- */

Test(library, is_empty_without_any_rule_and_says_why)
{
    cr_assert_eq(load(), LIBRARY_EMPTY);
    cr_assert_eq(count_code("no-rule-file"), 1);
    write_broken("rules/a.yml", 'a');
    cr_assert_eq(load(), LIBRARY_EMPTY);
    cr_assert_eq(report.rule_count_loaded, 0);
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert(names_file("unknown-modifier", "rules/a.yml"));
}

Test(library, remembers_last_good_versions_while_its_folder_is_empty)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    folder_delete(&folder, "rules/a.yml");
    cr_assert_eq(load(), LIBRARY_EMPTY);
    write_broken("rules/a.yml", 'a');
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_kept, 1);
}

/* --- Duplicate ids --- */

Test(library, fires_a_duplicate_id_once_and_names_the_second_file)
{
    write_rule("rules/a.yml", 'a', "x");
    write_rule("rules/b.yml", 'a', "y");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=x");
    cr_assert_eq(report.rule_count_read, 2);
    cr_assert_eq(report.rule_count_refused, 1);
    cr_assert_eq(count_code("duplicate-id"), 1);
    cr_assert(names_file("duplicate-id", "rules/b.yml"));
}

Test(library, leaves_an_id_with_the_file_that_had_it)
{
    write_rule("rules/m.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    write_rule("rules/a.yml", 'a', "intruder");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert(names_file("duplicate-id", "rules/a.yml"));
    write_rule("rules/m.yml", 'a', "edited");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=edited");
}

Test(library, hands_an_id_over_when_its_file_gives_it_up)
{
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    write_rule("rules/b.yml", 'a', "second");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    folder_delete(&folder, "rules/a.yml");
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "a=second");
    cr_assert_eq(count_code("duplicate-id"), 0);
}

/* --- Lists --- */

static void write_placeholder(const char *name, char letter)
{
    char text[1000];
    spell_rule(text, sizeof text, letter, "|expand", "%users%");
    folder_write(&folder, name, text);
}

Test(library, expands_placeholders_from_lists)
{
    folder_write(&folder, "lists/users.txt", "alice\nbob\n");
    write_placeholder("rules/a.yml", 'a');
    cr_assert_eq(load(), 0);
    cr_assert_eq(report.rule_count_loaded, 1);
    cr_assert_eq(ruleset_rule(ruleset, 0)->selections[0].maps[0].items[0].test_count, 2);
}

Test(library, refuses_a_placeholder_without_a_list)
{
    write_placeholder("rules/a.yml", 'a');
    cr_assert_eq(load(), LIBRARY_EMPTY);
    cr_assert(names_file("placeholder-without-list", "rules/a.yml"));
    folder_write(&folder, "lists/users.txt", "alice\n");
    cr_assert_eq(load(), 0);
    cr_assert_eq(diag_count(report.findings), 0);
}

Test(library, parses_rules_again_when_a_list_changes)
{
    folder_write(&folder, "lists/users.txt", "alice\n");
    write_placeholder("rules/a.yml", 'a');
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    const struct rule *plain = ruleset_rule(ruleset, 1);
    folder_write(&folder, "lists/users.txt", "alice\nbob\ncarol\n");
    cr_assert_eq(load(), 0);
    cr_assert_eq(ruleset_rule(ruleset, 0)->selections[0].maps[0].items[0].test_count, 3);
    cr_assert_eq(ruleset_rule(ruleset, 1), plain, "a rule without placeholders stays as it is");
}

Test(library, keeps_a_rule_whose_list_went_away)
{
    folder_write(&folder, "lists/users.txt", "alice\n");
    write_placeholder("rules/a.yml", 'a');
    cr_assert_eq(load(), 0);
    folder_delete(&folder, "lists/users.txt");
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_kept, 1);
    cr_assert(names_file("placeholder-without-list", "rules/a.yml"));
}

Test(library, keeps_its_lists_while_their_folder_is_gone)
{
    folder_write(&folder, "lists/users.txt", "alice\n");
    write_placeholder("rules/a.yml", 'a');
    cr_assert_eq(load(), 0);
    cr_assert_eq(rename(folder_path(&folder, "lists"), folder_path(&folder, "away")), 0);
    cr_assert_eq(load(), LIBRARY_UNCHANGED);
    cr_assert_eq(report.rule_count_refused, 0);
    cr_assert_eq(count_code("list-unreadable"), 1);
}

/* --- Without memory of what was good: the command --- */

Test(library, of_the_command_does_not_keep_what_broke)
{
    const char *paths[] = {folder_path(&folder, "rules")};
    const struct library_options options = {.paths = paths, .path_count = 1};
    library_free(library);
    cr_assert_eq(library_new(&library, &options), 0);
    write_rule("rules/a.yml", 'a', "x");
    write_rule("rules/b.yml", 'b', "y");
    cr_assert_eq(load(), 0);
    write_broken("rules/a.yml", 'a');
    cr_assert_eq(load(), 0);
    cr_assert_str_eq(loaded(), "b=y");
    cr_assert_eq(report.rule_count_kept, 0);
}

Test(library, reads_a_file_once_that_two_paths_name)
{
    const char *paths[] = {folder_path(&folder, "rules"), folder_path(&folder, "rules/a.yml")};
    const struct library_options options = {.paths = paths, .path_count = 2};
    library_free(library);
    cr_assert_eq(library_new(&library, &options), 0);
    write_rule("rules/a.yml", 'a', "x");
    cr_assert_eq(load(), 0);
    cr_assert_eq(report.file_count, 1);
    cr_assert_eq(count_code("duplicate-id"), 0);
}
