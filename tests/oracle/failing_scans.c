/* SPDX-License-Identifier: Apache-2.0 */
/* Linked in front of Hyperscan (--wrap=hs_scan): every other scan fails, half of them after their
 * first hit. The engine must answer as if nothing had happened. */
#include <hs/hs.h>
#include <stdbool.h>

hs_error_t __real_hs_scan(const hs_database_t *database, const char *data, unsigned length,
                          unsigned flags, hs_scratch_t *scratch, match_event_handler on_event,
                          void *context);
hs_error_t __wrap_hs_scan(const hs_database_t *database, const char *data, unsigned length,
                          unsigned flags, hs_scratch_t *scratch, match_event_handler on_event,
                          void *context);

struct first_hit {
    match_event_handler on_event;
    void *context;
    bool stopped; /* by whoever scans */
};

static int report_one(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                      void *context)
{
    struct first_hit *first = context;
    first->stopped = first->on_event(id, from, to, flags, first->context) != 0;
    return 1;
}

hs_error_t __wrap_hs_scan(const hs_database_t *database, const char *data, unsigned length,
                          unsigned flags, hs_scratch_t *scratch, match_event_handler on_event,
                          void *context)
{
    static unsigned turn;
    if (++turn % 2 == 0)
        return __real_hs_scan(database, data, length, flags, scratch, on_event, context);
    if (turn % 4 == 1)
        return HS_UNKNOWN_ERROR;
    struct first_hit first = {on_event, context, false};
    (void)__real_hs_scan(database, data, length, flags, scratch, report_one, &first);
    return first.stopped ? HS_SCAN_TERMINATED : HS_UNKNOWN_ERROR;
}
