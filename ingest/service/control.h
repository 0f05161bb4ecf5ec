/* SPDX-License-Identifier: Apache-2.0 */
/* Control: what can be asked of a running service, and how the answer reads.
 *
 * A request is one word and a line feed; the answer is one line of JSON, which begins with "ok". */
#pragma once

#include "ingest/service/reloader.h"

enum control_request {
    CONTROL_UNKNOWN,
    CONTROL_RELOAD,
    CONTROL_ROLLBACK,
    CONTROL_STATUS,
};

enum {
    CONTROL_REQUEST_BYTES_MAX = 64,
    CONTROL_FINDINGS_MAX = 1000, /* in an answer; the count of all is told */
};

/* The word without its line feed. */
enum control_request control_request_parse(struct slice word);
/* "reload", ...; never NULL. */
const char *control_request_text(enum control_request request);
/* One line of JSON with its line feed, malloc'ed: the caller frees data. STATUS_NO_MEMORY. */
MUST_USE int control_answer(struct slice *out, enum control_request request,
                            const struct reload_report *report);
/* The answer to what is no request. */
MUST_USE int control_refusal(struct slice *out, const char *why);
/* Whether an answer says ok. */
bool control_answer_is_ok(struct slice answer);
