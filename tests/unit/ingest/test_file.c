/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "ingest/file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const yml[] = {".yml", ".yaml", NULL};

static struct folder folder;

static void make_folder(void)
{
    folder_make(&folder);
}

static void remove_folder(void)
{
    folder_remove(&folder);
}

TestSuite(file, .init = make_folder, .fini = remove_folder);

static int read_named(struct slice *out, const char *name, size_t bytes_max)
{
    return file_read(out, folder_path(&folder, name), bytes_max);
}

/* Names below the folder, joined by blanks. */
static int listed(char *out, size_t size, const char *name)
{
    struct file_list list = {0};
    int result = file_list_add(&list, folder_path(&folder, name), yml);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < list.count; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : " ",
                                 list.paths[i] + strlen(folder.path) + 1);
    file_list_deinit(&list);
    return result;
}

Test(file, is_read_up_to_the_bound_and_refused_one_byte_beyond)
{
    folder_write(&folder, "a", "12345");
    struct slice text;
    cr_assert_eq(read_named(&text, "a", 5), 0);
    cr_assert(slice_equal(text, SLICE_LITERAL("12345")));
    cr_assert_eq(text.data[5], '\0');
    free((void *)(uintptr_t)text.data);
    cr_assert_eq(read_named(&text, "a", 4), STATUS_LIMIT);
}

Test(file, may_be_empty)
{
    folder_write(&folder, "a", "");
    struct slice text;
    cr_assert_eq(read_named(&text, "a", 0), 0);
    cr_assert_eq(text.len, 0);
    free((void *)(uintptr_t)text.data);
}

Test(file, that_is_missing_is_an_error_with_errno)
{
    struct slice text;
    cr_assert_eq(read_named(&text, "none", 10), STATUS_IO);
    cr_assert_eq(errno, ENOENT);
}

Test(file, that_is_a_folder_or_a_pipe_is_refused_without_waiting)
{
    struct slice text;
    folder_make_folder(&folder, "d");
    cr_assert_eq(read_named(&text, "d", 10), STATUS_IO);
    cr_assert_eq(errno, EISDIR);
    cr_assert_eq(mkfifo(folder_path(&folder, "pipe"), 0600), 0);
    cr_assert_eq(read_named(&text, "pipe", 10), STATUS_IO);
    cr_assert_eq(errno, EINVAL);
}

Test(file, lists_a_tree_in_order_of_name_by_ending)
{
    folder_make_folder(&folder, "d");
    folder_write(&folder, "d/b.yml", "");
    folder_write(&folder, "d/a.yaml", "");
    folder_write(&folder, "c.yml", "");
    folder_write(&folder, "readme.md", "");
    folder_write(&folder, "yml", "");
    char names[200];
    cr_assert_eq(listed(names, sizeof names, ""), 0);
    cr_assert_str_eq(names, "c.yml d/a.yaml d/b.yml");
}

Test(file, lists_a_file_named_by_the_user_whatever_its_ending)
{
    folder_write(&folder, "rule.txt", "");
    char names[200];
    cr_assert_eq(listed(names, sizeof names, "rule.txt"), 0);
    cr_assert_str_eq(names, "rule.txt");
}

Test(file, passes_over_what_is_hidden)
{
    folder_make_folder(&folder, ".git");
    folder_write(&folder, ".git/a.yml", "");
    folder_write(&folder, ".b.yml", "");
    char names[200];
    cr_assert_eq(listed(names, sizeof names, ""), 0);
    cr_assert_str_eq(names, "");
}

Test(file, follows_links_to_files_but_not_to_folders)
{
    folder_make_folder(&folder, "d");
    folder_write(&folder, "d/a.yml", "");
    cr_assert_eq(symlink("d/a.yml", folder_path(&folder, "link.yml")), 0);
    cr_assert_eq(symlink("d", folder_path(&folder, "folder.yml")), 0);
    cr_assert_eq(symlink("..", folder_path(&folder, "d/up")), 0);
    char names[200];
    cr_assert_eq(listed(names, sizeof names, ""), 0);
    cr_assert_str_eq(names, "d/a.yml link.yml");
}

Test(file, lists_a_dangling_link_so_that_reading_reports_it)
{
    cr_assert_eq(symlink("nowhere", folder_path(&folder, "gone.yml")), 0);
    char names[200];
    cr_assert_eq(listed(names, sizeof names, ""), 0);
    cr_assert_str_eq(names, "gone.yml");
}

Test(file, names_the_path_that_cannot_be_listed)
{
    struct file_list list = {0};
    cr_assert_eq(file_list_add(&list, folder_path(&folder, "none/"), yml), STATUS_IO);
    cr_assert_eq(errno, ENOENT);
    cr_assert_str_eq(list.unreadable, folder_path(&folder, "none"));
    file_list_deinit(&list);
}
