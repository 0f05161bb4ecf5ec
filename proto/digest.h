/* SPDX-License-Identifier: Apache-2.0 */
/* Digest: SHA-1 (for UUIDv5 only) and SHA-256 over pieces of bytes, by OpenSSL, so that a validated
 * module can be what computes them. */
#pragma once

#include "proto/slice.h"
#include "proto/status.h"

enum { SHA1_BYTES = 20, SHA256_BYTES = 32 };

/* The digest of the pieces one behind the other. STATUS_LIBRARY: OpenSSL refused or had no memory.
 * Any thread. */
MUST_USE int digest_sha256(uint8_t out[SHA256_BYTES], const struct slice pieces[], size_t count);
MUST_USE int digest_sha1(uint8_t out[SHA1_BYTES], const struct slice pieces[], size_t count);
