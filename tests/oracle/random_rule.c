/* SPDX-License-Identifier: Apache-2.0 */
#include "random_rule.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct random_world random_worlds[RANDOM_WORLDS] = {
    /* Everything travels as it came, in a generic log. */
    {.product = "testos",
     .categories = {"testing", "testing", ""},
     .service = "other",
     .fields = {"F1", "F2", "F3", "F4", "Data.Sub", "f1"}},
    /* Typed events with a table of processes, which events of a batch share. */
    {.product = "windows",
     .categories = {"process_creation", "file_event", "registry_set"},
     .service = "sysmon",
     .channel = "Microsoft-Windows-Sysmon/Operational",
     .event_ids = {1, 11, 13},
     .fields = {"Image", "CommandLine", "ParentImage", "ProcessId", "TargetFilename", "User"}},
};

const struct random_regex random_regexes[] = {
    {"ab+c", {"abc", "xabbbcx", "ac", "ABC"}},
    {"^kilo[0-9]{2,4}$", {"kilo12", "kilo1", "kilo12345", "kilo99\n"}},
    {"(?i)skype|kelvin",
     {"SKYPE", "\xC5\xBFkype",
      "\xE2\x84\xAA"
      "elvin",
      "skyp"}},
    {"[-/\xE2\x80\x93]enc",
     {"-enc",
      "\xE2\x80\x93"
      "enc",
      "\xE2\x80\x92"
      "enc",
      "_enc"}},
    {"\\\\temp\\\\.{3}\\.exe",
     {"C:\\temp\\abc.exe", "\\temp\\\xC3\xA9\xC3\xA9\xC3\xA9.exe", "\\temp\\ab.exe",
      "\\temp\\abcd.exe"}},
    {"(foo|bar)baz", {"foobaz", "barbaz", "foobarbaz", "foo baz"}},
    {"(?:foo)?bar{2,}", {"fobarr", "bar", "foobarrr", "barr"}},
    {"pass(?!word)", {"passport", "password", "pass", "passWord"}},
    {"(\\w)\\1end",
     {"aaend", "abend", "xxend ",
      "\xC3\xA9\xC3\xA9"
      "end"}},
    {"^$", {"", "x", "\n", " "}},
    {"\\bcmd\\b", {"cmd.exe", "xcmd", "a cmd b", "cmd\xC3\xA9"}},
    {"a.c",
     {"a\nc",
      "a\xC3\xA9"
      "c",
      "a\xFF"
      "c",
      "abc"}},
    {"\\s\\d\\D\\S",
     {" 1ax", "\t9--",
      "\x0B"
      "1 x",
      "\xC2\xA0"
      "1ax"}},
    {"\xE2\x80\x93?xy", {"xy", "\xE2\x80\x93xy", "\x93xy", "Xy"}},
    {"x*", {"", "xxx", "y", "\xFF"}},
    {"ab?cde", {"acde", "abcde", "abde", "xacdex"}},
    {"(longer|[0-9])x", {"7x", "longerx", "x", "long 1x"}},
};
const size_t random_regex_count = sizeof random_regexes / sizeof random_regexes[0];

/* Texts of values: short ones that are parts of each other, and what folding is about. */
static const char *const WORDS[] = {
    "a",
    "ab",
    "abc",
    "abcab",
    "kilo",
    "KILO",
    "ski",
    "\\cmd.exe",
    "cmd.exe",
    "C:\\Windows\\",
    "windows",
    " -enc ",
    "/c",
    "-k -s",
    "\xC3\xA9t\xC3\xA9",
    "\xC3\x89T\xC3\x89",
    "\xD1\x81md",
    "\xCE\xA3\xCE\xAF",
    "stra\xC3\x9F"
    "e",
    "\xE2\x84\xAA",
    "\xC8\xBA"
    "x",
    "1",
    "4688",
    "true",
    "no",
    "x y",
    "%",
    "a'b",
    "..",
    "\xF0\x9F\x98\x80",
    "http://",
    "255",
};
static const char *const GLUE[] = {"*",    "?",  "\\*", "\\?", "\\\\*", "\\\\\\*", "\\",
                                   "\\\\", "**", "??",  "*?",  "?*",    ""};
