/* SPDX-License-Identifier: Apache-2.0 */
/* Stream: a file of records, each behind its length.
 *
 * The length is a base-128 varint, the record's bytes follow: what protobuf's
 * writeDelimitedTo / parseDelimitedFrom write and read in other languages. There is no header and
 * no end mark, so such files can be joined with cat. Batches (event.proto) and alerts (alert.proto)
 * are kept this way. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

#include <stdio.h>

enum { STREAM_RECORD_BYTES_MAX = 64 * 1024 * 1024, STREAM_LENGTH_BYTES_MAX = 5 };

struct stream_reader;

/* Reads from file, which stays the caller's. */
MUST_USE int stream_reader_new(struct stream_reader **out, FILE *file);
void stream_reader_free(struct stream_reader *reader);
DEFINE_AUTO(struct stream_reader, stream_reader_free)

enum { STREAM_END = 1 };
/* The next record; its bytes are valid until the next call. STREAM_END: no further record.
 * STATUS_BAD_INPUT: the file ends inside a record, or this is no length; STATUS_LIMIT: a record
 * longer than STREAM_RECORD_BYTES_MAX; STATUS_IO (errno). After a failure there is no way on. */
MUST_USE int stream_next(struct stream_reader *reader, struct slice *record);
/* How many records came before the last one (0-based index of the last one), and where in the file
 * it began: for messages, and as the offset of alerts. */
uint64_t stream_record_index(const struct stream_reader *reader);
uint64_t stream_record_position(const struct stream_reader *reader);

/* Writes one record behind its length. STATUS_IO (errno), STATUS_LIMIT. */
MUST_USE int stream_write(FILE *file, struct slice record);
