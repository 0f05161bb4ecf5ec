/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/reason.h"
#include "proto/status.h"

#include <criterion/criterion.h>
#include <string.h>

Test(status, has_a_text_of_its_own_for_each_failure)
{
    cr_assert_str_eq(status_text(STATUS_OK), "success");
    cr_assert_str_eq(status_text(STATUS_LIMIT), "a limit was exceeded");
    cr_assert_str_eq(status_text(-9999), "unknown status");
}

static int passes_on(int result)
{
    TRY(result);
    return 42;
}

Test(status, try_returns_on_failure_only)
{
    cr_assert_eq(passes_on(STATUS_IO), STATUS_IO);
    cr_assert_eq(passes_on(0), 42);
    cr_assert_eq(passes_on(3), 42);
}

Test(reason, has_a_label_of_its_own_each)
{
    for (unsigned i = 0; i < REASON_COUNT; i++) {
        cr_assert_gt(strlen(reason_text((enum reason)i)), 0);
        for (unsigned j = 0; j < i; j++)
            cr_assert_str_neq(reason_label((enum reason)i), reason_label((enum reason)j));
    }
}
