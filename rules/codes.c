/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/codes.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *explanation;
} codes[PARSER_CODE_COUNT] = {
#define CODE(name, text, explanation) [CODE_##name] = {text, explanation},
#include "rules/parser_codes.def"
#undef CODE
};

const char *parser_code_name(enum parser_code code)
{
    assert(code < PARSER_CODE_COUNT);
    return codes[code].name;
}

const char *parser_code_explanation(const char *name)
{
    for (size_t i = 0; i < PARSER_CODE_COUNT; i++) {
        if (strcmp(codes[i].name, name) == 0)
            return codes[i].explanation;
    }
    return "";
}
