/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/uuid.h"

#include <criterion/criterion.h>

Test(uuid, reads_both_cases_and_braces)
{
    static const char *const texts[] = {
        "0197231e-005a-6928-a50b-000000000d00",
        "0197231E-005A-6928-A50B-000000000D00",
        "{0197231E-005A-6928-a50b-000000000d00}",
    };
    for (size_t i = 0; i < 3; i++) {
        uint8_t bytes[UUID_BYTES];
        char text[UUID_TEXT_BYTES + 1];
        cr_assert(uuid_parse(bytes, slice_text(texts[i])), "%s", texts[i]);
        uuid_format(text, bytes);
        cr_assert_str_eq(text, texts[0]);
    }
}

Test(uuid, refuses_everything_else)
{
    static const char *const texts[] = {
        "",
        "0197231e-005a-6928-a50b-000000000d0",
        "0197231e-005a-6928-a50b-000000000d000",
        "0197231e005a-6928-a50b-000000000d000-",
        "0197231e-005a-6928-a50b-00000000 d00",
        "0197231g-005a-6928-a50b-000000000d00",
        "{0197231e-005a-6928-a50b-000000000d00",
        "(0197231e-005a-6928-a50b-000000000d00)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t bytes[UUID_BYTES];
        cr_assert_not(uuid_parse(bytes, slice_text(texts[i])), "%s", texts[i]);
    }
}
