/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/status.h"

const char *status_text(int status)
{
    switch (status) {
    case STATUS_OK:
        return "success";
#define STATUS(name, number, text)                                                                 \
    case number:                                                                                   \
        return text;
#include "proto/status.def"
#undef STATUS
    default:
        return "unknown status";
    }
}
