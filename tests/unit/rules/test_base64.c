/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(base64, encodes_the_whole_text)
{
    static const struct reading_case cases[] = {
        {"F|base64|cased: f", "F: c:<Zg==>"},
        {"F|base64|cased: fo", "F: c:<Zm8=>"},
        {"F|base64|cased: foo", "F: c:<Zm9v>"},
        {"F|base64|cased: foobar", "F: c:<Zm9vYmFy>"},
        {"F|base64: foobar", "F: <zm9vymfy>"},
        {"F|base64|contains|cased: foob", "F: c:*<Zm9vYg==>*"},
        {"F|base64|cased: 'a\\*'", "F: c:<YSo=>"},
        {"F|base64|cased: 'a\\b'", "F: c:<YVxi>"},
        {"F|base64|cased: ''", "F: c:<>"},
        {"F|base64|cased: 'é'", "F: c:<w6k=>"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

Test(base64offset, leaves_out_characters_that_depend_on_the_surroundings)
{
    static const struct reading_case cases[] = {
        {"F|base64offset|contains|cased: foo", "F: c:*<Zm9v>* | c:*<Zvb>* | c:*<mb2>*"},
        {"F|base64offset|contains|cased: foobar",
         "F: c:*<Zm9vYmFy>* | c:*<Zvb2Jhc>* | c:*<mb29iYX>*"},
        {"F|base64offset|contains|cased: foob", "F: c:*<Zm9vY>* | c:*<Zvb2>* | c:*<mb29i>*"},
        {"F|base64offset|contains|cased: fooba", "F: c:*<Zm9vYm>* | c:*<Zvb2Jh>* | c:*<mb29iY>*"},
        {"F|base64offset|contains: foo", "F: *<zm9v>* | *<zvb>* | *<mb2>*"},
        {"F|base64offset|contains|cased: fo", "F: c:*<Zm>* | c:*<Zv>* | c:*<mb>*"},
    };
    check_selections(cases, COUNT_OF(cases), NULL);
}

static size_t encode(char *out, const uint8_t *bytes, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            out[used++] = alphabet[bits >> (held - 6) & 63];
    }
    if (held > 0)
        out[used++] = alphabet[bits << (6 - held) & 63];
    while (used % 4 != 0)
        out[used++] = '=';
    out[used] = '\0';
    return used;
}

static uint8_t random_byte(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint8_t)(*state >> 40);
}

/* Whatever stands before and after, at every offset, one of the three must be found. */
static void check_found(const struct item *item, struct slice plain, uint64_t *state)
{
    for (size_t before = 0; before < 7; before++)
        for (size_t after = 0; after < 5; after++) {
            uint8_t text[64];
            char encoded[96];
            for (size_t i = 0; i < sizeof text; i++)
                text[i] = random_byte(state);
            memcpy(text + before, plain.data, plain.len);
            size_t len = encode(encoded, text, before + plain.len + after);
            bool found = false;
            for (size_t i = 0; i < item->test_count; i++)
                found |= slice_find(slice_of(encoded, len),
                                    item->tests[i].pattern.parts[1].literal) != SIZE_MAX;
            cr_assert(found, "%zu before, %zu after: %s", before, after, encoded);
        }
}

Test(base64offset, finds_every_text_inside_a_longer_one)
{
    uint64_t state = 7;
    for (int round = 0; round < 300; round++) {
        char plain[24], item[96];
        size_t len = 2 + random_byte(&state) % 20;
        for (size_t i = 0; i < len; i++)
            plain[i] = (char)('a' + random_byte(&state) % 26);
        plain[len] = '\0';
        snprintf(item, sizeof item, "F|base64offset|contains|cased: x%s", plain);
        struct reading *reading = read_item(item, NULL);
        cr_assert_eq(reading->rules.count, 1, "%s", item);
        const struct item *read = &reading->rules.items[0]->selections[0].maps[0].items[0];
        cr_assert_eq(read->test_count, 3);
        char whole[32];
        snprintf(whole, sizeof whole, "x%s", plain);
        check_found(read, slice_text(whole), &state);
        reading_free(reading);
    }
}

Test(base64offset, refuses_texts_of_which_nothing_certain_is_left)
{
    static const struct reading_case cases[] = {
        {"F|base64offset|contains: a", "7:30 short-base64"},
        {"F|base64offset|contains: ''", "7:30 empty-value; 7:30 short-base64"},
        {"F|base64offset|contains: ab", ""},
    };
    check_findings(cases, COUNT_OF(cases), NULL);
}
