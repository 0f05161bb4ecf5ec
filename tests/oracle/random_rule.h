/* SPDX-License-Identifier: Apache-2.0 */
/* Random rule: Sigma rules of every shape as YAML text, over a small vocabulary so that rules and
 * events meet often. */
#pragma once

#include "dice.h"
#include "proto/slice.h"

enum { RANDOM_RULE_BYTES_MAX = 64 * 1024, RANDOM_FIELDS = 6, RANDOM_CATEGORIES = 3 };

/* What rules and events of a round speak of. */
struct random_world {
    const char *product;
    const char *categories[RANDOM_CATEGORIES]; /* of an event; a rule has one of them or none */
    const char *service;                       /* likewise */
    const char *channel;                       /* NULL: events state their log source instead */
    int64_t event_ids[RANDOM_CATEGORIES];      /* of the channel */
    const char *fields[RANDOM_FIELDS];
};
enum { RANDOM_WORLDS = 2 };
extern const struct random_world random_worlds[RANDOM_WORLDS];

/* A dozen samples of texts that the expression matches or nearly matches. */
struct random_regex {
    const char *expression;
    const char *samples[4];
};
extern const struct random_regex random_regexes[];
extern const size_t random_regex_count;

/* The list that rules' placeholder %names% stands for. */
#define RANDOM_LIST_NAME "names"
#define RANDOM_LIST_TEXT "kilo\n*cmd.exe\n -enc \nSKI?\n"

/* Writes a rule with that number as the end of its id; returns its length. Not every rule is one
 * that the parser accepts. */
size_t random_rule(char *out, struct dice *dice, const struct random_world *world, unsigned number);
