/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/line.h"

unsigned line_break(struct slice text, size_t at)
{
    static const struct slice breaks[] = {SLICE_INIT("\r\n"),         SLICE_INIT("\n"),
                                          SLICE_INIT("\r"),           SLICE_INIT("\xc2\x85"),
                                          SLICE_INIT("\xe2\x80\xa8"), SLICE_INIT("\xe2\x80\xa9")};
    if (text.data[at] > '\r' && text.data[at] < 0xc2)
        return 0;
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        if (slice_starts_with(slice_from(text, at), breaks[i]))
            return (unsigned)breaks[i].len;
    return 0;
}

struct diag_position line_position(struct slice text, const char *path, size_t offset)
{
    struct diag_position at = {.file = path, .line = 1, .column = 1};
    for (size_t i = 0; i < offset && i < text.len;) {
        unsigned length = line_break(text, i);
        if (length != 0) {
            at.line++;
            at.column = 1;
        } else if ((text.data[i] & 0xc0) != 0x80) {
            at.column++;
        }
        i += length == 0 ? 1 : length;
    }
    return at;
}
