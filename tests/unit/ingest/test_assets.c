/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/assets.h"

#include "folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define HEAD   "tenant_id,endpoint_id,owner\n"
#define TENANT "6ba7b810-9dad-41d1-80b4-00c04fd430c8,"
#define ROW_A  TENANT "aaaaaaaa-0000-4000-8000-000000000000,Aoi\n"
#define ROW_B  TENANT "bbbbbbbb-0000-4000-8000-000000000000,Ren\n"
#define ROW_C  TENANT "cccccccc-0000-4000-8000-000000000000,Yui\n"

static struct folder folder;
static struct diag_list *findings;
static struct assets *assets;
static struct context *context;
static char paths[2][256];

static void open_all(void)
{
    static const char *items[2] = {paths[0], paths[1]};
    folder_make(&folder);
    snprintf(paths[0], sizeof paths[0], "%s", folder_path(&folder, "a.csv"));
    snprintf(paths[1], sizeof paths[1], "%s", folder_path(&folder, "b.csv"));
    cr_assert_eq(diag_list_new(&findings), 0);
    cr_assert_eq(assets_new(&assets, &(struct config_list){items, 2}, 0), 0);
    folder_write(&folder, "a.csv", HEAD ROW_A);
    folder_write(&folder, "b.csv", HEAD ROW_B);
}

static void close_all(void)
{
    context_free(context);
    assets_free(assets);
    diag_list_free(findings);
    folder_remove(&folder);
}

TestSuite(assets, .init = open_all, .fini = close_all);

/* Loads again; how many endpoints the newest context knows. */
static size_t load(int wanted)
{
    struct context *made = NULL;
    diag_clear(findings);
    int result = assets_load(&made, assets, findings);
    cr_assert_eq(result, wanted, "%d: %s", result,
                 diag_count(findings) == 0 ? "" : diag_at(findings, 0)->message);
    if (result != 0)
        return context_asset_count(context);
    context_free(context);
    context = made;
    return context_asset_count(context);
}

Test(assets, are_those_of_all_tables)
{
    cr_assert_eq(load(0), 2);
    cr_assert_not(diag_has_errors(findings));
}

Test(assets, are_not_built_again_when_nothing_changed)
{
    load(0);
    cr_assert_eq(load(ASSETS_UNCHANGED), 2);
}

Test(assets, of_a_table_that_breaks_stay_as_they_last_were)
{
    load(0);
    folder_write(&folder, "a.csv", "nonsense\n");
    cr_assert_eq(load(ASSETS_UNCHANGED), 2);
    cr_assert(diag_has_errors(findings));
    cr_assert(strstr(diag_at(findings, 0)->file, "a.csv") != NULL);
    folder_write(&folder, "b.csv", HEAD ROW_B ROW_C);
    cr_assert_eq(load(0), 3, "others change beside it");
    cr_assert(diag_has_errors(findings), "still told");
}

Test(assets, of_a_table_that_clashes_with_another_stay_as_they_last_were)
{
    load(0);
    folder_write(&folder, "b.csv", HEAD ROW_B ROW_A ROW_C);
    cr_assert_eq(load(0), 2, "b as it was");
    cr_assert(diag_has_errors(findings));
    cr_assert(strstr(diag_at(findings, 0)->file, "b.csv") != NULL);
    cr_assert_eq(load(ASSETS_UNCHANGED), 2);
    cr_assert(diag_has_errors(findings), "still told");
    folder_write(&folder, "a.csv", HEAD);
    cr_assert_eq(load(0), 3, "nothing clashes any more");
    cr_assert_not(diag_has_errors(findings));
}

Test(assets, of_a_table_that_is_gone_stay_as_they_last_were)
{
    load(0);
    folder_delete(&folder, "a.csv");
    cr_assert_eq(load(ASSETS_UNCHANGED), 2);
    cr_assert(diag_has_errors(findings));
}

Test(assets, of_a_table_that_was_never_good_are_missing_and_the_others_there)
{
    folder_delete(&folder, "a.csv");
    cr_assert_eq(load(0), 1);
    cr_assert(diag_has_errors(findings));
    folder_write(&folder, "a.csv", HEAD ROW_A);
    cr_assert_eq(load(0), 2);
    cr_assert_not(diag_has_errors(findings));
}

Test(assets, are_as_old_as_their_file)
{
    load(0);
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    cr_assert_eq(utimensat(AT_FDCWD, paths[0], old, 0), 0);
    load(0);
}
