/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/spelling.h"

#include "proto/event.pb-c.h"

static bool has_byte_between(struct slice text, uint8_t from, uint8_t to)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= from && text.data[i] <= to)
            return true;
    return false;
}

/* Votes of one field for and against each form. */
static void count_forms(int votes[3], unsigned rendering, const struct value *value)
{
    if (rendering == RENDER_NUMBER)
        votes[0] += value->type == VALUE_TEXT ? 1 : -1;
    if (rendering != RENDER_GUID || value->type != VALUE_TEXT)
        return;
    votes[1] += has_byte_between(value->text, 'A', 'F') ? 1 : 0;
    votes[1] -= has_byte_between(value->text, 'a', 'f') ? 1 : 0;
    votes[2] += slice_starts_with(value->text, SLICE_LITERAL("{")) ? -1 : 1;
}

uint32_t spelling_forms(const struct projection *names, const struct flat_field fields[],
                        size_t count, enum shape shape)
{
    static const uint32_t forms[] = {
        YAGURA__V1__SOURCE_FORM__SOURCE_FORM_NUMBERS_AS_TEXT,
        YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_UPPER,
        YAGURA__V1__SOURCE_FORM__SOURCE_FORM_GUID_BARE,
    };
    int votes[3] = {0};
    for (size_t i = 0; i < count; i++) {
        unsigned slot = projection_find(names, fields[i].name);
        if (slot == SLOT_NONE)
            continue;
        const struct home *home = projection_home(names, shape, slot);
        if (home->root != HOME_NONE)
            count_forms(votes, home->rendering, &fields[i].value);
    }
    uint32_t found = 0;
    for (size_t i = 0; i < 3; i++)
        found |= votes[i] > 0 ? forms[i] : 0;
    return found;
}
