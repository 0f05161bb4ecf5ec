/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "rules/parser.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(list_set_free) struct list_set *lists = NULL;
    struct rule_list rules = {0};
    assert(diag_list_new(&findings) == 0 && list_set_new(&lists) == 0);
    assert(list_set_add(lists, SLICE_LITERAL("l"), SLICE_LITERAL("a*\nb"), "l", findings) == 0);
    struct parser_options options = {.lists = lists};
    assert(parser_read(&rules, slice_of(data, size), "f", &options, findings) == 0);
    /* What is refused is explained. */
    assert(rules.refused_count == 0 || diag_has_errors(findings));
    rule_list_deinit(&rules);
    return 0;
}
