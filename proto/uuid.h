/* SPDX-License-Identifier: Apache-2.0 */
/* UUID: 16 bytes in payloads, canonical text in keys, headers and for people (RFC 9562). */
#pragma once

#include "proto/slice.h"

enum { UUID_BYTES = 16, UUID_TEXT_BYTES = 36 };

/* Accepts upper and lower case, with or without braces. False: no UUID. */
bool uuid_parse(uint8_t out[UUID_BYTES], struct slice text);
/* Lower case, no braces, NUL-terminated. */
void uuid_format(char out[UUID_TEXT_BYTES + 1], const uint8_t uuid[UUID_BYTES]);
