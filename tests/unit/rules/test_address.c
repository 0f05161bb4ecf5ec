/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/address.h"

#include "proto/status.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>

static const char *const addresses[] = {
    "0.0.0.0",
    "255.255.255.255",
    "10.1.2.3",
    "192.168.100.200",
    "::",
    "::1",
    "1::",
    "fe80::1",
    "2001:db8::8:800:200c:417a",
    "1:2:3:4:5:6:7:8",
    "::ffff:192.0.2.1",
    "1:2:3:4:5:6:1.2.3.4",
    "ABCD:ef01::",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1::8",
};

static const char *const not_addresses[] = {
    "",
    " ",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "1.2.3.1000",
    "01.2.3.4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "a.b.c.d",
    "1.2.3.4:80",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    ":1",
    "1:",
    "1:2:3:4:5:6:7:8::",
    "::1%eth0",
    "fe80::1/64",
    "1.2.3.4::",
    "::1.2.3",
    "::1.2.3.4.5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "[::1]",
    "1:::2",
};

/* inet_pton is the oracle. */
static bool oracle(struct address *out, const char *text)
{
    *out = (struct address){0};
    if (inet_pton(AF_INET, text, out->bytes) == 1)
        return true;
    *out = (struct address){.v6 = true};
    return inet_pton(AF_INET6, text, out->bytes) == 1;
}

Test(address, reads_what_inet_pton_reads)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct address found, expected;
        cr_assert(oracle(&expected, addresses[i]), "%s", addresses[i]);
        cr_expect(address_parse(&found, slice_text(addresses[i])), "%s", addresses[i]);
        cr_expect_eq(found.v6, expected.v6, "%s", addresses[i]);
        cr_expect_arr_eq(found.bytes, expected.bytes, ADDRESS_BYTES, "%s", addresses[i]);
    }
}

Test(address, refuses_what_inet_pton_refuses)
{
    for (size_t i = 0; i < sizeof not_addresses / sizeof *not_addresses; i++) {
        struct address found;
        cr_assert_not(oracle(&found, not_addresses[i]), "%s", not_addresses[i]);
        cr_expect_not(address_parse(&found, slice_text(not_addresses[i])), "%s", not_addresses[i]);
    }
}

/* Random strings of the letters that addresses are made of, so that near misses are common. */
Test(address, agrees_with_inet_pton_on_random_text)
{
    static const char letters[] = "0123456789abcdef::::....";
    uint64_t state = 42;
    for (int round = 0; round < 200000; round++) {
        char text[24];
        state = state * 6364136223846793005U + 1442695040888963407U;
        size_t len = (size_t)(state >> 40) % (sizeof text - 1);
        for (size_t i = 0; i < len; i++) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            text[i] = letters[(state >> 40) % (sizeof letters - 1)];
        }
        text[len] = '\0';
        struct address found, expected;
        bool legal = oracle(&expected, text);
        cr_assert_eq(address_parse(&found, slice_text(text)), legal, "'%s'", text);
        if (legal)
            cr_assert_arr_eq(found.bytes, expected.bytes, ADDRESS_BYTES, "'%s'", text);
    }
}

static const struct {
    const char *network, *address;
    bool inside;
} cases[] = {
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"10.0.0.0/8", "9.255.255.255", false},
    {"0.0.0.0/0", "255.1.2.3", true},
    {"0.0.0.0/0", "::1", false},
    {"192.168.1.7", "192.168.1.7", true},
    {"192.168.1.7", "192.168.1.6", false},
    {"172.16.0.0/12", "172.31.255.255", true},
    {"172.16.0.0/12", "172.32.0.0", false},
    {"192.168.1.0/31", "192.168.1.1", true},
    {"192.168.1.0/31", "192.168.1.2", false},
    {"fe80::/10", "febf::1", true},
    {"fe80::/10", "fec0::1", false},
    {"::/0", "::1", true},
    {"::/0", "1.2.3.4", false},
    {"::1/128", "::1", true},
    {"::1/128", "::2", false},
    {"2001:db8::/127", "2001:db8::1", true},
    {"2001:db8::/127", "2001:db8::2", false},
};

Test(network, knows_what_is_inside)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        struct address address;
        cr_assert_eq(network_parse(&network, slice_text(cases[i].network)), 0, "case %zu", i);
        cr_assert(address_parse(&address, slice_text(cases[i].address)), "case %zu", i);
        cr_expect_eq(network_contains(&network, &address), cases[i].inside, "case %zu: %s in %s", i,
                     cases[i].address, cases[i].network);
    }
}

Test(network, clears_bits_behind_the_prefix_and_says_so)
{
    struct network network;
    cr_expect_eq(network_parse(&network, SLICE_LITERAL("10.1.2.3/8")), NETWORK_HOST_BITS);
    const uint8_t expected[ADDRESS_BYTES] = {10};
    cr_expect_arr_eq(network.address.bytes, expected, ADDRESS_BYTES);
    cr_expect_eq(network_parse(&network, SLICE_LITERAL("fe80::1/10")), NETWORK_HOST_BITS);
    cr_expect_eq(network_parse(&network, SLICE_LITERAL("0.0.0.1/0")), NETWORK_HOST_BITS);
}

Test(network, refuses_prefixes_that_do_not_exist)
{
    static const char *const texts[] = {
        "1.2.3.4/33",  "::/129",     "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/a", "/8", "1.2.3.4//8",
        "1.2.3.4/8/8", "1.2.3.4/08", "1.2.3/8",  "1.2.3.4/ 8", "::/1000",   ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct network network;
        cr_expect_eq(network_parse(&network, slice_text(texts[i])), STATUS_BAD_INPUT, "'%s'",
                     texts[i]);
    }
}
