/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/deceptive.h"

#include <criterion/criterion.h>

Test(deceptive, knows_each_range_to_its_edges)
{
    static const uint32_t ranges[][2] = {
        {0x80, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},     {0x180E, 0x180E},
        {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},
        {0xFFF9, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        cr_expect(is_deceptive(ranges[i][0]) && is_deceptive(ranges[i][1]), "range %zu", i);
        cr_expect_not(is_deceptive(ranges[i][0] - 1), "before range %zu", i);
        cr_expect_not(is_deceptive(ranges[i][1] + 1), "behind range %zu", i);
    }
}

Test(deceptive, leaves_what_people_write)
{
    static const uint32_t harmless[] = {'a', 0xE9, 0x3042, 0x6F22, 0x202F, 0x3000, 0x1F3EF};
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        cr_expect_not(is_deceptive(harmless[i]), "U+%04X", harmless[i]);
}
