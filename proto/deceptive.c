/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/deceptive.h"

#include <stddef.h>

bool is_deceptive(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x80, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},    {0x180E, 0x180E},
                  {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},  {0xFEFF, 0xFEFF},
                  {0xFFF9, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}
