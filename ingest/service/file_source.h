/* SPDX-License-Identifier: Apache-2.0 */
/* File source: records from a file of length-delimited batches (stream.h), as one partition of the
 * topic "file:NAME" whose offsets count records. */
#pragma once

#include "ingest/service/log.h"
#include "ingest/source.h"

/* STATUS_IO (errno): the file can't be opened. The log is told where a file breaks off. */
MUST_USE int file_source_new(struct source **out, const char *path, struct log *log);
