/* SPDX-License-Identifier: Apache-2.0 */
/* File sink: alerts and dead letters into a folder, a file per output, named as the topics are.
 *
 * Protobuf alerts are length-delimited (stream.h), OCSF alerts one JSON document a line, dead
 * letters one JSON object a line: reason, stage and coordinates from the headers, key and value in
 * base64. */
#pragma once

#include "ingest/sink.h"

struct file_sink_options {
    const char *folder;              /* made if it does not exist */
    const char *names[OUTPUT_COUNT]; /* "" : the output is not written */
    unsigned worker;                 /* several workers write NAME.WORKER; 0 writes NAME */
};

/* STATUS_IO (errno). */
MUST_USE int file_sink_new(struct sink **out, const struct file_sink_options *options);
