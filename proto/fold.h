/* SPDX-License-Identifier: Apache-2.0 */
/* Fold: text made caseless, by Unicode simple case folding (CaseFolding.txt, status C and S,
 * version FOLD_UNICODE_VERSION).
 *
 * Applied to pattern and value alike. Bytes that are not valid UTF-8 stay as they are, each by
 * itself, so hostile text is still compared byte by byte. Folding may change a text's length
 * (U+212A KELVIN SIGN, 3 bytes, folds to k). */
#pragma once

#include "proto/arena.h"

#define FOLD_UNICODE_VERSION "15.0.0"

/* Worst case growth: a 2-byte character that folds to 3 bytes (U+023A). */
#define FOLD_BYTES_MAX(len) ((len) + (len) / 2 + 1)

/* Folds into out, which has room for FOLD_BYTES_MAX(text.len); returns the length. ASCII is fast.
 */
size_t fold_into(uint8_t *out, struct slice text);
/* Folded copy; data NULL if the arena is full. A text that folding does not change is copied too.
 */
struct slice fold_copy(struct arena *arena, struct slice text);
/* Compares as if both were folded, without memory. */
bool fold_equal(struct slice a, struct slice b);
/* Decodes one character at text[at]; length 1 and UTF8_INVALID for a byte that starts none (Unicode
 * 15, table 3-7). */
#define UTF8_INVALID UINT32_MAX
uint32_t utf8_decode(struct slice text, size_t at, unsigned *length);
/* Writes 1 to 4 bytes. */
unsigned utf8_encode(uint8_t out[4], uint32_t code_point);
/* Length in bytes of the longest valid prefix. */
size_t utf8_valid_prefix(struct slice text);
uint32_t fold_code_point(uint32_t code_point);
