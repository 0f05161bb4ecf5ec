/* SPDX-License-Identifier: Apache-2.0 */
/* Notify: tells systemd how the service is (sd_notify(3)); without systemd it does nothing. */
#pragma once

/* "READY=1", "STOPPING=1", "WATCHDOG=1". Errors are passed over: nobody could act on them. */
void notify(const char *state);
