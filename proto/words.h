/* SPDX-License-Identifier: Apache-2.0 */
/* Words: the spellings of event.proto's enumerations and digests, for both directions. */
#pragma once

#include "proto/render.h"

enum { GUID_BYTES = 16, IPV4_BYTES = 4, IPV6_BYTES = 16, WORDS_DIGEST_COUNT = 4 };

/* Items by number; NULL: a number without a word. */
struct words {
    const char *const *items;
    size_t count;
};
/* Of a rendering that is a table; no words for the others. */
const struct words *words_of(enum rendering rendering);

struct words_digest {
    const char *name;
    unsigned cell; /* of FileFacts */
    size_t bytes;
};
/* In the order in which Sysmon writes them. */
extern const struct words_digest words_digests[WORDS_DIGEST_COUNT];
