/* SPDX-License-Identifier: Apache-2.0 */
/* Address: IPv4 and IPv6 addresses and networks from text (RFC 4291 section 2.2, RFC 4632). */
#pragma once

#include "proto/slice.h"

enum { ADDRESS_BYTES = 16, ADDRESS_V4_BITS = 32, ADDRESS_V6_BITS = 128 };

struct address {
    bool v6;
    uint8_t bytes[ADDRESS_BYTES]; /* IPv4 in the first 4, the rest 0 */
};

/* The whole text is one address; no zone, no port, no leading zeros in IPv4. */
bool address_parse(struct address *out, struct slice text);

struct network {
    struct address address; /* bits behind the prefix are 0 */
    uint8_t bits;
};

enum { NETWORK_HOST_BITS = 1 }; /* read, but bits behind the prefix were set */

/* "10.0.0.0/8", "fe80::/10"; an address alone is a network of one. 0, NETWORK_HOST_BITS, or
 * STATUS_BAD_INPUT. */
int network_parse(struct network *out, struct slice text);
/* Of the same family and inside. */
bool network_contains(const struct network *network, const struct address *address);
