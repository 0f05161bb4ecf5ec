/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ocsf.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>

static void remember_lossy(struct ocsf *ocsf, bool clean, struct slice bytes)
{
    if (clean)
        return;
    if (ocsf->lossy_count < OCSF_LOSSY_MAX) {
        struct ocsf_lossy *lossy = &ocsf->lossy[ocsf->lossy_count];
        (void)json_path(&ocsf->json, lossy->path);
        lossy->bytes = bytes;
    }
    ocsf->lossy_count++;
}

void ocsf_text(struct ocsf *ocsf, const char *name, struct slice text)
{
    if (text.len == 0)
        return;
    text = trim_text(&ocsf->trim, text);
    remember_lossy(ocsf, json_text(&ocsf->json, name, text), text);
}

void ocsf_element(struct ocsf *ocsf, struct slice text)
{
    text = trim_text(&ocsf->trim, text);
    remember_lossy(ocsf, json_text(&ocsf->json, NULL, text), text);
}

void ocsf_free_text(struct ocsf *ocsf, const char *name, struct slice text)
{
    text = trim_text(&ocsf->trim, text);
    if (json_text(&ocsf->json, name, text))
        return;
    char beside[OCSF_TEXT_CHARS_MAX];
    int length = snprintf(beside, sizeof beside, "%s_base64", name);
    assert(length > 0 && (size_t)length < sizeof beside);
    json_base64(&ocsf->json, beside, text);
}

struct slice ocsf_field_text(const struct ocsf *ocsf, const char *name)
{
    struct slice wanted = slice_text(name);
    for (size_t i = 0; i < ocsf->field_count; i++)
        if (slice_equal(ocsf->fields[i].name, wanted)) {
            struct slice text = ocsf->fields[i].text;
            /* Windows writes a dash where it has nothing to say. */
            return slice_equal(text, SLICE_LITERAL("-")) ? (struct slice){NULL, 0} : text;
        }
    return (struct slice){NULL, 0};
}

bool ocsf_number(uint32_t *out, struct slice text)
{
    bool hex = slice_starts_with(text, SLICE_LITERAL("0x"));
    unsigned base = hex ? 16 : 10;
    uint64_t number = 0;
    if (hex)
        text = slice_from(text, 2);
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = hex_digit(text.data[i]);
        if (digit >= base)
            return false;
        number = number * base + digit;
        if (number > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)number;
    return text.len > 0;
}

bool ocsf_is_address(struct slice text)
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t address[16];
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return strlen(copy) == text.len &&
           (inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1);
}

struct slice ocsf_base_name(struct slice path)
{
    size_t start = path.len;
    while (start > 0 && path.data[start - 1] != '/' && path.data[start - 1] != '\\')
        start--;
    return start == path.len ? path : slice_from(path, start);
}

void ocsf_uuid(struct ocsf *ocsf, const char *name, struct slice id)
{
    if (id.len != UUID_BYTES)
        return;
    char text[UUID_TEXT_BYTES + 1];
    uuid_format(text, id.data);
    ocsf_text(ocsf, name, slice_text(text));
}
