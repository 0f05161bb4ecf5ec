/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/fleet.h"

#include "gen/draw.h"

#include <stdio.h>

enum { KEY_TENANT = 1, KEY_ENDPOINT = 2 };

static const char *const users[] = {
    "sato",     "suzuki",    "takahashi", "tanaka",   "watanabe", "ito",   "yamamoto",  "nakamura",
    "山田花子", "kobayashi", "kato",      "yoshida",  "佐々木",   "saito", "matsumoto", "inoue",
    "kimura",   "hayashi",   "shimizu",   "m.dubois", "高橋健一", "mori",  "abe",       "ikeda",
};
static const char *const trades[] = {
    "KIKAI", "SHOJI", "KENSETSU", "SHOKUHIN", "UNYU", "INSATSU", "DENKI", "KAIKEI", "SEKKEI", "IIN",
};

enum { USER_COUNT = sizeof users / sizeof users[0] };
enum { TRADE_COUNT = sizeof trades / sizeof trades[0] };

/* A UUID of version 4: readers may check the version nibble. */
static void draw_uuid(struct draw *draw, uint8_t out[16])
{
    draw_bytes(draw, out, 16);
    out[6] = (uint8_t)((out[6] & 0x0f) | 0x40);
    out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);
}

static Yagura__V1__Platform draw_platform(struct draw *draw)
{
    uint32_t percent = draw_below(draw, 100);
    if (percent < 80)
        return YAGURA__V1__PLATFORM__PLATFORM_WINDOWS;
    return percent < 92 ? YAGURA__V1__PLATFORM__PLATFORM_MACOS
                        : YAGURA__V1__PLATFORM__PLATFORM_LINUX;
}

static const char *host_prefix(Yagura__V1__Platform platform)
{
    if (platform == YAGURA__V1__PLATFORM__PLATFORM_WINDOWS)
        return "PC";
    return platform == YAGURA__V1__PLATFORM__PLATFORM_MACOS ? "MAC" : "SRV";
}

void fleet_endpoint(struct endpoint *out, uint64_t seed, uint32_t tenant, uint32_t endpoint)
{
    uint64_t tenant_key = draw_key(draw_key(seed, KEY_TENANT), tenant);
    struct draw of_tenant = draw_from(tenant_key);
    *out = (struct endpoint){.key = draw_key(draw_key(tenant_key, KEY_ENDPOINT), endpoint)};
    draw_uuid(&of_tenant, out->tenant_id);
    snprintf(out->domain, sizeof out->domain, "%s%u", trades[draw_below(&of_tenant, TRADE_COUNT)],
             tenant);

    struct draw draw = draw_from(out->key);
    draw_uuid(&draw, out->endpoint_id);
    draw_uuid(&draw, out->boot_id);
    out->platform = draw_platform(&draw);
    out->user = users[draw_below(&draw, USER_COUNT)];
    snprintf(out->hostname, sizeof out->hostname, "%s-%04u", host_prefix(out->platform), endpoint);
    out->address[0] = 10;
    draw_bytes(&draw, out->address + 1, 3);
}
