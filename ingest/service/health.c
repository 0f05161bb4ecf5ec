/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/health.h"

bool health_is_live(const struct health_view *view, uint64_t now_ms)
{
    for (size_t i = 0; i < view->worker_count; i++) {
        uint64_t progress = counter_read(&view->workers[i]->values[COUNTER_PROGRESS_MS]);
        if (progress < now_ms && now_ms - progress > view->stuck_after_ms)
            return false;
    }
    return true;
}

bool health_is_ready(const struct health_view *view)
{
    for (size_t i = 0; i < view->worker_count; i++) {
        if (counter_read(&view->workers[i]->values[COUNTER_READY]) == 0)
            return false;
    }
    return view->worker_count > 0;
}