static const char *const TEXT_CHAINS[] = {
    "",
    "",
    "",
    "|contains",
    "|contains",
    "|startswith",
    "|endswith",
    "|endswith",
    "|contains|all",
    "|all",
    "|cased",
    "|contains|cased",
    "|endswith|cased",
    "|startswith|cased",
    "|windash",
    "|contains|windash",
    "|neq",
    "|contains|neq",
    "|contains|windash|all",
    "|startswith|neq|cased",
};
static const char *const ENCODED_CHAINS[] = {
    "|base64offset|contains",  "|base64|contains",  "|wide|base64offset|contains",
    "|utf16le|contains",       "|utf16be|contains", "|utf16|base64|contains",
    "|utf16le|contains|cased",
};
static const char *const EXPANDED_CHAINS[] = {"|expand", "|expand|contains",
                                              "|expand|endswith|cased", "|expand|windash|contains",
                                              "|expand|contains|all"};
static const char *const REGEX_CHAINS[] = {"|re",   "|re",     "|re",     "|re|i",   "|re|m",
                                           "|re|s", "|re|m|s", "|re|i|m", "|re|neq", "|re|all"};
static const char *const NETWORK_CHAINS[] = {"|cidr", "|cidr", "|cidr|neq", "|cidr|all"};
static const char *const TIME_CHAINS[] = {"|minute", "|hour",     "|day",    "|week",
                                          "|month",  "|hour|gte", "|day|lt", "|month|neq"};
static const char *const NETWORKS[] = {"10.0.0.0/8", "192.168.1.0/24", "fe80::/10",    "::1/128",
                                       "0.0.0.0/0",  "10.1.2.3/32",    "172.16.0.0/12"};
static const char *const NUMBERS[] = {
    "0", "1", "-1", "4688", "4.5", "1000.5", "9223372036854775807", "1000000", "12"};

struct writer {
    char *out;
    size_t len;
    struct dice *dice;
    const struct random_world *world;
};

static void put(struct writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(writer->out + writer->len, RANDOM_RULE_BYTES_MAX - writer->len, format,
                        arguments);
    va_end(arguments);
    assert(len >= 0 && writer->len + (size_t)len < RANDOM_RULE_BYTES_MAX);
    writer->len += (size_t)len;
}

/* Keywords that no rendered value may hold, so that they can be filtered. */
static const char *const KEYWORDS[] = {"kilo",  "\\cmd.exe", "ski/k", "http://",
                                       "sKip;", "a*kilo",    "4688"};

enum { LONG_TEXT_BYTES = 300 };

/* In single quotes, which YAML doubles within. */
static void put_quoted(struct writer *writer, const char *text)
{
    put(writer, "'");
    for (; *text != '\0'; text++)
        put(writer, *text == '\'' ? "''" : "%c", *text);
    put(writer, "'");
}

static void put_text(struct writer *writer)
{
    char text[512] = "";
    size_t pieces = 1 + dice_below(writer->dice, 3);
    size_t len = 0;
    for (size_t i = 0; i < pieces; i++) {
        if (i > 0 || dice_percent(writer->dice, 15))
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    DICE_PICK(writer->dice, GLUE));
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "%s", DICE_PICK(writer->dice, WORDS));
    }
    if (dice_percent(writer->dice, 1) && len < sizeof text - LONG_TEXT_BYTES) {
        memset(text + len, 'b', LONG_TEXT_BYTES);
        text[len + LONG_TEXT_BYTES] = '\0';
        len += LONG_TEXT_BYTES;
    }
    if (dice_percent(writer->dice, 15))
        (void)snprintf(text + len, sizeof text - len, "%s", DICE_PICK(writer->dice, GLUE));
    put_quoted(writer, dice_percent(writer->dice, 3) ? "" : text);
}

/* Encodings take no wildcards, and need some length. */
static void put_plain(struct writer *writer)
{
    char text[256];
    const char *first = DICE_PICK(writer->dice, WORDS);
    (void)snprintf(text, sizeof text, "%s%s/x", first, DICE_PICK(writer->dice, WORDS));
    put_quoted(writer, text);
}

