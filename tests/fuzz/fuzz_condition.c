/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "rules/condition.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct selection selections[] = {
        {.name = SLICE_INIT("a")}, {.name = SLICE_INIT("a_b")}, {.name = SLICE_INIT("_c")}};
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(arena_free) struct arena *arena = NULL;
    assert(diag_list_new(&findings) == 0 && arena_new_growing(&arena, 4096, 0) == 0);
    struct draft draft = {.arena = arena, .findings = findings, .path = "f"};
    struct yaml_node node = {
        .kind = YAML_SCALAR, .text = slice_of(data, size), .in_one_line = true};
    bool used[sizeof selections / sizeof *selections] = {false};
    struct condition_scope scope = {selections, sizeof selections / sizeof *selections, used};
    const struct condition *condition;
    assert(condition_read(&condition, &draft, &scope, &node) == 0);
    assert((condition == NULL) == (draft.error_count > 0));
    return 0;
}
