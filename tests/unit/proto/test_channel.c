/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/channel.h"

#include <criterion/criterion.h>

Test(channel, finds_channels_whatever_their_case)
{
    cr_expect(slice_equal(channel_service(SLICE_LITERAL("security")), SLICE_LITERAL("security")));
    cr_expect(slice_equal(channel_service(SLICE_LITERAL("SECURITY")), SLICE_LITERAL("security")));
    cr_expect(slice_equal(channel_service(SLICE_LITERAL("microsoft-windows-SYSMON/operational")),
                          SLICE_LITERAL("sysmon")));
    cr_expect(slice_equal(channel_service(SLICE_LITERAL("PowerShellCore/Operational")),
                          SLICE_LITERAL("powershell")));
}

Test(channel, finds_no_service_for_channels_that_are_only_alike)
{
    static const char *const strangers[] = {
        "", "Securit", "Security ", "Securitz", "Sysmon", "Microsoft-Windows-Sysmon/Operationa1"};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        cr_expect_eq(channel_service(slice_text(strangers[i])).len, 0, "%s", strangers[i]);
}

Test(channel, keeps_its_tables_in_the_order_of_the_search)
{
    static const struct slice channels[] = {
#define CHANNEL(channel, service) SLICE_INIT(channel),
#include "proto/channels.def"
#undef CHANNEL
    };
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
        cr_expect_neq(channel_service(channels[i]).len, 0, "%.*s", SLICE_PRINTF(channels[i]));
    static const struct {
        const char *log;
        uint32_t event_id;
        enum shape shape;
    } rows[] = {
#define EVENT_ID(log, event_id, shape) {#log, event_id, SHAPE_##shape},
#include "proto/eventids.def"
#undef EVENT_ID
    };
    for (size_t i = 1; i < sizeof rows / sizeof rows[0]; i++) {
        int order = strcmp(rows[i - 1].log, rows[i].log);
        cr_expect(order < 0 || (order == 0 && rows[i - 1].event_id < rows[i].event_id), "row %zu",
                  i);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].log, "SYSMON") == 0)
            cr_expect_eq(logsource_shape(SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational"),
                                         rows[i].event_id),
                         rows[i].shape);
}

Test(channel, gives_numbers_a_meaning_in_their_own_log_only)
{
    struct slice sysmon = SLICE_LITERAL("Microsoft-Windows-Sysmon/Operational");
    cr_expect_eq(logsource_shape(sysmon, 1), SHAPE_PROCESS_START);
    cr_expect_eq(logsource_shape(SLICE_LITERAL("Security"), 1), SHAPE_NONE);
    cr_expect_eq(logsource_shape(SLICE_LITERAL("Nobody's"), 1), SHAPE_NONE);
    cr_expect_eq(logsource_shape(sysmon, UINT64_C(0x100000001)), SHAPE_NONE, "not cut to 32 bits");
    cr_expect_eq(logsource_shape(sysmon, UINT64_MAX), SHAPE_NONE);
}
