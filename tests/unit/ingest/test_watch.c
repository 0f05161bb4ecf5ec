/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/watch.h"

#include "folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder folder;
static struct watch *watch;

static void open_folder(void)
{
    folder_make(&folder);
    folder_make_folder(&folder, "rules");
    folder_make_folder(&folder, "elsewhere");
}

static void close_folder(void)
{
    watch_free(watch);
    folder_remove(&folder);
}

TestSuite(watch, .init = open_folder, .fini = close_folder);

static void begin(const char *name)
{
    const char *paths[] = {folder_path(&folder, name)};
    cr_assert_eq(watch_new(&watch, paths, 1), 0);
    cr_assert_eq(watch_refresh(watch), 0);
    watch_take(watch);
}

Test(watch, sees_files_written_replaced_deleted_and_made_readable)
{
    begin("rules");
    cr_expect_not(watch_take(watch));
    folder_write(&folder, "rules/a.yml", "x");
    cr_expect(watch_take(watch), "moved here");
    cr_expect_not(watch_take(watch), "once");
    FILE *file = fopen(folder_path(&folder, "rules/a.yml"), "w");
    cr_assert_neq(file, NULL);
    fclose(file);
    cr_expect(watch_take(watch), "written in place");
    cr_assert_eq(chmod(folder_path(&folder, "rules/a.yml"), 0400), 0);
    cr_expect(watch_take(watch), "permissions");
    folder_delete(&folder, "rules/a.yml");
    cr_expect(watch_take(watch), "deleted");
}

Test(watch, does_not_see_what_happens_elsewhere)
{
    begin("rules");
    folder_write(&folder, "elsewhere/a.yml", "x");
    cr_expect_not(watch_take(watch));
}

Test(watch, sees_into_new_folders_after_a_refresh)
{
    begin("rules");
    folder_make_folder(&folder, "rules/new");
    cr_expect(watch_take(watch));
    cr_assert_eq(watch_refresh(watch), 0);
    watch_take(watch);
    folder_write(&folder, "rules/new/a.yml", "x");
    cr_expect(watch_take(watch));
}

Test(watch, does_not_see_into_hidden_folders)
{
    folder_make_folder(&folder, "rules/.git");
    begin("rules");
    folder_write(&folder, "rules/.git/a.yml", "x");
    cr_expect_not(watch_take(watch));
}

Test(watch, sees_a_single_file_that_is_replaced)
{
    folder_write(&folder, "rules/one.yml", "x");
    begin("rules/one.yml");
    folder_write(&folder, "rules/one.yml", "y");
    cr_expect(watch_take(watch));
}

Test(watch, sees_a_folder_that_is_made_anew)
{
    cr_assert_eq(rmdir(folder_path(&folder, "rules")), 0);
    begin("rules");
    folder_make_folder(&folder, "rules");
    cr_expect(watch_take(watch));
    cr_assert_eq(watch_refresh(watch), 0);
    watch_take(watch);
    folder_write(&folder, "rules/a.yml", "x");
    cr_expect(watch_take(watch));
}

Test(watch, sees_a_link_that_is_led_elsewhere)
{
    char target[512];
    snprintf(target, sizeof target, "%s", folder_path(&folder, "rules"));
    cr_assert_eq(symlink(target, folder_path(&folder, "link")), 0);
    begin("link");
    snprintf(target, sizeof target, "%s", folder_path(&folder, "elsewhere"));
    cr_assert_eq(symlink(target, folder_path(&folder, "next")), 0);
    watch_take(watch);
    cr_assert_eq(rename(folder_path(&folder, "next"), folder_path(&folder, "link")), 0);
    cr_expect(watch_take(watch));
}

Test(watch, says_when_a_folder_cannot_be_watched)
{
    const char *paths[] = {folder_path(&folder, "no/such/folder")};
    cr_assert_eq(watch_new(&watch, paths, 1), 0);
    cr_expect_eq(watch_refresh(watch), STATUS_IO);
}
