/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>

Test(utf16, encodes_with_and_without_base64)
{
    static const struct reading_case cases[] = {
        {"F|wide: ab", "F: <a\\x00b\\x00>"},
        {"F|utf16le: ab", "F: <a\\x00b\\x00>"},
        {"F|utf16be: ab", "F: <\\x00a\\x00b>"},
        {"F|utf16: a", "F: <\xff\xfe"
                       "a\\x00>"},
        {"F|wide|contains: ab", "F: *<a\\x00b\\x00>*"},
        {"F|contains|wide: ab", "F: *<a\\x00b\\x00>*"},
        {"F|wide|cased: A", "F: c:<A\\x00>"},
        {"F|wide|base64|cased: ab", "F: c:<YQBiAA==>"},
        {"F|utf16be|base64|cased: ab", "F: c:<AGEAYg==>"},
        {"F|utf16|base64|cased: a", "F: c:<//5hAA==>"},
        {"F|base64|wide|cased: f", "F: c:<Z\\x00g\\x00=\\x00=\\x00>"},
        {"F|wide|base64offset|contains|cased: ab", "F: c:*<YQBiA>* | c:*<EAYg>* | c:*<hAGIA>*"},
        {"F|wide|base64|cased: 'é'", "F: c:<6QA=>"},
        {"F|wide|base64|cased: '\xf0\x9f\x98\x80'", "F: c:<PdgA3g==>"}, /* U+1F600 */
        {"F|utf16be|base64|cased: '\xf0\x9f\x98\x80'", "F: c:<2D3eAA==>"},
        {"F|wide|cased: ''", "F: c:<>"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(utf16, does_not_encode_wildcards)
{
    static const struct reading_case cases[] = {
        {"F|wide: 'a*'", "7:13 wildcard-encoded"},
        {"F|utf16be: 'a?'", "7:16 wildcard-encoded"},
        {"F|wide: 'a\\*'", ""},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
}