static void put_regex(struct writer *writer)
{
    put_quoted(writer, random_regexes[dice_below(writer->dice, random_regex_count)].expression);
}

static void put_network(struct writer *writer)
{
    put_quoted(writer, DICE_PICK(writer->dice, NETWORKS));
}

static void put_number(struct writer *writer)
{
    put(writer, "%s", DICE_PICK(writer->dice, NUMBERS));
}

static void put_small_number(struct writer *writer)
{
    put(writer, "%zu", dice_below(writer->dice, 60));
}

static void put_list_name(struct writer *writer)
{
    static const char *const texts[] = {"%names%", "x%names%", "%names%*"};
    put_quoted(writer, DICE_PICK(writer->dice, texts));
}

static void put_year(struct writer *writer)
{
    put(writer, "%zu", 2024 + dice_below(writer->dice, 4));
}

static void put_null(struct writer *writer)
{
    put(writer, "null");
}

static void put_boolean(struct writer *writer)
{
    put(writer, dice_percent(writer->dice, 50) ? "true" : "false");
}

static void put_field(struct writer *writer)
{
    put(writer, "%s", DICE_PICK(writer->dice, writer->world->fields));
}

/* A list may hold values of several kinds. */
static void put_mixed(struct writer *writer)
{
    switch (dice_below(writer->dice, 4)) {
    case 0:
        put_null(writer);
        return;
    case 1:
        put_boolean(writer);
        return;
    case 2:
        put_number(writer);
        return;
    default:
        put_text(writer);
    }
}

/* Chains of modifiers, what values they take, how many of a hundred items have them. */
struct shape {
    const char *chain; /* NULL: one of chains */
    const char *const *chains;
    size_t chain_count;
    void (*put_value)(struct writer *writer);
    bool single; /* one value only */
    unsigned percent;
};

#define CHOICE(chains, put_value, percent)                                                         \
    {                                                                                              \
        NULL, chains, sizeof(chains) / sizeof(chains)[0], put_value, false, percent                \
    }

static const struct shape SHAPES[] = {
    CHOICE(TEXT_CHAINS, put_text, 45),
    {"", NULL, 0, put_mixed, false, 3},
    CHOICE(ENCODED_CHAINS, put_plain, 6),
    CHOICE(EXPANDED_CHAINS, put_list_name, 2),
    CHOICE(REGEX_CHAINS, put_regex, 13),
    CHOICE(NETWORK_CHAINS, put_network, 4),
    {"", NULL, 0, put_number, false, 6},
    {"|gt", NULL, 0, put_number, true, 1},
    {"|gte", NULL, 0, put_number, true, 1},
    {"|lt", NULL, 0, put_number, true, 1},
    {"|lte", NULL, 0, put_number, true, 1},
    {"", NULL, 0, put_null, true, 3},
    {"", NULL, 0, put_boolean, true, 2},
    {"|exists", NULL, 0, put_boolean, true, 2},
    {"|fieldref", NULL, 0, put_field, true, 2},
    {"|fieldref|contains", NULL, 0, put_field, true, 1},
    {"|fieldref|startswith", NULL, 0, put_field, true, 1},
    {"|fieldref|endswith|cased", NULL, 0, put_field, true, 1},
    {"|fieldref|neq", NULL, 0, put_field, true, 1},
    CHOICE(TIME_CHAINS, put_small_number, 3),
    {"|year", NULL, 0, put_year, true, 1},
};

static const struct shape *pick_shape(struct dice *dice)
{
    size_t roll = dice_below(dice, 100);
    for (size_t i = 0;; i++) {
        if (roll < SHAPES[i].percent)
            return &SHAPES[i];
        roll -= SHAPES[i].percent;
        assert(i + 1 < sizeof SHAPES / sizeof SHAPES[0]);
    }
}

