/* SPDX-License-Identifier: Apache-2.0 */
/* Hint: words for findings, so that a message stays short and says what was probably meant. */
#pragma once

#include "proto/slice.h"

enum { HINT_QUOTE_BYTES_MAX = 80, HINT_BYTES_MAX = 256, HINT_NAME_BYTES_MAX = 64 };

/* The first HINT_QUOTE_BYTES_MAX bytes of a text, never cutting a character. */
struct slice hint_clip(struct slice text);

/* Looks for the name nearest to what was written: offer each candidate, then ask. */
struct hint_search {
    struct slice wanted;
    struct slice best;
    unsigned best_distance;
};
struct hint_search hint_search(struct slice wanted);
/* Borrows candidate as long as the search. O(length x length), nothing for long names. */
void hint_offer(struct hint_search *search, struct slice candidate);
/* "did you mean 'contains'?" into buffer (HINT_BYTES_MAX) or, if nothing is near, `otherwise`. */
const char *hint_nearest(const struct hint_search *search, char *buffer, const char *otherwise);
