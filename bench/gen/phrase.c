/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/phrase.h"

#include "proto/uuid.h"

#include <assert.h>
#include <stdio.h>

enum { PHRASE_BYTES_MAX = 2048, PROJECTS_PER_TENANT = 16 };

static const char *const words[] = {
    "report",  "invoice",  "schedule", "minutes", "budget", "estimate", "order",    "contract",
    "photo",   "drawing",  "見積書",   "報告書",  "backup", "customer", "payroll",  "stock",
    "meeting", "training", "請求書",   "manual",  "notes",  "survey",   "delivery", "archive",
};
static const char *const sites[] = {
    "www.example.com",       "mail.example.net",   "cdn.example.org",   "login.example.com",
    "api.example.net",       "update.example.com", "img.example.org",   "news.example.com",
    "maps.example.net",      "files.example.com",  "video.example.org", "shop.example.com",
    "bank.example.net",      "time.example.org",   "docs.example.com",  "chat.example.net",
    "telemetry.example.org", "ads.example.net",    "fonts.example.org", "status.example.com",
    "portal.example.net",    "erp.example.com",    "print.example.org", "voice.example.net",
};

struct text {
    char bytes[PHRASE_BYTES_MAX];
    size_t len;
};

static void put(struct text *text, const char *more, size_t len)
{
    assert(text->len + len < sizeof text->bytes); /* templates are ours, and short */
    memcpy(text->bytes + text->len, more, len);
    text->len += len;
}

static void put_text(struct text *text, const char *more)
{
    put(text, more, strlen(more));
}

static void put_number(struct text *text, uint32_t number, int digits_min)
{
    char digits[16];
    int len = snprintf(digits, sizeof digits, "%0*u", digits_min, number);
    put(text, digits, (size_t)len);
}

static void put_hex(struct text *text, uint32_t number)
{
    char digits[16];
    int len = snprintf(digits, sizeof digits, "%08x", number);
    put(text, digits, (size_t)len);
}

static void put_guid(struct text *text, struct draw *draw)
{
    uint8_t bytes[UUID_BYTES];
    char guid[UUID_TEXT_BYTES + 1];
    draw_bytes(draw, bytes, sizeof bytes);
    uuid_format(guid, bytes);
    put_text(text, guid);
}

static void put_version(struct text *text, struct draw *draw)
{
    put_number(text, 1 + draw_below(draw, 6), 1);
    put_text(text, ".");
    put_number(text, draw_below(draw, 6), 1);
}

static void put_project(struct text *text, const char *domain, struct draw *draw)
{
    put_text(text, domain);
    put_text(text, "-");
    put_number(text, (uint32_t)draw_zipf(draw, PROJECTS_PER_TENANT), 2);
}

#define PICK(table, draw) (table)[draw_zipf((draw), sizeof(table) / sizeof(table)[0])]

/* False: no code; the caller writes it as it stands. */
static bool put_code(struct text *text, char code, const struct endpoint *endpoint,
                     struct draw *draw)
{
    switch (code) {
    case 'u':
        return put_text(text, endpoint->user), true;
    case 'd':
        return put_text(text, endpoint->domain), true;
    case 'h':
        return put_text(text, endpoint->hostname), true;
    case 'p':
        return put_project(text, endpoint->domain, draw), true;
    case 'w':
        return put_text(text, PICK(words, draw)), true;
    case 's':
        return put_text(text, PICK(sites, draw)), true;
    case 'n':
        return put_number(text, draw_below(draw, 100000), 1), true;
    case 'x':
        return put_hex(text, (uint32_t)draw_next(draw)), true;
    case 'g':
        return put_guid(text, draw), true;
    case 'v':
        return put_version(text, draw), true;
    default:
        return false;
    }
}

struct slice phrase(struct arena *arena, const char *template, const struct endpoint *endpoint,
                    struct draw *draw)
{
    struct text text = {.len = 0};
    for (const char *at = template; *at != '\0'; at++) {
        bool code = at[0] == '{' && at[1] != '\0' && at[2] == '}';
        if (code && put_code(&text, at[1], endpoint, draw))
            at += 2;
        else
            put(&text, at, 1);
    }
    return arena_copy(arena, slice_of(text.bytes, text.len));
}