static void put_item(struct writer *writer, const char *indent, const char *field)
{
    const struct shape *shape = pick_shape(writer->dice);
    const char *chain = shape->chain != NULL
                            ? shape->chain
                            : shape->chains[dice_below(writer->dice, shape->chain_count)];
    size_t values = shape->single ? 1 : 1 + dice_below(writer->dice, 4);
    put(writer, "%s%s:", field, chain);
    if (values == 1 && strstr(chain, "all") == NULL) {
        put(writer, " ");
        shape->put_value(writer);
        put(writer, "\n");
        return;
    }
    put(writer, "\n");
    for (size_t i = 0; i < values + 1; i++) {
        put(writer, "%s  - ", indent);
        shape->put_value(writer);
        put(writer, "\n");
    }
}

/* Different fields, so that no key is given twice: each item takes the next ones. */
static void put_map(struct writer *writer, const char *first, const char *indent)
{
    size_t items = 1 + dice_below(writer->dice, 3);
    size_t field = dice_below(writer->dice, RANDOM_FIELDS);
    for (size_t i = 0; i < items; i++) {
        put(writer, "%s", i == 0 ? first : indent);
        put_item(writer, indent, writer->world->fields[(field + i) % RANDOM_FIELDS]);
    }
}

static void put_keywords(struct writer *writer)
{
    bool filterable = dice_percent(writer->dice, 60);
    if (dice_percent(writer->dice, 30))
        put(writer, "    '|all':\n");
    for (size_t i = 0; i < 2 + dice_below(writer->dice, 2); i++) {
        put(writer, "      - ");
        if (dice_percent(writer->dice, 8))
            put_number(writer);
        else if (filterable)
            put_quoted(writer, DICE_PICK(writer->dice, KEYWORDS));
        else
            put_text(writer);
        put(writer, "\n");
    }
}

static void put_selection(struct writer *writer, size_t index)
{
    put(writer, "  sel%zu:\n", index);
    if (dice_percent(writer->dice, 10)) {
        put_keywords(writer);
        return;
    }
    if (dice_percent(writer->dice, 75)) {
        put_map(writer, "    ", "    ");
        return;
    }
    for (size_t i = 0; i < 1 + dice_below(writer->dice, 3); i++)
        put_map(writer, "    - ", "      ");
}

static void put_condition(struct writer *writer, size_t selections, unsigned depth)
{
    size_t roll = dice_below(writer->dice, depth == 0 ? 4 : 10);
    switch (roll) {
    case 4:
    case 5:
    case 6:
    case 7:
        put(writer, "(");
        put_condition(writer, selections, depth - 1);
        put(writer, roll < 6 ? " and " : " or ");
        put_condition(writer, selections, depth - 1);
        put(writer, ")");
        return;
    case 8:
    case 9:
        put(writer, "not ");
        put_condition(writer, selections, dice_percent(writer->dice, 30) ? depth - 1 : 0);
        return;
    case 3:
        put(writer, "%s of %s",
            dice_percent(writer->dice, 40)   ? "1"
            : dice_percent(writer->dice, 50) ? "all"
                                             : "2",
            dice_percent(writer->dice, 50) ? "them" : "sel*");
        return;
    default:
        put(writer, "sel%zu", dice_below(writer->dice, selections));
    }
}

size_t random_rule(char *out, struct dice *dice, const struct random_world *world, unsigned number)
{
    struct writer writer = {out, 0, dice, world};
    const char *category = DICE_PICK(dice, world->categories);
    put(&writer, "title: rule %u\nid: 00000000-0000-4000-8000-%012u\nlogsource:\n  product: %s\n",
        number, number, world->product);
    if (dice_percent(dice, 70) && category[0] != '\0')
        put(&writer, "  category: %s\n", category);
    if (dice_percent(dice, 10))
        put(&writer, "  service: %s\n", world->service);
    put(&writer, "detection:\n");
    size_t selections = 1 + dice_below(dice, 4);
    for (size_t i = 0; i < selections; i++)
        put_selection(&writer, i);
    if (dice_percent(dice, 5)) {
        put(&writer, "  condition:\n    - sel0\n    - ");
        put_condition(&writer, selections, 2);
    } else {
        put(&writer, "  condition: ");
        put_condition(&writer, selections, 3);
    }
    put(&writer, "\n");
    return writer.len;
}
