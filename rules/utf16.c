/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/utf16.h"

#include "proto/fold.h"

static const uint32_t SURROGATES_FROM = 0x10000;
static const uint32_t BYTE_ORDER_MARK = 0xfeff;

static size_t put_unit(uint8_t *out, uint32_t unit, enum utf16_form form)
{
    bool high_first = form == UTF16_BE;
    out[high_first ? 0 : 1] = (uint8_t)(unit >> 8);
    out[high_first ? 1 : 0] = (uint8_t)unit;
    return 2;
}

static size_t put_code_point(uint8_t *out, uint32_t code_point, enum utf16_form form)
{
    if (code_point < SURROGATES_FROM)
        return put_unit(out, code_point, form);
    uint32_t rest = code_point - SURROGATES_FROM;
    put_unit(out, 0xd800 | rest >> 10, form);
    put_unit(out + 2, 0xdc00 | (rest & 0x3ff), form);
    return 4;
}

int utf16_step(struct expansion *out, struct draft *draft, const struct yaml_node *node,
               struct slice text, enum utf16_form form)
{
    /* No character takes more than twice its UTF-8 bytes. */
    uint8_t *encoded = arena_take_bytes(draft->scratch, 2 * text.len + 2);
    if (encoded == NULL)
        return STATUS_NO_MEMORY;
    size_t used = form == UTF16_BOM ? put_unit(encoded, BYTE_ORDER_MARK, form) : 0;
    for (size_t i = 0; i < text.len;) {
        unsigned length;
        uint32_t code_point = utf8_decode(text, i, &length);
        /* YAML and list files are valid UTF-8; a byte that is not would stand for itself. */
        code_point = code_point == UTF8_INVALID ? text.data[i] : code_point;
        used += put_code_point(encoded + used, code_point, form);
        i += length;
    }
    return expansion_add_text(out, draft, node, slice_of(encoded, used));
}
