/* SPDX-License-Identifier: Apache-2.0 */
/* Codes: the kinds of findings about rule files (parser_codes.def). */
#pragma once

enum parser_code {
#define CODE(name, text, explanation) CODE_##name,
#include "rules/parser_codes.def"
#undef CODE
    PARSER_CODE_COUNT
};

/* "unknown-modifier": static. */
const char *parser_code_name(enum parser_code code);
/* A sentence about the kind of finding: static; "" of a code that is not the parser's. */
const char *parser_code_explanation(const char *name);
