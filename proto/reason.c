/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/reason.h"

#include <assert.h>

static const struct {
    const char *label;
    const char *text;
} reasons[REASON_COUNT] = {
    [REASON_NONE] = {"none", "nothing is wrong"},
#define REASON(name, label, text) [REASON_##name] = {label, text},
#include "proto/reason.def"
#undef REASON
};

const char *reason_label(enum reason reason)
{
    assert(reason < REASON_COUNT);
    return reasons[reason].label;
}

const char *reason_text(enum reason reason)
{
    assert(reason < REASON_COUNT);
    return reasons[reason].text;
}
