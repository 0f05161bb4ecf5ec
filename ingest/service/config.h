/* SPDX-License-Identifier: Apache-2.0 */
/* Config: what an operator asks of yagurad.
 *
 * config.def is the single source: the struct, parsing, bounds, help and the example file come from
 * its rows. Every value remembers where it was written, so that a finding about two values that do
 * not fit each other can still name a line. Layers below never see this struct; they get their own
 * options. */
#pragma once

#include "proto/diag.h"

enum {
    CONFIG_BYTES_MAX = 1024 * 1024,
    CONFIG_ITEMS_MAX = 1024,
    CONFIG_TEXT_BYTES_MAX = 4096,
    INSTANCE_BYTES_MAX = 200, /* Kafka takes 249 for an instance, a hyphen and the worker */
    DEAD_LETTER_HEADER_BYTES = 64 * 1024, /* what a dead letter needs beyond its record */
};

enum option_id {
#define TEXT(field, key, initial, help)                    OPTION_##field,
#define NUMBER(field, key, initial, low, high, unit, help) OPTION_##field,
#define SWITCH(field, key, initial, help)                  OPTION_##field,
#define CHOICE(field, key, initial, choices, help)         OPTION_##field,
#define LIST(field, key, example, help)                    OPTION_##field,
#define PAIRS(field, key, example, help)                   OPTION_##field,
#include "ingest/service/config.def"
    OPTION_COUNT
};

/* The words of CHOICE rows, in their order. */
enum offset_reset { OFFSET_RESET_EARLIEST, OFFSET_RESET_LATEST, OFFSET_RESET_ERROR };
enum delivery_mode { DELIVERY_AT_LEAST_ONCE, DELIVERY_EXACTLY_ONCE };

struct config_list {
    const char *const *items;
    size_t count;
};

struct config_pair {
    const char *key;
    const char *value;
    struct diag_position at;
};

struct config_pairs {
    const struct config_pair *items;
    size_t count;
};

struct config {
#define TEXT(field, key, initial, help)                    const char *field;
#define NUMBER(field, key, initial, low, high, unit, help) uint64_t field;
#define SWITCH(field, key, initial, help)                  bool field;
#define CHOICE(field, key, initial, choices, help)         unsigned field;
#define LIST(field, key, example, help)                    struct config_list field;
#define PAIRS(field, key, example, help)                   struct config_pairs field;
#include "ingest/service/config.def"
    struct diag_position at[OPTION_COUNT]; /* line 0: not written, the default holds */
    struct arena *arena;                   /* holds all texts */
};

void config_free(struct config *config);
DEFINE_AUTO(struct config, config_free)

enum { CONFIG_REFUSED = 1 };
/* Reads the text of a config file. CONFIG_REFUSED: findings hold at least one error, *out is
 * untouched. All findings come at once. STATUS_NO_MEMORY. */
MUST_USE int config_parse(struct config **out, struct slice text, const char *path,
                          struct diag_list *findings);
/* Checks values against each other: timeouts, sizes, inputs and outputs. */
void config_check(const struct config *config, struct diag_list *findings);

/* The topics to read: those of input.topics, or the usual one. */
struct config_list config_input_topics(const struct config *config);

/* Value of a pass-through setting as it will reach consumers or producers: the specific map first,
 * then the common one; NULL: not set. */
const struct config_pair *config_setting(const struct config *config, enum option_id specific,
                                         const char *key);
/* Default of a pass-through setting, where Yagura or librdkafka has one and a check needs it. */
uint64_t config_setting_number(const struct config *config, enum option_id specific,
                               const char *key, uint64_t initial);
